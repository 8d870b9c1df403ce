"""The mels of a corpus as one memory-mapped array, written in parallel."""

import hashlib
import json
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from functools import partial, reduce
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from nnpm import audio, progress
from nnpm.errors import InputError
from nnpm.features.mels import Statistic, log_mels, mean_and_deviation, moments, standardised
from nnpm.features.recordings import Recording
from nnpm.features.settings import FeatureSettings
from nnpm.files import create_array, replacing, write_json

T = TypeVar("T")


def fingerprint(settings: FeatureSettings, hashes: Iterable[str], code: str) -> str:
    """SHA-256 of what decides a cache's content: the settings, the audio in row order, the code, the libraries."""
    content = json.dumps([asdict(settings), list(hashes), code, *map(version, ("librosa", "soxr"))], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


_PART = 16  # utterances per part of a worker; fixed, since the order of summation changes the last digits


def _follow_parent() -> None:
    """In a worker process: leave Ctrl-C to the parent, and exit if the parent was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def _workers(count: int, array: Path) -> Iterator[Executor]:
    """Yield forked processes: two are twice as fast as one; two threads less than 1.5 times, due to Python's lock.

    Only Linux forks safely, and spawned processes cannot import Snakemake's scripts; other systems use threads. No
    worker runs on after the block.
    """
    pool: Executor = (
        ProcessPoolExecutor(count, multiprocessing.get_context("fork"), initializer=_follow_parent)
        if sys.platform == "linux"
        else ThreadPoolExecutor(count)
    )
    try:
        yield pool
    except BrokenProcessPool:
        raise InputError(f"{array}: a process that wrote it was killed; free memory or disk, and run again") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _by_parts(workers: Executor, task: Callable[..., T], rows: int, *columns: Sequence[object]) -> Iterator[T]:
    """Yield the results of `task` on each part of the rows, in order; it gets a slice, and that part of the columns."""
    parts = [slice(start, min(start + _PART, rows)) for start in range(0, rows, _PART)]
    results = workers.map(task, parts, *([column[part] for part in parts] for column in columns))
    with progress.bar(total=rows) as bar:
        for part, result in zip(parts, results, strict=True):
            bar.update(part.stop - part.start)
            yield result


def _extract(settings: FeatureSettings, array: Path, rows: slice, recordings: Sequence[Recording]) -> Statistic:
    """Write `log_mels` of some `recordings` into `rows` of `array`; returns their summed moments."""
    # Mapped here and not in the parent, so that only these rows ever count as this process's memory.
    mels = np.lib.format.open_memmap(array, mode="r+")[rows]
    total = np.zeros((3, settings.n_mels))
    for row, one in zip(mels, recordings, strict=True):
        signal = audio.read(one.path, settings.sample_rate, settings.duration, one.start, one.end)
        row[:] = log_mels(signal, settings)
        total += moments(row, settings)
    return total


def _standardise(
    settings: FeatureSettings, source: Path, target: Path, mean: Statistic, deviation: Statistic, rows: slice
) -> None:
    """Write some rows of `source`, standardised, to the same rows of `target`, which may be the same file."""
    mels = np.lib.format.open_memmap(source, mode="r")[rows]
    results = np.lib.format.open_memmap(target, mode="r+")[rows]
    for row, result in zip(mels, results, strict=True):
        result[:] = standardised(row, mean, deviation, settings)


def write_cache(
    recordings: Sequence[Recording],
    settings: FeatureSettings,
    array: str | Path,
    description: str | Path,
    code: str = "",
    threads: int = 1,
) -> None:
    """Write the normalised mels of `recordings` to `array` (.npy), and describe them in `description` (.json).

    `code` is a digest of the code that makes them. `threads` is the number of workers, each of which has at most
    `_PART` utterances in memory; the bytes do not depend on it. Raises InputError for the first file that cannot be
    read.
    """
    array, description = Path(array), Path(description)
    shape = (len(recordings), settings.frames, settings.n_mels)
    description.unlink(missing_ok=True)  # it must never stand beside an array that it does not describe
    log_mels(np.zeros(0, dtype=np.float32), settings)  # librosa takes seconds to load: once, before the workers start
    with threadpool_limits(1, user_api="blas"), replacing(array) as decibels, _workers(threads, array) as workers:
        create_array(decibels, "float32", shape)
        extract = partial(_extract, settings, decibels)
        mean, deviation = mean_and_deviation(reduce(np.add, _by_parts(workers, extract, len(recordings), recordings)))
        with nullcontext(decibels) if settings.dtype == "float32" else replacing(decibels) as target:
            if target != decibels:
                create_array(target, settings.dtype, shape)
            standardise = partial(_standardise, settings, decibels, target, mean, deviation)
            list(_by_parts(workers, standardise, len(recordings)))
    write_json(
        description,
        {
            "shape": list(shape),
            "settings": asdict(settings),
            "fingerprint": fingerprint(settings, [one.sha256 for one in recordings], code),
            "librosa": version("librosa"),
            "mean": mean.tolist(),
            "deviation": deviation.tolist(),
        },
    )
