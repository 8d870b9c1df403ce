"""Tables and their cells: scores with intervals and marks, and captions that explain them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from nnpm import CLASSES
from nnpm.evaluation.uncertainty import Interval, bootstrap
from nnpm.methods.table import METHODS, UNADAPTED, title
from nnpm.reporting import evidence, paper
from nnpm.reporting.evidence import Evidence, Measured, on_all
from nnpm.reporting.study import Study

#: Columns of `Table.cells`.
COLUMNS = (
    *("row", "column", "metric", "mean", "std", "low", "high", "unit", "seeds", "paper", "cited", "best", "differs"),
)

#: Columns of the metrics frame that can be computed from predictions, and so have an interval.
RESAMPLED = ("ua", "wa", *(f"recall_{label}" for label in CLASSES))

#: The column that averages over targets.
MEAN = "Mean over targets"

#: How test sets are drawn, by the config's splits.protocol.
PROTOCOLS = {
    "paper": "Test sets, unless a corpus's own manifest gives them: utterances drawn at random, or a corpus's "
    "fixed test speakers.",
    "speakers": "Test sets, unless a corpus's own manifest gives them: whole speakers that training has not heard.",
    "all": "Test sets: all utterances of a target. Adaptation sees them without their labels.",
}

#: Notes that a reader needs to compare a method's row with others, by title.
_NOTES = {entry.title: entry.note for entry in METHODS.values() if entry.note}


@dataclass(frozen=True)
class Table:
    """A table as a long frame, one row per cell.

    `cells` columns: row (e.g. method title), column (target title), metric (UA, WA, ...), mean and std over seeds
    (percent; std is the sample standard deviation, NaN for fewer than two seeds; mean is NaN if nothing was measured or
    the target has no labels), low and high (95 % interval of the mean), unit (resampled beside seeds: speakers
    or utterances), seeds (count), paper (the printed percentage, or NaN), cited (whether the paper quotes that value
    from other work), best (whether it is better than every other measured row beyond chance) and differs (whether it
    differs from the reference beyond chance). `beside` puts the paper's values into columns of their own.
    """

    name: str
    caption: str
    cells: pd.DataFrame
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
    """A table's name, the first sentence of its caption, and its layout.

    Rows are marked against the method titled `reference`, if it is among them.
    """

    name: str
    says: str
    row_title: str = "Method"
    beside: bool = False
    reference: str = title(UNADAPTED)


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
    paper: float = float("nan")
    cited: bool = False

    @cached_property
    def interval(self) -> Interval:
        """The 95 % interval of the mean, in percent."""
        low, high = bootstrap(self.measured, self.score) if self.measured else (float("nan"), float("nan"))
        return Interval(100 * low, 100 * high)

    def as_row(self, best: str | None, differing: set[str]) -> list[object]:
        """Return the cell in the order of COLUMNS."""
        values = pd.Series(self.values, dtype=float)
        unit = " and ".join(dict.fromkeys(one.unit for one in self.measured or ()))
        place, spread = (self.row, self.column, self.metric), (values.mean(), values.std(ddof=1), *self.interval)
        return [*place, *spread, unit, self.seeds, self.paper, self.cited, self.row == best, self.row in differing]


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
    outcomes = known.of(runs) if score in RESAMPLED else None
    measured = None if outcomes is None or values.isna().all() else (outcomes,)
    seeded = any(map(evidence.is_seeded, runs["method"])) or runs.empty
    value = float("nan") if printed is None else printed
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
    columns: dict[tuple[str, str], dict[str, Measured]] = {}
    for each in cells:
        if each.measured:
            columns.setdefault((each.column, each.score), {})[each.row] = each.measured
    judged = {key: evidence.marks(rows, layout.reference, key[1]) for key, rows in columns.items()}
    made = [each.as_row(*judged.get((each.column, each.score), (None, set()))) for each in cells]
    frame = pd.DataFrame(made, columns=list(COLUMNS))
    rows = frame.loc[frame["mean"].notna(), "row"].unique()
    outcomes = [one for each in cells for one in each.measured or ()]
    reference = layout.reference if layout.reference in rows else None
    sentences = [
        layout.says,
        f"Source: {study.title(study.source)}.",
        _spread(cells),
        evidence.interval_sentence(outcomes, study),
        evidence.marks_sentence(bool(frame["best"].any()), reference, _few(cells))
        if len(rows) > 1 and outcomes
        else "",
        _sizes(runs, targets, study),
        _lacking(runs, targets, study, averaged=any(each.column == MEAN for each in cells)),
        PROTOCOLS[study.protocol],
        *dict.fromkeys(note for name, note in _NOTES.items() if name in rows),
        _papers(study) if frame["paper"].notna().any() else "",
        study.note,
    ]
    return Table(layout.name, " ".join(filter(None, sentences)), frame, layout.row_title, layout.beside)


def _few(cells: Sequence[Cell]) -> list[str]:
    """Name the columns whose test sets have too few clusters for any mark."""
    columns: dict[str, list[int]] = {}
    for each in cells:
        if each.measured:
            clusters = sum(one.clusters for one in each.measured)
            columns.setdefault(f"{each.column} {each.metric}", []).append(clusters)
    return [name for name, rows in columns.items() if evidence.too_few(rows[0], len(rows) - 1)]


def _spread(cells: Sequence[Cell]) -> str:
    """Say over how many seeds the cells are averaged."""
    counts = [each.seeds for each in cells if each.seeds and each.seeded]
    if not counts:
        return "" if any(each.seeds for each in cells) else "No run yet."
    if max(counts) == 1:
        return "One seed, so no spread."
    return f"Mean ± standard deviation over {evidence.seed_counts(counts)} seeds."


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
