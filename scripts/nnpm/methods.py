"""The adaptation methods: what a training step minimises and what is kept beside the backbone.

A new method is a subclass of `Method` and a line in `METHODS`. Its own weights and buffers are submodules, so they
are optimised, moved to the device and written into checkpoints with the rest.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from nnpm import large_memory
from nnpm.memory import ExternalMemory, memory_rate, positives
from nnpm.objectives import hard_negatives, source_loss, target_loss


@dataclass(frozen=True)
class MethodSettings:
    """What the paper states (threshold, final memory rate) and what it leaves open (the rest)."""

    threshold: float = 0.9  # lambda of eq. (4)
    update: str = "write_rate"  # reading of eq. (3): or "retention_rate"
    final_rate: float = 0.4  # alpha at the last epoch
    negative_label: float = -1.0  # label of negatives in eq. (6): or 0
    positive_weight: float = 1.0  # of the positives in eq. (8)
    hard_negative_ratio: float = 0.01  # of eq. (7)


@dataclass(frozen=True)
class Step:
    """One training step as the backbone left it: features z (batch, width), logits (batch, classes)."""

    rows: Tensor  # of the source utterances in the training set, and so in the memory
    labels: Tensor  # of the source utterances
    source_z: Tensor
    source_logits: Tensor
    target_z: Tensor
    target_logits: Tensor


class Method(nn.Module):
    """What an adaptation method implements; `features` are those of the source training utterances at the start."""

    def __init__(self, settings: MethodSettings, features: Tensor) -> None:
        super().__init__()
        self.settings = settings

    def begin_epoch(self, epoch: int, epochs: int) -> None:
        """Called before each epoch, counted from 0."""

    def losses(self, step: Step) -> dict[str, Tensor]:
        """Named scalar terms; their sum is minimised."""
        raise NotImplementedError

    def after_step(self, step: Step) -> None:
        """Called after the optimiser's step."""

    def observe(self) -> dict[str, Tensor]:
        """Named scalars of the last step for the history, such as the number of positives."""
        return {}


class PseudoMultilabel(Method):
    """NNPM (`source=True, hard=True`) and the paper's two ablations of it."""

    def __init__(self, settings: MethodSettings, features: Tensor, *, source: bool = True, hard: bool = True) -> None:
        super().__init__(settings, features)
        self.memory = ExternalMemory(features)
        self.source, self.hard = source, hard
        self.rate = 0.0

    def begin_epoch(self, epoch: int, epochs: int) -> None:
        """Set alpha of eq. (3)."""
        self.rate = memory_rate(epoch, epochs, self.settings.final_rate)

    def losses(self, step: Step) -> dict[str, Tensor]:
        """Eq. (9), or the target term alone."""
        loss, self.positives = self.match(step.target_z)
        terms = {"target_loss": loss.mean()}
        if self.source:
            terms["source_loss"] = source_loss(step.source_logits, step.labels)
        return terms

    def match(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Eq. (8) and the number of positives for each target utterance, both (batch,), given features z."""
        settings = self.settings
        ratio = settings.hard_negative_ratio if self.hard else None
        weights = {"negative_label": settings.negative_label, "positive_weight": settings.positive_weight}
        if len(z) * len(self.memory.slots) > large_memory.MOST_SCORES:
            f = F.normalize(z, dim=1)
            return large_memory.match_in_parts(
                f, self.memory.slots, threshold=settings.threshold, ratio=ratio, **weights
            )
        scores = self.memory.similarity(z)
        positive = positives(scores.detach(), settings.threshold)
        negative = ~positive if ratio is None else hard_negatives(scores, positive, ratio)
        return target_loss(scores, positive, negative, **weights), positive.sum(dim=1, dtype=z.dtype)

    def after_step(self, step: Step) -> None:
        """Write the batch's source features into their slots."""
        self.memory.write(step.rows, step.source_z.detach(), self.rate, self.settings.update)

    def observe(self) -> dict[str, Tensor]:
        """Positives of a target utterance, mean over the batch."""
        return {"positives": self.positives.mean()}


def snsa_wo_sl(settings: MethodSettings, features: Tensor) -> Method:
    """SNSA without the source loss: the target loss alone."""
    return PseudoMultilabel(settings, features, source=False)


def snsa_wo_hl(settings: MethodSettings, features: Tensor) -> Method:
    """SNSA without hard-negative mining: both losses, all negatives."""
    return PseudoMultilabel(settings, features, hard=False)


#: None: the pretrained backbone is used as it is. The configuration's schema offers exactly these names.
METHODS: dict[str, Callable[[MethodSettings, Tensor], Method] | None] = {
    "snsa-f": None,
    "snsa-wo-sl": snsa_wo_sl,
    "snsa-wo-hl": snsa_wo_hl,
    "nnpm": PseudoMultilabel,
}
