"""What the predictions of a study say of its runs: intervals, and which rows of a table differ beyond them."""

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

#: What differs between the rows of a table; the runs of a row differ in the seed.
_SETTING = list(RUN[:-1])

#: One method's outcomes: on one target, or on several whose mean is meant.
Measured = tuple[Outcomes, ...]


class Test(NamedTuple):
    """One paired test of a family: the first row minus the second, and p corrected for the size of the family."""

    first: str
    second: str
    difference: Difference
    p_holm: float

    @property
    def differs(self) -> bool:
        """Whether the two rows differ beyond chance."""
        return self.p_holm < SIGNIFICANCE and self.difference.excludes_zero


class Evidence:
    """The outcomes of a study's runs, looked up by setting; `predictions` as of `metrics.predictions_frame`."""

    def __init__(self, predictions: pd.DataFrame) -> None:
        self._runs = dict(list(predictions.groupby(_SETTING)))
        self._outcomes = cache(self._measure)

    def of(self, runs: pd.DataFrame) -> Outcomes | None:
        """Return the outcomes of rows of the metrics frame that differ in nothing but the seed; None without a score.

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
    """Return the row with the highest mean score; the first of equals."""
    return max(rows, key=lambda row: sum(one.scores(metric).mean() for one in rows[row]))


def against(rows: Mapping[str, Measured], reference: str, metric: str) -> list[Test]:
    """Return the tests of every other row against the reference: one family."""
    return _family([(row, reference) for row in rows if row != reference], rows, metric)


def best_against_others(rows: Mapping[str, Measured], metric: str) -> list[Test]:
    """Return the tests of the best row against every other: one family.

    The best row is picked by the same numbers; since all of its tests must hold, the one against the runner-up too,
    which has the smallest difference to show, that gives no row an advantage.
    """
    best = best_of(rows, metric)
    return _family([(best, row) for row in rows if row != best], rows, metric)


def _family(pairs: Sequence[tuple[str, str]], rows: Mapping[str, Measured], metric: str) -> list[Test]:
    differences = [_compare(rows[first], rows[second], metric) for first, second in pairs]
    corrected = holm([difference.p for difference in differences])
    return [Test(*pair, found, p) for pair, found, p in zip(pairs, differences, corrected, strict=True)]


@lru_cache(maxsize=4096)  # the table and its tests ask for the same
def _compare(first: Measured, second: Measured, metric: str) -> Difference:
    return compare(first, second, metric)


def marks(rows: Mapping[str, Measured], reference: str, metric: str) -> tuple[str | None, set[str]]:
    """Return the row that is better than every other beyond chance, if any, and those that differ from the reference.

    `rows` are those of one column of a table; the reference need not be among them.
    """
    tests = best_against_others(rows, metric) if len(rows) > 1 else []
    best = tests[0].first if tests and all(test.differs for test in tests) else None
    if reference not in rows:
        return best, set()
    return best, {test.first for test in against(rows, reference, metric) if test.differs}


def on_all(parts: Sequence[Measured | None]) -> Measured | None:
    """Return the outcomes on several targets with the seeds that all have; None without such or without a target."""
    several = [one for part in parts if part for one in part]
    if not several or not all(parts):
        return None
    seeds = common_seeds(several)
    return tuple(one.only(seeds) for one in several) if seeds else None


def too_few(clusters: int, tests: int) -> bool:
    """Whether no test of a family of this size can fall below the level, whatever the difference."""
    return tests > 0 and least_p(clusters) * tests >= SIGNIFICANCE


def few_sentence(columns: Sequence[str]) -> str:
    """Name the columns whose test sets are too small for any mark; "" if there are none."""
    return f"Too few speakers or utterances for any mark: {', '.join(columns)}." if columns else ""


def interval_sentence(measured: Iterable[Outcomes], study: Study) -> str:
    """Say what the intervals of these outcomes resample, target by target; "" if there are none."""
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
    """Say over what the mean of some outcomes is taken, and its interval."""
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
