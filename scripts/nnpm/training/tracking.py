"""What is written into the history beside the losses: how a run stands before its first step and after each epoch.

Labels of the target are read for evaluation alone: columns test_* and memory_*_purity. Nothing here reaches a weight.
"""

import math

import torch
from torch import Tensor

from nnpm import CLASSES, files
from nnpm.evaluation import criteria, inference, scoring
from nnpm.methods.base import Method
from nnpm.model import large_memory
from nnpm.model.backbone import SNSA
from nnpm.training import batches, epochs
from nnpm.training.checkpoints import Row
from nnpm.training.domain import Domain

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_MOST_SAMPLED = 1 << 20  # scores whose quantiles are taken


def predict(backbone: SNSA, method: Method | None, target: Domain, first: int) -> tuple[Tensor, Tensor]:
    """Features z, (utterances, width), of all of the target, and what the run predicts, (utterances, classes)."""
    everything = torch.arange(len(target.inputs), device=target.inputs.device)
    z, probabilities = inference.infer(backbone, target.inputs, everything, first)
    return z, probabilities if method is None else method.fused(probabilities, target.second_view)


def track(backbone: SNSA, method: Method | None, source: Domain, target: Domain, first: int) -> Row:
    """Measure how `backbone`, after its first `first` blocks, stands on both domains; leaves it in evaluation mode.

    Columns: test_ua, test_wa (a labelled target's); source_validation_ua; on the target's training utterances the
    label-free criteria im and snd and the share of each class among the predictions; for a method with a memory what
    `memory_state` gives. Fractions, 0..1.
    """
    z, probabilities = predict(backbone, method, target, first)
    train = batches.split_rows(target.manifest["split"], "train", z.device)
    row: Row = {}
    if scores := scoring.scores(scoring.predictions(target.manifest, probabilities), "test"):
        row |= {"test_ua": scores["ua"], "test_wa": scores["wa"]}
    held_out = batches.split_rows(source.manifest["split"], "validation", z.device)
    if len(held_out) and (validation := epochs.watch(backbone, source, held_out, first)):
        row["source_validation_ua"] = validation["ua"]
    p = probabilities[train]
    row |= {
        "im": float(criteria.information_maximisation(p)),
        "snd": float(criteria.soft_neighbourhood_density(p)),
    }
    shares = torch.bincount(p.argmax(dim=1), minlength=len(CLASSES)) / len(p)
    row |= {f"share_{name}": share for name, share in zip(CLASSES, shares.tolist(), strict=True)}
    if method is not None:
        slots = files.label_indices(source.manifest.loc[source.manifest["split"] == "train", "label"])
        labels = torch.as_tensor(files.label_indices(target.manifest["label"]), device=z.device)[train]
        row |= memory_state(method, z[train], labels, torch.as_tensor(slots, device=z.device))
    return row


@torch.no_grad()
def memory_state(method: Method, z: Tensor, labels: Tensor, slot_labels: Tensor) -> Row:
    """What a memory makes of target features z, (utterances, width); empty for a method without one.

    `labels`, (utterances,), are the target's, -1 where unknown; `slot_labels`, (slots,), the source's. Positives of an
    utterance, the share of them that have its emotion (purity), the share of its hard negatives that do not, and
    quantiles of the scores, of about a million at most. Purities are NaN where there is nothing to count.
    """
    positives, sampled = torch.zeros((), dtype=torch.long, device=z.device), []
    counts = torch.zeros(2, 2, dtype=torch.long, device=z.device)  # positives and negatives, of its emotion and in all
    part = max(1, large_memory.MOST_SCORES // len(slot_labels))
    stride = math.ceil(len(z) * len(slot_labels) / _MOST_SAMPLED)
    while math.gcd(stride, len(slot_labels)) > 1:  # else each utterance would give the same slots
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
