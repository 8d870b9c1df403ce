"""Functionals of a corpus: measured from its recordings, side by side, or pooled from frames."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from nnpm import audio
from nnpm.features import base, workers
from nnpm.features.recordings import Recording

#: The functionals' names, and one row of values per utterance, (utterances, functionals).
Vectors = tuple[list[str], npt.NDArray[np.float64]]

_PART = 16  # utterances


def measured(
    recordings: Sequence[Recording], kind: str, sample_rate: int, duration: float, output: Path, threads: int = 1
) -> Vectors:
    """Return the functionals `kind` of recordings, heard at `sample_rate` Hz for `duration` seconds at most.

    `threads` is the number of workers; the values do not depend on it. `output` is what errors of a worker name.
    Raises InputError for the first file that cannot be read.
    """
    function = base.functionals(kind)
    function(np.zeros(sample_rate, dtype=np.float32), sample_rate)  # loads what it needs once, before workers start
    shared = function, sample_rate, duration
    parts = workers.parts_of(len(recordings), _PART)
    with threadpool_limits(1, user_api="blas"), workers.started(threads, shared, output) as pool:
        found = list(workers.by_parts(pool, _measure, parts, recordings))
    return found[0][0], np.concatenate([values for _, values in found])


def _measure(_: int, recordings: Sequence[Recording]) -> Vectors:
    function, sample_rate, duration = workers.mine()
    rows = [
        function(audio.read(one.path, sample_rate, duration, one.start, one.end), sample_rate) for one in recordings
    ]
    return list(rows[0]), np.array([list(row.values()) for row in rows])


def pooled(frames: Iterable[npt.NDArray[np.floating]], count: int) -> Vectors:
    """Return mean and deviation of each channel of `count` utterances' frames, (frames, channels) each."""
    names, values = list[str](), np.zeros((count, 0))
    for row, one in enumerate(frames):
        found = base.pooled(one)
        if not names:
            names, values = list(found), np.zeros((count, len(found)))
        values[row] = list(found.values())
    return names, values
