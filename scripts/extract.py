"""Frames of one corpus, as a memory-mapped array."""

from nnpm.features import base, table
from nnpm.features.cache import write_cache
from nnpm.features.recordings import read_recordings
from nnpm.features.settings import FeatureSettings
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    params, device = snakemake.params, "cpu"
    settings = FeatureSettings(**params.features)
    if table.of(settings.front_end).device:
        from nnpm.training import devices  # PyTorch takes seconds to load, and mels need none

        # One thread per worker: what is written does not depend on their number.
        device = devices.prepare(params.device, threads=1).type
    write_cache(
        read_recordings(snakemake.input.audio, snakemake.input.paths),
        base.load(settings, device),
        snakemake.output.frames,
        snakemake.output.description,
        params.code,
        snakemake.threads,
    )
