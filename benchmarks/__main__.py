"""All rows of the table, or those of some PARTS: `python -m benchmarks FILE [PART ...]` writes it as Markdown."""

import os
import sys
import time
from importlib.metadata import version
from pathlib import Path

from benchmarks import features, front_ends, growth, labels, matrix, planning, rows, step, study
from nnpm.files import write_text

PARTS = {
    "step": step.measure,
    "frozen": study.frozen,
    "features": features.measure,
    "front_ends": front_ends.measure,
    "labels": labels.measure,
    "planning": planning.measure,
    "matrix": matrix.measure,
    "growth": growth.measure,
    "study": study.rehearsal,
}


def main(file: Path, parts: list[str]) -> None:
    """Measure one thing after the other."""
    started = time.perf_counter()
    found = [row for part in parts for row in PARTS[part]()]
    minutes = (time.perf_counter() - started) / 60
    about = f"{len(os.sched_getaffinity(0))} cores ({_processor()}); PyTorch {version('torch')}"
    about += f", Snakemake {version('snakemake')}"
    text = f"{about}; measured in {minutes:.0f} minutes.\n\n{rows.table(found)}\n"
    write_text(file, text)
    print(text)


def _processor() -> str:
    """The processor's name (Linux)."""
    lines = Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] or list(PARTS))
