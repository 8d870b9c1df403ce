"""The adaptation step in all its forms, each the setup of a `Contender`: the paper's sizes, one thread."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from benchmarks.grouped_lstm import GroupedLSTM
from benchmarks.plain import PlainAdaptation, endless
from benchmarks.study import BATCH, TRAINING, nnpm
from nnpm import CLASSES
from nnpm.methods.base import MethodSettings
from nnpm.model.backbone import SNSA, BackboneSettings
from nnpm.training import devices
from nnpm.training.adaptation import Adaptation, AdaptationSettings
from nnpm.training.domain import Domain

UTTERANCES = 128  # as many of each domain are on disk
FRAMES, BANDS = 751, 128
STEPS, FILTERS = 82, 64  # what the encoder makes of them
SETTINGS = MethodSettings(threshold=0.5)


def write_utterances(folder: Path) -> None:
    """Random mels, a file each, for the plain reference."""
    random = np.random.default_rng(0)
    for domain in ("source", "target"):
        (folder / domain).mkdir(parents=True)
        for row in range(UTTERANCES):
            np.save(
                folder / domain / f"{row:04d}.npy",
                random.normal(size=(FRAMES, BANDS)).astype(np.float32),
                allow_pickle=False,
            )


def _backbone() -> SNSA:
    torch.manual_seed(0)
    return SNSA(BackboneSettings())


def _features() -> torch.Tensor:
    return torch.randn(TRAINING, 200, generator=torch.Generator().manual_seed(1))


def plain(folder: Path) -> Callable[[], Any]:
    """Everything as it is written first."""
    torch.set_num_threads(1)
    labels = torch.arange(TRAINING) % len(CLASSES)
    adaptation = PlainAdaptation(_backbone(), _features(), labels, SETTINGS, learning_rate=1e-3)
    source, target = (endless(sorted((folder / domain).iterdir()), BATCH) for domain in ("source", "target"))

    def step() -> float:
        (source_mels, slots), (target_mels, _) = next(source), next(target)
        return adaptation.step(source_mels, slots, target_mels, rate=0.2)

    return step


def library(*, fill: bool = False, keep_memory: bool = True) -> Callable[[], Any]:
    """The step as the workflow takes it, or without what made it faster (see `_prepare`)."""
    _prepare(fill, keep_memory)
    source, target = (
        Domain(
            torch.randn(TRAINING, STEPS, FILTERS),
            pd.DataFrame({"split": "train", "label": [CLASSES[row % len(CLASSES)] for row in range(TRAINING)]}),
        )
        for _ in range(2)
    )
    backbone = _backbone()
    backbone.freeze(2)
    adaptation = Adaptation(
        backbone, nnpm(SETTINGS, _features()), source, target, settings=AdaptationSettings(), seed=0
    )
    adaptation.modules.train()
    adaptation.method.begin_epoch(1, 3)

    def batches() -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        while True:
            rows = torch.randperm(TRAINING)
            yield from zip(rows[:1600].split(BATCH), rows[1600:3200].split(BATCH), strict=True)

    source_target = batches()
    return lambda: adaptation.step(*next(source_target))


def bare(*, fill: bool = False, keep_memory: bool = True) -> Callable[[], Any]:
    """LSTM, attention and classifier alone, forward and backward, on a batch of 64."""
    _prepare(fill, keep_memory)
    return _forward_backward(_backbone())


def _prepare(fill: bool, keep_memory: bool) -> None:
    """`fill`: PyTorch's deterministic mode fills each new tensor; `keep_memory`: glibc reuses what is freed."""
    if keep_memory:
        devices.prepare("cpu", threads=1)
    torch.set_num_threads(1)
    torch.set_deterministic_debug_mode("warn")
    torch.utils.deterministic.fill_uninitialized_memory = fill


def uniform_dropout() -> Callable[[], Any]:
    """Dropout whose mask is cut from uniform numbers, which PyTorch draws faster than its own masks."""
    devices.prepare("cpu", threads=1)
    torch.nn.functional.dropout = lambda x, p, training, inplace: x * (torch.rand(x.shape) >= p).to(x.dtype).div_(1 - p)
    backbone = _backbone()
    # The same work as two layers in one, with this dropout between them.
    settings = backbone.settings
    first, second = (
        nn.LSTM(width, settings.hidden, bidirectional=True, batch_first=True)
        for width in (settings.filters, 2 * settings.hidden)
    )
    backbone.lstm = _TwoLayers(first, second, backbone.dropout)
    return _forward_backward(backbone)


def two_passes() -> Callable[[], Any]:
    """Each domain's 32 utterances by themselves."""
    devices.prepare("cpu", threads=1)
    backbone = _backbone()
    parts = torch.split(torch.randn(2 * BATCH, STEPS, FILTERS), BATCH)

    def work() -> None:
        backbone.zero_grad()
        sum(tensor.sum() for part in parts for tensor in backbone(part, 2)).backward()

    return work


def without_onednn() -> Callable[[], Any]:
    """PyTorch's own LSTM kernels."""
    devices.prepare("cpu", threads=1)
    torch.backends.mkldnn.set_flags(False)
    return _forward_backward(_backbone())


def compiled() -> Callable[[], Any]:
    """`torch.compile`: it leaves the LSTM to oneDNN and fuses what is around it."""
    devices.prepare("cpu", threads=1)
    return _forward_backward(torch.compile(_backbone()))


def grouped(models: int) -> Callable[[], Any]:
    """`models` runs as one: a product a time step for the directions of all of them."""
    devices.prepare("cpu", threads=1)
    lstm = GroupedLSTM([_backbone() for _ in range(models)])
    encoded = torch.randn(models, 2 * BATCH, STEPS, FILTERS)

    def work() -> None:
        lstm.zero_grad()
        sum(tensor.sum() for tensor in lstm(encoded)).backward()

    return work


class _TwoLayers(nn.Module):
    def __init__(self, first: nn.LSTM, second: nn.LSTM, dropout: nn.Dropout) -> None:
        super().__init__()
        self.first, self.second, self.dropout = first, second, dropout

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, None]:
        return self.second(self.dropout(self.first(x)[0]))[0], None


def _forward_backward(backbone: nn.Module) -> Callable[[], Any]:
    encoded = torch.randn(2 * BATCH, STEPS, FILTERS)

    def work() -> None:
        backbone.zero_grad()
        z, logits = backbone(encoded, 2)
        (z.sum() + logits.sum()).backward()

    return work
