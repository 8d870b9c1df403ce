"""Mel-spectrograms of one corpus, as a memory-mapped array."""

from nnpm.features.cache import write_cache
from nnpm.features.settings import FeatureSettings
from nnpm.files import read_csv
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    audio = read_csv(snakemake.input.audio, ("path", "sha256"))
    write_cache(
        audio["path"].tolist(),
        audio["sha256"].tolist(),
        FeatureSettings(**snakemake.params.features),
        snakemake.output.mels,
        snakemake.output.description,
        snakemake.params.code,
        snakemake.threads,
    )
