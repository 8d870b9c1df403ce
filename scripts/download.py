"""Fetch the study's missing corpora, as far as their owners offer them; tell how to get the others."""

from pathlib import Path

from nnpm import corpora, obtaining
from nnpm.job import job

with job(snakemake.log[0]):
    params = snakemake.params
    obtaining.fetch_missing(map(corpora.get, params.names), Path(params.corpora_dir))
