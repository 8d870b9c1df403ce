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
BAR = 1.5  # times the bare workflow
REPEATS = 3  # of which the best counts, as the rest is what else the machine did

#: As many jobs and input files, and nothing else: what Snakemake itself takes.
BARE = """
CORPORA = {corpora}
JOBS = {jobs}

rule all:
    input: expand("bare/{{number}}.txt", number=range(JOBS - len(CORPORA) - 1))

rule corpus:
    input: lambda wildcards: CORPORA[wildcards.corpus]
    output: "bare/{{corpus}}.csv"
    shell: "touch {{output}}"

rule job:
    input: expand("bare/{{corpus}}.csv", corpus=CORPORA)
    output: "bare/{{number,[0-9]+}}.txt"
    shell: "touch {{output}}"
"""

SPOKEN = (Interval(0.1, 0.9, "a"),)
TRANSCRIPT = Transcript(1.0, words=SPOKEN, phones=SPOKEN)


def measure() -> list[Row]:
    """Row 5: a dry run from nothing, and a run that finds everything done, against a bare workflow's dry run."""
    with TemporaryDirectory() as scratch:
        study = Path(scratch)
        for part in ("config", "envs", "scripts", "workflow"):
            shutil.copytree(ROOT / part, study / part, ignore=shutil.ignore_patterns("__pycache__"))
        lay_out(study / "resources" / "corpora")

        planning, plan = best(study, "--dry-run")
        corpora = {
            folder.name: [str(path) for path in folder.rglob("*") if path.is_file()]
            for folder in sorted((study / "resources" / "corpora").iterdir())
        }
        (study / "bare.smk").write_text(BARE.format(corpora=corpora, jobs=jobs(plan)), encoding="utf-8")
        bare, _ = best(study, "--dry-run", "--snakefile", "bare.smk")
        finish(study, plan)
        nothing, text = best(study)
        if "Nothing to be done" not in text:
            raise RuntimeError(f"the study should be complete:\n{text[-2000:]}")
    files = sum(map(len, corpora.values()))
    return [
        _row("snakemake -n on the paper's study, five seeds", planning / bare, f"{jobs(plan)} jobs, {files:,} files"),
        _row("snakemake on it with nothing to do", nothing / bare, "after all of it was done"),
    ]


def _row(what: str, ratio: float, detail: str) -> Row:
    times = f"< {BAR} times a bare workflow's plan"
    return Row(what, f"{ratio:.2f} times", times, ratio < BAR, detail)


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
