"""Intervals and tests from a study's predictions: which rows of a table differ significantly."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

import pandas as pd

from nnpm.errors import InputError
from nnpm.evaluation.uncertainty import (
    MINIMUM_SPEAKERS,
    RESAMPLES,
    Difference,
    Outcomes,
    common_seeds,
    compare,
    holm,
    least_p,
    outcomes,
)
from nnpm.methods.table import METHODS
from nnpm.reporting.metrics import RUN
from nnpm.reporting.study import Study

#: Below this Holm-corrected p, and with an interval that excludes 0, two rows are said to differ.
SIGNIFICANCE = 0.05

#: The columns that identify a row of a table; the runs of a row differ only in the seed.
_SETTING = list(RUN[:-1])

#: One method's outcomes: on one target, or on several for their mean.
Measured = tuple[Outcomes, ...]


class Evidence:
    """The outcomes of a study's runs by setting; `predictions` come from `metrics.predictions_frame`."""

    def __init__(self, predictions: pd.DataFrame) -> None:
        self._runs = dict(list(predictions.groupby(_SETTING)))
        self._outcomes = cache(self._measure)

    def of(self, runs: pd.DataFrame) -> Outcomes | None:
        """Return the outcomes of rows of the metrics frame that differ only in the seed; None without a score.

        Raises InputError if their predictions are missing or do not give the UA that the metrics hold.
        """
        scored = runs.dropna(subset="ua")
        if scored.empty:
            return None
        setting = tuple(scored[_SETTING].iloc[0])
        measured, where = self._outcomes(*setting), f"{setting[2]} on {setting[1]}"
        seeds = tuple(sorted(scored["seed"].astype(int)))
        if measured is None or not set(seeds) <= set(measured.seeds):
            raise InputError(f"predictions: those of {where} are missing; pass those of the same runs")
        measured = measured.only(seeds)
        if abs(measured.scores().mean() - scored["ua"].astype(float).mean()) > 1e-4:
            raise InputError(f"predictions: those of {where} do not give the UA in metrics; run both again")
        return measured

    def _measure(self, *setting: str) -> Outcomes | None:
        _, target, method, _ = setting
        rows = self._runs.get(setting)
        return None if rows is None else outcomes(rows, target, is_seeded(method))


def is_seeded(method: str) -> bool:
    """Whether a method draws random numbers, so that its seeds differ."""
    return method not in METHODS or METHODS[method].seeded


def paired_tests(rows: Mapping[str, Measured], reference: str, metric: str) -> list[dict[str, Any]]:
    """Return the tests of one column of a table, as rows of `cells.Table.tests`: two families, or fewer.

    "reference": every other row against the reference, which need not be among them. "best": the row with the highest
    mean, on a tie the first, against every other. It is chosen by the same numbers. This gives it no advantage, since
    all of its tests must hold, also the one against the runner-up, which has the smallest difference.
    """
    families = {}
    if reference in rows:
        families["reference"] = [(row, reference) for row in rows if row != reference]
    if len(rows) > 1:
        best = max(rows, key=lambda row: sum(one.scores(metric).mean() for one in rows[row]))
        families["best"] = [(best, row) for row in rows if row != best]
    found = []
    for question, pairs in families.items():
        differences = [_compare(rows[first], rows[second], metric) for first, second in pairs]
        corrected = holm([each.p for each in differences])
        for (first, second), each, p in zip(pairs, differences, corrected, strict=True):
            found.append(
                {
                    "question": question,
                    "first": first,
                    "second": second,
                    "difference": 100 * each.mean,
                    "low": 100 * each.interval.low,
                    "high": 100 * each.interval.high,
                    "p": each.p,
                    "p_holm": p,
                    "cohens_g": each.cohens_g,
                    "better": each.better,
                    "seeds": each.seeds,
                    "unit": units(rows[first]),
                    "clusters": sum(one.clusters for one in rows[first]),
                    "differs": p < SIGNIFICANCE and each.excludes_zero,
                }
            )
    return found


def units(measured: Measured) -> str:
    """Name what is resampled beside seeds."""
    return " and ".join(dict.fromkeys(one.unit for one in measured))


@lru_cache(maxsize=4096)  # both families and several tables need the same differences
def _compare(first: Measured, second: Measured, metric: str) -> Difference:
    return compare(first, second, metric)


def on_all(parts: Sequence[Measured | None]) -> Measured | None:
    """Return the outcomes on several targets with the seeds common to all; None without common seeds or targets."""
    several = [one for part in parts if part for one in part]
    if not several or not all(parts):
        return None
    seeds = common_seeds(several)
    return tuple(one.only(seeds) for one in several) if seeds else None


def few_sentence(tests: pd.DataFrame) -> str:
    """Name the columns of a table whose test sets are too small for any mark, by its tests; "" if there are none."""
    columns = []
    for (column, metric), asked in tests.groupby(["column", "metric"], sort=False):
        of_question = asked["question"].value_counts().max()
        if least_p(asked["clusters"].iloc[0]) * of_question >= SIGNIFICANCE:
            columns.append(f"{column} {metric}")
    return f"Too few speakers or utterances for any mark: {', '.join(columns)}." if columns else ""


def interval_sentence(measured: Iterable[Outcomes], study: Study) -> str:
    """Say what the intervals of these outcomes resample for each target; "" if there are none."""
    units, several = {}, False
    for one in measured:
        units[one.target], several = one.unit, several or len(one.seeds) > 1
    return resampling_sentence(units, several, study)


def resampling_sentence(units: Mapping[str, str], several: bool, study: Study) -> str:
    """Say what intervals resample: the unit of each target, and seeds if there are several; "" without targets."""
    if not units:
        return ""
    drawn = ("seeds and of " if several else "") + resampled(units, study)
    return f"In square brackets: 95 % bootstrap interval, {RESAMPLES:,} resamples of {drawn}."


def resampled(units: Mapping[str, str], study: Study) -> str:
    """Name the targets of each unit: "speakers on A, B; utterances on C (fewer than ...)"."""
    parts = []
    for unit in ("speakers", "utterances"):
        if targets := [study.title(target) for target, of in units.items() if of == unit]:
            why = f" (fewer than {MINIMUM_SPEAKERS} test speakers: it holds for these speakers only)"
            why = why if unit == "utterances" else ""
            parts.append(f"{unit} on {', '.join(targets)}{why}")
    return "; ".join(parts)


def over_words(measured: Outcomes) -> str:
    """Say what the mean of some outcomes, and its interval, is taken over."""
    sampled = f"95 % interval over {measured.clusters} {measured.unit}"
    if len(measured.seeds) > 1:
        return f"mean over {len(measured.seeds)} seeds, {sampled} and seeds"
    return f"one {'seed' if measured.seeded else 'run'}, {sampled}"


def seed_counts(counts: Iterable[int]) -> str:
    """Say how many seeds there are: "5", or "1 to 5" if not all have the same number."""
    ordered = sorted(set(counts))
    return " to ".join(dict.fromkeys(str(count) for count in ordered[:1] + ordered[-1:]))


def spread_sentence(counts: Iterable[int]) -> str:
    """Say over how many seeds scores are averaged."""
    seeds = seed_counts(counts)
    return "One seed, so no spread." if seeds == "1" else f"Mean ± standard deviation over {seeds} seeds."


def marks_sentence(best: bool, reference: str | None) -> str:
    """Say what bold and the dagger mean."""
    test = "by paired permutation test (Holm-corrected within the column, p < 0.05) and interval of the difference"
    bold = f"Bold: better than every other measured row, {test}" + ("." if best else "; no row is.")
    return bold + (f" †: differs from {reference}, by the same." if reference else "")
