"""The history's columns beside the losses, measured before the first step and after each epoch.

Labels of the target are read for evaluation only: columns test_* and memory_*_purity. Nothing here changes a weight.
Scores, shares and purities are fractions in 0..1.
"""

import math

import torch
from torch import Tensor

from nnpm import CLASSES
from nnpm.evaluation import criteria, scoring
from nnpm.methods.base import Method
from nnpm.model import large_memory
from nnpm.model.backbone import SNSA
from nnpm.training.checkpoints import Row
from nnpm.training.domain import Domain

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_MOST_SAMPLED = 1 << 20  # similarities from which quantiles are computed


def target_scores(target: Domain, probabilities: Tensor) -> Row:
    """test_ua and test_wa of predictions for the whole target, (utterances, classes); empty if it is unlabelled."""
    scores = scoring.scores(scoring.predictions(target.manifest, probabilities.cpu()), "test")
    return {"test_ua": scores["ua"], "test_wa": scores["wa"]} if scores else {}


def source_scores(backbone: SNSA, source: Domain, freeze: int = 0) -> Row:
    """source_validation_ua; empty if there is no validation set."""
    rows = source.rows("validation")
    if not len(rows):
        return {}
    scores = scoring.scores(source.predictions(backbone, rows, freeze), "validation")
    return {"source_validation_ua": scores["ua"]} if scores else {}


def label_free(p: Tensor) -> Row:
    """The criteria im and snd of class probabilities, (utterances, classes), and the share of each predicted class."""
    shares = torch.bincount(p.argmax(dim=1), minlength=len(CLASSES)) / len(p)
    return {
        "im": float(criteria.information_maximisation(p)),
        "snd": float(criteria.soft_neighbourhood_density(p)),
        **{f"share_{name}": share for name, share in zip(CLASSES, shares.tolist(), strict=True)},
    }


@torch.no_grad()
def memory_state(method: Method, z: Tensor, labels: Tensor, slot_labels: Tensor) -> Row:
    """Statistics of the memory for target embeddings z, (utterances, width); empty for a method without a memory.

    `labels`, (utterances,), are the target's, -1 where unknown; `slot_labels`, (slots,), the source's. Columns:
    positives per utterance, the share of positives with its emotion (purity), the share of hard negatives with another
    emotion, and quantiles of at most about a million similarities. Purities are NaN where there is nothing to count.
    """
    positives, sampled = torch.zeros((), dtype=torch.long, device=z.device), []
    counts = torch.zeros(2, 2, dtype=torch.long, device=z.device)  # (positives, negatives) x (of its emotion, all)
    part = max(1, large_memory.MOST_SCORES // len(slot_labels))
    stride = math.ceil(len(z) * len(slot_labels) / _MOST_SAMPLED)
    while math.gcd(stride, len(slot_labels)) > 1:  # otherwise each utterance would sample the same slots
        stride += 1
    for rows in torch.split(torch.arange(len(z), device=z.device), part):
        found = method.pseudo_multilabels(z[rows])
        if found is None:
            return {}
        scores, positive, negative = found
        same, known = labels[rows, None] == slot_labels, labels[rows, None] >= 0
        counts += torch.stack(
            [torch.stack([(mask & same & known).sum(), (mask & known).sum()]) for mask in (positive, negative)]
        )
        positives += positive.sum()
        sampled.append(scores.flatten()[::stride])
    (own, near), (confused, far) = counts.tolist()
    levels = torch.tensor(QUANTILES, dtype=torch.double, device=z.device)
    quantiles = torch.quantile(torch.cat(sampled).double(), levels).tolist()
    return {
        "memory_positives": positives.item() / len(z),
        "memory_positive_purity": own / near if near else math.nan,
        "memory_hard_negative_purity": 1 - confused / far if far else math.nan,
        **{f"memory_similarity_{round(100 * q):02d}": v for q, v in zip(QUANTILES, quantiles, strict=True)},
    }


def oracle(rows: list[Row]) -> dict[str, float] | None:
    """The epoch with the best test UA, an upper bound that needs labels; None for an unlabelled target."""
    watched = [row for row in rows if "test_ua" in row]
    if not watched:
        return None
    best = max(watched, key=lambda row: row["test_ua"])  # the earliest on a tie
    return {"epoch": best["epoch"], "ua": best["test_ua"], "wa": best["test_wa"]}
