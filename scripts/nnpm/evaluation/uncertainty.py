"""Intervals and tests of an accuracy or of the difference of two: one variance serves both.

Two things are random: the clusters (speakers or utterances) of the test set, and the seed of a training. Both are
counted, as crossed random effects (Owen, "The pigeonhole bootstrap", Annals of Applied Statistics 2007). The variance
is that of the linearised score (Korn & Graubard, Analysis of Health Surveys, 1999): no cluster is drawn, so no class
can be missing. All numbers are fractions in 0..1. Arrays may have further axes in front: studies of a simulation.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import stats

from nnpm.errors import InputError
from nnpm.evaluation.outcomes import Floats, Outcomes, shared_seeds

CONFIDENCE = 0.95

#: Fewer seeds than these say too little of how seeds vary for a test.
MINIMUM_SEEDS = 3

_TINY = 1e-12  # so that no variance is 0


class Interval(NamedTuple):
    """A 95 % interval; NaN where it cannot be told."""

    low: float
    high: float


class Estimate(NamedTuple):
    """A score or difference, mean over seeds: its variance, degrees of freedom, and the score kept off 0 and 1."""

    mean: Floats
    variance: Floats
    df: Floats
    inner: Floats


@dataclass(frozen=True)
class Difference:
    """One method against another on the same utterances with the same seeds: the first minus the second.

    ``interval`` and the two-sided ``p`` are of one t-test; p is NaN where a seeded method has fewer than MINIMUM_SEEDS.
    ``wins`` counts the predictions (an utterance and a seed) that the first alone got right, ``losses`` the second's;
    ``better`` the seeds in which the first scores higher, of ``seeds``; None if just one of the two is seeded, since
    its fixed result would be counted for every seed.
    """

    mean: float
    interval: Interval
    p: float
    wins: int
    losses: int
    better: int | None
    seeds: int

    @property
    def cohens_g(self) -> float:
        """Effect size of discordant pairs: the share that the first wins, minus 1/2; NaN if they never differ."""
        discordant = self.wins + self.losses
        return self.wins / discordant - 0.5 if discordant else math.nan


def estimate(tables: Sequence[tuple[Floats, Floats]]) -> Estimate:
    """Return the mean over targets, and over seeds, of the mean over groups of hits / sizes.

    A table is a target's hits, (..., seeds, clusters, groups), and its sizes, (clusters, groups), as `Outcomes.table`
    gives them, or the difference of two methods' hits. Seeds are common to all targets, clusters are not.
    """
    several = [_parts(hits, sizes) for hits, sizes in tables]
    count = len(several)
    scores = np.mean([part.scores for part in several], axis=0)  # (..., seeds)
    seeds = scores.shape[-1]
    of_seeds = scores.var(axis=-1, ddof=1) / seeds if seeds > 1 else np.zeros(scores.shape[:-1])
    of_clusters = np.sum([part.clusters for part in several], axis=0) / count**2
    # What utterances do in single seeds is in both variances, so once too often.
    both = of_seeds + of_clusters - np.sum([part.residual for part in several], axis=0) / count**2
    variance = np.maximum(both, np.maximum(of_seeds, of_clusters))
    variance = variance + np.sum([part.added for part in several], axis=0) / count**2
    squares = np.sum([((part.clusters + part.added) / count**2) ** 2 / part.df for part in several], axis=0)
    squares = squares + (of_seeds**2 / (seeds - 1) if seeds > 1 else 0)
    inner = np.mean([part.inner for part in several], axis=0)
    # Satterthwaite's degrees of freedom.
    return Estimate(scores.mean(axis=-1), variance, variance**2 / squares, inner)


def score_interval(of: Estimate) -> tuple[Floats, Floats]:
    """Return the interval of a score: Wilson's with an effective number of utterances and a quantile of t.

    It stays in 0..1 and has a width at 0 and 1 (Dean & Pagano, Journal of Survey Statistics and Methodology 2015).
    """
    effective = of.inner * (1 - of.inner) / of.variance
    a = stats.t.ppf((1 + CONFIDENCE) / 2, of.df) ** 2 / effective
    middle, half = (of.mean + a / 2) / (1 + a), np.sqrt(a * (of.mean * (1 - of.mean) + a / 4)) / (1 + a)
    return middle - half, middle + half


def difference_interval(of: Estimate) -> tuple[Floats, Floats]:
    """Return the interval of a difference: the values in -1..1 that the t-test does not reject."""
    half = stats.t.ppf((1 + CONFIDENCE) / 2, of.df) * np.sqrt(of.variance)
    return np.maximum(of.mean - half, -1), np.minimum(of.mean + half, 1)


def p_value(of: Estimate) -> Floats:
    """Return the two-sided p of the t-test that a difference is 0."""
    return np.asarray(2 * stats.t.sf(np.abs(of.mean) / np.sqrt(of.variance), of.df))


def interval(measured: Outcomes | Sequence[Outcomes], metric: str = "ua") -> Interval:
    """Return the 95 % interval of the mean over seeds, and over targets if several outcomes are given.

    For several targets, only the seeds that all have are used; raises InputError if there are none. NaN if a class
    that counts has a single utterance.
    """
    several = _several(measured)
    seeds = [0] if not any(one.seeded for one in several) else shared_seeds(several)
    tables = [one.only(seeds).table(metric) for one in several]
    if not all(map(_can_vary, tables)):
        return Interval(math.nan, math.nan)
    low, high = score_interval(estimate(tables))
    return Interval(float(low), float(high))


def compare(
    first: Outcomes | Sequence[Outcomes], second: Outcomes | Sequence[Outcomes], metric: str = "ua"
) -> Difference:
    """Return the paired difference of two methods in a score, or in its mean over targets if several are given.

    Only the seeds that both have on all targets are used; an unseeded result is paired with every seed of the other.
    Raises InputError if they share no seed or differ in their utterances.
    """
    firsts, seconds = _several(first), _several(second)
    seeds = shared_seeds([*firsts, *seconds])
    pairs = [(a.only(seeds), b.only(seeds)) for a, b in zip(firsts, seconds, strict=True)]
    for a, b in pairs:
        if a.utterances != b.utterances or not np.array_equal(a.sizes, b.sizes):
            raise InputError(f"predictions on {a.target}: two methods have different test utterances; run them again")
    differences = np.mean([a.scores(metric) - b.scores(metric) for a, b in pairs], axis=0)
    tables = [(a.table(metric)[0] - b.table(metric)[0], a.table(metric)[1]) for a, b in pairs]
    seeded = {one.seeded for pair in pairs for one in pair}
    low, high, p = math.nan, math.nan, math.nan
    if all(map(_can_vary, tables)):
        found = estimate(tables)
        low, high = map(float, difference_interval(found))
        p = float(p_value(found)) if len(seeds) >= MINIMUM_SEEDS or seeded == {False} else math.nan
    return Difference(
        float(differences.mean()),
        Interval(low, high),
        p,
        sum(int((a.correct & ~b.correct).sum()) for a, b in pairs),
        sum(int((b.correct & ~a.correct).sum()) for a, b in pairs),
        int((differences > 1e-12).sum()) if len(seeded) == 1 else None,
        len(differences),
    )


def holm(p: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number (Holm 1979): at 0.05, at most one in twenty families has an error.

    NaN, a test that is not made, stays NaN and is not counted.
    """
    count, largest = sum(not math.isnan(each) for each in p), 0.0
    corrected = [math.nan] * len(p)
    for rank, index in enumerate(np.argsort(p)[:count]):  # NaN is sorted last
        largest = max(largest, min(1.0, (count - rank) * p[index]))
        corrected[index] = largest
    return corrected


class _Parts(NamedTuple):
    """One target's part of an estimate; `clusters`, `residual` and `added` are variances of the mean over seeds."""

    scores: Floats
    clusters: Floats
    residual: Floats
    added: Floats
    df: Floats
    inner: Floats


def _parts(hits: Floats, sizes: Floats) -> _Parts:
    seeds, groups = hits.shape[-3], hits.shape[-1]
    total = sizes.sum(axis=0)
    share = sizes / total
    recall = hits.sum(axis=-2) / total  # (..., seeds, groups)
    # Each cluster's influence on the score. The root gives back what its own pull on the recall takes from it.
    influence = (hits - recall[..., None, :] * sizes) / (groups * total * np.sqrt(1 - share))
    mean, of_seed = influence.mean(axis=-3), influence.sum(axis=-1)
    residual = of_seed.var(axis=-2, ddof=1).sum(axis=-1) / seeds if seeds > 1 else np.zeros(hits.shape[:-3])
    spread = (mean**2).sum(axis=-2)
    inner, added = _never_certain(hits.mean(axis=-3), total, spread)
    return _Parts(
        recall.mean(axis=-1),
        (mean.sum(axis=-1) ** 2).sum(axis=-1),
        residual,
        added.sum(axis=-1),
        _freedom(spread + added, share),
        inner.mean(axis=-1),
    )


def _never_certain(hits: Floats, total: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """Return scores as if half an utterance more were right and half one less, and what that adds to the variance.

    Both (..., groups), as is `spread`, the variance in the sample. A class of which all or no utterance was right has
    no variance in the sample, but has one in the population; near a recall of one half, next to nothing is added. The
    variances are those of `total` independent utterances, and no group's is below that of a certain recall: clusters
    may be right in the same share by chance. `hits`, (..., clusters, groups), are means over seeds and may be
    differences.
    """
    changed, gained = np.abs(hits).sum(axis=-2), hits.sum(axis=-2)
    kept, share = (changed + 0.5) / (total + 1), changed / total
    direction = np.divide(gained, changed, out=np.zeros_like(gained), where=changed > 0)
    more = kept - share - direction**2 * (kept**2 - share**2)
    certain = 0.5 * (total + 0.5) / (total + 1) ** 2
    utterances = total * len(total) ** 2
    return kept, np.maximum(np.maximum(more, _TINY) / utterances, certain / utterances - spread)


def _freedom(variance: Floats, share: Floats) -> Floats:
    """Degrees of freedom of the clusters' variance, (...), from that of each group, (..., groups).

    After Bell & McCaffrey (Survey Methodology 2002), for independent utterances: (tr G)^2 / tr(G^2), where G is the
    covariance of the clusters' influences. One group of n equal clusters has n - 1.
    """
    pull = share / (1 - share)
    own = variance @ pull.T  # (..., clusters): the diagonal of G is own - lost
    lost = variance @ (share * pull).T
    root = share / np.sqrt(1 - share)
    between = np.einsum("...g,...h,gh->...", variance, variance, (root.T @ root) ** 2)
    squared = (own**2 - 2 * own * lost).sum(axis=-1) + between
    return np.asarray(variance.sum(axis=-1) ** 2 / squared)


def _can_vary(table: tuple[Floats, Floats]) -> bool:
    """Whether there is a group, and each has two clusters."""
    sizes = table[1]
    return sizes.shape[-1] > 0 and bool(((sizes > 0).sum(axis=0) > 1).all())


def _several(measured: Outcomes | Sequence[Outcomes]) -> Sequence[Outcomes]:
    return [measured] if isinstance(measured, Outcomes) else measured
