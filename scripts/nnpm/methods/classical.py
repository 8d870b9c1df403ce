"""Classifiers of functionals: the classical anchor, a support vector machine, and NNPM-plus's second view."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from nnpm import CLASSES, files
from nnpm.errors import REMEDY, InputError
from nnpm.evaluation import scoring
from nnpm.files import read_csv, read_manifest
from nnpm.methods.second_view import SecondView

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Described:
    """A corpus as a classifier sees it: standardised functionals, (utterances, functionals), and its manifest.

    `names` are those of the functionals; a value was `mean` + `deviation` times what it is now, both (functionals,).
    """

    values: Array
    manifest: pd.DataFrame
    names: tuple[str, ...]
    mean: Array
    deviation: Array

    @classmethod
    def load(cls, functionals: str | Path, manifest: str | Path, labelled: bool = False) -> "Described":
        """Read a corpus's files. Raises InputError if they are not of the same utterances in the same order.

        `labelled`, which a source is, is as for `files.read_manifest`.
        """
        table = read_csv(functionals, ("utterance",))
        rows = read_manifest(manifest, labelled)
        if table["utterance"].tolist() != rows["utterance"].tolist():
            raise InputError(f"{functionals}: not the utterances of {manifest}: {REMEDY}")
        numbers = table.drop(columns="utterance").apply(pd.to_numeric, errors="coerce")
        values = numbers.to_numpy(dtype=np.float64)
        if not np.isfinite(values).all():
            raise InputError(f"{functionals}: holds values that are not finite: {REMEDY}")
        if not values.shape[1]:
            raise InputError(f"{functionals}: holds no functionals: {REMEDY}")
        return cls.of(values, rows, tuple(numbers))

    @classmethod
    def of(cls, values: Array, manifest: pd.DataFrame, names: tuple[str, ...] | None = None) -> "Described":
        """Standardise functionals: each less its mean over the corpus, by its deviation; one that does not vary is 0.

        All utterances of the corpus count, as they do for the mels: no label is needed for it.
        """
        mean, deviation = values.mean(axis=0), values.std(axis=0)
        varies = deviation > 1e-9 * np.abs(values).max(axis=0)
        deviation[~varies] = np.inf
        names = names or tuple(map(str, range(values.shape[1])))
        return cls((values - mean) / deviation, manifest, names, mean, deviation)


def classify(source: Described, target: Described) -> pd.DataFrame:
    """Train on the source's "train" rows and return predictions for every target utterance.

    The SVM has an RBF kernel with scikit-learn's own choice of C = 1 and gamma = 1 / (columns x variance): nothing is
    tuned, on either corpus. It draws no random number, so that it is the same for every seed. Probabilities are the
    softmax of the decision function, which orders the classes but is not calibrated.
    """
    train = (source.manifest["split"] == "train").to_numpy()
    machine = SVC(C=1.0, kernel="rbf", gamma="scale", decision_function_shape="ovr")
    machine.fit(source.values[train], files.label_indices(source.manifest["label"][train]))
    # The columns are the classes in their order: a source has training utterances of each.
    decisions = torch.from_numpy(machine.decision_function(target.values))
    return scoring.predictions(target.manifest, decisions.softmax(dim=1))


def second_view(source: Described, target: Described) -> tuple[pd.DataFrame, SecondView]:
    """What the functionals alone say of each target utterance: its name, one probability a class; and what says so.

    Logistic regression on the source's "train" rows, each class with the same weight, strongly regularised, since
    what holds across languages is simple. Then the classes are made equally frequent among the target's "train" rows.
    """
    train = (source.manifest["split"] == "train").to_numpy()
    model = LogisticRegression(C=0.01, class_weight="balanced", max_iter=10_000)
    model.fit(source.values[train], files.label_indices(source.manifest["label"][train]))
    seen = (target.manifest["split"] == "train").to_numpy()
    found = model.predict_proba(target.values)
    p = equalised(found, seen)
    table = target.manifest[["utterance"]].reset_index(drop=True)
    table[list(CLASSES)] = p.round(6)
    # All of it is one linear map: equalising multiplies each class by a factor, which any utterance shows.
    clearest = found.min(axis=1).argmax()
    factors = np.log(p[clearest] / found[clearest])
    weight = model.coef_ / target.deviation
    return table, SecondView(target.names, weight, model.intercept_ - weight @ target.mean + factors)


def equalised(p: Array, rows: npt.NDArray[np.bool_]) -> Array:
    """Probabilities, (utterances, classes), times a factor a class such that their mean over `rows` is uniform.

    The factors are found by iterative scaling; every utterance's probabilities sum to 1.
    """
    for _ in range(100):
        p = p / p[rows].mean(axis=0)
        p = p / p.sum(axis=1, keepdims=True)
    return p
