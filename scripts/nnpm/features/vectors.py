"""Functionals of a corpus: measured from its recordings, side by side, or pooled from frames."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from nnpm import audio
from nnpm.errors import REMEDY, InputError
from nnpm.features import base, workers
from nnpm.features.recordings import Recording
from nnpm.features.settings import stored
from nnpm.files import open_inputs, read_lengths

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


def frames_of(path: str | Path, description: str | Path) -> Iterator[npt.NDArray[np.float32]]:
    """Yield the frames of each utterance of a cache, (frames, channels), without padding.

    Raises InputError if the array is not the one that is described.
    """
    array, lengths = open_inputs(path), read_lengths(description)
    sizes = [stored(length) if array.ndim == 2 else 1 for length in lengths]
    if sum(sizes) != len(array):
        raise InputError(f"{path}: does not hold the utterances of {description}: {REMEDY}")
    start = 0
    for length, size in zip(lengths, sizes, strict=True):
        yield array[start, :length] if array.ndim == 3 else array[start : start + length]
        start += size


def pooled(frames: Iterable[npt.NDArray[np.floating]], count: int) -> Vectors:
    """Return mean and deviation of each channel of `count` utterances' frames, (frames, channels) each."""
    names, values = list[str](), np.zeros((count, 0))
    for row, one in enumerate(frames):
        found = base.pooled(one)
        if not names:
            names, values = list(found), np.zeros((count, len(found)))
        values[row] = list(found.values())
    return names, values
