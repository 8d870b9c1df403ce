"""Tables and their cells: scores with intervals and marks, and captions that explain them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nnpm import CLASSES
from nnpm.evaluation.uncertainty import interval
from nnpm.methods.table import METHODS, UNADAPTED, title
from nnpm.reporting import evidence, paper
from nnpm.reporting.evidence import Evidence, Measured, on_all
from nnpm.reporting.study import Study

#: Columns of `Table.cells`.
COLUMNS = (
    *("row", "column", "metric", "mean", "std", "low", "high", "unit", "seeds", "paper", "cited", "best", "differs"),
)

#: Columns of `Table.tests`.
TESTS = (
    *("question", "column", "metric", "first", "second", "difference", "low", "high", "p", "p_holm", "cohens_g"),
    *("better", "seeds", "unit", "clusters", "differs"),
)

#: Columns of the metrics frame that can be computed from predictions, and so have an interval.
WITH_INTERVAL = ("ua", "wa", *(f"recall_{label}" for label in CLASSES))

#: The column that averages over targets.
MEAN = "Mean over targets"

#: How test sets are drawn, by the config's splits.protocol.
PROTOCOLS = {
    "paper": "Test sets, unless a corpus's own manifest gives them: utterances drawn at random, or a corpus's "
    "fixed test speakers.",
    "speakers": "Test sets, unless a corpus's own manifest gives them: whole speakers that training has not heard.",
    "all": "Test sets: all utterances of a target. Methods that adapt have seen them without their labels: the "
    "transductive setting.",
}


def all_scored(study: Study) -> str:
    """Return the sentence on test sets if all of a target is scored, "" for a split, which tables tell of."""
    return PROTOCOLS["all"] if study.protocol == "all" else ""


#: Notes that a reader needs to compare a method's row with others, by title.
_NOTES = {entry.title: entry.note for entry in METHODS.values() if entry.note}


@dataclass(frozen=True)
class Table:
    """A table as a long frame, one row per cell.

    `cells` columns: row (e.g. method title), column (target title), metric (UA, WA, ...), mean and std over seeds
    (percent; std is the sample standard deviation, NaN for fewer than two seeds; mean is NaN if nothing was measured or
    the target has no labels), low and high (95 % interval of the mean), unit (of the clusters: speakers or
    utterances), seeds (count), paper (the printed percentage, or NaN), cited (whether the paper quotes that value
    from other work), best (whether it is better than every other measured row beyond chance) and differs (whether it
    differs from the reference beyond chance). `beside` puts the paper's values into columns of their own.

    `tests` has one row per paired test behind the marks, with the columns of TESTS: question ("reference": a row
    against the reference, "best": the best row against another); column and metric; first and second; difference, first
    minus second, in points, with its 95 % interval low and high; p, and p_holm corrected for the tests of this question
    in this column, the best row's for all pairs of rows; both are empty where seeds are too few; cohens_g of the
    discordant predictions; better, the number of `seeds` in which the first scores higher, empty if just one of the two
    draws random numbers; unit and clusters, the kind and number of what is drawn as a whole; differs, whether the two
    differ significantly.
    """

    name: str
    caption: str
    cells: pd.DataFrame
    tests: pd.DataFrame
    row_title: str = "Method"
    beside: bool = False

    @property
    def rows(self) -> list[str]:
        """The row titles, in order."""
        return list(dict.fromkeys(self.cells["row"]))

    @property
    def columns(self) -> list[tuple[str, str]]:
        """The (target, metric) pairs, in order."""
        return list(dict.fromkeys(zip(self.cells["column"], self.cells["metric"], strict=True)))

    def cell(self, row: str, column: str, metric: str) -> pd.Series:
        """Return one cell; KeyError if there is none."""
        cells = self.cells
        found = cells[(cells["row"] == row) & (cells["column"] == column) & (cells["metric"] == metric)]
        if found.empty:
            raise KeyError((row, column, metric))
        return found.iloc[0]


@dataclass(frozen=True)
class Layout:
    """A table's name, the first sentence of its caption, and its layout; rows are marked against `reference`."""

    name: str
    says: str
    row_title: str = "Method"
    beside: bool = False
    reference: str = UNADAPTED


@dataclass(frozen=True)
class Cell:
    """One cell: its place, mean and spread over seeds in percent, the paper's value, and the outcomes it is made from.

    `score` is a column of the metrics frame. A cell that is not `seeded` holds one run without random numbers.
    """

    row: str
    column: str
    metric: str
    score: str
    values: tuple[float, ...]
    seeds: int
    measured: Measured | None
    seeded: bool = True
    paper: float = math.nan
    cited: bool = False

    def as_row(self, best: bool, differs: bool) -> list[object]:
        """Return the cell in the order of COLUMNS."""
        values = pd.Series(self.values, dtype=float)
        low, high = interval(self.measured, self.score) if self.measured else (math.nan, math.nan)
        return [
            *(self.row, self.column, self.metric, values.mean(), values.std(ddof=1), 100 * low, 100 * high),
            *(evidence.units(self.measured or ()), self.seeds, self.paper, self.cited, best, differs),
        ]


def cell(
    runs: pd.DataFrame,
    known: Evidence,
    place: tuple[str, str, str],
    printed: float | None = None,
    score: str | None = None,
    cited: bool = False,
) -> Cell:
    """Return the cell of runs that differ only in the seed.

    `place` is row, column and metric; `score` the column of the metrics frame, by default the metric in lower case;
    `printed` the paper's value, which is `cited` if the paper quotes it from other work.
    """
    score = score or place[2].lower()
    values = pd.to_numeric(runs[score]) * 100
    outcomes = known.of(runs) if score in WITH_INTERVAL else None
    measured = None if outcomes is None or values.isna().all() else (outcomes,)
    seeded = any(map(evidence.is_seeded, runs["method"])) or runs.empty
    value = math.nan if printed is None else printed
    return Cell(*place, score, tuple(values.dropna()), len(runs), measured, seeded, value, cited)


def mean_cell(cells: Sequence[Cell], row: str, metric: str = "UA") -> Cell:
    """Return the mean of a method's cells over targets, seed by seed; no value if one target has none."""
    measured = on_all([each.measured for each in cells])
    score, values, seeds = metric.lower(), (), 0
    if measured:
        values = tuple(100 * np.mean([one.scores(score) for one in measured], axis=0))
        seeds = len(measured[0].seeds)
    return Cell(row, MEAN, metric, score, values, seeds, measured, any(each.seeded for each in cells))


def finish(layout: Layout, cells: Sequence[Cell], runs: pd.DataFrame, targets: Sequence[str], study: Study) -> Table:
    """Return the table of some cells with its marks, and a caption that explains its numbers.

    Each column, one target and metric, is tested by itself.
    """
    reference = title(layout.reference)
    tests = _tests(cells, reference)
    best, differing = set(), set()
    for (question, column, metric), asked in tests.groupby(["question", "column", "metric"]):
        if question == "reference":
            differing |= {(row, column, metric) for row in asked.loc[asked["differs"], "first"]}
        elif asked["differs"].all():
            best.add((asked["first"].iloc[0], column, metric))
    places = [(each.row, each.column, each.metric) for each in cells]
    made = [each.as_row(place in best, place in differing) for each, place in zip(cells, places, strict=True)]
    frame = pd.DataFrame(made, columns=list(COLUMNS))
    rows = frame.loc[frame["mean"].notna(), "row"].unique()
    outcomes = [one for each in cells for one in each.measured or ()]
    marked = len(rows) > 1 and outcomes
    sentences = [
        layout.says,
        f"Source: {study.title(study.source)}.",
        _spread(cells),
        evidence.interval_sentence(outcomes, study),
        evidence.marks_sentence(bool(best), reference if reference in rows else None) if marked else "",
        evidence.few_sentence(tests),
        _varying(cells, tests),
        evidence.TRANSDUCTIVE if outcomes else "",
        evidence.equal_classes_sentence(rows, outcomes, study),
        _sizes(runs, targets, study),
        _lacking(runs, targets, study, averaged=any(each.column == MEAN for each in cells)),
        PROTOCOLS[study.protocol],
        study.description,
        *dict.fromkeys(note for name, note in _NOTES.items() if name in rows),
        _papers(study) if frame["paper"].notna().any() else "",
        study.note,
    ]
    return Table(layout.name, " ".join(filter(None, sentences)), frame, tests, layout.row_title, layout.beside)


def _tests(cells: Sequence[Cell], reference: str) -> pd.DataFrame:
    """Return the paired tests of each column, in the order of the columns; `reference` is the title of a row."""
    columns: dict[tuple[str, str, str], dict[str, Measured]] = {}
    for each in cells:
        rows = columns.setdefault((each.column, each.metric, each.score), {})
        if each.measured:
            rows[each.row] = each.measured
    found = [
        {"column": column, "metric": metric} | test
        for (column, metric, score), rows in columns.items()
        for test in evidence.paired_tests(rows, reference, score)
    ]
    return pd.DataFrame(found, columns=list(TESTS))


def _spread(cells: Sequence[Cell]) -> str:
    """Say over how many seeds the cells are averaged."""
    counts = [each.seeds for each in cells if each.seeds and each.seeded]
    if not counts:
        return "" if any(each.seeds for each in cells) else "No run yet."
    return evidence.spread_sentence(counts)


#: Points of standard deviation over seeds above which marks were false too often: docs/statistics.md.
LARGE_SPREAD = 10


def _varying(cells: Sequence[Cell], tests: pd.DataFrame) -> str:
    """Name the tested rows whose seeds differ so much that a mark says less; "" if there are none."""
    made = tests[tests["p"].notna()]
    tested = {(row, at.column, at.metric) for at in made.itertuples() for row in (at.first, at.second)}
    rows = dict.fromkeys(
        each.row
        for each in cells
        if each.metric in ("UA", "WA")
        and (each.row, each.column, each.metric) in tested
        and pd.Series(each.values).std() > LARGE_SPREAD
    )
    whose = "its" if len(rows) == 1 else "their"
    above = f"The standard deviation over seeds is above {LARGE_SPREAD} points for {', '.join(rows)}"
    return f"{above}: {whose} marks may be false more often." if rows else ""


def _sizes(runs: pd.DataFrame, targets: Iterable[str], study: Study) -> str:
    """Name the number of test utterances per target, and the targets without labels."""
    parts = []
    for target in targets:
        sizes = runs.loc[runs["target"] == target, "utterances"].dropna().astype(int)
        if sizes.empty:
            count = "no labels, no score" if (runs["target"] == target).any() else "no run yet"
        else:
            count = evidence.seed_counts(sizes)
        parts.append(f"{study.title(target)} {count}")
    return f"Test utterances: {', '.join(parts)}."


def _lacking(runs: pd.DataFrame, targets: Iterable[str], study: Study, averaged: bool) -> str:
    """Name the classes that test sets lack, and say if a mean is over UAs of different numbers of classes."""
    counts, sentences = set(), []
    for target in targets:
        scored = runs[(runs["target"] == target) & runs["ua"].notna()]
        if lacking := [label for label in CLASSES if len(scored) and scored[f"recall_{label}"].isna().all()]:
            sentences.append(
                f"No test utterance of {study.title(target)} is {' or '.join(lacking)}: its UA is the mean over the "
                "other classes."
            )
        counts |= {len(lacking)} if len(scored) else set()
    if averaged and len(counts) > 1:
        sentences.append(f"The column {MEAN!r} averages UAs over different numbers of classes.")
    return " ".join(sentences)


def _papers(study: Study) -> str:
    """Say where the paper's values are, and how its study differs."""
    elsewhere = "" if study.source == paper.SOURCE else f"; its source is {study.title(paper.SOURCE)}"
    elsewhere += "" if study.protocol == "paper" else "; its test sets are others"
    return f"The paper's value stands beside each measured one{elsewhere}."
