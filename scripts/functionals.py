"""Functionals of one corpus, one row per utterance."""

from pathlib import Path

import pandas as pd

from nnpm.features import vectors
from nnpm.features.recordings import read_recordings
from nnpm.files import write_csv
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files, params, output = snakemake.input, snakemake.params, Path(snakemake.output[0])
    recordings = read_recordings(files.audio, files.paths)
    if params.kind == "pooled":
        frames = vectors.frames_of(files.frames, files.description)
        names, values = vectors.pooled(frames, len(recordings))
    else:
        measure = params.kind, params.sample_rate, params.duration
        names, values = vectors.measured(recordings, *measure, output, snakemake.threads)
    table = pd.DataFrame(values, columns=names)
    table.insert(0, "utterance", [one.utterance for one in recordings])
    write_csv(output, table)
