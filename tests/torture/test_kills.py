"""Killed anywhere: a study whose processes are all killed, again and again, ends as an undisturbed one does."""

import json
import os
import random
import shutil
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
EVERY = 4  # of so many kills one comes at a random moment of the work
LONGEST = 6.0  # seconds after the call's first job has begun


def call(workspace: Workspace, plan: Path, delay: float | None) -> int:
    """Call Snakemake; all is killed by the saboteur, or `delay` seconds after the call's first job has begun."""
    sabotage = {"PYTHONPATH": str(Path(__file__).parent / "saboteur"), "TORTURE_PLAN": str(plan)}
    environment = clean_environment() | (sabotage if delay is None else {})
    silent = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    begun = time.time()
    with subprocess.Popen(workspace.command("all"), env=environment, start_new_session=True, **silent) as process:
        while delay is not None and process.poll() is None:
            if any(log.stat().st_mtime > begun for log in (workspace.results / "logs").rglob("*.log")):
                time.sleep(delay)
                os.killpg(process.pid, signal.SIGKILL)
                break
            time.sleep(0.1)
    return process.returncode


def test_a_study_that_is_killed_again_and_again_ends_as_if_it_had_not_been(
    study: Workspace, fresh: Workspace, tmp_path: Path
) -> None:
    fresh.settings.update(study.settings)
    plan, kills, chance = tmp_path / "plan.json", {"in a write": 0, "at random": 0}, random.Random(0)
    plan.write_text(json.dumps(PLAN))
    while waiting := json.loads(plan.read_text()):
        at_random = (
            sum(kills.values()) % EVERY == EVERY - 1 and len(waiting) > EVERY
        )  # the last would see the study's end
        assert call(fresh, plan, chance.uniform(0, LONGEST) if at_random else None) == -signal.SIGKILL, waiting
        kills["at random" if at_random else "in a write"] += 1
        assert differing(fresh.results, study.results, missing=False) == [], f"after {kills}"
        if sum(kills.values()) == 1:  # what a user is told, and all that is to be done
            locked = fresh.snakemake("all")
            assert locked.code == 1 and "--unlock" in locked.text and "Traceback" not in locked.text
            fresh.make("--unlock")
        shutil.rmtree(fresh.folder / ".snakemake" / "locks", ignore_errors=True)  # as --unlock does, but at once
    fresh.make("all")
    assert differing(fresh.results, study.results) == []
    assert not list(fresh.results.rglob("resume.safetensors"))
    assert fresh.plan("all") == []
    print(f"\nkills survived: {kills}")
    assert sum(kills.values()) > len(PLAN) > 25
