"""Full disks, read-only folders and too little memory: one clear line, and no more lost than the job at hand."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from outputs import differing, outputs
from workspace import Finished, Workspace

NNPM = "results/toy/runs/emodb/nnpm/freeze~2/threshold~0.9/seed~0/predictions.csv"


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    """A file system in memory at `folder`; skips the test where it may not be mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"cannot mount: {done.stderr}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def explained(done: Finished, *words: str) -> None:
    """Failed, in lines that name a file of the results and say what to do; nobody has to read a traceback."""
    assert done.code == 1 and "Traceback" not in done.text, done.text
    assert done.errors and all(word in line for line in done.errors for word in words), done.stderr
    assert all("results/toy/" in line for line in done.errors)


@pytest.mark.parametrize(
    ("size", "stage"),
    [("40k", "corpora"), ("600k", "features"), ("4300k", "pretrained"), ("5600k", "runs")],
)
def test_a_full_disk(study: Workspace, fresh: Workspace, size: str, stage: str) -> None:
    """Whichever stage finds it full; with more space the study goes on to the same end."""
    fresh.settings.update(study.settings)
    results = fresh.folder / "results"
    with mounted(results, f"size={size}"):
        failed = fresh.snakemake("all")
        explained(failed, "No space left on device; free some space, then run again")
        assert any(f"/{stage}/" in line for line in failed.errors), failed.errors
        assert differing(fresh.results, study.results, missing=False) == []
        kept = {path: (fresh.results / path).stat().st_mtime_ns for path in outputs(fresh.results)}
        if stage == "runs":
            subprocess.run(["mount", "-o", "remount,size=100m", str(results)], check=True)
            done = fresh.make("all")
            assert differing(fresh.results, study.results) == []
            assert kept == {path: (fresh.results / path).stat().st_mtime_ns for path in kept}, "was made anew"
            assert len(done.jobs) < len(fresh.plan("all", "--forceall"))


def test_a_read_only_folder(study: Workspace, fresh: Workspace) -> None:
    fresh.settings.update(study.settings)
    with mounted(fresh.folder / "results", "ro"):
        done = fresh.snakemake("all")
    assert done.code == 1 and "Traceback" not in done.text
    assert "Read-only file system: 'results/toy'" in done.text


def test_a_folder_that_becomes_read_only(study: Workspace, fresh: Workspace) -> None:
    """The folders are there, so that it is the job that finds out."""
    fresh.settings.update(study.settings)
    for corpus in ("iemocap", "ekorpus", "emodb"):
        (fresh.results / "logs" / "check").mkdir(parents=True, exist_ok=True)
        (fresh.results / "corpora" / corpus).mkdir(parents=True)
    with mounted(fresh.results / "corpora" / "emodb", "ro"):
        done = fresh.snakemake("results/toy/corpora/emodb/manifest.csv")
    explained(done, "corpora/emodb/manifest.csv: Read-only file system; make it writable")


def kill_job(workspace: Workspace, script: str) -> None:
    """Kill a job as the kernel does when memory runs out: it alone, and without a word."""
    place = f"{workspace.folder}/.snakemake/scripts/"
    while True:
        for process in Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_text().split("\0")
            except OSError:
                continue
            if "python" in words[0] and any(word.startswith(place) and word.endswith(f".{script}") for word in words):
                time.sleep(1.5)
                os.kill(int(process.name), signal.SIGKILL)
                return
        time.sleep(0.02)


def test_a_job_that_is_killed_for_memory(study: Workspace, finished: Workspace) -> None:
    for path in finished.run_folder("emodb", "nnpm").iterdir():
        path.unlink()
    killer = threading.Thread(target=kill_job, args=(finished, "adapt.py"), daemon=True)
    killer.start()
    explained(finished.snakemake(NNPM), "adapt was killed from outside", "--cores", "batch_size")
    killer.join()
    assert finished.make(NNPM).jobs == ["adapt emodb nnpm 2 0.9 0"]
    assert differing(finished.results, study.results) == []


def test_a_job_that_asks_for_too_much_memory(finished: Workspace) -> None:
    """A network of which the layers alone are larger than the memory that a process may take."""
    done = finished.snakemake("pretrain", memory=4 << 30, backbone={"hidden": 20_000})
    explained(done, "out of memory", "--cores", "batch_size")
