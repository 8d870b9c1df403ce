"""Functionals of one corpus, one row per utterance."""

import pandas as pd
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from nnpm import audio
from nnpm.features.functionals import functionals
from nnpm.files import read_csv, write_csv
from nnpm.workflow.job import job

with job(snakemake.log[0]), threadpool_limits(1, user_api="blas"):
    rate, duration = snakemake.params.sample_rate, snakemake.params.duration
    files = read_csv(snakemake.input.audio, ("utterance", "path"))
    paths = tqdm(files["path"], disable=None, leave=False)
    table = pd.DataFrame([functionals(audio.read(path, rate, duration), rate) for path in paths])
    table.insert(0, "utterance", files["utterance"])
    write_csv(snakemake.output[0], table)
