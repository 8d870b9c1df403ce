"""NNPM-plus's second view as a linear map of functionals, so that a checkpoint can carry it (see `classical`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import softmax

from nnpm import CLASSES
from nnpm.errors import InputError

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SecondView:
    """Weights, (classes, functionals), and biases, (classes,), of functionals by name, as they are measured.

    The target's standardisation and its class frequencies are in them already.
    """

    names: tuple[str, ...]
    weight: Array
    bias: Array

    def probabilities(self, functionals: Mapping[str, float]) -> Array:
        """Class probabilities, (classes,), of one utterance, with the digits that the study's files of both have.

        Raises InputError if it was made of other functionals.
        """
        if absent := [name for name in self.names if name not in functionals]:
            raise InputError(f"second view: of functionals that this version does not measure, such as {absent[0]!r}")
        values = np.array([functionals[name] for name in self.names]).round(6)
        found: Array = softmax(self.weight @ values + self.bias).round(6)
        return found

    def described(self) -> dict[str, Any]:
        """What JSON can hold of it."""
        return {"functionals": list(self.names), "weight": self.weight.tolist(), "bias": self.bias.tolist()}

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> "SecondView":
        """What `described` gave. Raises ValueError, LookupError or TypeError if it is damaged."""
        names = tuple(map(str, written["functionals"]))
        weight, bias = (np.array(written[name], dtype=np.float64) for name in ("weight", "bias"))
        if weight.shape != (len(CLASSES), len(names)) or bias.shape != (len(CLASSES),):
            raise ValueError("second_view is not a weight a class and functional")
        if not (np.isfinite(weight).all() and np.isfinite(bias).all()):
            raise ValueError("second_view holds values that are not finite")
        return cls(names, weight, bias)
