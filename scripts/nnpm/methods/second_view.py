"""The second view: a linear classifier of functionals alone, which teaches NNPM-plus.

It is strongly regularised and trained on the source alone, since what holds across languages is simple. It is one
linear map of functionals, so that a checkpoint of NNPM-plus can include it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nnpm import CLASSES
from nnpm.errors import InputError
from nnpm.features.table import FUNCTIONALS
from nnpm.methods.described import Classified, Described

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SecondView:
    """Weights, (classes, functionals), and biases, (classes,), for functionals as measured, by name.

    They include the target's standardisation and class frequencies. `kind` are which functionals
    (`features.table.FUNCTIONALS`).
    """

    names: tuple[str, ...]
    weight: Array
    bias: Array
    kind: str = "own"

    def probabilities(self, functionals: Mapping[str, float]) -> Array:
        """Class probabilities, (classes,), of one utterance, rounded as in the study's files.

        Raises InputError if one of its functionals is not given.
        """
        if absent := [name for name in self.names if name not in functionals]:
            raise InputError(f"second view: uses functionals that this version does not measure, such as {absent[0]!r}")
        from scipy.special import softmax  # not needed in training, which reads headers as well

        values = np.array([functionals[name] for name in self.names]).round(6)
        found: Array = softmax(self.weight @ values + self.bias).round(6)
        return found

    def described(self) -> dict[str, Any]:
        """Return it in a form for JSON."""
        weights = {"weight": self.weight.tolist(), "bias": self.bias.tolist()}
        return {"kind": self.kind, "functionals": list(self.names), **weights}

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> "SecondView":
        """Read what `described` returned. Raises ValueError, LookupError or TypeError if it is damaged."""
        names, kind = tuple(map(str, written["functionals"])), written["kind"]
        if kind not in FUNCTIONALS:
            raise ValueError(f"second_view reads unknown functionals, {kind!r}")
        weight, bias = (np.array(written[name], dtype=np.float64) for name in ("weight", "bias"))
        if weight.shape != (len(CLASSES), len(names)) or bias.shape != (len(CLASSES),):
            raise ValueError("second_view does not have one weight per class and functional")
        if not (np.isfinite(weight).all() and np.isfinite(bias).all()):
            raise ValueError("second_view holds values that are not finite")
        return cls(names, weight, bias, kind)


def classify(source: Described, target: Described) -> Classified:
    """Train on the source's "train" rows and classify every target utterance.

    Logistic regression with balanced class weights. Then the classes are made equally frequent among the target's
    "train" rows.
    """
    from sklearn.linear_model import LogisticRegression  # not needed where a checkpoint's second view is only applied

    model = LogisticRegression(C=0.01, class_weight="balanced", max_iter=10_000)
    model.fit(*source.labelled_training())
    probabilities, factors = equalised(model.predict_proba(target.values), target.training)
    weight = model.coef_ / target.deviation
    bias = model.intercept_ - weight @ target.mean + np.log(factors)
    view = SecondView(target.names, weight, bias, target.kind)
    return Classified(probabilities, view.described())


def equalised(p: Array, rows: npt.NDArray[np.bool_]) -> tuple[Array, Array]:
    """Scale probabilities, (utterances, classes), by one factor per class so that their mean over `rows` is uniform.

    Returns them, with a sum of 1 per utterance, and the factors, (classes,), found by iterative scaling.
    """
    factors = np.ones(p.shape[1])
    for _ in range(100):
        mean = p[rows].mean(axis=0)
        factors /= mean / mean.mean()
        p = p / mean
        p = p / p.sum(axis=1, keepdims=True)
    return p, factors
