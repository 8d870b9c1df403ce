"""NNPM, the paper's method, and its two ablations."""

import torch.nn.functional as F
from torch import Tensor

from nnpm.methods.base import Method, Start, Step
from nnpm.model import large_memory
from nnpm.model.memory import ExternalMemory, memory_rate, positives
from nnpm.model.objectives import hard_negatives, source_loss, target_loss


class PseudoMultilabel(Method):
    """NNPM (`source=True, hard=True`) and the paper's two ablations of it."""

    def __init__(self, start: Start, *, source: bool = True, hard: bool = True) -> None:
        super().__init__(start)
        self.settings = start.settings
        self.memory = ExternalMemory(start.source.z)
        self.source = source
        self.ratio = start.settings.hard_negative_ratio if hard else None
        self.rate = 0.0

    def begin_epoch(self, epoch: int, epochs: int) -> None:
        """Set alpha of eq. (3)."""
        self.rate = memory_rate(epoch, epochs, self.settings.final_rate)

    def losses(self, step: Step) -> dict[str, Tensor]:
        """Eq. (9), or the target term alone."""
        loss, self.positives = self.match(step.target.z)
        terms = {"target_loss": loss.mean()}
        if self.source:
            terms["source_loss"] = source_loss(step.source.logits, step.labels)
        return terms

    def match(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Eq. (8) and the number of positives for each target utterance, both (batch,), given embeddings z."""
        settings = self.settings
        weights = {"negative_label": settings.negative_label, "positive_weight": settings.positive_weight}
        if len(z) * len(self.memory.slots) > large_memory.MOST_SCORES:
            f = F.normalize(z, dim=1)
            return large_memory.match_in_parts(
                f, self.memory.slots, threshold=settings.threshold, ratio=self.ratio, **weights
            )
        scores, positive, negative = self.pseudo_multilabels(z)
        return target_loss(scores, positive, negative, **weights), positive.sum(dim=1, dtype=z.dtype)

    def pseudo_multilabels(self, z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Scores s_ij, positives by eq. (4) and negatives by eq. (7), each (batch, slots)."""
        scores = self.memory.similarity(z)
        positive = positives(scores.detach(), self.settings.threshold)
        negative = ~positive if self.ratio is None else hard_negatives(scores, positive, self.ratio)
        return scores, positive, negative

    def after_step(self, step: Step) -> None:
        """Write the batch's source embeddings into their slots."""
        self.memory.write(step.source.rows, step.source.z.detach(), self.rate, self.settings.update)

    def observe(self) -> dict[str, Tensor]:
        """Positives per target utterance, mean over the batch."""
        return {"positives": self.positives.mean()}


def snsa_wo_sl(start: Start) -> Method:
    """SNSA without the source loss: the target loss alone."""
    return PseudoMultilabel(start, source=False)


def snsa_wo_hl(start: Start) -> Method:
    """SNSA without hard-negative mining: both losses, all negatives."""
    return PseudoMultilabel(start, hard=False)
