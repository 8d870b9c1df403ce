"""Growth: time and memory of the target loss for 1,000 to 1,000,000 slots."""

import re
import statistics
import timeit
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from benchmarks.rows import Row
from benchmarks.sizes import BATCH
from benchmarks.step import nnpm
from nnpm.model import large_memory
from nnpm.model.memory import ExternalMemory
from nnpm.training import devices

SLOTS = (1_000, 100_000, 300_000, 1_000_000)  # below 100,000, part of the memory is in the processor's cache
WIDTH = 200


def loss(slots: int, most_scores: int = large_memory.MOST_SCORES) -> tuple[float, float]:
    """Milliseconds and MiB of the loss and its gradient, beside the memory itself, in a process of its own."""
    large_memory.MOST_SCORES = most_scores
    devices.prepare("cpu", threads=1)
    torch.manual_seed(0)
    method = nnpm(torch.randn(2, WIDTH))
    method.memory = ExternalMemory(torch.zeros(1, WIDTH))
    method.memory.slots = torch.empty(slots, WIDTH)
    for part in method.memory.slots.split(1_000):  # so that making it needs no more than it holds
        part.copy_(F.normalize(torch.randn(part.shape), dim=1))
    z = torch.randn(BATCH, WIDTH, requires_grad=True)
    before = _peak()
    times = timeit.repeat(lambda: method.match(z)[0].mean().backward(), number=1, repeat=5 if slots > 100_000 else 15)
    return 1000 * statistics.median(times[1:]), _peak() - before


def _peak() -> float:
    """The most that this process ever held, MiB (Linux)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024


def apart(*arguments: int) -> tuple[float, float]:
    """The loss in a fresh process, whose peak of memory is this call's."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(loss, *arguments).result()


def measure() -> list[Row]:
    """How time grows, and how memory does not."""
    found = [apart(slots) for slots in SLOTS]
    times = [ms for ms, _ in found]
    (last, held), (at_once, more) = found[-1], apart(SLOTS[-1], BATCH * SLOTS[-1])
    exponent = float(np.polyfit(np.log(SLOTS[1:]), np.log(times[1:]), 1)[0])
    return [
        Row(
            "time of the target loss over slots, 10^5 to 10^6",
            f"slots^{exponent:.2f}",
            "<= slots^1.1",
            exponent <= 1.1,
            f"{times[0]:.1f} ms at 1,000, {last:.0f} ms at 1,000,000; batch of 32, with its gradient",
        ),
        Row(
            "memory of the target loss at 10^6 slots, beside the slots",
            f"{held:.0f} MiB",
            "<= 256 MiB",
            held <= 256,
            f"{more:.0f} MiB and {at_once:.0f} ms with all scores at once",
        ),
    ]
