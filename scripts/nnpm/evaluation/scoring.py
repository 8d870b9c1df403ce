"""Predictions and the scores computed from them; nothing else in the project computes a score."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from nnpm import CLASSES
from nnpm.errors import InputError
from nnpm.files import label_indices, of_split


def predictions(manifest: pd.DataFrame, probabilities: npt.ArrayLike) -> pd.DataFrame:
    """One row per utterance: utterance, speaker, split, label, and the columns of `decisions`."""
    table = manifest[["utterance", "speaker", "split", "label"]].reset_index(drop=True)
    return pd.concat([table, decisions(probabilities)], axis=1)


def decisions(probabilities: npt.ArrayLike) -> pd.DataFrame:
    """One row per utterance, of (utterances, classes): predicted, and one probability per class.

    Probabilities are rounded to six decimals before the largest is chosen, so that the columns of the file agree.
    Raises InputError if they are not finite.
    """
    p = np.asarray(probabilities, dtype=np.float64).round(6)
    if not np.isfinite(p).all():
        raise InputError("predictions: not finite, since the backbone's weights are not; delete its run and run again")
    table = pd.DataFrame(p, columns=list(CLASSES))
    table.insert(0, "predicted", [CLASSES[index] for index in p.argmax(axis=1)])
    return table


def confusion(rows: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Count labelled utterances by true class (rows) and predicted class (columns), in the order of CLASSES.

    `rows` has the columns label and predicted; utterances without a label are left out.
    """
    known = rows[rows["label"].isin(CLASSES)]
    counts = np.zeros((len(CLASSES), len(CLASSES)), dtype=np.int64)
    np.add.at(counts, (label_indices(known["label"]), label_indices(known["predicted"])), 1)
    return counts


def scores(predictions: pd.DataFrame, split: str) -> dict[str, Any] | None:
    """UA, WA, recall per class and confusion matrix of one split of a predictions table; None without labels."""
    counts = confusion(predictions[of_split(predictions, split)])
    return of_confusion(counts) if counts.any() else None


def of_confusion(counts: npt.NDArray[np.int64]) -> dict[str, Any]:
    """UA, WA and recall per class of a confusion matrix, as a run's metrics hold them.

    UA is the mean recall over the classes that occur, WA the share of correct utterances; both in 0..1.
    """
    size = counts.sum(axis=1)
    recall = {name: float(counts[i, i] / size[i]) if size[i] else None for i, name in enumerate(CLASSES)}
    return {
        "utterances": int(size.sum()),
        "ua": float(np.mean([value for value in recall.values() if value is not None])),
        "wa": float(counts.trace() / size.sum()),
        "recall": recall,
        "confusion": counts.tolist(),
    }


def without_epochs(predictions: pd.DataFrame, seconds: float) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the empty history, and the metrics, of a run without training epochs."""
    metrics = {
        "device": "cpu",
        "epoch": 0,
        "seconds": round(seconds, 3),
        "splits": {"test": scores(predictions, "test")},
        "start": {},
        "oracle": None,
    }
    return pd.DataFrame(columns=["epoch", "seconds"]), metrics
