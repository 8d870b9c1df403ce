"""Which test utterances the runs of one method got right, as counts by seed, cluster and class."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from nnpm import CLASSES
from nnpm.errors import InputError
from nnpm.files import of_split

Floats = npt.NDArray[np.float64]

#: Test sets with fewer speakers are clustered by utterance: what they say holds for these speakers only.
MINIMUM_SPEAKERS = 5


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Which of one target's labelled test utterances the runs of one method got right.

    `hits` counts correct utterances, (seeds, clusters, classes), and `sizes` all of them, (clusters, classes);
    `correct` is (seeds, utterances). A cluster is a random draw as a whole: `unit` is "speakers" or "utterances".
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
        chosen = [self.seeds.index(seed) if self.seeded else 0 for seed in seeds]
        return replace(self, seeds=tuple(seeds), correct=self.correct[chosen], hits=self.hits[chosen])

    def scores(self, metric: str = "ua") -> Floats:
        """The score of each seed, (seeds,): "ua", "wa" or "recall_{class}"; NaN for a class that does not occur."""
        hits, sizes = self.table(metric)
        if not sizes.size:
            return np.full(len(self.seeds), np.nan)
        return np.asarray((hits.sum(axis=1) / sizes.sum(axis=0)).mean(axis=-1))

    def table(self, metric: str = "ua") -> tuple[Floats, Floats]:
        """The hits, (seeds, clusters, groups), and sizes, (clusters, groups), of the groups that a score averages over.

        Groups are the classes that occur for "ua", all utterances for "wa", one class or none for a recall.
        """
        if metric == "wa":
            return self.hits.sum(axis=-1, keepdims=True), self.sizes.sum(axis=-1, keepdims=True)
        chosen = CLASSES if metric == "ua" else [metric.removeprefix("recall_")]
        groups = [k for k, label in enumerate(CLASSES) if label in chosen and self.sizes[:, k].any()]
        return self.hits[..., groups], self.sizes[:, groups]


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
    unit = _unit(first)
    cluster = pd.factorize(first["speaker" if unit == "speakers" else "utterance"], sort=True)[0]
    label = pd.Categorical(first["label"], categories=list(CLASSES)).codes
    seeds = tuple(int(seed) for seed in sorted(rows["seed"].unique()))
    correct = np.stack([part["label"] == part["predicted"] for part in by_seed])
    sizes = _counted(cluster, label)
    hits = np.stack([_counted(cluster[right], label[right], len(sizes)) for right in correct])
    return Outcomes(target, unit, seeds, tuple(first["utterance"]), correct, hits, sizes, seeded)


def _counted(cluster: npt.NDArray[np.intp], label: npt.NDArray[np.int8], clusters: int | None = None) -> Floats:
    """Utterances by cluster and class, (clusters, classes)."""
    counts = np.zeros((clusters or int(cluster.max()) + 1, len(CLASSES)))
    np.add.at(counts, (cluster, label), 1)
    return counts


def _unit(rows: pd.DataFrame) -> str:
    """Speakers, if there are enough and each class has two: of one nobody can tell how much speakers vary."""
    enough = rows["speaker"].nunique() >= MINIMUM_SPEAKERS
    return "speakers" if enough and rows.groupby("label")["speaker"].nunique().min() > 1 else "utterances"


def common_seeds(several: Sequence[Outcomes]) -> list[int]:
    """Return the seeds that all outcomes have, in order; an unseeded result has those of the others."""
    seeded = [one for one in several if one.seeded] or several
    return sorted(set.intersection(*(set(one.seeds) for one in seeded)))


def shared_seeds(several: Sequence[Outcomes]) -> list[int]:
    """Return the common seeds; raises InputError if there are none."""
    if seeds := common_seeds(several):
        return seeds
    targets = " and ".join(dict.fromkeys(one.target for one in several))
    raise InputError(f"predictions on {targets}: no seed in common; run all methods with the same seeds")
