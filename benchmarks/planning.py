"""What planning the paper's study costs, five seeds over corpora of their published number of files.

Run by itself: .venv/bin/python -m benchmarks.planning
"""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.processes import Ended, snakemake
from benchmarks.rows import Row, table
from nnpm.toy import published
from nnpm.toy.annotations import ANNOTATIONS
from nnpm.toy.voice import Interval, Transcript

BAR = 6  # seconds
REPEATS = 2  # of which the best counts, as the rest is what else the machine did

SPOKEN = (Interval(0.1, 0.9, "a"),)
TRANSCRIPT = Transcript(1.0, words=SPOKEN, phones=SPOKEN)


def measure() -> list[Row]:
    """Wall time in seconds of a dry run from nothing, and of a run that finds everything done."""
    with TemporaryDirectory() as scratch:
        study = Path(scratch)
        lay_out(study / "resources" / "corpora")
        planning = best(study, "--dry-run")
        finish(study, planning.text)
        nothing = best(study)
        if "Nothing to be done" not in nothing.text:
            raise RuntimeError(f"the study should be complete:\n{nothing.text[-2000:]}")
    jobs = re.search(r"^total\s+(\d+)$", planning.text, flags=re.MULTILINE)
    return [
        _row("snakemake -n on the paper's study, five seeds", planning, f"{jobs[1] if jobs else 0} jobs"),
        _row("snakemake on it with nothing to do", nothing, "after all of it was done"),
    ]


def _row(what: str, ended: Ended, detail: str) -> Row:
    return Row(what, f"{ended.seconds:.1f} s", f"< {BAR} s", ended.seconds < BAR, detail)


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


def best(study: Path, *arguments: str) -> Ended:
    """The shortest of several calls."""
    return min(snakemake(study, *arguments) for _ in range(REPEATS))


if __name__ == "__main__":
    print(table(measure()))
