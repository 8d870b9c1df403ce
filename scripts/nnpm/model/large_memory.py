"""The target loss for a memory whose scores do not fit at once: the formulas of `objectives`, part by part."""

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from nnpm.model.memory import positives
from nnpm.model.objectives import cut_off, hard_negative_count, squared_error

MOST_SCORES = 1 << 20  # held at a time, 4 MiB: 32,768 slots with a batch of 32


def match_in_parts(
    f: Tensor,
    slots: Tensor,
    *,
    threshold: float,
    ratio: float | None,
    negative_label: float,
    positive_weight: float,
) -> tuple[Tensor, Tensor]:
    """Eq. (8) and the number of positives for each target utterance, both (batch,).

    `f` are L2-normalised embeddings, (batch, width). Passes twice over the slots, (slots, width): first to find the
    smallest score of the hard negatives, then to sum the errors; the gradient computes scores once more. MOST_SCORES
    and the number of hard negatives bound the memory.
    """
    parts = torch.split(slots, max(1, MOST_SCORES // len(f)))
    if ratio:
        cut = _cut_off(f, parts, threshold, ratio, len(slots))
    else:  # all negatives, or none
        cut = f.new_full((len(f), 1), -torch.inf if ratio is None else torch.inf)

    def errors(f: Tensor, part: Tensor) -> Tensor:
        scores = f @ part.T
        positive = positives(scores, threshold)
        negative = ~positive & (scores >= cut)
        near = squared_error(scores, 1.0).where(positive, 0.0)
        far = squared_error(scores, negative_label).where(negative, 0.0)
        return torch.stack([values.sum(dim=1) for values in (near, positive, far, negative)])

    sums = [checkpoint(errors, f, part, use_reentrant=False, preserve_rng_state=False) for part in parts]
    near, positive, far, negative = torch.stack(sums).sum(dim=0)
    return positive_weight * near / positive.clamp(min=1) + far / negative.clamp(min=1), positive


@torch.no_grad()
def _cut_off(f: Tensor, parts: tuple[Tensor, ...], threshold: float, ratio: float, slots: int) -> Tensor:
    k = int(hard_negative_count(slots, ratio))
    largest, negatives = f.new_empty(len(f), 0), torch.zeros(len(f), dtype=torch.long, device=f.device)
    for part in parts:
        scores = f @ part.T
        positive = positives(scores, threshold)
        negatives = negatives + (~positive).sum(dim=1)
        candidates = torch.cat([largest, scores.masked_fill_(positive, -torch.inf)], dim=1)
        largest = candidates.topk(min(k, candidates.shape[1]), dim=1).values
    return cut_off(largest, negatives, ratio)
