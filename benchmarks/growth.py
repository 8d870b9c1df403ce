"""Growth: the target loss for 1,000 to 1,000,000 slots, and NNPM-plus for 1,000 to 100,000 utterances."""

import re
import statistics
import timeit
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F

from benchmarks.rows import Row
from benchmarks.sizes import BATCH, TRAINING
from benchmarks.step import nnpm
from nnpm import CLASSES
from nnpm.features.egemaps import PREFIX
from nnpm.methods import nnpm_plus
from nnpm.methods.described import Described
from nnpm.model import large_memory
from nnpm.model.memory import ExternalMemory
from nnpm.training import devices

SLOTS = (1_000, 100_000, 300_000, 1_000_000)  # below 100,000, part of the memory is in the processor's cache
WIDTH = 200
UTTERANCES = (1_000, 10_000, 100_000)
OWN, OTHER = 233, 88  # functionals: the project's own and eGeMAPS


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


def adapted(utterances: int) -> tuple[float, float]:
    """Milliseconds and MiB of NNPM-plus beside the functionals of the target, in a process of its own."""
    devices.prepare("cpu", threads=1)
    names = (*map(str, range(OWN)), *(f"{PREFIX}{number}" for number in range(OTHER)))
    random = np.random.default_rng(0)

    def corpus(size: int) -> Described:
        labels, speakers = np.resize(CLASSES, size), np.arange(size) // 40
        manifest = pd.DataFrame({"utterance": np.arange(size), "speaker": speakers, "split": "train", "label": labels})
        values = random.standard_normal((size, len(names)))
        voices = 0.5 * random.standard_normal((speakers[-1] + 1, len(names)))
        for rows in np.array_split(np.arange(size), 100):  # so that making them needs no more than they hold
            values[rows] += voices[speakers[rows]]
        values[np.arange(size), np.arange(size) % len(CLASSES)] += 2
        return Described(values, manifest, names, values[0], values[0] + 1, (size,), "both")

    source, target = corpus(TRAINING), corpus(utterances)
    before = _peak()
    (seconds,) = timeit.repeat(lambda: nnpm_plus.classify(source, target), number=1, repeat=1)
    return 1000 * seconds, _peak() - before


def _peak() -> float:
    """The most that this process ever held, MiB (Linux)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024


def apart(measured: Callable[..., tuple[float, float]], *arguments: Any) -> tuple[float, float]:
    """What a function measures in a fresh process, whose peak of memory is this call's."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(measured, *arguments).result()


def measure() -> list[Row]:
    """How time grows, and how memory does not."""
    found = [apart(loss, slots) for slots in SLOTS]
    times = [ms for ms, _ in found]
    (last, held), (at_once, more) = found[-1], apart(loss, SLOTS[-1], BATCH * SLOTS[-1])
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
        classifier(),
    ]


def classifier() -> Row:
    """NNPM-plus on ever larger targets."""
    found = [apart(adapted, size) for size in UTTERANCES]
    spent = ", ".join(f"{ms / 1000:.1f} s at {size:,}" for size, (ms, _) in zip(UTTERANCES, found, strict=True))
    held = found[-1][1]
    what = f"memory of NNPM-plus at {UTTERANCES[-1]:,} utterances, beside functionals"
    return Row(what, f"{held:.0f} MiB", "<= 512 MiB", held <= 512, f"{OWN + OTHER} functionals; {spent}")
