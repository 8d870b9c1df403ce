"""A linear discriminant of functionals, trained on the source alone: what NNPM-plus is before it adapts.

Fisher 1936: one mean per class and one covariance for all. Every class counts the same, whatever its share of the
corpora, in the means and in the covariance, and all are equally likely beforehand. The covariance is shrunk towards a
multiple of the identity (Friedman, "Regularized discriminant analysis", JASA 1989), far more than the number of
utterances would need: what differs between corpora is noise as well.
"""

import operator
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
from scipy.special import softmax

from nnpm import CLASSES
from nnpm.methods.described import Described
from nnpm.methods.linear import Classified, LinearClassifier

Array = npt.NDArray[np.float64]

#: Share of the identity in the covariance while only the source is known. docs/results/nnpm-plus.md says how it was
#: chosen.
SHRINKAGE = 0.8
_BLOCK = 4096  # utterances at a time: bounds memory beyond the functionals themselves


class Voices(NamedTuple):
    """What utterances have in common because one person speaks them: who does, (utterances,), as numbers from 0, and
    how far each speaker lies from the others, (speakers, functionals).
    """

    speakers: npt.NDArray[np.intp]
    offsets: Array


@dataclass(frozen=True)
class ClassMemory:
    """What is kept of labelled functionals: all that a discriminant needs, however many utterances there were.

    `counts`, (classes,), `sums`, (classes, functionals), and `products`, (functionals, functionals), are weighted sums
    over utterances, so the memory of several corpora is the sum of theirs.
    """

    counts: Array
    sums: Array
    products: Array

    @classmethod
    def of(cls, values: Array, shares: Array, weight: float = 1.0, voices: Voices | None = None) -> Self:
        """The memory of a corpus in which every class counts the same.

        `values`, (utterances, functionals), are its functionals, `shares`, (utterances, classes), how much of each
        class is in each utterance, `weight` how much the corpus counts. A class that it does not have has no count.
        `voices` are taken off the functionals.
        """
        width, size = values.shape[1], shares.sum(axis=0)
        each = shares * np.divide(weight / len(CLASSES), size, out=np.zeros_like(size), where=size > 0)
        sums, products = np.zeros((len(CLASSES), width)), np.zeros((width, width))
        for start in range(0, len(values), _BLOCK):
            rows = slice(start, start + _BLOCK)
            part = values[rows] if voices is None else values[rows] - voices.offsets[voices.speakers[rows]]
            sums += each[rows].T @ part
            products += (part * each[rows].sum(axis=1, keepdims=True)).T @ part
        return cls(each.sum(axis=0), sums, products)

    def __add__(self, other: Self) -> Self:
        return type(self)(self.counts + other.counts, self.sums + other.sums, self.products + other.products)

    @property
    def slots(self) -> Array:
        """The mean of each class, (classes, functionals)."""
        return np.asarray(self.sums / self.counts[:, None])

    def part(self, view: npt.NDArray[np.bool_]) -> Self:
        """The memory of some functionals alone, of a mask (functionals,)."""
        return type(self)(self.counts, self.sums[:, view], self.products[np.ix_(view, view)])


class Discriminant(NamedTuple):
    """Weights, (functionals, classes), and biases, (classes,), of standardised functionals."""

    weight: Array
    bias: Array

    @classmethod
    def of(cls, memory: ClassMemory, shrinkage: float) -> Self:
        """The discriminant of what is in memory, in which every class has to be.

        Raises numpy.linalg.LinAlgError if nothing varies.
        """
        counts, width = memory.counts[:, None], memory.sums.shape[1]
        means = memory.slots
        within = (memory.products - (means * counts).T @ means) / counts.sum()
        level = np.trace(within) / width
        shrunk = (1 - shrinkage) * within + shrinkage * level * np.eye(width)
        weights = np.linalg.solve(shrunk, means.T)
        return cls(weights, -0.5 * (means.T * weights).sum(axis=0))

    def scores(self, values: Array, voices: Voices | None = None) -> Array:
        """Log-probabilities of the classes, (utterances, classes), up to a constant per utterance, without voices."""
        found = values @ self.weight + self.bias
        return found if voices is None else found - (voices.offsets @ self.weight)[voices.speakers]


def memory(source: Described) -> ClassMemory:
    """The training utterances of the corpora of a source, each of which counts the same."""
    values, labels = source.labelled_training()
    corpus = np.repeat(np.arange(len(source.sizes)), source.sizes)[source.training]
    shares = np.eye(len(CLASSES))[labels]
    each = [ClassMemory.of(values[corpus == number], shares[corpus == number]) for number in np.unique(corpus)]
    return reduce(operator.add, each)


def classified(found: Discriminant, target: Described) -> Classified:
    """The probabilities of every target utterance, and the classifier of its functionals as measured."""
    probabilities = softmax(found.scores(target.values), axis=1)
    standardised = target.mean, target.deviation, target.names, target.kind
    return Classified(probabilities, LinearClassifier.for_measured(found.weight.T, found.bias, *standardised))


def classify(source: Described, target: Described) -> Classified:
    """Train on the source's "train" rows and classify every target utterance."""
    return classified(Discriminant.of(memory(source), SHRINKAGE), target)
