"""A linear discriminant of functionals, trained on the source alone: what NNPM-plus is before it adapts.

Fisher 1936: one mean per class and one covariance for all. Every class counts the same, whatever its share of the
corpora, in the means and in the covariance, and all are equally likely beforehand. The covariance is shrunk towards a
multiple of the identity (Friedman, "Regularized discriminant analysis", JASA 1989), far more than the number of
utterances would need: what differs between corpora is noise as well.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
from scipy.special import softmax

from nnpm import CLASSES
from nnpm.methods.described import Described
from nnpm.methods.linear import Classified, LinearClassifier

Array = npt.NDArray[np.float64]

#: Share of the identity in the covariance while only the source is known. Chosen on other languages than it is reported
#: on: `benchmarks/leave_one_language_out.py`.
SHRINKAGE = 0.8
_BLOCK = 4096  # utterances at a time: bounds memory beyond the functionals themselves


class Labelled(NamedTuple):
    """Functionals of a corpus, (utterances, functionals), the share of each class in each utterance, (utterances,
    classes), and how much the corpus counts."""

    values: Array
    shares: Array
    weight: float = 1.0


class Discriminant(NamedTuple):
    """Weights, (functionals, classes), and biases, (classes,), of standardised functionals."""

    weight: Array
    bias: Array

    @classmethod
    def fit(cls, corpora: Sequence[Labelled], shrinkage: float) -> Self:
        """The discriminant of corpora in each of which every class counts the same.

        A class that a corpus does not have counts in none of it: its mean is that of the others. Raises
        numpy.linalg.LinAlgError if nothing varies.
        """
        width = corpora[0].values.shape[1]
        counts, sums, products = np.zeros(len(CLASSES)), np.zeros((len(CLASSES), width)), np.zeros((width, width))
        for values, shares, weight in corpora:
            size = shares.sum(axis=0)
            each = shares * np.divide(weight / len(CLASSES), size, out=np.zeros_like(size), where=size > 0)
            counts += each.sum(axis=0)
            for rows in _blocks(len(values)):
                sums += each[rows].T @ values[rows]
                products += (values[rows] * each[rows].sum(axis=1, keepdims=True)).T @ values[rows]
        means = sums / counts[:, None]
        within = (products - (means * counts[:, None]).T @ means) / counts.sum()
        level = np.trace(within) / width
        shrunk = (1 - shrinkage) * within + shrinkage * level * np.eye(width)
        weights = np.linalg.solve(shrunk, means.T)
        return cls(weights, -0.5 * (means.T * weights).sum(axis=0))

    def scores(self, values: Array) -> Array:
        """Log-probabilities of the classes, (utterances, classes), up to a constant per utterance."""
        return values @ self.weight + self.bias


def of_source(source: Described) -> list[Labelled]:
    """The training utterances of each corpus of a source, which all count the same."""
    values, labels = source.labelled_training()
    corpus = np.repeat(np.arange(len(source.sizes)), source.sizes)[source.training]
    shares = np.eye(len(CLASSES))[labels]
    return [Labelled(values[corpus == number], shares[corpus == number]) for number in np.unique(corpus)]


def classified(found: Discriminant, target: Described) -> Classified:
    """The probabilities of every target utterance, and the classifier of its functionals as measured."""
    probabilities = softmax(found.scores(target.values), axis=1)
    return Classified(probabilities, LinearClassifier.for_measured(found.weight.T, found.bias, target))


def classify(source: Described, target: Described) -> Classified:
    """Train on the source's "train" rows and classify every target utterance."""
    return classified(Discriminant.fit(of_source(source), SHRINKAGE), target)


def _blocks(rows: int) -> Iterable[slice]:
    return (slice(start, start + _BLOCK) for start in range(0, rows, _BLOCK))
