"""Download the study's missing corpora where their owners allow it; print how to get the others."""

from pathlib import Path

from nnpm import corpora
from nnpm.corpora import obtaining
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    params = snakemake.params
    obtaining.fetch_missing(map(corpora.get, params.names), Path(params.corpora_dir))
