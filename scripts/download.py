"""Fetch the study's missing corpora, as far as their owners offer them; tell how to get the others."""

from pathlib import Path

from nnpm import corpora
from nnpm.corpora import obtaining
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    params = snakemake.params
    obtaining.fetch_missing(map(corpora.get, params.names), Path(params.corpora_dir))
