"""Every method on every target, the mean over targets, and the paired tests behind what is marked."""

from collections.abc import Iterator, Sequence

import pandas as pd

from nnpm.reporting import evidence, paper
from nnpm.reporting.cells import MEAN, cell, mean_cell
from nnpm.reporting.evidence import Evidence, Measured, Test
from nnpm.reporting.tables import Study, Table, finish, main_runs, select, titled

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
    """Return UA and WA of each method on each labelled target and the mean UA over these, beside the paper's values.

    Without any labelled target the columns are there and empty. The mean has an interval of its own: each target's test
    set is resampled by itself, the seeds jointly.
    """
    runs = main_runs(metrics, study)
    runs = runs[runs["method"].isin(methods)]
    labelled = _labelled(runs, targets)
    cells = []
    for method, title in titled(methods):
        of_method = []
        for target in labelled or targets:
            chosen, column = select(runs, target, method), paper.corpus_title(target)
            value, cited = _printed_ua(method, target)
            of_method.append(cell(chosen, known, (title, column, "UA"), value, cited=cited))
            scores = paper.TABLE1.get(method, {}).get(target)
            cells += [of_method[-1], cell(chosen, known, (title, column, "WA"), scores.wa if scores else None)]
        cells += [mean_cell(of_method, title)] if len(labelled) > 1 else []
    caption = (
        "UA and WA (%) of each method on the test utterances of each target, whose labels no method was trained on."
    )
    return finish("comparison", caption, cells, runs, targets, study, reference=paper.method_title(reference))


def tests(
    metrics: pd.DataFrame,
    known: Evidence,
    methods: Sequence[str],
    targets: Sequence[str],
    reference: str,
    study: Study,
) -> pd.DataFrame:
    """Return the paired tests of each column: every method against the reference, the best one against every other.

    Columns as in TESTS: question ("reference" or "best"); column and metric; first and second, the difference is first
    minus second, in points, low and high its 95 % interval; p, and p_holm corrected for the tests of this question in
    this column; cohens_g of the discordant predictions; better, the seeds (of `seeds`) in which the first scores
    higher; unit and clusters, what was resampled and swapped, and how many there are; differs, whether the two differ
    beyond chance.
    """
    runs = main_runs(metrics, study)
    rows: list[tuple[object, ...]] = []
    for column, metric, measured in _columns(runs, known, methods, _labelled(runs, targets)):
        asked: dict[str, list[Test]] = {}
        title = paper.method_title(reference)
        if title in measured:
            asked["reference"] = evidence.against(measured, title, metric.lower())
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


def tests_to_markdown(found: pd.DataFrame, reference: str, study: Study) -> str:
    """Return the tests for humans: a table a question."""
    parts = [tests_caption(found, study)]
    for question, heading in (
        ("reference", f"Against {paper.method_title(reference)}"),
        ("best", "Best against others"),
    ):
        rows = tests_shown(found[found["question"] == question]).to_markdown(index=False, disable_numparse=True)
        parts.append(f"## {heading}\n\n{rows or 'Nothing to compare.'}")
    return "\n\n".join(parts) + "\n"


def tests_caption(found: pd.DataFrame, study: Study) -> str:
    """Say how the tests are made, and in which columns none can tell two methods apart."""
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


def tests_shown(found: pd.DataFrame) -> pd.DataFrame:
    """Return the tests as the text of a table's cells."""
    return pd.DataFrame(
        [
            {
                "Column": f"{row['column']} {row['metric']}",
                "First": row["first"],
                "Second": row["second"],
                "Difference": f"{row['difference']:+.1f} [{row['low']:+.1f}, {row['high']:+.1f}]"
                + " †" * row["differs"],
                "p": f"{row['p']:.4f}",
                "Holm": f"{row['p_holm']:.4f}",
                "g": "—" if pd.isna(row["cohens_g"]) else f"{row['cohens_g']:+.2f}",
                "Better in": f"{row['better']} of {row['seeds']}",
                "Clusters": f"{row['clusters']} {row['unit']}",
            }
            for row in found.to_dict("records")
        ]
    )


def _labelled(runs: pd.DataFrame, targets: Sequence[str]) -> list[str]:
    """The targets that a run has a score on."""
    return [target for target in targets if runs.loc[runs["target"] == target, "ua"].notna().any()]


def _printed_ua(method: str, target: str) -> tuple[float | None, bool]:
    """The paper's UA, and whether it is cited from other work."""
    if scores := paper.TABLE1.get(method, {}).get(target):
        return scores.ua, False
    cited = target == paper.TABLE2_TARGET and method in paper.TABLE2_CITED
    return (paper.TABLE2[method], True) if cited else (None, False)


def _columns(
    runs: pd.DataFrame, known: Evidence, methods: Sequence[str], targets: Sequence[str]
) -> Iterator[tuple[str, str, dict[str, Measured]]]:
    """Yield each column of the table with the outcomes of its rows."""
    found = {
        (target, title): one
        for target in targets
        for method, title in titled(methods)
        if (one := known.of(select(runs, target, method)))
    }
    for target in targets:
        rows: dict[str, Measured] = {title: (one,) for (on, title), one in found.items() if on == target}
        for metric in ("UA", "WA"):
            yield paper.corpus_title(target), metric, rows
    if len(targets) > 1:
        parts = {
            title: [(one,) if (one := found.get((target, title))) else None for target in targets]
            for _, title in titled(methods)
        }
        yield MEAN, "UA", {title: mean for title, of in parts.items() if (mean := evidence.on_all(of))}


def _row(question: str, column: str, metric: str, test: Test, measured: Measured) -> tuple[object, ...]:
    """Return one test as a row, in the order of TESTS."""
    found = test.difference
    points = (100 * found.mean, 100 * found.interval.low, 100 * found.interval.high)
    unit = " and ".join(dict.fromkeys(one.unit for one in measured))
    clusters = sum(one.clusters for one in measured)
    effect = (found.p, test.p_holm, found.cohens_g, found.better, found.seeds, unit, clusters, test.differs)
    return (question, column, metric, test.first, test.second, *points, *effect)
