"""What every adaptation method is given, and what it answers: the losses of a training step.

Its own weights and buffers are submodules, so they are optimised, moved to the device and written into checkpoints
with the backbone's.
"""

import importlib
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from nnpm.model.backbone import SNSA


@dataclass(frozen=True)
class MethodSettings:
    """NNPM's: what the paper states (threshold, final memory rate) and what it leaves open (the rest).

    The other methods have the settings of their own papers, which stand in their files.
    """

    threshold: float = 0.9  # lambda of eq. (4)
    update: str = "write_rate"  # reading of eq. (3): or "retention_rate"
    final_rate: float = 0.4  # alpha at the last epoch
    negative_label: float = -1.0  # label of negatives in eq. (6): or 0
    positive_weight: float = 1.0  # of the positives in eq. (8)
    hard_negative_ratio: float = 0.01  # of eq. (7); 0 leaves the negatives out


@dataclass(frozen=True)
class Utterances:
    """The training utterances of one domain as a run finds them, row by row: nothing here changes during the run.

    `z` are the pretrained backbone's features, (utterances, width), without dropout. `labels` are indices into
    CLASSES, None for the target, whose labels no method sees. `genders`: 0 female, 1 male, -1 unknown. `natural`: 1
    for spontaneous speech, 0 for acted speech, -1 if the corpus does not say. `second_view` are class probabilities,
    (utterances, classes), of a classifier of other features, where the method asks for them.
    """

    z: Tensor
    labels: Tensor | None
    genders: Tensor
    natural: int
    second_view: Tensor | None = None


@dataclass(frozen=True)
class Start:
    """What a method may look at before the first step: settings, the pretrained backbone, both domains."""

    settings: MethodSettings
    backbone: SNSA  # what is trained: a method that needs it as it was keeps a copy
    freeze: int  # its first blocks are not trained, and inputs are what they make of the mels
    source: Utterances
    target: Utterances


@dataclass(frozen=True)
class Batch:
    """One domain's part of a training step.

    `rows` are the numbers of its utterances in `Start`'s `Utterances`, (batch,); `z`, (batch, width), and `logits`,
    (batch, classes), are of the training pass.
    """

    rows: Tensor
    z: Tensor
    logits: Tensor


@dataclass(frozen=True)
class Step:
    """One training step as the backbone left it."""

    source: Batch
    labels: Tensor  # of the source utterances
    target: Batch
    progress: float  # part of the run's steps that lie behind, 0..1


class Method(nn.Module):
    """What an adaptation method implements."""

    def __init__(self, start: Start) -> None:
        super().__init__()

    def begin_epoch(self, epoch: int, epochs: int) -> None:
        """Called before each epoch, counted from 0."""

    def augment(self, inputs: Tensor) -> Tensor:
        """What the backbone is trained on in place of a batch's inputs, (batch, steps, channels), source and target."""
        return inputs

    def losses(self, step: Step) -> dict[str, Tensor]:
        """Named scalar terms; their sum is minimised."""
        raise NotImplementedError

    def after_step(self, step: Step) -> None:
        """Called after the optimiser's step."""

    def observe(self) -> dict[str, Tensor]:
        """Named scalars of the last step for the history, such as the number of positives."""
        return {}

    def predictor(self, backbone: SNSA) -> SNSA:
        """The backbone that predicts: the trained one, unless the method keeps a better one."""
        return backbone

    def fused(self, probabilities: Tensor, second_view: Tensor | None) -> Tensor:
        """The prediction for some utterances, given what `predictor` and the second view say: (utterances, classes)."""
        return probabilities

    def pseudo_multilabels(self, z: Tensor) -> tuple[Tensor, Tensor, Tensor] | None:
        """Of target features z, (batch, width), for the history: scores, positives and negatives, (batch, slots).

        The slots are the source training utterances. None if the method has no memory.
        """
        return None


def load(place: str) -> Any:
    """What `place` of a row of `table` names, "module:name" below `nnpm.methods`."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(f"nnpm.methods.{module}"), name)


def gradient_reversal(z: Tensor, strength: float) -> Tensor:
    """`z` itself, whose gradient is multiplied by -strength on the way back (Ganin & Lempitsky, ICML 2015)."""
    return (1 + strength) * z.detach() - strength * z
