"""A command with all that it starts: how long it takes, and how much memory it holds."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

ROOT = Path(__file__).parents[1]


class Ended(NamedTuple):
    """What a command took: seconds, the peak of memory in MiB, mapped files left out; and what it printed."""

    seconds: float
    peak: int
    text: str


def snakemake(folder: Path, *arguments: str, overlays: Sequence[str] = (), cores: int = 2) -> Ended:
    """Snakemake with this workflow in a folder: the paper's study, as far as the overlays leave it."""
    command = ["-m", "snakemake", "--snakefile", str(ROOT / "workflow" / "Snakefile")]
    command += ["--configfile", str(ROOT / "config" / "config.yaml"), *overlays, "--cores", str(cores)]
    return python(folder, *command, *arguments)


def python(folder: Path, *arguments: str) -> Ended:
    """Python in a folder; raises RuntimeError with its last words if it fails."""
    environment = {name: value for name, value in os.environ.items() if name != "NNPM_CORPORA_DIR"}
    environment["PYTHONPATH"] = str(ROOT)
    printed = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    started, peak, over = time.perf_counter(), [0], threading.Event()
    with subprocess.Popen([sys.executable, *arguments], cwd=folder, env=environment, **printed) as process:
        watcher = threading.Thread(target=_watch, args=(psutil.Process(process.pid), peak, over))
        watcher.start()
        text = process.communicate()[0]
        over.set()
        watcher.join()
    if process.returncode:
        raise RuntimeError(f"{arguments} ended with {process.returncode}:\n{text[-2000:]}")
    return Ended(time.perf_counter() - started, peak[0] >> 20, text)


def _watch(process: psutil.Process, peak: list[int], over: threading.Event) -> None:
    """Keep the largest sum of memory that a process and its descendants have to themselves."""
    while not over.wait(0.1):
        total = 0
        try:
            for one in (process, *process.children(recursive=True)):
                used = one.memory_info()
                total += used.rss - used.shared
        except psutil.Error:  # ended while it was looked at
            continue
        peak[0] = max(peak[0], total)
