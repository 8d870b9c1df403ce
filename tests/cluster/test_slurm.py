"""The workflow through a real Slurm of one node, by the profile that users are told to take."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import slurm as engine
from workspace import ROOT, Workspace, clean_environment

absent = engine.missing()
pytestmark = pytest.mark.skipif(
    bool(absent) and "CI" not in os.environ, reason=f"not installed: {', '.join(absent)} (slurm-wlm, munge)"
)

#: As users call it, but for asking Slurm more often.
PROFILE = ("--workflow-profile", str(ROOT / "workflow" / "profiles" / "slurm"))
PROFILE += ("--slurm-init-seconds-before-status-checks", "1")

#: One target, one seed: every rule that goes to Slurm, and few of each.
STUDY: dict[str, Any] = {
    "device": "auto",
    "targets": ["emodb"],
    "tables": {
        "table1": {"methods": ["snsa-f", "nnpm"]},
        "table2": None,
        "table3": None,
        "comparison": {"methods": ["snsa-f", "svm", "nnpm-plus"], "reference": "snsa-f"},
    },
    "figures": {"figure2": None, "diagnostics": {"methods": ["nnpm"]}},
}
TRAINING = ("pretrain_seed", "encode", "adapt")
SENT = {"check", "extract", "functionals", "classify", "draw_embedding", *TRAINING}


@pytest.fixture(scope="module")
def slurm() -> Iterator[engine.Slurm]:
    with tempfile.TemporaryDirectory(prefix="slurm-") as folder, engine.running(Path(folder)) as running:
        yield running


@pytest.fixture(scope="module")
def sent(shared: Path, corpora: Path, slurm: engine.Slurm) -> Workspace:
    """A study that Slurm finished, for reading only."""
    workspace = Workspace.create(shared / "sent", corpora, **STUDY)
    workspace.make(*PROFILE, environment=slurm.environment)
    return workspace


def start(workspace: Workspace, slurm: engine.Slurm, *arguments: str, **changes: Any) -> subprocess.Popen[str]:
    """Snakemake in the background; what it prints is in log.txt of the folder."""
    with (workspace.folder / "log.txt").open("w") as log:
        return subprocess.Popen(
            workspace.command(*PROFILE, *arguments, **changes),
            env=clean_environment() | slurm.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        )


def wait(found: Callable[[], Any], seconds: float = 300) -> Any:
    """What is found in the end."""
    end = time.monotonic() + seconds
    while not (result := found()):
        assert time.monotonic() < end, "not within the time"
        time.sleep(0.2)
    return result


def predictions(workspace: Workspace) -> dict[str, bytes]:
    return {str(p.relative_to(workspace.results)): p.read_bytes() for p in workspace.results.rglob("predictions.csv")}


def test_a_study_through_slurm_gives_the_same_predictions_as_here(
    sent: Workspace, slurm: engine.Slurm, tmp_path: Path, corpora: Path
) -> None:
    assert {job["JobState"] for job in slurm.jobs()} == {"COMPLETED"}
    rules = {job["Comment"].removeprefix("rule_").partition("_wildcards_")[0] for job in slurm.jobs()}
    assert rules >= SENT
    assert not {rule for rule in rules if "table" in rule}, "what takes a second is done where Snakemake runs"
    here = Workspace.create(tmp_path / "here", corpora, **STUDY)
    here.make()
    assert len(predictions(here)) == 7
    assert predictions(sent) == predictions(here)


def test_training_asks_slurm_for_a_gpu_memory_and_time(sent: Workspace, slurm: engine.Slurm) -> None:
    for rule in TRAINING:
        for job in slurm.of_rule(rule):
            assert job["TresPerJob"].endswith("gpu:1"), rule
            assert "mem=8000M" in job["TRES"] and job["TimeLimit"] == "02:00:00", rule
    for rule in SENT.difference(TRAINING):
        for job in slurm.of_rule(rule):
            assert "TresPerJob" not in job, f"{rule} needs no GPU"
            assert "mem=4000M" in job["TRES"] and job["TimeLimit"] == "01:00:00", rule


def test_a_job_that_slurm_ends_is_sent_again_and_goes_on_where_it_was(
    sent: Workspace, slurm: engine.Slurm, tmp_path: Path
) -> None:
    changes = {"adaptation": {"epochs": 400}}
    workspace = sent.copy(tmp_path / "cancelled")
    run = workspace.run_folder("emodb", "nnpm")
    before = len(slurm.jobs())
    with start(workspace, slurm, **changes) as snakemake:
        try:
            wait((run / "resume.safetensors").exists)
            attempt = next(job for job in slurm.of_rule("adapt")[::-1] if "_nnpm_" in job["Comment"])
            assert attempt["JobState"] == "RUNNING"
            slurm.command("scancel", attempt["JobId"])
            assert snakemake.wait(timeout=600) == 0, (workspace.folder / "log.txt").read_text()
        finally:
            snakemake.kill()
    attempts = [job for job in slurm.jobs()[before:] if job["Comment"] == attempt["Comment"]]
    assert [job["JobState"] for job in attempts] == ["CANCELLED", "COMPLETED"]
    assert "mem=16000M" in attempts[1]["TRES"], "in case it was ended for lack of memory"
    here = sent.copy(tmp_path / "here")
    here.make(**changes)
    assert predictions(workspace) == predictions(here)


def test_a_job_outlives_the_snakemake_that_sent_it_and_no_twin_of_it_runs(
    sent: Workspace, slurm: engine.Slurm, tmp_path: Path
) -> None:
    """A login node restarts; without GPUs, by the way."""
    workspace = sent.copy(tmp_path / "left", device="cpu", pretraining={"epochs": 2000})
    pretrained = workspace.results / "pretrained" / "iemocap" / "default" / "seed~0"
    target = workspace.below(pretrained / "metrics.json")
    slurm.command("scontrol", "update", "PartitionName=all", "State=DOWN")
    before = len(slurm.jobs())
    with start(workspace, slurm, target) as snakemake:
        job = wait(lambda: slurm.jobs()[before:])[0]
        snakemake.send_signal(signal.SIGKILL)
    slurm.command("scontrol", "update", "PartitionName=all", "State=UP")

    def state() -> str:
        return next(each["JobState"] for each in slurm.jobs() if each["JobId"] == job["JobId"])

    wait((pretrained / "resume.safetensors").exists)
    assert state() == "RUNNING" and "TresPerJob" not in job
    workspace.make("--unlock")
    twin = workspace.snakemake(*PROFILE, "--retries", "0", target, environment=slurm.environment)
    assert twin.code != 0 and "this job still runs (process " in twin.text
    assert state() == "RUNNING"
    slurm.command("scancel", job["JobId"])
