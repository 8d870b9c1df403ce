"""Predictions and the scores computed from them; nothing else in the project computes a score."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from sklearn.metrics import confusion_matrix
from torch import Tensor

from nnpm import CLASSES
from nnpm.batches import Inputs, Rows, in_order, take
from nnpm.model import BLOCKS, SNSA

BATCH = 64  # fixed: another size could move the last bit of a sum, and so of a prediction


def label_indices(labels: pd.Series) -> npt.NDArray[np.int64]:
    """Indices into CLASSES; -1 where there is no label."""
    indices: npt.NDArray[np.int64] = pd.Categorical(labels, categories=list(CLASSES)).codes.astype(np.int64)
    return indices


@torch.no_grad()
def encode(backbone: SNSA, inputs: Inputs, blocks: int = BLOCKS) -> Inputs:
    """What the first `blocks` blocks make of a whole corpus, on the backbone's device; `inputs` if there are none."""
    if blocks == 0:
        return inputs
    device = next(backbone.parameters()).device
    rows = np.arange(len(inputs))
    return torch.cat([backbone.encode(take(inputs, part, device), last=blocks) for part in in_order(rows, BATCH)])


@torch.no_grad()
def infer(backbone: SNSA, inputs: Inputs, rows: Rows, first: int = 0) -> tuple[Tensor, Tensor]:
    """Features z, (rows, width), and class probabilities, (rows, classes), without dropout.

    `inputs` are mels, or the output of the blocks before `first`. Leaves the backbone in evaluation mode.
    """
    backbone.eval()
    device = next(backbone.parameters()).device
    parts = [backbone(take(inputs, part, device), first) for part in in_order(rows, BATCH)]
    z, logits = (torch.cat(tensors) for tensors in zip(*parts, strict=True))
    return z, logits.softmax(dim=1)


def predictions(manifest: pd.DataFrame, probabilities: Tensor) -> pd.DataFrame:
    """One row an utterance: utterance, speaker, split, label, predicted, one probability a class.

    Probabilities are rounded to six decimals before the largest is chosen, so that the file agrees with itself.
    """
    p = probabilities.double().cpu().numpy().round(6)
    table = manifest[["utterance", "speaker", "split", "label"]].reset_index(drop=True)
    table["predicted"] = [CLASSES[index] for index in p.argmax(axis=1)]
    table[list(CLASSES)] = p
    return table


def scores(predictions: pd.DataFrame, split: str) -> dict[str, Any] | None:
    """UA, WA, recall by class and confusion matrix of one split of a predictions table; None without labels.

    UA is the mean recall over the classes that occur, WA the share of correct utterances; both in 0..1. The confusion
    matrix has a row for each true class, in the order of CLASSES. Utterances without a label are left out.
    """
    part = predictions[(predictions["split"] == split) & predictions["label"].isin(CLASSES)]
    if part.empty:
        return None
    confusion = confusion_matrix(part["label"], part["predicted"], labels=list(CLASSES))
    count = confusion.sum(axis=1)
    recall = {name: confusion[i, i] / count[i] if count[i] else None for i, name in enumerate(CLASSES)}
    return {
        "utterances": int(count.sum()),
        "ua": float(np.mean([value for value in recall.values() if value is not None])),
        "wa": float(confusion.trace() / count.sum()),
        "recall": {name: None if value is None else float(value) for name, value in recall.items()},
        "confusion": confusion.tolist(),
    }
