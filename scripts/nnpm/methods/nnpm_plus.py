"""NNPM-plus, this project's own method: it labels the target by a discriminant of functionals, and learns from both.

NNPM keeps a memory of source utterances, compares the target with it, and trains on what it finds. NNPM-plus does the
same with the smallest parts that can do it:

| NNPM | NNPM-plus |
|---|---|
| a slot per source utterance | a slot per class: the mean of its functionals |
| the cosine of a network's embeddings | the distance in units of the spread within classes, which is estimated too |
| positives above a threshold, all others negatives | a share of every class, as sure as half of all doubt allows |
| the source is written into the memory | source and target are |
| speakers are not known | a voice per speaker of the target, which is taken off while it learns |

It begins as the discriminant of the source (`discriminant`). Then, round by round, it gives each target utterance a
share of each class, and estimates voices, slots and spread again. The last estimate is of functionals with their
voices, so that it serves for anyone. No network is trained, nothing is drawn at random, and a checkpoint is one linear
map.

A voice is what a speaker's utterances have in common beyond what their classes let expect. Voices are left alone where
the source's scores differ more between speakers than within them: each then shows few emotions, and what would be taken
off is the emotion.

The target counts twice as much as the source if two descriptions of its sounds, adapted each by itself, then agree more
than before: where the loop runs away to groups that are no emotions, they may agree less. Else, and with one
description only, it counts half as much. docs/results/nnpm-plus.md has what this rule is worth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.special import entr, softmax

from nnpm import CLASSES
from nnpm.corpora.base import NOBODY
from nnpm.methods import discriminant
from nnpm.methods.described import Described
from nnpm.methods.discriminant import ClassMemory, Discriminant, Voices
from nnpm.methods.linear import Classified

Array = npt.NDArray[np.float64]
Speakers = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Settings:
    """The constants, chosen with EMO-DB, URDU, EMOVO and nEMO in view; docs/results/nnpm-plus.md has others' scores."""

    start: float = discriminant.SHRINKAGE  # of the covariance of the source alone
    shrinkage: float = 0.6  # of the covariance of source and target
    full: float = 2.0  # weight of the target, in units of the source's, if two descriptions agree more than before
    careful: float = 0.5  # else
    doubt: float = 0.5  # entropy of the shares, in units of its largest value
    between: float = 0.5  # share of the variance of the source's scores that may lie between speakers
    rounds: int = 10


def classify(source: Described, target: Described, settings: Settings = Settings()) -> Classified:
    """Adapt to the target's "train" rows, without their labels, and classify every target utterance."""
    memory = discriminant.memory(source)
    weight = settings.full if views_agree_more(memory, target, settings) else settings.careful
    speakers = speakers_of(memory, target, settings)
    found = adapted(memory, target.values[target.training], weight, settings, speakers)
    return discriminant.classified(found, target)


def adapted(
    memory: ClassMemory,
    values: Array,
    weight: float,
    settings: Settings = Settings(),
    speakers: Speakers | None = None,
) -> Discriminant:
    """The discriminant of a source in memory and of a target, (utterances, functionals), after all rounds.

    `weight` is that of the target, in units of the source's. `speakers`, (utterances,), tell who speaks; the
    discriminant is one of functionals with their voices, so that it classifies utterances of anyone.
    """
    if not settings.rounds:
        return Discriminant.of(memory, settings.start)
    shares = learned_shares(memory, values, weight, settings, speakers)
    return Discriminant.of(memory + ClassMemory.of(values, shares, weight * memory.counts.sum()), settings.shrinkage)


def learned_shares(
    memory: ClassMemory, values: Array, weight: float, settings: Settings, speakers: Speakers | None = None
) -> Array:
    """The share of each class in each target utterance, (utterances, classes), before the last estimate."""
    heard_by = None if speakers is None else Heard.of(values, speakers)
    found, known, voices = Discriminant.of(memory, settings.start), memory, None
    for _ in range(settings.rounds - 1):
        shares = soft_labels(found.scores(values, voices), settings.doubt)
        voices = heard_by.voices(shares, known.slots) if heard_by else None
        known = memory + ClassMemory.of(values, shares, weight * memory.counts.sum(), voices)
        found = Discriminant.of(known, settings.shrinkage)
    return soft_labels(found.scores(values, voices), settings.doubt)


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


class Heard(NamedTuple):
    """The utterances of each speaker of a target: their indicators, (speakers, utterances), and the sums of their
    functionals, (speakers, functionals). Of a speaker of `doubt` utterances half of the mean is taken for the voice.
    """

    speakers: Speakers
    indicators: sparse.csr_array
    sums: Array
    doubt: float

    @classmethod
    def of(cls, values: Array, speakers: Speakers) -> Self | None:
        """The utterances, (utterances, functionals), of speakers; None if these do not differ."""
        share, of_each = between(values, speakers), indicators(speakers)
        return cls(speakers, of_each, of_each @ values, (1 - share) / share) if share else None

    def voices(self, shares: Array, slots: Array) -> Voices:
        """How far each speaker's utterances lie from what their classes' slots, (classes, functionals), let expect.

        `shares` are those of the classes in each utterance. The mean is drawn towards 0 the more the fewer utterances
        there are, as in the best linear prediction of a random effect (Henderson 1975), by as much in all functionals.
        """
        counts = self.indicators.sum(axis=1)
        residuals = self.sums - (self.indicators @ shares) @ slots
        return Voices(self.speakers, residuals / (counts + self.doubt)[:, None])


def speakers_of(memory: ClassMemory, target: Described, settings: Settings = Settings()) -> Speakers | None:
    """Who speaks each of a target's "train" rows, as `told_speakers` has it."""
    names = target.manifest["speaker"][target.training]
    return told_speakers(memory, target.values[target.training], names.mask(names == NOBODY), settings)


def told_speakers(
    memory: ClassMemory, values: Array, names: Sequence[str | None] | pd.Series, settings: Settings = Settings()
) -> Speakers | None:
    """Who speaks each utterance of a target, (utterances,), as numbers; None if voices cannot be told from emotions.

    They cannot if the source's scores differ more between speakers than from one utterance of a speaker to the next:
    then each shows few emotions. An utterance without a name is taken for one of another speaker.
    """
    speakers, found = pd.factorize(np.asarray(names, dtype=object))
    unknown = speakers < 0
    speakers[unknown] = len(found) + np.arange(unknown.sum())
    scores = Discriminant.of(memory, settings.start).scores(values)
    of_scores = between(scores - scores.mean(axis=1, keepdims=True), speakers)
    return speakers if of_scores <= settings.between else None


def between(values: Array, speakers: Speakers) -> float:
    """The share of the variance that lies between speakers, 0 to 1, of all columns of (utterances, columns) together.

    The intraclass correlation, from an analysis of variance (Fisher 1925); 0 for one speaker, and for one utterance of
    each.
    """
    counts, total = np.bincount(speakers), len(values)
    if not 1 < len(counts) < total:
        return 0.0
    means, mean = (indicators(speakers) @ values) / counts[:, None], values.mean(axis=0)
    within = (np.vdot(values, values) - counts @ np.square(means).sum(axis=1)) / (total - len(counts))
    of_means = counts @ np.square(means - mean).sum(axis=1) / (len(counts) - 1)
    each = (total - counts @ counts / total) / (len(counts) - 1)  # utterances of a speaker, on average
    among = max((of_means - within) / each, 0.0)
    return float(among / (among + within)) if among else 0.0


def indicators(speakers: Speakers) -> sparse.csr_array:
    """Which utterances each speaker has, (speakers, utterances), 1 or 0."""
    size = len(speakers)
    return sparse.csr_array((np.ones(size), (speakers, np.arange(size))), shape=(speakers.max() + 1, size))


def views_agree_more(memory: ClassMemory, target: Described, settings: Settings = Settings()) -> bool:
    """Whether two descriptions of the target, adapted each by itself, agree more than before; False if it has one."""
    if len(target.views) < 2:
        return False
    before, after = agreements(memory, target, settings)
    return after > before


def agreements(memory: ClassMemory, target: Described, settings: Settings = Settings()) -> tuple[float, float]:
    """The agreement of two descriptions of the target before each is adapted, by itself with full weight, and after.

    What is compared are the labels that the last estimate learns from.
    """
    before, after, speakers = [], [], speakers_of(memory, target, settings)
    for view in target.views:
        own = memory.part(view)
        values = target.values[np.ix_(target.training, view)]
        before.append(Discriminant.of(own, settings.start).scores(values).argmax(axis=1))
        after.append(learned_shares(own, values, settings.full, settings, speakers).argmax(axis=1))
    return agreement(*before), agreement(*after)


def agreement(first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]) -> float:
    """Cohen's kappa of two classifications, (utterances,) each: 1 if equal, 0 for chance, 0 if both name one class."""
    shares = [np.bincount(each, minlength=len(CLASSES)) / len(each) for each in (first, second)]
    chance = float(shares[0] @ shares[1])
    return 0.0 if chance == 1 else (float((first == second).mean()) - chance) / (1 - chance)
