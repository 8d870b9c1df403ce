"""Killed anywhere: a study whose processes are all killed, again and again, ends as an undisturbed one does."""

import json
import os
import random
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from outputs import differing
from workspace import Workspace, clean_environment

#: A file of each stage, in the order in which a study makes them. Each is hit just when it has its name.
STAGES = (
    "*/corpora/*/manifest.csv",
    "*/corpora/*/check.json",
    "*/features/*.npy",
    "*/features/*.json",
    "*/features/*.functionals.csv",
    "*/pretrained/*/resume.safetensors",
    "*/pretrained/*/last.safetensors",
    "*/pretrained/*/metrics.json",
    "*/encoded/*.npy",
    "*/runs/*/classifier.json",
    "*/runs/*/resume.safetensors",
    "*/runs/*/backbone.safetensors",
    "*/runs/*/predictions.csv",
    "*/runs/*/metrics.json",
    "*/tables/*.md",
    "*/figures/*.svg",
    "*/figures/*.json",
    "*/toy/metrics.csv",
    "*/report.html",
)
#: Those that are hit half written as well, one of each kind: all are written by the same function.
HALF = ("*/corpora/*/manifest.csv", "*/features/*.npy", "*/runs/*/resume.safetensors", "*/runs/*/backbone.safetensors")
HALF += ("*/runs/*/metrics.json", "*/figures/*.svg", "*/report.html")
PLAN = [(pattern, moment) for pattern in STAGES for moment in ("half", "whole") if moment == "whole" or pattern in HALF]
RANDOM = 8  # kills at random moments beside them
LONGEST = 9.0  # seconds after the call has begun: while it plans, while jobs start, while they work


def call(workspace: Workspace, plan: Path) -> int:
    """Call Snakemake with the saboteur beside it, who kills all of it."""
    sabotage = {"PYTHONPATH": str(Path(__file__).parent / "saboteur"), "TORTURE_PLAN": str(plan)}
    with started(workspace, sabotage) as process:
        process.wait()
    return process.returncode


def call_for(workspace: Workspace, seconds: float, *, alone: bool) -> int:
    """Call Snakemake, and kill it after some time: with its jobs, or `alone`, so that these have to end themselves."""
    with started(workspace, {}) as process:
        time.sleep(seconds)
        if alone:
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    end = time.monotonic() + 20
    while running(workspace):
        assert time.monotonic() < end, f"outlived their Snakemake: {running(workspace)}"
        time.sleep(0.1)
    return process.returncode


def started(workspace: Workspace, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    silent = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    environment = clean_environment() | environment
    return subprocess.Popen(workspace.command("all"), env=environment, start_new_session=True, **silent)


def running(workspace: Workspace) -> list[str]:
    """The jobs that still run."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            found.append((process / "cmdline").read_text().replace("\0", " "))
    return [words for words in found if f"{workspace.folder}/.snakemake/scripts/" in words]


def after_a_kill(workspace: Workspace, study: Workspace) -> None:
    """Whatever has its name is whole, and nothing else keeps the next call from going on."""
    assert differing(workspace.results, study.results, missing=False) == []
    shutil.rmtree(workspace.folder / ".snakemake" / "locks", ignore_errors=True)  # as --unlock does, but at once


def in_the_end(workspace: Workspace, study: Workspace) -> None:
    workspace.make("all")
    assert differing(workspace.results, study.results) == []
    assert not list(workspace.results.rglob("resume.safetensors"))
    assert workspace.plan("all") == []


def test_killed_at_every_kind_of_write(study: Workspace, fresh: Workspace, tmp_path: Path) -> None:
    """It alone shows for every stage that a file with its name is whole."""
    fresh.settings.update(study.settings)
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(PLAN))
    while waiting := json.loads(plan.read_text()):
        assert call(fresh, plan) == -signal.SIGKILL, waiting
        if len(waiting) == len(PLAN):  # what a user is told, and all that is to be done
            locked = fresh.snakemake("all")
            assert locked.code == 1 and "--unlock" in locked.text and "Traceback" not in locked.text
            fresh.make("--unlock")
        after_a_kill(fresh, study)
    in_the_end(fresh, study)


def test_killed_at_random(study: Workspace, fresh: Workspace) -> None:
    """While it plans, while jobs start and while they work; every other time Snakemake alone."""
    fresh.settings.update(study.settings)
    chance, kills = random.Random(0), 0
    while kills < RANDOM and call_for(fresh, chance.uniform(0, LONGEST), alone=bool(kills % 2)) == -signal.SIGKILL:
        kills += 1
        after_a_kill(fresh, study)
    assert kills > RANDOM / 2, "the study was over before that"
    in_the_end(fresh, study)
