"""The frames of a corpus as one memory-mapped array, written in parallel."""

import hashlib
import json
import multiprocessing
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import asdict
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file, save
from threadpoolctl import threadpool_limits

from nnpm import audio, progress
from nnpm.errors import InputError
from nnpm.features.base import FrontEnd, Statistic, checked, mean_and_deviation, moments, standardised
from nnpm.features.recordings import Recording
from nnpm.files import create_array, replacing, write_json, write_text

T = TypeVar("T")

#: Utterances per part; fixed, since the order of summation changes the last digits.
_PART, _BATCHED_PART = 16, 32


def fingerprint(front_end: FrontEnd, hashes: Iterable[str], code: str) -> str:
    """SHA-256 of what decides a cache's content: settings, facts of the front end, the audio in row order, the code."""
    content = json.dumps([asdict(front_end.settings), front_end.about, list(hashes), code], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


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
def _workers(count: int, front_end: FrontEnd, array: Path) -> Iterator[Executor]:
    """Yield forked processes: two are twice as fast as one; two threads less than 1.5 times, due to Python's lock.

    They inherit the front end, so that they share the memory of its weights. Only Linux forks safely, and spawned
    processes cannot import Snakemake's scripts; other systems use threads, and a GPU a single one. No worker runs on
    after the block.
    """
    pool: Executor
    if front_end.device != "cpu":
        pool = ThreadPoolExecutor(1, initializer=_begin, initargs=(front_end, False))
    elif sys.platform == "linux":
        fork = multiprocessing.get_context("fork")
        pool = ProcessPoolExecutor(count, fork, initializer=_begin, initargs=(front_end, True))
    else:
        pool = ThreadPoolExecutor(count, initializer=_begin, initargs=(front_end, False))
    try:
        yield pool
    except BrokenProcessPool:
        raise InputError(f"{array}: a process that wrote it was killed; free memory or disk, and run again") from None
    finally:
        pool.shutdown(cancel_futures=True)


_front_end: FrontEnd  # of a worker


def _begin(front_end: FrontEnd, process: bool) -> None:
    """Start a worker, which may be a process of its own."""
    global _front_end
    _front_end = front_end
    if process:
        _follow_parent()


def _by_parts(
    workers: Executor, task: Callable[..., T], parts: Sequence[slice], *columns: Sequence[Any]
) -> Iterator[T]:
    """Yield the results of `task` on each part of the rows, in order; it gets the part's number and columns."""
    results = workers.map(task, range(len(parts)), *([column[part] for part in parts] for column in columns))
    with progress.bar(total=parts[-1].stop) as bar:
        for part, result in zip(parts, results, strict=True):
            bar.update(part.stop - part.start)
            yield result


def _measure(folder: Path, number: int, recordings: Sequence[Recording]) -> None:
    """Write the frames of some recordings, as measured, to their part, unless an earlier call has written it."""
    if (part := _part(folder, number)).exists():
        return
    duration = _front_end.settings.duration
    signals = [audio.read(one.path, _front_end.sample_rate, duration, one.start, one.end) for one in recordings]
    measured = zip(_front_end.measure(signals), recordings, strict=True)
    found = [checked(_front_end, frames, one.path) for frames, one in measured]
    total = np.zeros((3, _front_end.channels))
    for frames in found:
        total += moments(_front_end, frames)
    tensors = {
        "frames": np.concatenate(found),
        "lengths": np.array([len(frames) for frames in found]),
        "moments": total,
    }
    with replacing(part) as temporary:
        temporary.write_bytes(save(tensors))


def _standardise(
    folder: Path, array: Path, mean: Statistic, deviation: Statistic, number: int, starts: Sequence[int]
) -> None:
    """Write the frames of a part, standardised, to the array, from each utterance's place in its first axis on."""
    part = load_file(_part(folder, number))
    measured = np.split(part["frames"], np.cumsum(part["lengths"])[:-1])
    # Mapped here and not in the parent, so that only these rows ever count as this process's memory.
    results = np.lib.format.open_memmap(array, mode="r+")
    for start, frames in zip(starts, measured, strict=True):
        values = standardised(_front_end, frames, mean, deviation)
        if results.ndim == 3:
            results[start] = values
        else:
            results[start : start + len(values)] = values


def write_cache(
    recordings: Sequence[Recording],
    front_end: FrontEnd,
    array: str | Path,
    description: str | Path,
    code: str = "",
    threads: int = 1,
) -> None:
    """Write the standardised frames of `recordings` to `array` (.npy), and describe them in `description` (.json).

    The array is (utterances, longest, channels), or, if the padding is "masked", all utterances' frames one after the
    other, (frames, channels); the description's `lengths` are their numbers, without padding. `code` is a digest of the
    code that makes them. `threads` is the number of workers; the bytes do not depend on it. What is measured is kept
    beside the array until all is done, so that a later call goes on there. Raises InputError for the first file that
    cannot be read.
    """
    array, description = Path(array), Path(description)
    description.unlink(missing_ok=True)  # it must never stand beside an array that it does not describe
    settings, size = front_end.settings, _BATCHED_PART if front_end.batched else _PART
    identity = fingerprint(front_end, [one.sha256 for one in recordings], code)
    folder = _parts_folder(array, identity)
    parts = [slice(start, min(start + size, len(recordings))) for start in range(0, len(recordings), size)]
    with threadpool_limits(1, user_api="blas"), _workers(threads, front_end, array) as workers:
        for _ in _by_parts(workers, partial(_measure, folder), parts, recordings):
            pass
        lengths, total = _summary(folder, len(parts), front_end.channels)
        mean, deviation = mean_and_deviation(total)
        sizes = [front_end.size(length) for length in lengths]
        is_masked = settings.padding == "masked"
        shape = (sum(sizes),) if is_masked else (len(sizes), front_end.longest)
        starts = list(accumulate(sizes, initial=0))[:-1] if is_masked else list(range(len(sizes)))
        with replacing(array) as temporary:
            create_array(temporary, settings.dtype, (*shape, front_end.channels))
            for _ in _by_parts(workers, partial(_standardise, folder, temporary, mean, deviation), parts, starts):
                pass
    write_json(
        description,
        {
            "shape": [*shape, front_end.channels],
            "settings": asdict(settings),
            "fingerprint": identity,
            "front_end": dict(front_end.about),
            "mean": mean.tolist(),
            "deviation": deviation.tolist(),
            "lengths": sizes if is_masked else lengths,
        },
    )
    shutil.rmtree(folder, ignore_errors=True)


def _part(folder: Path, number: int) -> Path:
    return folder / f"{number}.safetensors"


def _parts_folder(array: Path, identity: str) -> Path:
    """The folder of what is measured for an array; emptied if that was something else."""
    folder = array.with_name(f".{array.name}.parts")
    held = folder / "identity"
    with suppress(OSError):
        if held.read_text(encoding="ascii") == identity:
            return folder
    shutil.rmtree(folder, ignore_errors=True)
    write_text(held, identity)
    return folder


def _summary(folder: Path, parts: int, channels: int) -> tuple[list[int], Statistic]:
    """The number of frames of each utterance, and the summed moments of all."""
    lengths, total = list[int](), np.zeros((3, channels))
    for number in range(parts):
        with safe_open(_part(folder, number), framework="numpy") as part:
            lengths += part.get_tensor("lengths").tolist()
            total += part.get_tensor("moments")
    return lengths, total
