"""All CPU rows, and those of a GPU where there is one: `python -m benchmarks FOLDER` writes the table and the plots."""

import os
import sys
import time
from importlib.metadata import version
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from benchmarks import features, growth, planning, rows, startup, step, study
from nnpm.files import replacing, write_csv, write_text


def main(folder: Path) -> None:
    """Measure everything, one thing after the other, and write `folder`."""
    started = time.perf_counter()
    cores = len(os.sched_getaffinity(0))
    found = step.adaptation_step() + step.throughput()
    tried = step.tried()
    found += study.frozen() + features.measure() + planning.measure() + startup.measure()
    slots, more = growth.growth()
    found += more + study.rehearsal(cores)
    minutes = (time.perf_counter() - started) / 60
    text = [
        f"{cores} cores ({_processor()}), {tried.attrs['peak']:.0f} GFLOP/s a core in a product of 1,024 x 1,024; "
        f"PyTorch {version('torch')}, Snakemake {version('snakemake')}; measured in {minutes:.0f} minutes.",
        rows.table(found),
        "Forms of the LSTM's forward and backward pass that were tried, a batch of 32 + 32, one thread:",
        tried.to_markdown(index=False),
    ]
    write_text(folder / "table.md", "\n\n".join(text) + "\n")
    write_csv(folder / "tried.csv", tried)
    write_csv(folder / "growth.csv", slots)
    for name, figure in (("growth", growth.plot(slots)), ("tried", bars(tried))):
        with replacing(folder / f"{name}.png") as temporary:
            figure.savefig(temporary, format="png", dpi=150)
    print("\n\n".join(text))


def bars(tried: pd.DataFrame) -> Figure:
    """Milliseconds of each form that was tried."""
    figure, axis = plt.subplots(figsize=(8, 3.2), layout="constrained")
    colours = ["#D55E00" if "as it is now" in form else "#0072B2" for form in tried["form"]]
    drawn = axis.barh(tried["form"][::-1], tried["ms"][::-1], color=colours[::-1])
    axis.bar_label(drawn, padding=3)
    axis.set_xlabel("ms for 64 utterances of a run, one thread")
    axis.tick_params(axis="y", labelsize=8)
    axis.spines[["top", "right"]].set_visible(False)
    return figure


def _processor() -> str:
    """The processor's name (Linux)."""
    lines = Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
