"""The numbers of the sensitivity study: each run, each reading on each target, and what the criterion picks."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from nnpm.errors import InputError
from nnpm.evaluation.uncertainty import Outcomes, bootstrap, compare, holm, outcomes
from nnpm.files import PREDICTIONS, read_csv, read_history, read_json
from nnpm.workflow import sensitivity

#: Measured quantities of a run, and the columns that hold them after an epoch. All fractions but the criterion and the
#: positives, which are numbers.
TRACKED: Mapping[str, str] = {
    "ua": "test_ua",
    "im": "im",
    "positives": "memory_positives",
    "purity": "memory_positive_purity",
}
Files = Sequence[Path | str]


class Run(NamedTuple):
    """The title of a reading, and two files of a run under it."""

    reading: str
    metrics: Path | str
    history: Path | str


def runs_frame(runs: Iterable[Run]) -> pd.DataFrame:
    """Return one row a run, in the order given.

    Columns: reading, target, seed; ua (test utterances), im (information maximisation on the target's training
    utterances, which reads no label), positives (a target training utterance), purity (share of them that have its
    emotion), all after the last epoch, and start_{each} before the first. What was not measured is NaN: the scores of
    an unlabelled target, the purity of no positives. Raises InputError if a file lacks the criterion.
    """
    return pd.DataFrame([_row(run) for run in runs])


def _row(run: Run) -> dict[str, Any]:
    """Return one run as a row."""
    metrics, history = read_json(run.metrics, target=str, seed=int), read_history(run.history)
    row: dict[str, Any] = {"reading": run.reading} | {key: metrics.get(key) for key in ("target", "seed")}
    if history.empty or "im" not in history or not isinstance(metrics.get("start"), dict):
        raise InputError(f"{run.history}: has no label-free criterion; delete the run, the next call makes it anew")
    last = history.iloc[-1]
    for name, column in TRACKED.items():
        row[name] = float(last.get(column, math.nan))
        row[f"start_{name}"] = float(metrics["start"].get(column, math.nan))
    return row


def summarise(runs: pd.DataFrame, predictions: Files, before: Files) -> pd.DataFrame:
    """Return one row a reading and target, in the order of the runs: means over seeds.

    `predictions` are the runs' files, in the same order, and `before` those of the backbones that they start from.
    Columns: reading, target, seeds (count), ua, std (sample standard deviation; NaN for one seed), low, high (95 %
    interval), unit (what is resampled), difference of UA from before adaptation with its interval (difference_low,
    difference_high) and p (permutation test, corrected for the number of readings on a target), im, positives, purity
    and the `start_` columns of :func:`runs_frame`. Fractions, 0..1; the purity is the mean over the seeds that have
    positives. On an unlabelled target all of UA is NaN.
    """
    measured = [*TRACKED, *(f"start_{name}" for name in TRACKED)]
    rows = []
    for (reading, target), group in runs.groupby(["reading", "target"], sort=False):
        row: dict[str, Any] = {"reading": reading, "target": target, "seeds": len(group)}
        row |= {name: group[name].mean() for name in measured} | {"std": group["ua"].std(ddof=1), "unit": ""}
        after, start = (_outcomes(group, files, str(target)) for files in (predictions, before))
        if after is not None and start is not None:
            against = compare(after, start)
            row |= {"unit": f"{after.clusters} {after.unit}", "difference": against.mean, "p": against.p}
            row |= dict(zip(("low", "high"), bootstrap(after), strict=True))
            row |= dict(zip(("difference_low", "difference_high"), against.interval, strict=True))
        rows.append(row)
    columns = ["reading", "target", "seeds", "ua", "std", "low", "high", "unit"]
    columns += ["difference", "difference_low", "difference_high", "p", *measured[1:]]
    frame = pd.DataFrame(rows, columns=columns)
    for _, of_target in frame.dropna(subset="p").groupby("target"):
        frame.loc[of_target.index, "p"] = holm(of_target["p"].tolist())
    return frame


def _outcomes(group: pd.DataFrame, files: Files, target: str) -> Outcomes | None:
    """Return what the runs of a group got right."""
    parts = [
        read_csv(files[index], PREDICTIONS).assign(seed=int(seed))
        for index, seed in zip(group.index, group["seed"], strict=True)
    ]
    return outcomes(pd.concat(parts), target)


def criterion(summary: pd.DataFrame) -> "pd.Series[float]":
    """The label-free criterion of each reading: the mean over targets of the mean over seeds; higher is better."""
    return summary.groupby("reading", sort=False)["im"].mean()


def best(summary: pd.DataFrame, readings: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The combination that the criterion picks: see :func:`nnpm.sensitivity.best`. `readings`: title to changes."""
    values = criterion(summary)
    return sensitivity.best(list(readings.values()), [float(values[title]) for title in readings])


def picked(chosen: Mapping[str, Any], readings: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Titles of the readings that the combination is made of."""
    return [title for title, change in readings.items() if len(change) == 1 and change.items() <= chosen.items()]
