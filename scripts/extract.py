"""Mel-spectrograms of one corpus, as a memory-mapped array."""

from nnpm.features.cache import write_cache
from nnpm.features.recordings import read_recordings
from nnpm.features.settings import FeatureSettings
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    write_cache(
        read_recordings(snakemake.input.audio, snakemake.input.paths),
        FeatureSettings(**snakemake.params.features),
        snakemake.output.mels,
        snakemake.output.description,
        snakemake.params.code,
        snakemake.threads,
    )
