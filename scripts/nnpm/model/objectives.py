"""The losses (paper, section 2.4) as pure functions of a whole batch, without a loop over rows."""

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
    """Mean of each row over its mask, shape (batch,); 0, not NaN, for a row with an empty mask."""
    return values.where(mask, 0.0).sum(dim=1) / mask.sum(dim=1).clamp(min=1)


def hard_negative_count(negatives: Tensor | int, ratio: float) -> Tensor:
    """ceil(ratio * n) of n negatives, at least one; element by element."""
    rounding = 1e-9  # 0.07 * 100 is 7.000000000000001, and its ceiling must be 7
    return (ratio * torch.as_tensor(negatives).double() - rounding).ceil().long().clamp(min=1)


def cut_off(largest: Tensor, negatives: Tensor, ratio: float) -> Tensor:
    """Smallest score, (batch, 1), of each row's hard negatives; `negatives`, (batch,), is its number of negatives.

    `largest`, (batch, k), holds the largest scores of the negatives in descending order, at least all hard ones.
    """
    last = hard_negative_count(negatives, ratio) - 1
    return largest.gather(1, last[:, None])


def hard_negatives(scores: Tensor, positive: Tensor, ratio: float) -> Tensor:
    """Eq. (7): for each target utterance the largest ceil(ratio * n) of its n scores outside P_j, at least one.

    `scores`, the mask `positive` and the mask that is returned are (batch, slots); 0 <= ratio <= 1, and 0 takes none.
    Scores equal to the last one taken count as well; an utterance whose slots are all positive has none.
    """
    if ratio == 0:
        return torch.zeros_like(positive)
    outside = scores.detach().masked_fill(positive, -torch.inf)
    k = int(hard_negative_count(scores.shape[1], ratio))
    return ~positive & (outside >= cut_off(outside.topk(k, dim=1).values, (~positive).sum(dim=1), ratio))


def target_loss(
    scores: Tensor, positive: Tensor, negative: Tensor, *, negative_label: float, positive_weight: float
) -> Tensor:
    """Eq. (8) for each target utterance, (batch,): squared error of its positives (label 1) and of its negatives.

    `scores` and the masks are (batch, slots); `negative` are the hard ones, or all (SNSA-wo-HL).
    """
    near = masked_mean(squared_error(scores, 1.0), positive)
    far = masked_mean(squared_error(scores, negative_label), negative)
    return positive_weight * near + far
