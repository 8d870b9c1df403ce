"""Functionals of one corpus, one row per utterance."""

import pandas as pd
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from nnpm import audio
from nnpm.features.functionals import functionals
from nnpm.features.recordings import read_recordings
from nnpm.files import write_csv
from nnpm.workflow.job import job

with job(snakemake.log[0]), threadpool_limits(1, user_api="blas"):
    rate, duration = snakemake.params.sample_rate, snakemake.params.duration
    recordings = read_recordings(snakemake.input.audio, snakemake.input.paths)
    signals = (
        audio.read(one.path, rate, duration, one.start, one.end) for one in tqdm(recordings, disable=None, leave=False)
    )
    table = pd.DataFrame([functionals(signal, rate) for signal in signals])
    table.insert(0, "utterance", [one.utterance for one in recordings])
    write_csv(snakemake.output[0], table)
