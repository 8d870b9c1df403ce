"""NNPM-plus, this project's own method: it labels the target by a discriminant of functionals, and learns from both.

NNPM keeps a memory of source utterances, compares the target with it, and trains on what it finds. NNPM-plus does the
same with the smallest parts that can do it:

| NNPM | NNPM-plus |
|---|---|
| a slot per source utterance | a slot per class: the mean of its functionals |
| the cosine of a network's embeddings | the distance in units of the spread within classes, which is estimated too |
| positives above a threshold, all others negatives | a share of every class, as sure as half of all doubt allows |
| the source is written into the memory | source and target are |

It begins as the discriminant of the source (`discriminant`). Then, round by round, it gives each target utterance a
share of each class, and estimates slots and spread again from both sides. No network is trained, nothing is drawn at
random, and a checkpoint is one linear map.

The target counts twice as much as the source if two descriptions of its sounds, adapted each by itself, then agree more
than before: where the loop runs away to groups that are no emotions, they may agree less. Else, and with one
description only, it counts half as much. docs/results/nnpm-plus.md has what this rule is worth.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import entr, softmax

from nnpm import CLASSES
from nnpm.methods import discriminant
from nnpm.methods.described import Described
from nnpm.methods.discriminant import ClassMemory, Discriminant
from nnpm.methods.linear import Classified

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Settings:
    """The constants, chosen with EMO-DB, URDU, EMOVO and nEMO in view; docs/results/nnpm-plus.md has others' scores."""

    start: float = discriminant.SHRINKAGE  # of the covariance of the source alone
    shrinkage: float = 0.4  # of the covariance of source and target
    full: float = 2.0  # weight of the target, in units of the source's, if two descriptions agree more than before
    careful: float = 0.5  # else
    doubt: float = 0.5  # entropy of the shares, in units of its largest value
    rounds: int = 10


def classify(source: Described, target: Described, settings: Settings = Settings()) -> Classified:
    """Adapt to the target's "train" rows, without their labels, and classify every target utterance."""
    memory = discriminant.memory(source)
    weight = settings.full if views_agree_more(memory, target, settings) else settings.careful
    return discriminant.classified(adapted(memory, target.values[target.training], weight, settings), target)


def adapted(memory: ClassMemory, values: Array, weight: float, settings: Settings = Settings()) -> Discriminant:
    """The discriminant of a source in memory and of a target, (utterances, functionals), after all rounds.

    `weight` is that of the target, in units of the source's.
    """
    found = Discriminant.of(memory, settings.start)
    for _ in range(settings.rounds):
        shares = soft_labels(found.scores(values), settings.doubt)
        target = ClassMemory.of(values, shares, weight * memory.counts.sum())
        found = Discriminant.of(memory + target, settings.shrinkage)
    return found


def soft_labels(scores: Array, doubt: float) -> Array:
    """The share of each class in each utterance, (utterances, classes), from scores of the same shape.

    They are the softmax of scaled scores; the scale is the one at which their mean entropy is `doubt` of its largest
    value. Scores of other functionals, or of other numbers of them, so give equally sure labels.
    """
    low, high = -20.0, 20.0  # logarithm of the scale
    for _ in range(60):
        middle = (low + high) / 2
        entropy = entr(softmax(np.exp(middle) * scores, axis=1)).sum(axis=1).mean() / np.log(len(CLASSES))
        low, high = (middle, high) if entropy > doubt else (low, middle)
    found: Array = softmax(np.exp(low) * scores, axis=1)
    return found


def views_agree_more(memory: ClassMemory, target: Described, settings: Settings = Settings()) -> bool:
    """Whether two descriptions of the target, adapted each by itself, agree more than before; False if it has one."""
    if len(target.views) < 2:
        return False
    before, after = agreements(memory, target, settings)
    return after > before


def agreements(memory: ClassMemory, target: Described, settings: Settings = Settings()) -> tuple[float, float]:
    """The agreement of two descriptions of the target before and after each is adapted, by itself, with full weight."""
    before, after = [], []
    for view in target.views:
        own = memory.part(view)
        values = target.values[np.ix_(target.training, view)]
        before.append(Discriminant.of(own, settings.start).scores(values).argmax(axis=1))
        after.append(adapted(own, values, settings.full, settings).scores(values).argmax(axis=1))
    return agreement(*before), agreement(*after)


def agreement(first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]) -> float:
    """Cohen's kappa of two classifications, (utterances,) each: 1 if equal, 0 for chance, 0 if both name one class."""
    shares = [np.bincount(each, minlength=len(CLASSES)) / len(each) for each in (first, second)]
    chance = float(shares[0] @ shares[1])
    return 0.0 if chance == 1 else (float((first == second).mean()) - chance) / (1 - chance)
