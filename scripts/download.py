"""Fetch the study's missing corpora, as far as their owners offer them for download."""

import sys
from pathlib import Path

from nnpm import corpora, downloads
from nnpm.job import job

with job(snakemake.log[0]):
    params = snakemake.params
    wanted = [corpora.get(name) for name in params.names]
    if others := downloads.fetch_missing(wanted, Path(params.corpora_dir)):
        print(f"Not offered for download: {', '.join(others)}. A run says where to ask for them.", file=sys.stderr)
