"""Killed anywhere: a study whose processes are all killed, again and again, ends as an undisturbed one does."""

import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path

from outputs import differing
from workspace import Workspace, clean_environment

#: A file of each stage, in the order in which a study makes them. Each is hit twice: half written, and just named.
STAGES = (
    "*/corpora/*/manifest.csv",
    "*/corpora/*/check.md",
    "*/features/*.npy",
    "*/features/*.json",
    "*/functionals/*.csv",
    "*/pretrained/*/resume.safetensors",
    "*/pretrained/*/last.safetensors",
    "*/pretrained/*/metrics.json",
    "*/encoded/*/seed~0.npy",
    "*/second_view/*.csv",
    "*/runs/*/resume.safetensors",
    "*/runs/*/backbone.safetensors",
    "*/runs/*/predictions.csv",
    "*/runs/*/metrics.json",
    "*/tables/*.md",
    "*/figures/*.svg",
    "*/toy/metrics.csv",
    "*/report.html",
)
PLAN = [(pattern, moment) for pattern in STAGES for moment in ("half", "whole")]
LONGEST = 12.0  # seconds after which a call is killed wherever it is


def call(workspace: Workspace, plan: Path, seconds: float) -> int:
    """Call Snakemake with the saboteur beside it; after so many seconds all its processes are killed as well."""
    environment = clean_environment() | {
        "PYTHONPATH": str(Path(__file__).parent / "saboteur"),
        "TORTURE_PLAN": str(plan),
    }
    silent = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    with subprocess.Popen(workspace.command("all"), env=environment, start_new_session=True, **silent) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
    return process.returncode


def test_a_study_that_is_killed_again_and_again_ends_as_if_it_had_not_been(
    study: Workspace, fresh: Workspace, tmp_path: Path
) -> None:
    fresh.settings.update(study.settings)
    plan, kills, chance = tmp_path / "plan.json", 0, random.Random(0)
    plan.write_text(json.dumps(PLAN))
    end = time.monotonic() + 900
    while call(fresh, plan, chance.uniform(3, LONGEST)) == -signal.SIGKILL:
        kills += 1
        assert time.monotonic() < end, f"{kills} kills, still to come: {plan.read_text()}"
        assert differing(fresh.results, study.results, missing=False) == [], f"after kill {kills}"
        if kills == 1:  # what a user is told, and all that is to be done
            locked = fresh.snakemake("all")
            assert locked.code == 1 and "--unlock" in locked.text and "Traceback" not in locked.text
        fresh.make("--unlock")
    done = fresh.snakemake("all")
    assert done.code == 0, done.text
    assert json.loads(plan.read_text()) == [], "stages that no kill has hit"
    assert differing(fresh.results, study.results) == []
    assert not list(fresh.results.rglob("resume.safetensors"))
    assert fresh.plan("all") == []
    assert kills >= max(25, len(PLAN))
    print(f"\n{kills} kills survived, {len(PLAN)} of them during a write")
