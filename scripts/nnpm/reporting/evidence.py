"""Intervals and tests from a study's predictions: which rows of a table differ significantly."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

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


class Test(NamedTuple):
    """One paired test of a family: the first row minus the second, and p corrected for the size of the family."""

    first: str
    second: str
    difference: Difference
    p_holm: float

    @property
    def differs(self) -> bool:
        """Whether the two rows differ significantly."""
        return self.p_holm < SIGNIFICANCE and self.difference.excludes_zero


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


def best_of(rows: Mapping[str, Measured], metric: str) -> str:
    """Return the row with the highest mean score; on a tie the first."""
    return max(rows, key=lambda row: sum(one.scores(metric).mean() for one in rows[row]))


def against(rows: Mapping[str, Measured], reference: str, metric: str) -> list[Test]:
    """Return the tests of every other row against the reference: one family."""
    return _family([(row, reference) for row in rows if row != reference], rows, metric)


def best_against_others(rows: Mapping[str, Measured], metric: str) -> list[Test]:
    """Return the tests of the best row against every other: one family.

    The best row is chosen by the same numbers. This gives it no advantage, since all of its tests must hold, also the
    one against the runner-up, which has the smallest difference.
    """
    best = best_of(rows, metric)
    return _family([(best, row) for row in rows if row != best], rows, metric)


def _family(pairs: Sequence[tuple[str, str]], rows: Mapping[str, Measured], metric: str) -> list[Test]:
    differences = [_compare(rows[first], rows[second], metric) for first, second in pairs]
    corrected = holm([difference.p for difference in differences])
    return [Test(*pair, found, p) for pair, found, p in zip(pairs, differences, corrected, strict=True)]


@lru_cache(maxsize=4096)  # the table and its tests need the same differences
def _compare(first: Measured, second: Measured, metric: str) -> Difference:
    return compare(first, second, metric)


def marks(rows: Mapping[str, Measured], reference: str, metric: str) -> tuple[str | None, set[str]]:
    """Return the row that is significantly better than every other, if any, and those that differ from the reference.

    `rows` are those of one column of a table; the reference need not be among them.
    """
    tests = best_against_others(rows, metric) if len(rows) > 1 else []
    best = tests[0].first if tests and all(test.differs for test in tests) else None
    if reference not in rows:
        return best, set()
    return best, {test.first for test in against(rows, reference, metric) if test.differs}


def on_all(parts: Sequence[Measured | None]) -> Measured | None:
    """Return the outcomes on several targets with the seeds common to all; None without common seeds or targets."""
    several = [one for part in parts if part for one in part]
    if not several or not all(parts):
        return None
    seeds = common_seeds(several)
    return tuple(one.only(seeds) for one in several) if seeds else None


def too_few(clusters: int, tests: int) -> bool:
    """Whether no test in a family of this size can be significant, however large the difference."""
    return tests > 0 and least_p(clusters) * tests >= SIGNIFICANCE


def few_sentence(columns: Sequence[str]) -> str:
    """Name the columns whose test sets are too small for any mark; "" if there are none."""
    return f"Too few speakers or utterances for any mark: {', '.join(columns)}." if columns else ""


def interval_sentence(measured: Iterable[Outcomes], study: Study) -> str:
    """Say what the intervals of these outcomes resample for each target; "" if there are none."""
    units, several = {}, False
    for one in measured:
        units[one.target], several = one.unit, several or len(one.seeds) > 1
    if not units:
        return ""
    parts = []
    for unit in ("speakers", "utterances"):
        if targets := [study.title(target) for target, of in units.items() if of == unit]:
            why = f" (fewer than {MINIMUM_SPEAKERS} test speakers: it holds for these speakers only)"
            why = why if unit == "utterances" else ""
            parts.append(f"{unit} on {', '.join(targets)}{why}")
    drawn = ("seeds and of " if several else "") + "; ".join(parts)
    return f"In square brackets: 95 % bootstrap interval, {RESAMPLES:,} resamples of {drawn}."


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


def marks_sentence(best: bool, reference: str | None, few: Sequence[str] = ()) -> str:
    """Say what bold and the dagger mean, and name the columns that have too `few` clusters for any mark."""
    test = "by paired permutation test (Holm-corrected within the column, p < 0.05) and interval of the difference"
    bold = f"Bold: better than every other measured row, {test}" + ("" if best else "; no row is")
    dagger = f"†: differs from {reference}, by the same." if reference else ""
    return " ".join(filter(None, [f"{bold}.", dagger, few_sentence(few)]))
