"""Growth: time and memory of the target loss for 1,000 to 1,000,000 slots."""

import re
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from matplotlib.figure import Figure

from benchmarks.rows import Row, table
from benchmarks.study import TRAINING, nnpm
from nnpm.methods.base import MethodSettings
from nnpm.model import large_memory
from nnpm.model.memory import ExternalMemory
from nnpm.training import devices

SLOTS = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
WIDTH, BATCH = 200, 32


def measure(slots: int, most_scores: int = large_memory.MOST_SCORES) -> dict[str, float]:
    """Milliseconds and MiB of the loss and its gradient, beside the memory itself, in a process of its own."""
    large_memory.MOST_SCORES = most_scores
    devices.prepare("cpu", threads=1)
    torch.manual_seed(0)
    method = nnpm(MethodSettings(), torch.randn(2, WIDTH))
    method.memory = _memory(slots)
    z = torch.randn(BATCH, WIDTH, requires_grad=True)
    before = _peak()
    times = []
    for _ in range(5 if slots > 100_000 else 15):
        started = time.perf_counter()
        loss, _ = method.match(z)
        loss.mean().backward()  # type: ignore[no-untyped-call]
        times.append(time.perf_counter() - started)
    return {"slots": slots, "ms": 1000 * statistics.median(times[1:]), "MiB": _peak() - before}


def _memory(slots: int) -> ExternalMemory:
    """A memory filled part by part, so that making it needs no more than it holds."""
    memory = ExternalMemory(torch.zeros(1, WIDTH))
    memory.slots = torch.empty(slots, WIDTH)
    for part in memory.slots.split(1_000):
        part.copy_(F.normalize(torch.randn(part.shape), dim=1))
    return memory


def _peak() -> float:
    """The most that this process ever held, MiB (Linux)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024


def apart(function: Callable[..., dict[str, float]], *arguments: object) -> dict[str, float]:
    """Call in a fresh process, whose peak of memory is this call's."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def growth() -> tuple[pd.DataFrame, list[Row]]:
    """Row 6, with the figures behind it."""
    frame = pd.DataFrame([apart(measure, slots) for slots in SLOTS])
    at_once = apart(measure, SLOTS[-1], BATCH * SLOTS[-1])
    large = frame[frame["slots"] >= 100_000]  # below, part of the memory is in the processor's cache
    exponent = float(np.polyfit(np.log(large["slots"]), np.log(large["ms"]), 1)[0])
    last = frame.iloc[-1]
    rows = [
        Row(
            "time of the target loss over slots, 10^5 to 10^6",
            f"slots^{exponent:.2f}",
            "<= slots^1.1",
            exponent <= 1.1,
            f"{frame.loc[0, 'ms']:.1f} ms at 1,000, {last['ms']:.0f} ms at 1,000,000; batch of 32, with its gradient",
        ),
        Row(
            "memory of the target loss at 10^6 slots, beside the slots",
            f"{last['MiB']:.0f} MiB",
            "<= 256 MiB",
            bool(last["MiB"] <= 256),
            f"{at_once['MiB']:.0f} MiB and {at_once['ms']:.0f} ms with all scores at once",
        ),
    ]
    return frame, rows


def plot(frame: pd.DataFrame) -> Figure:
    """Time and memory over the number of slots, both axes logarithmic."""
    figure, axes = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    for axis, column, unit in zip(axes, ("ms", "MiB"), ("ms", "MiB beside the slots"), strict=True):
        axis.loglog(frame["slots"], frame[column].clip(lower=0.1), "o-", color="#0072B2")
        axis.set_xlabel("slots")
        axis.set_ylabel(unit)
        axis.grid(alpha=0.3)
    figure.suptitle("Target loss and its gradient, batch of 32", fontsize=10)
    line = frame["ms"].iloc[-1] * frame["slots"] / frame["slots"].iloc[-1]
    axes[0].loglog(frame["slots"], line, "--", color="0.5", label="linear")
    axes[0].legend(frameon=False)
    axes[0].axvline(TRAINING, color="0.8", zorder=0)
    axes[0].text(1.04 * TRAINING, axes[0].get_ylim()[0] * 1.2, "IEMOCAP", color="0.4", fontsize=8)
    return figure


if __name__ == "__main__":
    measured, rows = growth()
    print(measured.round(1).to_markdown(index=False))
    print(table(rows))
    plot(measured).savefig(Path("growth.png"), dpi=150)
