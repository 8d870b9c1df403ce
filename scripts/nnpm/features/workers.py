"""Workers that measure the parts of a corpus side by side."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from nnpm import progress
from nnpm.errors import InputError

T = TypeVar("T")


@contextmanager
def started(count: int, shared: Any, output: Path, alone: bool = False) -> Iterator[Executor]:
    """Yield forked processes: two are twice as fast as one; two threads less than 1.5 times, due to Python's lock.

    They inherit `shared`, which `mine` returns, and its memory. Only Linux forks safely, and spawned processes cannot
    import Snakemake's scripts; other systems use threads. With `alone` it is a single thread. No worker runs on after
    the block. `output` is what an error about a killed worker names.
    """
    pool: Executor
    if sys.platform == "linux" and not alone:
        fork = multiprocessing.get_context("fork")
        pool = ProcessPoolExecutor(count, fork, initializer=_begin, initargs=(shared, True))
    else:
        pool = ThreadPoolExecutor(1 if alone else count, initializer=_begin, initargs=(shared, False))
    try:
        yield pool
    except BrokenProcessPool:
        raise InputError(f"{output}: a process that wrote it was killed; free memory or disk, and run again") from None
    finally:
        pool.shutdown(cancel_futures=True)


def by_parts(workers: Executor, task: Callable[..., T], parts: Sequence[slice], *columns: Sequence[Any]) -> Iterator[T]:
    """Yield the results of `task` on each part of the rows, in order; it gets the part's number and columns."""
    results = workers.map(task, range(len(parts)), *([column[part] for part in parts] for column in columns))
    with progress.bar(total=parts[-1].stop) as bar:
        for part, result in zip(parts, results, strict=True):
            bar.update(part.stop - part.start)
            yield result


def parts_of(rows: int, size: int) -> list[slice]:
    """The rows in parts of `size`."""
    return [slice(start, min(start + size, rows)) for start in range(0, rows, size)]


_shared: Any


def mine() -> Any:
    """In a worker: what `started` was given."""
    return _shared


def _begin(shared: Any, process: bool) -> None:
    global _shared
    _shared = shared
    if process:
        _follow_parent()


def _follow_parent() -> None:
    """In a worker process: leave Ctrl-C to the parent, and exit if the parent was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
