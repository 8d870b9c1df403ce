"""Intervals and tests from a study's predictions: which rows of a table differ significantly."""

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

import pandas as pd

from nnpm.errors import InputError
from nnpm.evaluation.outcomes import MINIMUM_SPEAKERS, Outcomes, common_seeds, outcomes
from nnpm.evaluation.uncertainty import MINIMUM_SEEDS, Difference, compare, holm
from nnpm.methods.table import METHODS
from nnpm.reporting.metrics import RUN
from nnpm.reporting.study import Study

#: Below this corrected p, two rows are said to differ.
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
    mean, on a tie the first, against every other. It is chosen by the same numbers, so any two rows could have been
    compared: its p-values are corrected for all pairs of rows (Bonferroni), the reference's for its own (Holm).
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
        values = [each.p for each in differences]
        every = len(rows) * (len(rows) - 1) // 2
        corrected = (
            holm(values) if question == "reference" else [p if math.isnan(p) else min(1, every * p) for p in values]
        )
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
                    "differs": p < SIGNIFICANCE,
                }
            )
    return found


def units(measured: Measured) -> str:
    """Name what is drawn at random beside seeds."""
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
    """Say where tests are withheld, and why: name the columns that have no test at all; "" if none is withheld."""
    has_test = tests["p"].notna().groupby([tests["column"], tests["metric"]]).transform("any")
    untested, sentences = tests[~has_test], []
    for chosen, why in (
        (untested["low"].notna(), f"there are fewer than {MINIMUM_SEEDS} seeds"),
        (untested["low"].isna(), "a class has a single utterance"),
    ):
        if columns := dict.fromkeys(f"{row.column} {row.metric}" for row in untested[chosen].itertuples()):
            sentences.append(f"Tests and marks are withheld where {why}: {', '.join(columns)}.")
    if tests.loc[has_test, "p"].isna().any():
        sentences.append(f"Rows with fewer than {MINIMUM_SEEDS} seeds in common have no test and no mark.")
    return " ".join(sentences)


#: Which statistics the inputs of all methods are standardised by.
TRANSDUCTIVE = (
    "Every corpus, each target too, is standardised by its own statistics, test utterances included and no label "
    "used (transductive normalisation), for every method: so the input is adapted also where the model is not."
)


def equal_classes_sentence(rows: Iterable[str], measured: Iterable[Outcomes], study: Study) -> str:
    """Say on which targets the assumption of some rows, equally frequent classes, is true of the test set; or ""."""
    assuming = [entry.title for entry in METHODS.values() if entry.assumes_equal_classes and entry.title in set(rows)]
    if not assuming:
        return ""
    sizes = {one.target: one.sizes.sum(axis=0) for one in measured}
    # A random split of equal classes leaves them nearly equal.
    equal = [study.title(target) for target, counts in sizes.items() if counts.min() > 0.8 * counts.max()]
    have = f"{', '.join(equal)} {'has' if len(equal) == 1 else 'have'}"
    return f"{' and '.join(assuming)} assume{'s' * (len(assuming) == 1)} equal classes, which {have}." if equal else ""


def interval_sentence(measured: Iterable[Outcomes], study: Study) -> str:
    """Say what the intervals of these outcomes are over for each target; "" if there are none."""
    units, several = {}, False
    for one in measured:
        units[one.target], several = one.unit, several or len(one.seeds) > 1
    return counted_sentence(units, several, study)


def counted_sentence(units: Mapping[str, str], several: bool, study: Study) -> str:
    """Say what intervals are over: the unit of each target, and seeds if there are several; "" without targets."""
    if not units:
        return ""
    seeds = "seeds and " if several else ""
    return f"In square brackets: 95 % interval over {seeds}{counted(units, study)}."


def counted(units: Mapping[str, str], study: Study) -> str:
    """Name the targets of each unit: "speakers on A, B; utterances on C (fewer than ...)"."""
    parts = []
    for unit in ("speakers", "utterances"):
        if targets := [study.title(target) for target, of in units.items() if of == unit]:
            why = (
                f" (fewer than {MINIMUM_SPEAKERS} test speakers, or one for a class: it holds for these speakers only)"
            )
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
    test = "by a paired t-test that counts seeds and speakers or utterances, p < 0.05 corrected for all pairs of rows"
    bold = f"Bold: better than every other measured row, {test}" + ("." if best else "; no row is.")
    return bold + (f" †: differs from {reference}, corrected for the rows (Holm)." if reference else "")
