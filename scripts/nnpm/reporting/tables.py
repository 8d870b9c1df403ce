"""Tables 1 to 3 and one table per target: measured values beside the paper's, in percent."""

from collections.abc import Iterator, Sequence

import pandas as pd

from nnpm import CLASSES
from nnpm.methods.table import PROPOSED, title
from nnpm.reporting import paper
from nnpm.reporting.cells import Layout, Table, cell, finish, mean_cell
from nnpm.reporting.evidence import Evidence
from nnpm.reporting.study import Study


def table1(
    metrics: pd.DataFrame, evidence: Evidence, methods: Sequence[str], targets: Sequence[str], study: Study
) -> Table:
    """Return UA and WA of each method on each target, beside Table 1."""
    runs = study.runs(metrics)
    cells = [
        cell(select(runs, target, method), evidence, (title(method), study.title(target), metric), printed)
        for method in methods
        for target in targets
        for metric, printed in _printed(paper.TABLE1.get(method, {}).get(target))
    ]
    says = "UA and WA (%) on the test utterances of each target, whose labels are not used in training."
    return finish(Layout("table1", says), cells, runs[runs["method"].isin(methods)], targets, study)


def table2(
    metrics: pd.DataFrame,
    evidence: Evidence,
    target: str,
    methods: Sequence[str],
    cited: Sequence[str],
    study: Study,
) -> Table:
    """Return UA on one target, measured here and printed in Table 2, side by side; one row per method.

    The paper prints Table 2 for EMO-DB. Another target has measured values only, and methods that are
    only `cited` have no row.
    """
    runs = study.runs(metrics)
    beside, column = target == paper.TABLE2_TARGET, study.title(target)
    printed, cited = (paper.TABLE2, cited) if beside else ({}, ())
    cells = [
        cell(
            select(runs, target, method),
            evidence,
            (title(method), column, "UA"),
            printed.get(method),
            cited=method in cited and method in paper.TABLE2_CITED,
        )
        for method in dict.fromkeys([*cited, *methods])
    ]
    says = f"UA (%) on {column}, measured here" + (" and as the paper cites it from other work." if beside else ".")
    layout = Layout("table2", says, beside=beside)
    return finish(layout, cells, runs[runs["method"].isin(methods)], [target], study)


def table3(
    metrics: pd.DataFrame, evidence: Evidence, target: str, variants: Sequence[tuple[int, str]], study: Study
) -> Table:
    """Return UA and WA of the paper's method on one target with the first N convolution blocks frozen, beside Table 3.

    `variants` are pairs of N and the variant of its runs.
    """
    printed = paper.TABLE3 if target == paper.TABLE3_TARGET else {}
    shown = {blocks: select(study.runs(metrics, variant), target, PROPOSED) for blocks, variant in variants}
    cells = [
        cell(runs, evidence, (f"N = {blocks}", study.title(target), metric), value)
        for blocks, runs in shown.items()
        for metric, value in _printed(printed.get(blocks))
    ]
    says = f"UA and WA (%) of {title(PROPOSED)} on {study.title(target)} with the first N convolution blocks frozen."
    runs = pd.concat(shown.values()) if shown else metrics[:0]
    return finish(Layout("table3", says, row_title="Frozen blocks"), cells, runs, [target], study)


def front_ends(
    metrics: pd.DataFrame,
    evidence: Evidence,
    rows: Sequence[tuple[str, str, str]],
    targets: Sequence[str],
    study: Study,
) -> Table:
    """Return UA of methods on several descriptions of the speech, and its mean over targets, one row per pair of them.

    `rows` are the title of the description, the method and the variant of its runs. The first one is the reference.
    """
    cells, shown = [], []
    for description, method, variant in rows:
        row, runs = f"{title(method)}, {description}", study.runs(metrics, variant)
        runs = runs[runs["method"] == method]
        own = [cell(select(runs, target, method), evidence, (row, study.title(target), "UA")) for target in targets]
        cells += [*own, mean_cell(own, row)] if len(own) > 1 else own
        shown.append(runs)
    says = "UA (%) by method and by description of the speech (front end)."
    first = f"{title(rows[0][1])}, {rows[0][0]}"
    layout = Layout("front_ends", says, row_title="Method, front end", reference=first)
    return finish(layout, cells, pd.concat(shown), targets, study)


def target_table(metrics: pd.DataFrame, evidence: Evidence, target: str, methods: Sequence[str], study: Study) -> Table:
    """Return all scores on one target: UA, WA, the recall of each class and the oracle UA.

    The oracle is the best test epoch, an upper bound that needs labels to choose. It has no interval.
    """
    runs = study.runs(metrics)
    extra = {f"{label} recall": f"recall_{label}" for label in CLASSES} | {"oracle UA": "oracle_ua"}
    column, cells = study.title(target), []
    for method in methods:
        chosen, row = select(runs, target, method), title(method)
        printed = paper.TABLE1.get(method, {}).get(target)
        cells += [cell(chosen, evidence, (row, column, metric), value) for metric, value in _printed(printed)]
        cells += [cell(chosen, evidence, (row, column, metric), score=score) for metric, score in extra.items()]
    says = f"Accuracy and recall (%) on {column}; oracle UA is the best test epoch, which needs labels to choose."
    return finish(Layout(f"target_{target}", says), cells, runs[runs["method"].isin(methods)], [target], study)


def select(runs: pd.DataFrame, target: str, method: str) -> pd.DataFrame:
    """Return the runs of one method on one target."""
    return runs[(runs["target"] == target) & (runs["method"] == method)]


def _printed(scores: paper.Scores | None) -> Iterator[tuple[str, float | None]]:
    """Yield the two metrics and the paper's value of each."""
    yield "UA", scores.ua if scores else None
    yield "WA", scores.wa if scores else None


#: The functions that make the tables, by name; "target" is the table of one target.
TABLES = {
    "table1": table1,
    "table2": table2,
    "table3": table3,
    "front_ends": front_ends,
    "target": target_table,
}
