"""Frames of one corpus, as a memory-mapped array."""

from nnpm.features import base
from nnpm.features.cache import write_cache
from nnpm.features.recordings import read_recordings
from nnpm.features.settings import FeatureSettings
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    params = snakemake.params
    write_cache(
        read_recordings(snakemake.input.audio, snakemake.input.paths),
        # One thread per worker: what is written does not depend on their number.
        base.load(FeatureSettings(**params.features), params.device, threads=1),
        snakemake.output.frames,
        snakemake.output.description,
        params.code,
        snakemake.threads,
    )
