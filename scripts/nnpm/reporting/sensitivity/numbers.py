"""The numbers of the sensitivity study: each run, each reading on each target, and the criterion's choice."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from nnpm.evaluation.uncertainty import compare, holm, interval
from nnpm.methods.table import PROPOSED, UNADAPTED
from nnpm.reporting import histories
from nnpm.reporting.evidence import Evidence
from nnpm.reporting.metrics import RUN
from nnpm.reporting.tables import select

#: Measured quantities of a run, and their columns in the history. All are fractions except the criterion and the number
#: of positives.
TRACKED: Mapping[str, str] = {
    "ua": "test_ua",
    "im": "im",
    "positives": "memory_positives",
    "purity": "memory_positive_purity",
}


@dataclass(frozen=True)
class Reading:
    """One reading of what the paper leaves open: its title, and its changes to the study's settings.

    `changes` maps dotted keys, such as memory.update, to values; it is empty for the study's own reading. `variant` is
    that of its runs, `start` that of the backbones that they start from.
    """

    title: str
    changes: Mapping[str, Any]
    variant: str
    start: str


def runs_frame(runs: Iterable[Path | str], readings: Sequence[Reading]) -> pd.DataFrame:
    """Return one row per run, from its metrics.json, in the order of the readings.

    Columns: reading, then those of a run; ua (test utterances), im (information maximisation on the target's training
    utterances, which reads no label), positives (per target training utterance), purity (share of them that have its
    emotion), all after the last epoch, and start_{each} before the first. Missing values are NaN: scores of
    an unlabelled target, purity without positives. Raises InputError if a file lacks the criterion.
    """
    names = {column: name for name, column in TRACKED.items()}
    epochs = histories.load(runs, needed="im").reindex(columns=[*RUN, *names]).rename(columns=names)
    of_run = epochs.astype(dict.fromkeys(TRACKED, float)).groupby(list(RUN), sort=False)
    first, last = (rows.set_index(list(RUN)) for rows in (of_run.head(1), of_run.tail(1)))
    frame = last.join(first.add_prefix("start_")).reset_index()
    of_reading = [frame[frame["variant"] == each.variant].assign(reading=each.title) for each in readings]
    measured = [name for each in TRACKED for name in (each, f"start_{each}")]
    return pd.concat(of_reading, ignore_index=True)[["reading", *RUN, *measured]]


def summarise(
    runs: pd.DataFrame, metrics: pd.DataFrame, evidence: Evidence, readings: Sequence[Reading]
) -> pd.DataFrame:
    """Return one row per reading and target, in the order of the runs: means over seeds.

    `metrics` and `evidence` cover the runs and the backbones that they start from.
    Columns: reading, target, seeds (count), ua, std (sample standard deviation; NaN for one seed), low, high (95 %
    interval), unit (what it is over), difference of UA from before adaptation with its interval (difference_low,
    difference_high) and p (t-test, corrected for the number of readings on a target), im, positives, purity
    and the `start_` columns of `runs_frame`. Fractions, 0..1; the purity is the mean over the seeds that have
    positives. On an unlabelled target all of UA is NaN.
    """
    measured = [*TRACKED, *(f"start_{name}" for name in TRACKED)]
    variants = {each.title: each for each in readings}
    rows = []
    for key, group in runs.groupby(["reading", "target"], sort=False):
        reading, target = map(str, key)
        row: dict[str, Any] = {"reading": reading, "target": target, "seeds": len(group)}
        row |= {name: group[name].mean() for name in measured} | {"std": group["ua"].std(ddof=1), "unit": ""}
        after, before = (
            evidence.of(select(metrics[metrics["variant"] == variant], target, method))
            for method, variant in ((PROPOSED, variants[reading].variant), (UNADAPTED, variants[reading].start))
        )
        if after is not None and before is not None:
            against = compare(after, before)
            row |= {"unit": f"{after.clusters} {after.unit}", "difference": against.mean, "p": against.p}
            row |= dict(zip(("low", "high"), interval(after), strict=True))
            row |= dict(zip(("difference_low", "difference_high"), against.interval, strict=True))
        rows.append(row)
    columns = ["reading", "target", "seeds", "ua", "std", "low", "high", "unit"]
    columns += ["difference", "difference_low", "difference_high", "p", *measured[1:]]
    frame = pd.DataFrame(rows, columns=columns)
    for _, of_target in frame.dropna(subset="difference").groupby("target"):
        frame.loc[of_target.index, "p"] = holm(of_target["p"].tolist())
    return frame


def criterion(summary: pd.DataFrame) -> "pd.Series[float]":
    """The label-free criterion of each reading: the mean over targets of the mean over seeds; higher is better."""
    return summary.groupby("reading", sort=False)["im"].mean()


def best(summary: pd.DataFrame, readings: Sequence[Reading]) -> dict[str, Any]:
    """The combination that the criterion picks, dotted keys to values, by a rule fixed before any result.

    The first reading is the study's own. All readings that change a single key and have a higher criterion than the
    study's own are combined; of several for one key the best counts, on a tie the first. Readings that change several
    keys, such as an earlier combination, are ignored.
    """
    values = criterion(summary)
    taken: dict[str, tuple[float, Any]] = {}
    for reading in readings:
        if len(reading.changes) == 1:
            ((key, choice),) = reading.changes.items()
            if values[reading.title] > taken.get(key, (values[readings[0].title], None))[0]:
                taken[key] = values[reading.title], choice
    return {key: choice for key, (_, choice) in taken.items()}


def picked(chosen: Mapping[str, Any], readings: Sequence[Reading]) -> list[str]:
    """Titles of the readings in the combination."""
    return [each.title for each in readings if len(each.changes) == 1 and each.changes.items() <= chosen.items()]
