"""What classifiers of functionals return; a linear one, as `discriminant` and `nnpm_plus` leave it, predicts alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from nnpm import CLASSES
from nnpm.errors import InputError
from nnpm.features.table import FUNCTIONALS

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LinearClassifier:
    """Weights, (classes, functionals), and biases, (classes,), for functionals as measured, by name.

    They include the target's standardisation. `kind` are which functionals (`features.table.FUNCTIONALS`).
    """

    names: tuple[str, ...]
    weight: Array
    bias: Array
    kind: str = "own"

    @classmethod
    def for_measured(
        cls, weight: Array, bias: Array, mean: Array, deviation: Array, names: tuple[str, ...], kind: str = "own"
    ) -> Self:
        """The classifier of functionals as measured, from that of standardised ones (same shapes).

        `mean` and `deviation`, (functionals,), are those that they were standardised by.
        """
        weight = weight / deviation
        return cls(names, weight, bias - weight @ mean, kind)

    def scores(self, values: Array) -> Array:
        """Scores, (..., classes), of functionals as measured, (..., functionals)."""
        return values @ self.weight.T + self.bias

    def row(self, functionals: Mapping[str, float]) -> Array:
        """The functionals of one utterance, (functionals,), in the classifier's order, rounded as in the study's files.

        Raises InputError if one of them is not given.
        """
        if absent := [name for name in self.names if name not in functionals]:
            raise InputError(f"the checkpoint uses functionals that this version does not measure, as {absent[0]!r}")
        return np.array([functionals[name] for name in self.names]).round(6)

    def probabilities(self, values: Array) -> Array:
        """Class probabilities, (..., classes), of functionals as measured, rounded as in the study's files."""
        from scipy.special import softmax  # not needed in training, which reads headers as well

        found: Array = softmax(self.scores(values), axis=-1).round(6)
        return found

    def described(self) -> dict[str, Any]:
        """Return it in a form for JSON."""
        weights = {"weight": self.weight.tolist(), "bias": self.bias.tolist()}
        return {"kind": self.kind, "functionals": list(self.names), **weights}

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> Self:
        """Read what `described` returned. Raises ValueError, LookupError or TypeError if it is damaged."""
        names, kind = tuple(map(str, written["functionals"])), written["kind"]
        if kind not in FUNCTIONALS:
            raise ValueError(f"classifier reads unknown functionals, {kind!r}")
        weight, bias = (np.array(written[name], dtype=np.float64) for name in ("weight", "bias"))
        if weight.shape != (len(CLASSES), len(names)) or bias.shape != (len(CLASSES),):
            raise ValueError("classifier does not have one weight per class and functional")
        if not (np.isfinite(weight).all() and np.isfinite(bias).all()):
            raise ValueError("classifier holds values that are not finite")
        return cls(names, weight, bias, kind)


@dataclass(frozen=True)
class Classified:
    """Class probabilities of every target utterance, (utterances, classes), and what they are made by.

    `classifier` predicts alone, or is a description of one that does not, in a form for JSON.
    """

    probabilities: Array
    classifier: LinearClassifier | dict[str, Any]
