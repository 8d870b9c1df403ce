"""The interface of adaptation methods: what they are given, and the losses of a training step that they return.

A method is a PyTorch module, so its own weights and buffers are optimised, moved to the device and written into
checkpoints with the backbone's.
"""

import importlib
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from nnpm.model.backbone import SNSA


@dataclass(frozen=True)
class MethodSettings:
    """Settings of NNPM: the paper states the threshold and the final memory rate, and leaves the rest open.

    The other methods use the settings of their own papers, given in their files.
    """

    threshold: float = 0.9  # lambda of eq. (4)
    update: str = "write_rate"  # reading of eq. (3): or "retention_rate"
    final_rate: float = 0.4  # alpha at the last epoch
    negative_label: float = -1.0  # label of negatives in eq. (6): or 0
    positive_weight: float = 1.0  # of the positives in eq. (8)
    hard_negative_ratio: float = 0.01  # of eq. (7); 0 leaves the negatives out


@dataclass(frozen=True)
class Utterances:
    """The training utterances of one domain at the start of a run, one per row; nothing here changes during the run.

    `z` are the pretrained backbone's embeddings, (utterances, width), without dropout. `labels` are indices into
    CLASSES, None for the target, whose labels no method sees. `genders`: 0 female, 1 male, -1 unknown. `natural`: 1
    for spontaneous speech, 0 for acted speech, -1 if the corpus does not say. All others are (utterances,).
    """

    z: Tensor
    labels: Tensor | None
    genders: Tensor
    natural: Tensor


@dataclass(frozen=True)
class Start:
    """What a method is given before the first step: settings, the pretrained backbone, both domains."""

    settings: MethodSettings
    backbone: SNSA  # will be trained: a method that needs it unchanged keeps a copy
    freeze: int  # number of first blocks that are not trained; inputs are their output
    source: Utterances
    target: Utterances


@dataclass(frozen=True)
class Batch:
    """One domain's part of a training step.

    `rows`, (batch,), are the row numbers of its utterances in `Start`'s `Utterances`; `z`, (batch, width), and
    `logits`, (batch, classes), come from the training pass.
    """

    rows: Tensor
    z: Tensor
    logits: Tensor


@dataclass(frozen=True)
class Step:
    """One training step, after the backbone's forward pass."""

    source: Batch
    labels: Tensor  # of the source utterances
    target: Batch
    progress: float  # fraction of the run's steps that are done, 0..1


class Method(nn.Module):
    """What an adaptation method implements."""

    def __init__(self, start: Start) -> None:
        super().__init__()

    def begin_epoch(self, epoch: int, epochs: int) -> None:
        """Called before each epoch, counted from 0."""

    def losses(self, step: Step) -> dict[str, Tensor]:
        """Return named scalar losses, whose sum is minimised."""
        raise NotImplementedError

    def after_step(self, step: Step) -> None:
        """Called after the optimiser's step."""

    def observe(self) -> dict[str, Tensor]:
        """Named scalars of the last step for the history, such as the number of positives."""
        return {}

    def predictor(self, backbone: SNSA) -> SNSA:
        """The backbone that predicts: the trained one, unless the method keeps a better one."""
        return backbone

    def pseudo_multilabels(self, z: Tensor) -> tuple[Tensor, Tensor, Tensor] | None:
        """Scores, positives and negatives, (batch, slots), of target embeddings z, (batch, width), for the history.

        The slots are the source training utterances. None if the method has no memory.
        """
        return None


def load(place: str) -> Any:
    """Import what `place` in a row of `table` names: "module:name" below `nnpm.methods`."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(f"nnpm.methods.{module}"), name)


def gradient_reversal(z: Tensor, strength: float) -> Tensor:
    """Return `z` unchanged; its gradient is multiplied by -strength (Ganin & Lempitsky, ICML 2015)."""
    return (1 + strength) * z.detach() - strength * z
