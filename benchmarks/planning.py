"""What planning the paper's study costs, five seeds over corpora of their published number of files."""

import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.processes import Ended, snakemake
from benchmarks.rows import Row
from nnpm.toy import published
from nnpm.toy.annotations import ANNOTATIONS
from nnpm.toy.voice import Interval, Transcript

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
        lay_out(study / "resources" / "corpora")
        planning = best(study, "--dry-run")
        number = jobs(planning)
        corpora = {
            folder.name: [str(path) for path in folder.rglob("*") if path.is_file()]
            for folder in sorted((study / "resources" / "corpora").iterdir())
        }
        (study / "bare.smk").write_text(BARE.format(corpora=corpora, jobs=number), encoding="utf-8")
        bare = best(study, "--dry-run", "--snakefile", "bare.smk")
        finish(study, planning.text)
        nothing = best(study)
        if "Nothing to be done" not in nothing.text:
            raise RuntimeError(f"the study should be complete:\n{nothing.text[-2000:]}")
    files = sum(map(len, corpora.values()))
    about = ("snakemake -n on the paper's study, five seeds", planning, f"{number} jobs, {files:,} files")
    return [_row(bare, *about), _row(bare, "snakemake on it with nothing to do", nothing, "after all of it was done")]


def _row(bare: Ended, what: str, ended: Ended, detail: str) -> Row:
    ratio = ended.seconds / bare.seconds
    return Row(what, f"{ratio:.2f} times", f"< {BAR} times a bare workflow's plan", ratio < BAR, detail)


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
            text = '{"warnings": []}' if path.suffix == ".json" else output  # which is read at the end, of the checks
            path.write_text(f"{text}\n", encoding="utf-8")
    snakemake(study, "--touch", "--forceall")


def best(study: Path, *arguments: str, overlays: Sequence[str] = ()) -> Ended:
    """The shortest of several calls."""
    return min(snakemake(study, *arguments, overlays=overlays) for _ in range(REPEATS))


def jobs(planned: Ended) -> int:
    """The jobs of a dry run."""
    return int(re.search(r"^total\s+(\d+)$", planned.text, flags=re.MULTILINE)[1])
