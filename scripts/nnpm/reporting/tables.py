"""Tables 1 to 3 and a table a target: measured values with the paper's beside them, all in percent."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from nnpm import CLASSES
from nnpm.reporting import cells as cells_of
from nnpm.reporting import paper
from nnpm.reporting.cells import cell
from nnpm.reporting.evidence import Evidence


@dataclass(frozen=True)
class Study:
    """What the captions must name: the study, its source, and the setting of its main runs.

    ``freeze`` and ``threshold`` select the runs of Tables 1 and 2; ``note`` is a sentence that every caption
    ends with, such as what toy data can and cannot show; ``protocol`` is how test sets are drawn.
    """

    name: str
    source: str
    freeze: int = 2
    threshold: float = 0.9
    note: str = ""
    protocol: str = "paper"


@dataclass(frozen=True)
class Table:
    """A table as a long frame, one row a cell.

    ``cells`` columns: row (e.g. method title), column (target title), metric (UA, WA, ...), mean and std over
    seeds (percent; std is the sample standard deviation, NaN for fewer than two seeds; mean is NaN if nothing
    was measured or the target has no labels), low and high (95 % interval of the mean), unit (what it resamples beside
    seeds: speakers or utterances), seeds (count), paper (the printed percentage, or NaN), cited (whether the paper
    quotes that value from other work), best (whether it is better than every other measured row beyond chance) and
    differs (whether it differs from the reference so). ``beside`` puts the paper's values into columns of their own.
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


def table1(
    metrics: pd.DataFrame, evidence: Evidence, methods: Sequence[str], targets: Sequence[str], study: Study
) -> Table:
    """Return UA and WA of each method on each target, beside Table 1."""
    runs = main_runs(metrics, study)
    cells = [
        cell(select(runs, target, method), evidence, (title, paper.corpus_title(target), metric), printed)
        for method, title in titled(methods)
        for target in targets
        for metric, printed in _printed(paper.TABLE1.get(method, {}).get(target))
    ]
    caption = "UA and WA (%) on the test utterances of each target, whose labels are not used in training."
    return finish("table1", caption, cells, runs[runs["method"].isin(methods)], targets, study)


def table2(
    metrics: pd.DataFrame,
    evidence: Evidence,
    target: str,
    methods: Sequence[str],
    cited: Sequence[str],
    study: Study,
) -> Table:
    """Return UA on one target, measured here and printed in Table 2, side by side; one row a method.

    Table 2 is printed for EMO-DB: on another target there is nothing beside the measured values, and no row of a method
    that is only ``cited``.
    """
    runs = main_runs(metrics, study)
    runs = runs[runs["method"].isin(methods)]
    beside = target == paper.TABLE2_TARGET
    printed, cited = (paper.TABLE2, cited) if beside else ({}, ())
    shown = [*cited, *(method for method in methods if method not in cited)]
    cells = [
        cell(
            select(runs, target, method),
            evidence,
            (title, paper.corpus_title(target), "UA"),
            printed.get(method),
            cited=method in cited and method in paper.TABLE2_CITED,
        )
        for method, title in titled(shown)
    ]
    caption = f"UA (%) on {paper.corpus_title(target)}, measured here"
    caption += " and as the paper cites it from other work." if beside else "."
    return finish("table2", caption, cells, runs, [target], study, beside=beside)


def table3(metrics: pd.DataFrame, evidence: Evidence, target: str, freeze: Sequence[int], study: Study) -> Table:
    """Return UA and WA of NNPM on one target with the first N convolution blocks frozen, beside Table 3."""
    runs = select(_at_threshold(metrics, study), target, "nnpm")
    printed = paper.TABLE3 if target == paper.TABLE3_TARGET else {}
    cells = [
        cell(runs[runs["freeze"] == blocks], evidence, (f"N = {blocks}", paper.corpus_title(target), metric), value)
        for blocks in freeze
        for metric, value in _printed(printed.get(blocks))
    ]
    caption = f"UA and WA (%) of NNPM on {paper.corpus_title(target)} with the first N convolution blocks frozen."
    return finish("table3", caption, cells, runs, [target], study, row_title="Frozen blocks")


def target_table(metrics: pd.DataFrame, evidence: Evidence, target: str, methods: Sequence[str], study: Study) -> Table:
    """Return all that is measured on one target: UA, WA, the recall of each class and the oracle UA.

    The oracle is the best test epoch: a bound that no one can reach without labels. It has no interval.
    """
    runs = main_runs(metrics, study)
    extra = {f"{label} recall": f"recall_{label}" for label in CLASSES} | {"oracle UA": "oracle_ua"}
    column, cells = paper.corpus_title(target), []
    for method, title in titled(methods):
        chosen = select(runs, target, method)
        printed = paper.TABLE1.get(method, {}).get(target)
        cells += [cell(chosen, evidence, (title, column, metric), value) for metric, value in _printed(printed)]
        cells += [cell(chosen, evidence, (title, column, metric), score=score) for metric, score in extra.items()]
    caption = f"Accuracy and recall (%) on {column}; oracle UA is the best test epoch, which needs labels to choose."
    return finish(f"target_{target}", caption, cells, runs[runs["method"].isin(methods)], [target], study)


def finish(
    name: str,
    caption: str,
    cells: Sequence[dict[str, object]],
    runs: pd.DataFrame,
    targets: Sequence[str],
    study: Study,
    row_title: str = "Method",
    beside: bool = False,
    reference: str = cells_of.REFERENCE,
) -> Table:
    """Return the table of some cells with its marks, and a caption that says what its numbers rest on."""
    frame = cells_of.frame(cells, reference)
    words = cells_of.caption(caption, cells, frame, runs, targets, study.source, study.protocol, reference)
    return Table(name, " ".join(filter(None, [words, study.note])), frame, row_title, beside)


def select(runs: pd.DataFrame, target: str, method: str) -> pd.DataFrame:
    """Return the runs of one method on one target."""
    return runs[(runs["target"] == target) & (runs["method"] == method)]


def titled(methods: Sequence[str]) -> list[tuple[str, str]]:
    """Return the methods with their titles."""
    return [(method, paper.method_title(method)) for method in methods]


def _printed(scores: paper.Scores | None) -> Iterator[tuple[str, float | None]]:
    """Yield the two metrics and the paper's value of each."""
    yield "UA", scores.ua if scores else None
    yield "WA", scores.wa if scores else None


def _at_threshold(metrics: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Return the runs with the study's threshold."""
    return metrics[(metrics["threshold"] - study.threshold).abs() < 1e-9]


def main_runs(metrics: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Return the runs with the study's threshold and frozen blocks."""
    runs = _at_threshold(metrics, study)
    return runs[runs["freeze"] == study.freeze]
