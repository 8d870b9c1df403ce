"""Tests run on mutants, each in a process that is forked from one that has imported everything but the library."""

import contextlib
import gc
import importlib.machinery
import importlib.util
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from tqdm import tqdm

from tests.mutants.mutate import Mutant

OPTIONS = ["--exitfirst", "-qq", "-p", "no:cacheprovider", "-p", "no:xdist"]


def survivors(name: str, path: Path, mutants: Sequence[Mutant], tests: Sequence[str]) -> Iterator[Mutant]:
    """Yield the mutants of a module that pass its tests."""
    module = f"nnpm.{name.replace('/', '.')}"
    warm_up(tests)
    started = time.perf_counter()
    if status := run(module, path, path.read_text(encoding="utf-8"), tests, limit=600):
        sys.exit(f"{name}: its tests fail without any change (status {status}); run pytest {' '.join(tests)}")
    limit = 20 + round(10 * (time.perf_counter() - started))
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("fork")) as pool:
        tasks = [pool.submit(run, module, path, mutant.source, tests, limit) for mutant in mutants]
        for mutant, task in zip(mutants, tqdm(tasks, name, disable=None), strict=True):
            if task.result() == 0:
                yield mutant


def warm_up(tests: Sequence[str]) -> None:
    """Import what the tests import, and forget what of it is the project's own."""
    before, here = set(sys.modules), Path.cwd()
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        pytest.main(["--collect-only", *OPTIONS, *tests])
    for name in set(sys.modules) - before:
        file = Path(getattr(sys.modules[name], "__file__", None) or "/")
        if any(file.is_relative_to(here / folder) for folder in ("scripts", "tests", "benchmarks")):
            del sys.modules[name]
    gc.collect()
    gc.freeze()  # else pytest's own collections, in every process, would look through all of it


class Loader(importlib.machinery.SourceFileLoader):
    """Finds one module, and loads it with a source other than its file's."""

    def __init__(self, name: str, path: Path, source: str) -> None:
        super().__init__(name, str(path.resolve()))
        self.source = source

    def find_spec(self, name: str, path: object = None, target: object = None) -> importlib.machinery.ModuleSpec | None:
        return importlib.util.spec_from_file_location(name, self.path, loader=self) if name == self.name else None

    def get_data(self, path: str) -> bytes:
        return self.source.encode()

    def path_stats(self, path: str) -> dict[str, float]:
        raise OSError("not the file's content, so no compiled form of it is to be read or kept")


def run(module: str, path: Path, source: str, tests: Sequence[str], limit: int) -> int:
    """The status of a process that runs the tests on a source, 0 if they pass; it is ended after `limit` seconds."""
    if child := os.fork():
        return os.waitpid(child, 0)[1]
    signal.alarm(limit)
    for stream in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    sys.meta_path.insert(0, Loader(module, path, source))
    with tempfile.TemporaryDirectory() as folder:
        status = pytest.main([*OPTIONS, f"--basetemp={folder}/tests", *tests])
    os._exit(status)
