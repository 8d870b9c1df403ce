"""The adaptation step against what it cannot do without, its forward and backward pass."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import torch

from benchmarks.rows import Row
from benchmarks.side_by_side import Contender, in_turn
from benchmarks.sizes import BATCH, TRAINING
from nnpm import CLASSES
from nnpm.methods.base import MethodSettings, Start, Utterances
from nnpm.methods.pseudo_multilabel import PseudoMultilabel
from nnpm.model.backbone import SNSA, BackboneSettings
from nnpm.training import devices
from nnpm.training.adaptation import Adaptation, AdaptationSettings
from nnpm.training.domain import Domain

MEASURED = 8  # steps of a measured epoch


def nnpm(features: torch.Tensor) -> PseudoMultilabel:
    """The method with a memory of these features, (slots, width)."""
    nobody = torch.full((len(features),), -1)
    unknown = Utterances(features, None, nobody, nobody)
    return PseudoMultilabel(Start(MethodSettings(), SNSA(BackboneSettings()), 2, unknown, unknown))


def adaptation_epoch() -> Callable[[], Any]:
    """An epoch of MEASURED steps on the output of two frozen blocks, with the paper's memory."""
    devices.prepare("cpu", threads=1)
    torch.manual_seed(0)
    manifest = pd.DataFrame({"split": "train", "label": [CLASSES[row % 4] for row in range(MEASURED * BATCH)]})
    source, target = (Domain(torch.randn(MEASURED * BATCH, 82, 64), manifest) for _ in range(2))
    backbone = SNSA(BackboneSettings())
    backbone.freeze(2)
    method = nnpm(torch.randn(TRAINING, 200))
    adaptation = Adaptation(backbone, method, source, target, settings=AdaptationSettings(), seed=0)
    return lambda: {name: mean.item() for name, mean in adaptation.epoch(1).items()}


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
    forms = {"step": Contender(adaptation_epoch), "bare": Contender(bare)}
    timing = in_turn(forms, rounds=5, calls=1)
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
