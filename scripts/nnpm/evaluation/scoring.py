"""Predictions and the scores computed from them; nothing else in the project computes a score."""

from typing import Any

import numpy as np
import pandas as pd
from torch import Tensor

from nnpm import CLASSES
from nnpm.errors import InputError


def predictions(manifest: pd.DataFrame, probabilities: Tensor) -> pd.DataFrame:
    """One row an utterance: utterance, speaker, split, label, and the columns of `decisions`."""
    table = manifest[["utterance", "speaker", "split", "label"]].reset_index(drop=True)
    return pd.concat([table, decisions(probabilities)], axis=1)


def decisions(probabilities: Tensor) -> pd.DataFrame:
    """One row an utterance: predicted, one probability a class.

    Probabilities are rounded to six decimals before the largest is chosen, so that the file agrees with itself. Raises
    InputError if they are not finite.
    """
    p = probabilities.double().cpu().numpy().round(6)
    if not np.isfinite(p).all():
        raise InputError("predictions: not finite, the backbone's weights are no numbers; delete its run and run again")
    table = pd.DataFrame(p, columns=list(CLASSES))
    table.insert(0, "predicted", [CLASSES[index] for index in p.argmax(axis=1)])
    return table


def scores(predictions: pd.DataFrame, split: str) -> dict[str, Any] | None:
    """UA, WA, recall by class and confusion matrix of one split of a predictions table; None without labels.

    UA is the mean recall over the classes that occur, WA the share of correct utterances; both in 0..1. The confusion
    matrix has a row for each true class, in the order of CLASSES. Utterances without a label are left out.
    """
    part = predictions[(predictions["split"] == split) & predictions["label"].isin(CLASSES)]
    if part.empty:
        return None
    classes = pd.CategoricalDtype(list(CLASSES))
    pairs = pd.crosstab(part["label"].astype(classes), part["predicted"].astype(classes), dropna=False)
    confusion = pairs.to_numpy()
    count = confusion.sum(axis=1)
    recall = {name: confusion[i, i] / count[i] if count[i] else None for i, name in enumerate(CLASSES)}
    return {
        "utterances": int(count.sum()),
        "ua": float(np.mean([value for value in recall.values() if value is not None])),
        "wa": float(confusion.trace() / count.sum()),
        "recall": {name: None if value is None else float(value) for name, value in recall.items()},
        "confusion": confusion.tolist(),
    }


def without_epochs(predictions: pd.DataFrame, seconds: float) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The history, which is empty, and the metrics of a run whose predictions no epoch led to."""
    metrics = {
        "device": "cpu",
        "epoch": 0,
        "seconds": round(seconds, 3),
        "splits": {"test": scores(predictions, "test")},
        "start": {},
        "oracle": None,
    }
    return pd.DataFrame(columns=["epoch", "seconds"]), metrics
