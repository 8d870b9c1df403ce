"""All rows of the table: `python -m benchmarks FILE` writes it as Markdown."""

import os
import sys
import time
from importlib.metadata import version
from pathlib import Path

from benchmarks import features, growth, planning, rows, step, study
from nnpm.files import write_text


def main(file: Path) -> None:
    """Measure everything, one thing after the other."""
    started = time.perf_counter()
    cores = len(os.sched_getaffinity(0))
    found = step.measure() + study.frozen() + features.measure() + planning.measure() + growth.measure()
    found += study.rehearsal(cores)
    minutes = (time.perf_counter() - started) / 60
    about = f"{cores} cores ({_processor()}); PyTorch {version('torch')}, Snakemake {version('snakemake')}"
    text = f"{about}; measured in {minutes:.0f} minutes.\n\n{rows.table(found)}\n"
    write_text(file, text)
    print(text)


def _processor() -> str:
    """The processor's name (Linux)."""
    lines = Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
