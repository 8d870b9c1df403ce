"""A killed run goes on where it was, and ends with the same bytes."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from workspace import Workspace, clean_environment

pytestmark = pytest.mark.slow


def kill_during(workspace: Workspace, target: str, state: Path) -> None:
    """Kill Snakemake with its jobs, as a power cut would, once training has left `state`."""
    silent = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    command = workspace.command(target)
    process = subprocess.Popen(command, env=clean_environment(), start_new_session=True, **silent)
    try:
        end = time.monotonic() + 120
        while not state.exists():
            assert process.poll() is None, "ended before it was killed"
            assert time.monotonic() < end
            time.sleep(0.01)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert state.exists(), "the last epoch was over before the kill"


def test_a_killed_run_goes_on_where_it_was(study: Workspace, finished: Workspace) -> None:
    """It alone kills Snakemake in every `make test`; `make torture` does so at every write."""
    run = finished.run_folder("emodb", "nnpm")
    outputs = ("predictions.csv", "metrics.json", "history.csv", "backbone.safetensors")
    for name in outputs:
        (run / name).unlink()
    target = finished.below(run / "metrics.json")
    kill_during(finished, target, run / "resume.safetensors")
    locked = finished.snakemake(target)
    assert locked.code == 1 and "--unlock" in locked.text
    finished.make("--unlock")
    assert finished.make(target).jobs == ["adapt iemocap emodb nnpm default 0"]

    log = finished.results / "logs" / "adapt" / run.relative_to(finished.results / "runs").with_suffix(".log")
    assert "resuming after epoch" in log.read_text(encoding="utf-8")
    assert not (run / "resume.safetensors").exists()
    for name in ("predictions.csv", "backbone.safetensors"):
        assert (run / name).read_bytes() == (study.run_folder("emodb", "nnpm") / name).read_bytes(), name
