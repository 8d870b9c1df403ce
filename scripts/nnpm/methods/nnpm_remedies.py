"""Three changes of NNPM against its collapse: this project's own, not the paper's.

NNPM's hard negatives lie just below the threshold, and nearly all have the class of the positives. At a similarity s
the error of a negative labelled -1 has the slope 2 (s + 1), that of a positive 2 (1 - s). So the negatives push far
more than the positives pull, until no slot is positive (docs/results/collapse.md). Each change removes one cause:

- `ClassAware`: negatives have another class than the positives.
- `TargetSlots`: the memory holds the target, as in the method that NNPM descends from.
- `Balanced`: positives do not depend on a threshold, and no class can take all utterances.

Negatives have label 0 in eq. (6): the embeddings of four classes can all be at right angles, as 0 demands, but no more
than two can be opposite to each other, as -1 demands.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from nnpm import CLASSES
from nnpm.methods.base import Method, Start, Step
from nnpm.methods.pseudo_multilabel import PseudoMultilabel
from nnpm.model import large_memory
from nnpm.model.memory import ExternalMemory, memory_rate, positives
from nnpm.model.objectives import hard_negatives, masked_mean, source_loss, target_loss

NEGATIVE = 0.0  # label of negatives
NEAREST = 10  # slots of a class that stand for it, in `Balanced`
TEMPERATURE = 0.1  # of its similarities


class ClassAware(PseudoMultilabel):
    """NNPM whose hard negatives are slots of other classes.

    With m_j, the most frequent class of P_j by eq. (4), the first of CLASSES on a tie, and the n slots outside P_j
    whose class is not m_j::

        N_j = the ceil(ratio * n) of them with the largest s_ij, at least one          (7')
        L_j = weight * mean over P_j of (s_ij - 1)^2 + mean over N_j of s_ij^2         (8')

    An utterance without positives has no class m_j, and adds nothing.
    """

    own: Tensor

    def __init__(self, start: Start) -> None:
        super().__init__(start)
        self.register_buffer("own", slots_of_classes(start.source.labels), persistent=False)

    def match(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """(8') and the number of positives for each target utterance, both (batch,), given embeddings z."""
        scores, positive, negative = self.pseudo_multilabels(z)
        loss = target_loss(
            scores, positive, negative, negative_label=NEGATIVE, positive_weight=self.settings.positive_weight
        )
        return loss, positive.sum(dim=1, dtype=z.dtype)

    def pseudo_multilabels(self, z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Scores s_ij, positives by eq. (4) and negatives by (7'), each (batch, slots)."""
        scores = self.memory.similarity(z)
        positive = positives(scores.detach(), self.settings.threshold)
        majority = (positive.float() @ self.own.float().T).argmax(dim=1)
        left_out = positive | self.own[majority] | ~positive.any(dim=1, keepdim=True)
        return scores, positive, hard_negatives(scores, left_out, self.settings.hard_negative_ratio)


class TargetSlots(Method):
    """NNPM with one slot per target training utterance, as in MMCL (Wang & Zhang, CVPR 2020).

    The slots start from the pretrained backbone's embeddings, and after each step the target's batch is written into
    them by eq. (3). The positives are those of eq. (4) and the utterance's own slot; eq. (7) and (8) follow, with
    label 0. MMCL also has a test of cycle consistency, label -1 and a weight of 5; here the weight is
    `objective.positive_weight`, by default 1.
    """

    def __init__(self, start: Start) -> None:
        super().__init__(start)
        self.settings = start.settings
        self.memory = ExternalMemory(start.target.z)
        self.rate = 0.0

    def begin_epoch(self, epoch: int, epochs: int) -> None:
        """Set alpha of eq. (3)."""
        self.rate = memory_rate(epoch, epochs, self.settings.final_rate)

    def losses(self, step: Step) -> dict[str, Tensor]:
        """Eq. (9)."""
        settings, rows = self.settings, step.target.rows
        scores = self.memory.similarity(step.target.z)
        itself = rows[:, None] == torch.arange(scores.shape[1], device=rows.device)
        positive = positives(scores.detach(), settings.threshold) | itself
        negative = hard_negatives(scores, positive, settings.hard_negative_ratio)
        loss = target_loss(
            scores, positive, negative, negative_label=NEGATIVE, positive_weight=settings.positive_weight
        )
        self.positives = positive.sum(dim=1, dtype=scores.dtype)
        return {"target_loss": loss.mean(), "source_loss": source_loss(step.source.logits, step.labels)}

    def after_step(self, step: Step) -> None:
        """Write the batch's target embeddings into their slots."""
        self.memory.write(step.target.rows, step.target.z.detach(), self.rate, self.settings.update)

    def observe(self) -> dict[str, Tensor]:
        """Positives per target utterance, its own slot included, mean over the batch."""
        return {"positives": self.positives.mean()}


class Balanced(PseudoMultilabel):
    """NNPM whose positives come from soft classes of equal size instead of a threshold.

    Before each epoch, for target utterance j and class k, with the ten slots of class k most similar to j, N_jk, and
    `equal_shares` over all target training utterances::

        a_jk = mean over N_jk of s_ij
        q = equal_shares(softmax over k of a_jk / 0.1)

    In the epoch, with M_jk, the ceil(ratio * n) largest s_ij of the n slots of other classes than k, at least one::

        L_j = sum over k of q_jk (weight * mean over N_jk of (s_ij - 1)^2 + mean over M_jk of s_ij^2)

    q comes from the embeddings of each utterance's last training step, or at first the pretrained backbone's: this
    needs no further pass over the target. Equally frequent classes in the target are an assumption.

    The history's positives and negatives are what eq. (4) and (7) would find, to be compared with NNPM's.
    """

    own: Tensor
    latest: Tensor
    q: Tensor

    def __init__(self, start: Start) -> None:
        super().__init__(start)
        z = start.target.z
        self.register_buffer("own", slots_of_classes(start.source.labels), persistent=False)
        self.register_buffer("latest", z.clone())
        self.register_buffer("q", z.new_full((len(z), len(CLASSES)), 1 / len(CLASSES)), persistent=False)

    @torch.no_grad()
    def begin_epoch(self, epoch: int, epochs: int) -> None:
        """Set alpha of eq. (3), and assign the classes anew."""
        super().begin_epoch(epoch, epochs)
        at_once = max(1, large_memory.MOST_SCORES // len(self.memory.slots))
        near = [self.class_similarity(self.memory.similarity(part)) for part in torch.split(self.latest, at_once)]
        self.q = equal_shares((torch.cat(near) / TEMPERATURE).softmax(dim=1))

    def class_similarity(self, scores: Tensor) -> Tensor:
        """a_jk, (batch, classes), of scores s_ij, (batch, slots)."""
        return torch.stack([masked_mean(scores, nearest(scores, own)) for own in self.own], dim=1)

    def losses(self, step: Step) -> dict[str, Tensor]:
        """The loss above, mean over the batch, and the source loss."""
        settings, scores = self.settings, self.memory.similarity(step.target.z)
        each = [
            target_loss(
                scores,
                nearest(scores, own),
                hard_negatives(scores, own.expand_as(scores), settings.hard_negative_ratio),
                negative_label=NEGATIVE,
                positive_weight=settings.positive_weight,
            )
            for own in self.own
        ]
        loss = (self.q[step.target.rows] * torch.stack(each, dim=1)).sum(dim=1)
        self.positives = positives(scores.detach(), settings.threshold).sum(dim=1, dtype=scores.dtype)
        return {"target_loss": loss.mean(), "source_loss": source_loss(step.source.logits, step.labels)}

    def after_step(self, step: Step) -> None:
        """Write the source's batch into its slots, and keep the target's embeddings for the next epoch's classes."""
        super().after_step(step)
        self.latest[step.target.rows] = step.target.z.detach()


def slots_of_classes(labels: Tensor | None) -> Tensor:
    """Which slots each class has, (classes, slots), given the source's labels, (slots,)."""
    assert labels is not None  # a source has labels
    return torch.arange(len(CLASSES), device=labels.device)[:, None] == labels


def nearest(scores: Tensor, own: Tensor) -> Tensor:
    """The NEAREST largest scores of each row among the slots `own`, (slots,): a mask, (batch, slots).

    All of these slots if there are fewer; scores equal to the last one taken count as well.
    """
    among = scores.detach().masked_fill(~own, -torch.inf)
    last = among.topk(min(NEAREST, scores.shape[1]), dim=1).values[:, -1:]
    return own & (among >= last)


def equal_shares(p: Tensor) -> Tensor:
    """Scale class probabilities, (utterances, classes), by one factor per class so that all classes have equal shares.

    The rows keep a sum of 1. The factors are found by iterative scaling (Sinkhorn & Knopp, 1967).
    """
    for _ in range(100):
        p = p / p.mean(dim=0)
        p = F.normalize(p, p=1, dim=1)
    return p
