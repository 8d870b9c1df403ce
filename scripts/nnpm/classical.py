"""Classifiers of functionals: the classical anchor, a support vector machine, and NNPM-plus's second view."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from nnpm import CLASSES, evaluation
from nnpm.errors import REMEDY, InputError
from nnpm.files import read_csv, read_manifest

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Described:
    """A corpus as a classifier sees it: standardised functionals, (utterances, functionals), and its manifest."""

    values: Array
    manifest: pd.DataFrame

    @classmethod
    def load(cls, functionals: str | Path, manifest: str | Path, labelled: bool = False) -> "Described":
        """Read a corpus's files. Raises InputError if they are not of the same utterances in the same order.

        `labelled`, which a source is, is as for `files.read_manifest`.
        """
        table = read_csv(functionals, ("utterance",))
        rows = read_manifest(manifest, labelled)
        if table["utterance"].tolist() != rows["utterance"].tolist():
            raise InputError(f"{functionals}: not the utterances of {manifest}: {REMEDY}")
        values = table.drop(columns="utterance").apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
        if not np.isfinite(values).all():
            raise InputError(f"{functionals}: holds values that are not finite: {REMEDY}")
        if not values.shape[1]:
            raise InputError(f"{functionals}: holds no functionals: {REMEDY}")
        return cls(standardised(values), rows)


def standardised(values: Array) -> Array:
    """Each column less its mean over the corpus, by its deviation; a column that does not vary is 0.

    All utterances of the corpus count, as they do for the mels: no label is needed for it.
    """
    deviation = values.std(axis=0)
    varies = deviation > 1e-9 * np.abs(values).max(axis=0)
    centred: Array = values - values.mean(axis=0)
    centred[:, varies] /= deviation[varies]
    centred[:, ~varies] = 0
    return centred


def classify(source: Described, target: Described) -> pd.DataFrame:
    """Train on the source's "train" rows and return predictions for every target utterance.

    The SVM has an RBF kernel with scikit-learn's own choice of C = 1 and gamma = 1 / (columns x variance): nothing is
    tuned, on either corpus. It draws no random number, so that it is the same for every seed. Probabilities are the
    softmax of the decision function, which orders the classes but is not calibrated.
    """
    train = (source.manifest["split"] == "train").to_numpy()
    machine = SVC(C=1.0, kernel="rbf", gamma="scale", decision_function_shape="ovr")
    machine.fit(source.values[train], evaluation.label_indices(source.manifest["label"][train]))
    # The columns are the classes in their order: a source has training utterances of each.
    decisions = torch.from_numpy(machine.decision_function(target.values))
    return evaluation.predictions(target.manifest, decisions.softmax(dim=1))


def second_view(source: Described, target: Described) -> pd.DataFrame:
    """What the functionals alone say of each target utterance: its name, and one probability a class.

    Logistic regression on the source's "train" rows, each class with the same weight, strongly regularised, since
    what holds across languages is simple. Then the classes are made equally frequent among the target's "train" rows.
    """
    train = (source.manifest["split"] == "train").to_numpy()
    model = LogisticRegression(C=0.01, class_weight="balanced", max_iter=10_000)
    model.fit(source.values[train], evaluation.label_indices(source.manifest["label"][train]))
    seen = (target.manifest["split"] == "train").to_numpy()
    p = equalised(model.predict_proba(target.values), seen)
    table = target.manifest[["utterance"]].reset_index(drop=True)
    table[list(CLASSES)] = p.round(6)
    return table


def equalised(p: Array, rows: npt.NDArray[np.bool_]) -> Array:
    """Probabilities, (utterances, classes), times a factor a class such that their mean over `rows` is uniform.

    The factors are found by iterative scaling; every utterance's probabilities sum to 1.
    """
    for _ in range(100):
        p = p / p[rows].mean(axis=0)
        p = p / p.sum(axis=1, keepdims=True)
    return p
