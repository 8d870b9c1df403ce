"""Full disks, read-only folders and too little memory: one clear line, and no more lost than the job at hand."""

import os
import shutil
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

NNPM = "results/toy/runs/iemocap/emodb/nnpm/default/seed~0/predictions.csv"


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


@pytest.mark.parametrize("share", [0.01, 0.3, 0.9])
def test_a_full_disk(study: Workspace, fresh: Workspace, share: float) -> None:
    """Of a share of what a study needs; with more space it goes on to the same end, and makes nothing anew."""
    fresh.settings.update(study.settings)
    needed = sum(path.stat().st_blocks * 512 for path in study.results.rglob("*"))
    with mounted(fresh.folder / "results", f"size={round(share * needed)}"):
        explained(fresh.snakemake("all"), "No space left on device; free some space, then run again")
        assert differing(fresh.results, study.results, missing=False) == []
        kept = {path: (fresh.results / path).stat().st_mtime_ns for path in outputs(fresh.results)}
        if share == 0.9:
            subprocess.run(["mount", "-o", "remount,size=1g", str(fresh.folder / "results")], check=True)
            fresh.make("all")
            assert differing(fresh.results, study.results) == []
            assert kept == {path: (fresh.results / path).stat().st_mtime_ns for path in kept}, "was made anew"


@pytest.mark.parametrize("before", ["nothing", "everything"])
def test_a_read_only_folder(study: Workspace, fresh: Workspace, before: str) -> None:
    """A folder that cannot be written to and is noticed late, or in a traceback."""
    fresh.settings.update(study.settings)
    results = fresh.folder / "results"
    with mounted(results, "size=1g"):
        if before == "everything":
            shutil.copytree(study.results, fresh.results)
        subprocess.run(["mount", "-o", "remount,ro", str(results)], check=True)
        done = fresh.snakemake("all", "--forceall")
    assert done.code == 1 and "Traceback" not in done.text
    if before == "nothing":
        assert len(done.errors) == 1 and f"{results}: cannot be written to; make it writable" in done.errors[0]
    else:  # Snakemake's own words
        assert "Write-protected output files" in done.text and "results/toy/" in done.text


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
    """A kill without a word that is not explained, or that leaves something behind."""
    for path in finished.run_folder("emodb", "nnpm").iterdir():
        if path.name != "model_card.md":  # which another job makes
            path.unlink()
    killer = threading.Thread(target=kill_job, args=(finished, "adapt.py"), daemon=True)
    killer.start()
    explained(finished.snakemake(NNPM), "adapt was killed from outside", "--cores", "batch_size")
    killer.join()
    assert finished.make(NNPM).jobs == ["adapt iemocap emodb nnpm default 0"]
    assert differing(finished.results, study.results) == []


def test_a_job_that_asks_for_too_much_memory(finished: Workspace) -> None:
    """A network of which the layers alone are larger than the memory that a process may take."""
    done = finished.snakemake("pretrain", limits={"as": 4 << 30}, backbone={"hidden": 20_000})
    explained(done, "out of memory", "--cores", "batch_size")
