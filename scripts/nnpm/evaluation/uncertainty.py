"""How reliable an accuracy, or the difference of two, is: intervals, paired tests, effect sizes.

Two things are random: the speakers in the test set, and the seed of a training. The interval resamples both, crossed
(Owen, "The pigeonhole bootstrap", Annals of Applied Statistics 2007); a speaker's utterances stay together, since they
are alike. The test swaps two methods' predictions, speaker by speaker. All numbers are fractions in 0..1. All of it is
one product of counts: (draws, clusters) with (clusters, seeds x classes).
"""

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from nnpm import CLASSES
from nnpm.errors import InputError
from nnpm.files import of_split

Floats = npt.NDArray[np.float64]

#: Test sets with fewer speakers are resampled by utterance: few clusters give too few different samples, and a
#: percentile interval becomes too narrow (with one cluster, a point).
MINIMUM_SPEAKERS = 5
RESAMPLES = 5_000
PERMUTATIONS = 10_000
CONFIDENCE = 0.95
_SEED = 20211213  # arbitrary but fixed, so that tables are reproducible
_CHUNK = 500  # draws at once: bounds memory where a corpus has ten thousand utterances and no speakers


class Interval(NamedTuple):
    """The middle 95 % of the resampled scores."""

    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Which of one target's labelled test utterances the runs of one method got right.

    `hits` counts correct utterances, (seeds, clusters, classes), and `sizes` all of them, (clusters, classes);
    `correct` is (seeds, utterances). A cluster is resampled as a whole: `unit` is "speakers" or "utterances".
    A method that draws no random numbers is not `seeded`: its one result stands for every seed.
    """

    target: str
    unit: str
    seeds: tuple[int, ...]
    utterances: tuple[str, ...]
    correct: npt.NDArray[np.bool_]
    hits: Floats
    sizes: Floats
    seeded: bool = True

    @property
    def clusters(self) -> int:
        """Number of clusters in the test set."""
        return len(self.sizes)

    def only(self, seeds: Sequence[int]) -> "Outcomes":
        """Return the outcomes of these seeds, in this order; an unseeded result is repeated for each of them."""
        if tuple(seeds) == self.seeds:
            return self  # keeps what it has drawn already
        chosen = [self.seeds.index(seed) if self.seeded else 0 for seed in seeds]
        return replace(self, seeds=tuple(seeds), correct=self.correct[chosen], hits=self.hits[chosen])

    def scores(self, metric: str = "ua") -> Floats:
        """The score of each seed, (seeds,): "ua", "wa" or "recall_{class}"."""
        return _score(self.hits.sum(axis=1), self.sizes.sum(axis=0), metric)

    def replicates(self, metric: str = "ua") -> Floats:
        """The mean over seeds in each resample, (RESAMPLES,); NaN where the class of a recall was not drawn.

        Clusters and seeds are drawn with replacement. The draws depend only on the target and the numbers of clusters
        and seeds, so those of two methods are paired; runs of one seed share a pretrained backbone, so seeds are drawn
        jointly for all targets.
        """
        hits, sizes = self._drawn
        of_seed = _score(hits, sizes, metric)
        count = len(self.seeds)
        drawn = _counts(np.random.default_rng(_SEED), RESAMPLES, count)
        return np.asarray((of_seed * drawn).sum(axis=1) / count)

    @cached_property
    def _drawn(self) -> tuple[Floats, Floats]:
        """Hits, (RESAMPLES, seeds, classes), and sizes, (RESAMPLES, 1, classes), of the resampled clusters."""
        by_cluster = np.concatenate([self.hits, self.sizes[None]]).transpose(1, 0, 2).reshape(self.clusters, -1)
        generator = _generator(self.target)
        parts = [_counts(generator, size, self.clusters) @ by_cluster for size in _chunks(RESAMPLES)]
        sums = np.concatenate(parts).reshape(RESAMPLES, len(self.seeds) + 1, len(CLASSES))
        return sums[:, :-1], sums[:, -1:]


@dataclass(frozen=True)
class Difference:
    """One method against another on the same utterances with the same seeds: the first minus the second.

    ``interval`` resamples clusters and seeds; ``p`` is from the two-sided permutation test. ``wins`` counts the
    predictions (an utterance and a seed) that the first alone got right, ``losses`` the second's; ``better`` the seeds
    in which the first scores higher, of ``seeds``. ``least_p`` is the smallest p that the test can give.
    """

    mean: float
    interval: Interval
    p: float
    wins: int
    losses: int
    better: int
    seeds: int
    least_p: float

    @property
    def cohens_g(self) -> float:
        """Effect size of discordant pairs: the share that the first wins, minus 1/2; NaN if they never differ."""
        discordant = self.wins + self.losses
        return self.wins / discordant - 0.5 if discordant else math.nan

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval lies on one side of no difference."""
        return self.interval.low > 0 or self.interval.high < 0


def outcomes(predictions: pd.DataFrame, target: str = "", seeded: bool = True) -> Outcomes | None:
    """Return the outcomes of one method's runs on one target; None without a labelled test utterance.

    `predictions` has one row per utterance and seed: seed, utterance, speaker, label, predicted, and split if not all
    rows are of the test. Raises InputError if the seeds do not have the same utterances and labels.
    """
    rows = predictions[predictions["label"].isin(CLASSES)]
    if "split" in rows:
        rows = rows[of_split(rows, "test")]
    if rows.empty:
        return None
    by_seed = [part.sort_values("utterance", ignore_index=True) for _, part in rows.groupby("seed")]
    first, told = by_seed[0], ["utterance", "speaker", "label"]
    if not all(part[told].equals(first[told]) for part in by_seed) or first["utterance"].duplicated().any():
        raise InputError(
            f"predictions on {target or 'a target'}: the seeds have different test utterances; run them again"
        )
    unit = "speakers" if first["speaker"].nunique() >= MINIMUM_SPEAKERS else "utterances"
    cluster = pd.factorize(first["speaker" if unit == "speakers" else "utterance"], sort=True)[0]
    label = pd.Categorical(first["label"], categories=list(CLASSES)).codes
    seeds = tuple(int(seed) for seed in sorted(rows["seed"].unique()))
    correct = np.stack([part["label"] == part["predicted"] for part in by_seed])
    place = np.zeros((len(first), int(cluster.max()) + 1, len(CLASSES)))
    place[np.arange(len(first)), cluster, label] = 1
    hits = np.tensordot(correct, place, axes=1)
    return Outcomes(target, unit, seeds, tuple(first["utterance"]), correct, hits, place.sum(axis=0), seeded)


def bootstrap(measured: Outcomes | Sequence[Outcomes], metric: str = "ua") -> Interval:
    """Return the 95 % interval of the mean over seeds, and over targets if several outcomes are given.

    For several targets, only the seeds that all have are used; raises InputError if there are none.
    """
    several = _several(measured)
    seeds = _shared_seeds(several)
    return _interval(np.mean([one.only(seeds).replicates(metric) for one in several], axis=0))


def compare(
    first: Outcomes | Sequence[Outcomes], second: Outcomes | Sequence[Outcomes], metric: str = "ua"
) -> Difference:
    """Return the paired difference of two methods in a score, or in its mean over targets if several are given.

    The test swaps the two methods' predictions of randomly chosen clusters, those of all seeds together, and counts how
    often the difference becomes at least as large as the measured one: p = (1 + count) / (1 + permutations).
    Only the seeds that both have on all targets are used; an unseeded result is paired with every seed of the other.
    Raises InputError if they share no seed or differ in their utterances.
    """
    firsts, seconds = _several(first), _several(second)
    seeds = _shared_seeds([*firsts, *seconds])
    pairs = [(a.only(seeds), b.only(seeds)) for a, b in zip(firsts, seconds, strict=True)]
    for a, b in pairs:
        if a.utterances != b.utterances or not np.array_equal(a.sizes, b.sizes):
            raise InputError(f"predictions on {a.target}: two methods have different test utterances; run them again")
    differences = np.mean([a.scores(metric) - b.scores(metric) for a, b in pairs], axis=0)
    swapped = np.mean([_swapped(a, b, metric) for a, b in pairs], axis=0)
    mean, least = float(differences.mean()), least_p(sum(a.clusters for a, _ in pairs))
    return Difference(
        mean,
        _interval(np.mean([a.replicates(metric) - b.replicates(metric) for a, b in pairs], axis=0)),
        # The slack allows for rounding, as sums are in another order; NaN, from a class that does not occur, counts.
        max(least, float((1 + np.count_nonzero(~(np.abs(swapped) < abs(mean) - 1e-12))) / (1 + PERMUTATIONS))),
        sum(int((a.correct & ~b.correct).sum()) for a, b in pairs),
        sum(int((b.correct & ~a.correct).sum()) for a, b in pairs),
        int((differences > 1e-12).sum()),
        len(differences),
        least,
    )


def least_p(clusters: int) -> float:
    """Return the smallest p of `compare`: 2 of 2^clusters permutations (no swap, all swaps) reach any difference.

    With five speakers it is 0.06: they can be resampled, but are too few for a significant difference.
    """
    return max(1 / (1 + PERMUTATIONS), 2.0 ** (1 - clusters))


def holm(p: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number (Holm 1979): at 0.05, at most one in twenty families has an error."""
    corrected, largest = [0.0] * len(p), 0.0
    for rank, index in enumerate(np.argsort(p)):
        largest = max(largest, min(1.0, (len(p) - rank) * p[index]))
        corrected[index] = largest
    return corrected


def _several(measured: Outcomes | Sequence[Outcomes]) -> Sequence[Outcomes]:
    return [measured] if isinstance(measured, Outcomes) else measured


def common_seeds(several: Sequence[Outcomes]) -> list[int]:
    """Return the seeds that all outcomes have, in order; an unseeded result has those of the others."""
    seeded = [one for one in several if one.seeded] or several
    return sorted(set.intersection(*(set(one.seeds) for one in seeded)))


def _shared_seeds(several: Sequence[Outcomes]) -> list[int]:
    """Return the common seeds; raises InputError if there are none."""
    if seeds := common_seeds(several):
        return seeds
    targets = " and ".join(dict.fromkeys(one.target for one in several))
    raise InputError(f"predictions on {targets}: no seed in common; run all methods with the same seeds")


def _score(hits: Floats, sizes: Floats, metric: str) -> Floats:
    """Scores of hits, (..., classes), among sizes, which broadcast to them; UA is the mean over classes that occur."""
    if metric == "wa":
        return np.asarray(hits.sum(axis=-1) / sizes.sum(axis=-1))
    occurs = sizes > 0
    recall = np.divide(hits, sizes, out=np.full_like(hits, np.nan), where=occurs)
    if metric == "ua":
        return np.asarray(np.where(occurs, recall, 0).sum(axis=-1) / occurs.sum(axis=-1))
    return np.asarray(recall[..., CLASSES.index(metric.removeprefix("recall_"))])


def _swapped(first: Outcomes, second: Outcomes, metric: str) -> Floats:
    """The difference after each permutation, (PERMUTATIONS,).

    Swapping a cluster changes the sign of its part of the difference; the sizes stay the same.
    """
    gained = (first.hits - second.hits).mean(axis=0)  # (clusters, classes)
    total = first.sizes.sum(axis=0)
    # What one more correct utterance of a class adds to the score.
    worth = np.array([_score(one, total, metric) for one in np.eye(len(CLASSES))])
    parts = gained @ np.nan_to_num(worth)
    generator = _generator(first.target)
    signs = (2.0 * generator.integers(0, 2, (size, len(parts))) - 1 for size in _chunks(PERMUTATIONS))
    return np.concatenate([sign @ parts for sign in signs])


def _interval(replicates: Floats) -> Interval:
    known = replicates[~np.isnan(replicates)]
    if not len(known):
        return Interval(math.nan, math.nan)
    low, high = np.quantile(known, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Interval(float(low), float(high))


def _generator(target: str) -> np.random.Generator:  # a stream of its own for each target, the same for all methods
    return np.random.default_rng([_SEED, zlib.crc32(target.encode())])


def _counts(generator: np.random.Generator, draws: int, of: int) -> npt.NDArray[np.intp]:
    """How often each of `of` items is drawn, (draws, of), when `of` are drawn with replacement."""
    drawn = generator.integers(0, of, (draws, of)) + of * np.arange(draws)[:, None]
    return np.bincount(drawn.ravel(), minlength=draws * of).reshape(draws, of)


def _chunks(total: int) -> list[int]:
    """Split a number into parts of at most _CHUNK."""
    return [min(_CHUNK, total - start) for start in range(0, total, _CHUNK)]
