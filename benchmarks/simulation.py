"""Studies of equally good methods, drawn at random, for `benchmarks.statistics` and the tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy import stats

from nnpm.evaluation.outcomes import Floats
from nnpm.evaluation.uncertainty import difference_interval, estimate, holm, p_value, score_interval

METHODS = 15
FIXED = 2  # of these, the last, draw no random numbers
#: Recalls of the four classes; methods have one or the other, so all have the same UA.
PROFILES = np.array([[0.7, 0.25, 0.45, 0.4], [0.4, 0.6, 0.3, 0.5]])
#: Shares of the variance of what decides whether an answer is right; the rest is of one answer alone.
SPEAKER, UTTERANCE = 0.1, 0.3


@dataclass(frozen=True)
class Design:
    """A test set: the class, 0..3, and the cluster of each utterance."""

    name: str
    labels: npt.NDArray[np.intp]
    clusters: npt.NDArray[np.intp]

    @property
    def place(self) -> Floats:
        """Where each utterance counts, (utterances, clusters, classes)."""
        found = np.zeros((len(self.labels), self.clusters.max() + 1, 4))
        found[np.arange(len(self.labels)), self.clusters, self.labels] = 1
        return found


def by_utterance(name: str, counts: tuple[int, ...]) -> Design:
    """A test set of so many utterances per class, each its own cluster."""
    return Design(name, np.repeat(range(4), counts), np.arange(sum(counts)))


def by_speaker(speakers: int, each: int) -> Design:
    """A test set of speakers who speak all classes equally often."""
    labels = np.tile(np.resize(range(4), each), speakers)
    return Design(f"{speakers} speakers of {each}", labels, np.repeat(range(speakers), each))


def urdu() -> Design:
    """A test set as URDU's: 33 utterances per class; of 24 speakers 20 speak one class, and not equally often."""
    generator, parts = np.random.default_rng(0), []
    for label in range(4):
        own = generator.choice(np.arange(5) + 5 * label, 33, p=generator.dirichlet(np.full(5, 1.5)))
        parts.append(np.where(generator.random(33) < 0.25, generator.choice(np.arange(20, 24), 33), own))
    return Design(
        "URDU's 24 speakers", np.repeat(range(4), 33), np.unique(np.concatenate(parts), return_inverse=True)[1]
    )


def studies(
    design: Design, recalls: Floats, count: int, seeds: int, spread: float, fixed: int = 0, seed: int | list[int] = 0
) -> Floats:
    """Return the hits of `count` studies, (studies, methods, seeds, clusters, classes).

    `recalls`, (methods, classes), are the expected ones; `spread` is the share of the variance that is the training
    seed's. Half of the effects is common to all methods, so methods are alike. The last `fixed` draw no random numbers.
    """
    generator, methods, utterances = np.random.default_rng(seed), len(recalls), len(design.labels)

    def effect(*shape: int) -> Floats:
        common, own = (generator.standard_normal((count, number, *shape)) for number in (1, methods))
        return np.asarray(np.sqrt(0.5) * (common + own))

    of_seed = np.sqrt(0.5) * (effect(seeds, 1) + effect(seeds, 4)[..., design.labels])
    of_speaker = effect(1, design.clusters.max() + 1)[..., design.clusters]
    alone = generator.standard_normal((count, methods, seeds, utterances))
    is_fixed = np.arange(methods) >= methods - fixed
    share = np.where(is_fixed, 0, spread)[:, None, None]
    latent = np.sqrt(share) * of_seed + np.sqrt(SPEAKER) * of_speaker + np.sqrt(UTTERANCE) * effect(1, utterances)
    latent = latent + np.sqrt(1 - share - SPEAKER - UTTERANCE) * alone
    latent[:, is_fixed] = latent[:, is_fixed, :1]
    right = latent < stats.norm.ppf(recalls)[:, None, design.labels]
    flat = right.reshape(-1, utterances).astype("f4") @ design.place.reshape(utterances, -1).astype("f4")
    return np.asarray(flat, float).reshape(count, methods, seeds, -1, 4)


def false_marks(designs: Sequence[Design], count: int, seeds: int, spread: float, seed: int = 0) -> tuple[float, float]:
    """Return the shares of studies of equal methods with a mark against the reference, and the best's against others.

    Scores are means over the test sets. The reference draws random numbers. With one seed no method does, as the
    library withholds the tests of those that do.
    """
    reference, best, done = 0, 0, 0
    fixed = METHODS if seeds == 1 else FIXED
    recalls = PROFILES[np.arange(METHODS) % 2]
    sizes = [design.place.sum(axis=0) for design in designs]
    while done < count:
        part = min(50, count - done)
        hits = [
            studies(design, recalls, part, seeds, spread, fixed, [seed + done, place])
            for place, design in enumerate(designs)
        ]
        means = estimate(list(zip(hits, sizes, strict=True))).mean
        p = np.full((part, METHODS, METHODS), np.nan)
        for one, other in combinations(range(METHODS), 2):
            kept = slice(1) if one >= METHODS - fixed else slice(None)
            differences = [(each[:, one] - each[:, other])[:, kept] for each in hits]
            p[:, one, other] = p[:, other, one] = p_value(estimate(list(zip(differences, sizes, strict=True))))
        for of_study, mean in zip(p, means, strict=True):
            reference += min(holm(of_study[1:, 0].tolist())) < 0.05
            best += np.nanmin(of_study[mean.argmax()]) * (METHODS * (METHODS - 1) // 2) < 0.05
        done += part
    return reference / count, best / count


def coverage(
    designs: Sequence[Design],
    truth: float,
    count: int,
    seeds: int,
    spread: float,
    groups: tuple[int, ...] = (0, 1, 2, 3),
) -> float:
    """Return how often the interval of a score holds the truth: the UA, or the recall of one class."""
    tables = []
    for place, design in enumerate(designs):
        hits = studies(design, np.full((1, 4), truth), count, seeds, spread, seed=[0, place])[:, 0]
        tables.append((hits[..., list(groups)], design.place.sum(axis=0)[:, list(groups)]))
    low, high = score_interval(estimate(tables))
    return float(np.mean((low <= truth) & (truth <= high)))


def coverage_of_difference(designs: Sequence[Design], count: int, seeds: int, spread: float) -> float:
    """Return how often the interval of the difference of two equal methods holds 0."""
    tables = []
    for place, design in enumerate(designs):
        hits = studies(design, PROFILES, count, seeds, spread, seed=[0, place])
        tables.append((hits[:, 0] - hits[:, 1], design.place.sum(axis=0)))
    low, high = difference_interval(estimate(tables))
    return float(np.mean((low <= 0) & (high >= 0)))
