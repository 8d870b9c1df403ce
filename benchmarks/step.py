"""The adaptation step against what it cannot do without, its forward and backward pass.

Run by itself: .venv/bin/python -m benchmarks.step
"""

from collections.abc import Callable
from typing import Any

import torch

from benchmarks.rows import Row, table
from benchmarks.side_by_side import Contender, in_turn
from benchmarks.study import BATCH, MEASURED, adaptation_epoch
from nnpm.model.backbone import SNSA, BackboneSettings
from nnpm.training import devices


def bare() -> Callable[[], Any]:
    """As many passes as an epoch has steps: LSTM, attention and classifier alone, on a batch of 32 + 32."""
    devices.prepare("cpu", threads=1)
    backbone, encoded = SNSA(BackboneSettings()), torch.randn(2 * BATCH, 82, 64)  # what two blocks make of 751 frames

    def work() -> None:
        for _ in range(MEASURED):
            backbone.zero_grad()
            z, logits = backbone(encoded, 2)
            (z.sum() + logits.sum()).backward()

    return work


def measure() -> list[Row]:
    """One thread each, in turn."""
    forms = {"step": Contender(adaptation_epoch, "cpu", "float32", 2), "bare": Contender(bare)}
    timing = in_turn({name: [form] for name, form in forms.items()}, rounds=5, calls=1)
    overhead = timing.ratio("step", "bare")
    step, least = (f"{1000 * timing.median(name) / MEASURED:.0f} ms" for name in forms)
    return [
        Row(
            "adaptation step against its bare LSTM, attention, classifier",
            f"{overhead:.2f}x",
            "<= 1.15x",
            overhead <= 1.15,
            f"{step} and {least}, forward and backward on the same shapes",
        )
    ]


if __name__ == "__main__":
    print(table(measure()))
