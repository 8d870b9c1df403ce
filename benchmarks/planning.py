"""What planning the paper's study costs, five seeds over corpora of their published number of files.

Run by itself: .venv/bin/python -m benchmarks.planning
"""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.rows import Row, table
from nnpm.toy import published
from nnpm.toy.annotations import ANNOTATIONS
from nnpm.toy.voice import Interval, Transcript

ROOT = Path(__file__).parents[1]
BAR = 6  # seconds
REPEATS = 2  # of which the best counts, as the rest is what else the machine did

SPOKEN = (Interval(0.1, 0.9, "a"),)
TRANSCRIPT = Transcript(1.0, words=SPOKEN, phones=SPOKEN)


def measure() -> list[Row]:
    """Row 5: best wall time in seconds of a dry run from nothing, and of a run that finds everything done."""
    with TemporaryDirectory() as scratch:
        study = Path(scratch)
        for part in ("config", "envs", "scripts", "workflow"):
            shutil.copytree(ROOT / part, study / part, ignore=shutil.ignore_patterns("__pycache__"))
        lay_out(study / "resources" / "corpora")

        planning, plan = best(study, "--dry-run")
        finish(study, plan)
        nothing, text = best(study)
        if "Nothing to be done" not in text:
            raise RuntimeError(f"the study should be complete:\n{text[-2000:]}")
    return [
        _row("snakemake -n on the paper's study, five seeds", planning, f"{jobs(plan)} jobs"),
        _row("snakemake on it with nothing to do", nothing, "after all of it was done"),
    ]


def _row(what: str, seconds: float, detail: str) -> Row:
    return Row(what, f"{seconds:.1f} s", f"< {BAR} s", seconds < BAR, detail)


def lay_out(corpora: Path) -> None:
    """Every file under its name; empty audio will do, as planning opens none."""
    for name in published.PLANS:
        takes = published.takes(name)
        for take in takes:
            path = corpora / name / take.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        if name in ANNOTATIONS:
            ANNOTATIONS[name](corpora / name, [(take, TRANSCRIPT) for take in takes])


def finish(study: Path, plan: str) -> None:
    """Make every output of a plan as a small file, and have Snakemake record all jobs as done."""
    for outputs in re.findall(r"^    output: (.*)$", plan, flags=re.MULTILINE):
        for output in outputs.split(", "):
            path = study / output
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{output}\n", encoding="utf-8")
    snakemake(study, "--touch", "--forceall")


def best(study: Path, *arguments: str) -> tuple[float, str]:
    """The shortest of several times in seconds, and what was printed."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        text = snakemake(study, *arguments)
        times.append(time.perf_counter() - start)
    return min(times), text


def snakemake(study: Path, *arguments: str) -> str:
    """Run Snakemake on the paper's configuration, and return what it printed."""
    environment = {name: value for name, value in os.environ.items() if name != "NNPM_CORPORA_DIR"}
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]
    done = subprocess.run(command, cwd=study, env=environment, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        raise RuntimeError((done.stdout + done.stderr)[-2000:])
    return done.stdout + done.stderr


def jobs(plan: str) -> int:
    """The number of jobs that a dry run counted."""
    total = re.search(r"^total\s+(\d+)$", plan, flags=re.MULTILINE)
    return int(total[1]) if total else 0


if __name__ == "__main__":
    print(table(measure()))
