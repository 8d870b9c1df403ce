"""Frames of one corpus, as a memory-mapped array."""

import os

from nnpm.features import base
from nnpm.features.cache import write_cache
from nnpm.features.recordings import read_recordings
from nnpm.features.settings import FeatureSettings
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    params = snakemake.params
    # Of PyTorch, if the front end needs it: each worker has one, so what is written does not depend on their number.
    os.environ["OMP_NUM_THREADS"] = "1"
    write_cache(
        read_recordings(snakemake.input.audio, snakemake.input.paths),
        base.load(FeatureSettings(**params.features), params.device),
        snakemake.output.frames,
        snakemake.output.description,
        params.code,
        snakemake.threads,
    )
