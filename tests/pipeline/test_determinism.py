"""The same bytes whatever --cores is, and after a kill."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from workspace import Workspace, clean_environment

pytestmark = pytest.mark.slow


def kill_during(workspace: Workspace, state: Path) -> None:
    """Start Table 2 and kill Snakemake with its jobs, as a power cut would, once training has left `state`."""
    command = workspace.command("table2")
    process = subprocess.Popen(
        command,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
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


def test_one_core_and_two(study: Workspace, fresh: Workspace) -> None:
    """From the sound files on: the study ran on two cores."""
    fresh.make("table2", "--cores", "1", **study.settings)
    encoded = "encoded/emodb/freeze~2/seed~0.npy"
    for name in ("features/emodb.npy", encoded, "pretrained/seed~0/last.safetensors", "corpora/emodb/manifest.csv"):
        assert (fresh.results / name).read_bytes() == (study.results / name).read_bytes(), name
    run = fresh.run_folder("emodb", "nnpm") / "predictions.csv"
    assert run.read_bytes() == (study.run_folder("emodb", "nnpm") / "predictions.csv").read_bytes()


def test_a_killed_run_goes_on_where_it_was(study: Workspace, finished: Workspace) -> None:
    """Killed once in pretraining and once in adaptation, and in the end the same as the undisturbed study."""
    pretrained, run = finished.results / "pretrained" / "seed~0", finished.run_folder("emodb", "nnpm")
    for made in (pretrained, run, finished.results / "tables"):
        shutil.rmtree(made)
    kill_during(finished, pretrained / "resume.safetensors")
    locked = finished.snakemake("table2")
    assert locked.code == 1 and "--unlock" in locked.text
    finished.make("--unlock")
    kill_during(finished, run / "resume.safetensors")
    finished.make("--unlock")
    finished.make("table2")

    for log in ("pretrain/seed~0.log", "adapt/emodb/nnpm/freeze~2/threshold~0.9/seed~0.log"):
        text = (finished.results / "logs" / log).read_text(encoding="utf-8")
        assert "resuming after epoch" in text, log
    assert not list(finished.results.rglob("resume.safetensors"))
    for name in ("predictions.csv", "backbone.safetensors"):
        assert (run / name).read_bytes() == (study.run_folder("emodb", "nnpm") / name).read_bytes(), name
