"""How long the paper's study takes on this processor, and what a run is spared by the frozen blocks' stored output."""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from benchmarks import gpu
from benchmarks.gpu_work import PAPER
from benchmarks.rows import Row
from benchmarks.side_by_side import Contender, in_turn
from benchmarks.sizes import CORPUS, RUNS, SEEDS
from nnpm.evaluation import inference
from nnpm.files import write_inputs
from nnpm.model.backbone import SNSA, BackboneSettings
from nnpm.training import devices, domain

UTTERANCES = 256  # encoded or read at once


def encoding(_: Path) -> Callable[[], Any]:
    """What a run would compute if it encoded for itself: the blocks' output for UTTERANCES."""
    devices.prepare("cpu", 1)
    backbone, mels = SNSA(BackboneSettings()), torch.randn(UTTERANCES, 751, 128)
    return lambda: [part.sum() for part in inference.encode(backbone, mels, 2)]


def opening(folder: Path) -> Callable[[], Any]:
    """What it does instead: open the map that an `encode` job wrote, and read it."""
    device = devices.prepare("cpu", 1)
    write_inputs(folder / "encoded.npy", UTTERANCES, [torch.randn(UTTERANCES, 82, 64).numpy()])
    return lambda: domain.load_inputs(folder / "encoded.npy", device).sum()


def frozen() -> list[Row]:
    """The seconds that reading the blocks' output spares a run."""
    with tempfile.TemporaryDirectory() as scratch:
        forms = {"encode": encoding, "open": opening}
        timing = in_turn({name: Contender(form, Path(scratch)) for name, form in forms.items()}, rounds=3, calls=2)
    scale = (CORPUS["iemocap"] + CORPUS["shemo"]) / UTTERANCES
    encode, opened = (scale * timing.median(name) for name in ("encode", "open"))
    runs = SEEDS * sum(count for (_, blocks), count in RUNS.items() if blocks == 2)
    return [
        Row(
            "frozen encoder's output: spared in a run from IEMOCAP to ShEMO",
            f"{encode - opened:.1f} s",
            "computed once",
            None,
            f"{encode:.1f} s to compute, {opened:.2f} s to read; computed {SEEDS * len(CORPUS)} times for {runs} runs",
        )
    ]


def rehearsal() -> list[Row]:
    """Time of the training in the paper's study, measured by the parts of `benchmarks.gpu`."""
    cores = len(os.sched_getaffinity(0))
    session = gpu.Session("cpu", PAPER, time.monotonic(), minutes=60, at_once=tuple(sorted({1, cores})), further=4)
    try:
        for part in ("start", "pretraining", "runs", "processes", "study"):
            _, measured = gpu.PARTS[part]
            found = list(measured(session, "float32"))
    finally:
        session.stop()
    return [Row(row.what, f"{row.value / 60:.1f} h", "", None, row.note) for row in found]
