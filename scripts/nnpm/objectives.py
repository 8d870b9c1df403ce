"""The losses (paper, section 2.4), each a pure function; all of a batch at once, no loop over rows."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def source_loss(logits: Tensor, labels: Tensor, class_weights: Tensor | None = None) -> Tensor:
    """Eq. (5): cross-entropy, mean over the batch; `logits` is (batch, classes), `labels` (batch,) holds indices."""
    return F.cross_entropy(logits, labels, weight=class_weights)


def squared_error(scores: Tensor, label: float) -> Tensor:
    """Eq. (6), element by element: the squared distance of each score to its pseudo-label."""
    return (scores - label) ** 2


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Mean of each row over its mask, shape (batch,); 0 for a row without any, never NaN."""
    return values.where(mask, 0.0).sum(dim=1) / mask.sum(dim=1).clamp(min=1)


def hard_negatives(scores: Tensor, positive: Tensor, ratio: float) -> tuple[Tensor, Tensor]:
    """Eq. (7): for each target utterance the largest ceil(ratio * n) of its n scores outside P_j, at least one.

    `scores` and the mask `positive` are (batch, slots), 0 < ratio <= 1. Returns the scores, (batch, k), from large
    to small, and the mask of those that count: an utterance with more positives has fewer hard negatives, one whose
    every slot is positive has none.
    """
    rounding = 1e-9  # 0.07 * 100 is 7.000000000000001, and its ceiling must be 7
    n = positive.logical_not().sum(dim=1)
    wanted = (ratio * n.double() - rounding).ceil().long().clamp(min=1).minimum(n)
    k = max(1, math.ceil(ratio * scores.shape[1] - rounding))
    index = scores.detach().masked_fill(positive, -torch.inf).topk(k, dim=1).indices
    return scores.gather(1, index), torch.arange(k, device=scores.device) < wanted[:, None]


def target_loss(
    scores: Tensor, positive: Tensor, *, negative_label: float, positive_weight: float, ratio: float | None
) -> Tensor:
    """Eq. (8): squared error of the positives (label 1) plus that of the hard negatives, mean over the batch.

    `scores` and `positive` are (batch, slots). `ratio` is that of eq. (7); None takes all negatives (SNSA-wo-HL).
    """
    near = masked_mean(squared_error(scores, 1.0), positive)
    negatives, mask = (scores, ~positive) if ratio is None else hard_negatives(scores, positive, ratio)
    far = masked_mean(squared_error(negatives, negative_label), mask)
    return (positive_weight * near + far).mean()
