"""Every method on every target, the mean over targets, and the paired tests behind the marks."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from nnpm import pages
from nnpm.methods.table import title
from nnpm.reporting import evidence, paper
from nnpm.reporting.cells import MEAN, Layout, Table, cell, finish, mean_cell
from nnpm.reporting.evidence import Evidence, Measured, Test
from nnpm.reporting.study import Study
from nnpm.reporting.tables import select

#: Columns of the frame of tests; low, high and difference in points.
TESTS = (
    *("question", "column", "metric", "first", "second", "difference", "low", "high", "p", "p_holm", "cohens_g"),
    *("better", "seeds", "unit", "clusters", "differs"),
)


def comparison(
    metrics: pd.DataFrame,
    known: Evidence,
    methods: Sequence[str],
    targets: Sequence[str],
    reference: str,
    study: Study,
) -> Table:
    """Return UA and WA of each method on each labelled target and their mean UA, beside the paper's values.

    Without any labelled target the columns are empty. The interval of the mean resamples each target's test set
    separately and the seeds jointly.
    """
    runs = study.runs(metrics)
    runs = runs[runs["method"].isin(methods)]
    labelled = _labelled(runs, targets)
    cells = []
    for method in methods:
        of_method, row = [], title(method)
        for target in labelled or targets:
            chosen, column = select(runs, target, method), study.title(target)
            value, cited = _printed_ua(method, target)
            of_method.append(cell(chosen, known, (row, column, "UA"), value, cited=cited))
            scores = paper.TABLE1.get(method, {}).get(target)
            cells += [of_method[-1], cell(chosen, known, (row, column, "WA"), scores.wa if scores else None)]
        cells += [mean_cell(of_method, row)] if len(labelled) > 1 else []
    says = "UA and WA (%) of each method on the test utterances of each target, whose labels no method was trained on."
    return finish(Layout("comparison", says, reference=title(reference)), cells, runs, targets, study)


def tests(
    metrics: pd.DataFrame,
    known: Evidence,
    methods: Sequence[str],
    targets: Sequence[str],
    reference: str,
    study: Study,
) -> pd.DataFrame:
    """Return the paired tests of each column: every method against the reference, the best one against every other.

    Columns as in TESTS: question ("reference" or "best"); column and metric; first and second; difference, first
    minus second, in points, with its 95 % interval low and high; p, and p_holm corrected for the tests of this question
    in this column; cohens_g of the discordant predictions; better, the number of `seeds` in which the first scores
    higher; unit and clusters, the kind and number of what was resampled and swapped; differs, whether the two differ
    significantly.
    """
    runs = study.runs(metrics)
    rows: list[tuple[object, ...]] = []
    labelled = {target: study.title(target) for target in _labelled(runs, targets)}
    for column, metric, measured in _columns(runs, known, methods, labelled):
        asked: dict[str, list[Test]] = {}
        if title(reference) in measured:
            asked["reference"] = evidence.against(measured, title(reference), metric.lower())
        if len(measured) > 1:
            asked["best"] = evidence.best_against_others(measured, metric.lower())
        for question, family in asked.items():
            rows += [_row(question, column, metric, test, measured[test.first]) for test in family]
    return pd.DataFrame(rows, columns=list(TESTS))


def tests_to_csv(found: pd.DataFrame) -> str:
    """Return the tests as CSV text: points with two decimals, p and g with four digits."""
    points = ["difference", "low", "high"]
    shown = found.assign(**{name: found[name].map("{:.2f}".format) for name in points})
    return str(shown.to_csv(index=False, float_format="%.4g", lineterminator="\n"))


def tests_page(found: pd.DataFrame, study: Study) -> list[pages.Section]:
    """Return the tests as a page: an explanation, then one section per question."""
    references = found.loc[found["question"] == "reference", "second"].unique()
    questions = {"reference": f"Against {references[0] if len(references) else 'the reference'}"}
    questions |= {"best": "The best of each column against every other"}
    sections = [pages.Section("", (tests_caption(found, study),))]
    for question, heading in questions.items():
        rows = _shown(found[found["question"] == question])
        sections.append(pages.Section(heading, (pages.Table.of(rows) if rows else "Nothing to compare.",)))
    return sections


def tests_caption(found: pd.DataFrame, study: Study) -> str:
    """Say how the tests are made, and which columns have too little data for a significant difference."""
    few = [
        f"{column} {metric}"
        for (column, metric), asked in found.groupby(["column", "metric"], sort=False)
        if all(evidence.too_few(part["clusters"].iloc[0], len(part)) for _, part in asked.groupby("question"))
    ]
    sentences = [
        "Paired differences in points: the same test utterances, the same seeds.",
        "In square brackets: 95 % bootstrap interval, clusters and seeds resampled jointly for both methods.",
        "p: permutation test, the two methods' predictions swapped by cluster, all seeds of a cluster together; "
        "Holm: corrected for the tests of one question in one column.",
        "g: Cohen's g, the share of discordant predictions that the first method wins, minus one half.",
        "A cluster is a speaker or an utterance, as named.",
        "†: differs beyond chance, by corrected p < 0.05 and an interval without 0.",
        evidence.few_sentence(few),
        study.note,
    ]
    return " ".join(filter(None, sentences))


def _shown(found: pd.DataFrame) -> list[dict[str, str]]:
    """Return the tests as the text of a table's cells, one row per test."""
    return [
        {
            "Column": f"{row['column']} {row['metric']}",
            "First": row["first"],
            "Second": row["second"],
            "Difference": f"{row['difference']:+.1f} [{row['low']:+.1f}, {row['high']:+.1f}]" + " †" * row["differs"],
            "p": f"{row['p']:.4f}",
            "Holm": f"{row['p_holm']:.4f}",
            "g": "—" if pd.isna(row["cohens_g"]) else f"{row['cohens_g']:+.2f}",
            "Better in": f"{row['better']} of {row['seeds']}",
            "Clusters": f"{row['clusters']} {row['unit']}",
        }
        for row in found.to_dict("records")
    ]


def _labelled(runs: pd.DataFrame, targets: Sequence[str]) -> list[str]:
    """The targets on which a run has a score."""
    return [target for target in targets if runs.loc[runs["target"] == target, "ua"].notna().any()]


def _printed_ua(method: str, target: str) -> tuple[float | None, bool]:
    """Return the paper's UA, and whether the paper cites it from other work."""
    if scores := paper.TABLE1.get(method, {}).get(target):
        return scores.ua, False
    cited = target == paper.TABLE2_TARGET and method in paper.TABLE2_CITED
    return (paper.TABLE2[method], True) if cited else (None, False)


def _columns(
    runs: pd.DataFrame, known: Evidence, methods: Sequence[str], targets: Mapping[str, str]
) -> Iterator[tuple[str, str, dict[str, Measured]]]:
    """Yield each column of the table with the outcomes of its rows; `targets` are names and titles."""
    found: dict[str, dict[str, Measured]] = {target: {} for target in targets}
    for target, rows in found.items():
        for method in methods:
            if one := known.of(select(runs, target, method)):
                rows[title(method)] = (one,)
        for metric in ("UA", "WA"):
            yield targets[target], metric, rows
    if len(targets) > 1:
        means = {row: evidence.on_all([rows.get(row) for rows in found.values()]) for row in map(title, methods)}
        yield MEAN, "UA", {row: mean for row, mean in means.items() if mean}


def _row(question: str, column: str, metric: str, test: Test, measured: Measured) -> tuple[object, ...]:
    """Return one test as a row, in the order of TESTS."""
    found = test.difference
    points = (100 * found.mean, 100 * found.interval.low, 100 * found.interval.high)
    unit = " and ".join(dict.fromkeys(one.unit for one in measured))
    clusters = sum(one.clusters for one in measured)
    effect = (found.p, test.p_holm, found.cohens_g, found.better, found.seeds, unit, clusters, test.differs)
    return (question, column, metric, test.first, test.second, *points, *effect)
