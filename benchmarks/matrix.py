"""How planning grows: the time per job for all pairs of 5 and of 10 corpora."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from benchmarks import planning
from benchmarks.rows import Row
from nnpm import CLASSES
from nnpm.files import write_text

CORPORA = (5, 10)
FILES = 8  # per corpus: what they cost is in the planning of the paper's study
BAR = 1.5

STUDY: dict[str, Any] = {
    "name": "matrix",
    "seeds": [0, 1],
    "tables": {"table2": None, "table3": None, "comparison": None},
    "figures": {"figure2": None, "sensitivity": None},
}


def study(corpora: int) -> dict[str, Any]:
    """The study in which each of so many corpora is a source of all others, laid over config/config.yaml."""
    names = [f"corpus{number}" for number in range(corpora)]
    return STUDY | {"source": names, "targets": names, "manifests": {name: f"{name}.csv" for name in names}}


def measure() -> list[Row]:
    """Seconds per job of a dry run from nothing, in the larger study against the smaller one."""
    (few, short), (many, long) = (planned(corpora) for corpora in CORPORA)
    ratio = (long / many) / (short / few)
    return [
        Row(
            f"snakemake -n on all pairs of {CORPORA[1]} corpora, seconds per job",
            f"{ratio:.2f} times",
            f"< {BAR} times those of {CORPORA[0]} corpora",
            ratio < BAR,
            f"{few:,} jobs in {short:.1f} s, {many:,} in {long:.1f} s, beside Snakemake's start",
        )
    ]


def planned(corpora: int) -> tuple[int, float]:
    """The jobs of a study with so many corpora, and the seconds that their planning takes beside Snakemake's start."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_study(folder, corpora)
        whole = planning.best(folder, "--dry-run", overlays=["matrix.yaml"])
        start = planning.best(folder, "--dry-run", "audit", overlays=["matrix.yaml"])  # a single job
    return planning.jobs(whole), whole.seconds - start.seconds


def write_study(folder: Path, corpora: int) -> None:
    """Write the corpora and matrix.yaml; empty audio will do, as planning opens none."""
    overlay = study(corpora)
    for name in overlay["targets"]:
        (folder / name).mkdir()
        rows = [f"{name}/{number}.wav,{CLASSES[number % len(CLASSES)]},{number}" for number in range(FILES)]
        for number in range(FILES):
            (folder / name / f"{number}.wav").touch()
        write_text(folder / f"{name}.csv", "\n".join(["path,label,speaker", *rows]) + "\n")
    write_text(folder / "matrix.yaml", yaml.safe_dump(overlay))
