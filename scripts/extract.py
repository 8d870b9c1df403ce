"""Mel-spectrograms of one corpus, as a memory-mapped array."""

from nnpm import features
from nnpm.files import read_csv
from nnpm.job import job

with job(snakemake.log[0]):
    audio = read_csv(snakemake.input.audio)
    features.write_cache(
        audio["path"].tolist(),
        audio["sha256"].tolist(),
        features.FeatureSettings(**snakemake.params.features),
        snakemake.output.mels,
        snakemake.output.description,
        snakemake.params.code,
    )
