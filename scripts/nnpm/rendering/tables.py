"""Tables 1 to 3 and a table a target: measured values with the paper's beside them, all in percent."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from nnpm import CLASSES, paper

#: Columns of the long frame in :attr:`Table.cells`.
CELL_COLUMNS = ("row", "column", "metric", "mean", "std", "seeds", "paper", "cited")


@dataclass(frozen=True)
class Study:
    """What the captions must name: the study, its source, and the setting of its main runs.

    ``freeze`` and ``threshold`` select the runs of Tables 1 and 2; ``note`` is a sentence that every caption
    ends with, such as what toy data can and cannot show.
    """

    name: str
    source: str
    freeze: int = 2
    threshold: float = 0.9
    note: str = ""


@dataclass(frozen=True)
class Table:
    """A table as a long frame, one row a cell.

    ``cells`` columns: row (e.g. method title), column (target title), metric (UA, WA, ...), mean and std over
    seeds (percent; std is the sample standard deviation, NaN for fewer than two seeds; mean is NaN if nothing
    was measured or the target has no labels), seeds (count), paper (the printed percentage, or NaN), cited
    (whether the row is quoted by the paper and not measured here).
    """

    name: str
    caption: str
    cells: pd.DataFrame
    row_title: str = "Method"

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


def table1(metrics: pd.DataFrame, methods: Sequence[str], targets: Sequence[str], study: Study) -> Table:
    """Return UA and WA of each method on each target, beside Table 1."""
    runs = main_runs(metrics, study)
    cells = [
        _cell(runs, {"method": method, "target": target}, paper.method_title(method), metric, printed)
        for method in methods
        for target in targets
        for metric, printed in _printed(paper.TABLE1.get(method, {}).get(target))
    ]
    caption = "UA and WA (%) on the test utterances of each target, whose labels are not used in training."
    return _table("table1", caption, cells, runs[runs["method"].isin(methods)], targets, study)


def table2(metrics: pd.DataFrame, target: str, methods: Sequence[str], cited: Sequence[str], study: Study) -> Table:
    """Return UA on one target beside Table 2; ``cited`` methods show the paper's value alone.

    Table 2 is printed for EMO-DB: on another target the cited rows have no value.
    """
    runs = main_runs(metrics, study)
    printed = paper.TABLE2 if target == paper.TABLE2_TARGET else {}
    cells = [
        _cell(runs, {"method": method, "target": target}, paper.method_title(method), "UA", printed.get(method))
        | {"cited": method in cited}
        for method in (*cited, *methods)
    ]
    caption = f"UA (%) on {paper.corpus_title(target)} beside methods that the paper cites from other work."
    return _table("table2", caption, cells, runs[runs["method"].isin(methods)], [target], study)


def table3(metrics: pd.DataFrame, target: str, freeze: Sequence[int], study: Study) -> Table:
    """Return UA and WA of NNPM on one target with the first N convolution blocks frozen, beside Table 3."""
    runs = _at_threshold(metrics, study)
    runs = runs[runs["method"] == "nnpm"]
    printed = paper.TABLE3 if target == paper.TABLE3_TARGET else {}
    cells = [
        _cell(runs, {"freeze": blocks, "target": target}, f"N = {blocks}", metric, value)
        for blocks in freeze
        for metric, value in _printed(printed.get(blocks))
    ]
    caption = f"UA and WA (%) of NNPM on {paper.corpus_title(target)} with the first N convolution blocks frozen."
    return _table("table3", caption, cells, runs, [target], study, row_title="Frozen blocks")


def target_table(metrics: pd.DataFrame, target: str, methods: Sequence[str], study: Study) -> Table:
    """Return all that is measured on one target: UA, WA, the recall of each class and the oracle UA.

    The oracle is the best test epoch: a bound that no one can reach without labels.
    """
    runs = main_runs(metrics, study)
    extra = {f"{label} recall": f"recall_{label}" for label in CLASSES} | {"oracle UA": "oracle_ua"}
    cells = []
    for method in methods:
        at, title = {"method": method, "target": target}, paper.method_title(method)
        printed = paper.TABLE1.get(method, {}).get(target)
        cells += [_cell(runs, at, title, metric, value) for metric, value in _printed(printed)]
        cells += [_cell(runs, at, title, metric, None, column) for metric, column in extra.items()]
    caption = (
        f"Accuracy and recall (%) on {paper.corpus_title(target)}; oracle UA is the best test epoch, "
        "which cannot be chosen without labels."
    )
    return _table(f"target_{target}", caption, cells, runs[runs["method"].isin(methods)], [target], study)


def format_measured(cell: pd.Series) -> str:
    """Return mean and spread with one decimal, "—" if no score is claimed."""
    if pd.isna(cell["mean"]):
        return "—"
    spread = "" if pd.isna(cell["std"]) else f" ± {cell['std']:.1f}"
    return f"{cell['mean']:.1f}{spread}"


def format_paper(cell: pd.Series, table: Table) -> str:
    """Return the paper's value with the decimals it was printed with, "" if there is none."""
    if pd.isna(cell["paper"]):
        return ""
    return f"{cell['paper']:.1f}" if table.name == "table2" else f"{cell['paper']:.2f}"


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


def _cell(
    runs: pd.DataFrame,
    at: Mapping[str, str | int],
    row: str,
    metric: str,
    printed: float | None,
    column: str | None = None,
) -> dict[str, object]:
    """Return one cell: the runs that match ``at``, averaged over seeds."""
    chosen = runs[(runs[list(at)] == pd.Series(at)).all(axis=1)]
    values = pd.to_numeric(chosen[column or metric.lower()]) * 100
    return {
        "row": row,
        "column": paper.corpus_title(str(at["target"])),
        "metric": metric,
        "mean": values.mean(),
        "std": values.std(ddof=1),
        "seeds": len(chosen),
        "paper": float("nan") if printed is None else printed,
        "cited": False,
    }


def _table(
    name: str,
    caption: str,
    cells: list[dict[str, object]],
    runs: pd.DataFrame,
    targets: Sequence[str],
    study: Study,
    row_title: str = "Method",
) -> Table:
    """Return the table with a caption that says what its numbers rest on."""
    frame = pd.DataFrame(cells, columns=list(CELL_COLUMNS))
    measured = frame[~frame["cited"].astype(bool)]
    sentences = [
        caption,
        f"Source: {paper.corpus_title(study.source)}.",
        _spread(measured["seeds"]),
        _sizes(runs, targets),
    ]
    if frame["paper"].notna().any():
        source = paper.corpus_title(paper.SOURCE)
        sentences.append(
            "The paper's value stands beside each measured one."
            if study.source == paper.SOURCE
            else f"The paper's value stands beside each measured one; its source is {source}."
        )
    sentences.append(study.note)
    return Table(name, " ".join(filter(None, sentences)), frame, row_title)


def _spread(seeds: "pd.Series[int]") -> str:
    """Say over how many seeds the cells are averaged."""
    low, high = (int(seeds.min()), int(seeds.max())) if len(seeds) else (0, 0)
    if high <= 1:
        return "One seed, so no spread." if high else "No run yet."
    count = f"{high}" if low == high else f"{low} to {high}"
    return f"Mean ± standard deviation over {count} seeds."


def _sizes(runs: pd.DataFrame, targets: Sequence[str]) -> str:
    """Name the number of test utterances a target, and the targets without labels."""
    parts = []
    for target in targets:
        sizes = runs.loc[runs["target"] == target, "utterances"].dropna().astype(int)
        if sizes.empty:
            count = "no labels, no score" if (runs["target"] == target).any() else "no run yet"
        else:
            count = f"{sizes.min()}" if sizes.nunique() == 1 else f"{sizes.min()} to {sizes.max()}"
        parts.append(f"{paper.corpus_title(target)} {count}")
    return f"Test utterances: {', '.join(parts)}."
