"""Functionals of one corpus, one row per utterance."""

import pandas as pd
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from nnpm import audio
from nnpm.features import base
from nnpm.features.recordings import read_recordings
from nnpm.files import frames_of, write_csv
from nnpm.workflow.job import job

with job(snakemake.log[0]), threadpool_limits(1, user_api="blas"):
    files, params = snakemake.input, snakemake.params
    recordings = read_recordings(files.audio, files.paths)
    if params.kind == "pooled":
        measured = map(base.pooled, frames_of(files.frames, files.description))
    else:
        measure = base.functionals(params.kind)
        signals = (audio.read(one.path, params.sample_rate, params.duration, one.start, one.end) for one in recordings)
        measured = (measure(signal, params.sample_rate) for signal in signals)
    table = pd.DataFrame(list(tqdm(measured, total=len(recordings), disable=None, leave=False)))
    table.insert(0, "utterance", [one.utterance for one in recordings])
    write_csv(snakemake.output[0], table)
