"""Every method on every target, the mean over targets, and the paired tests behind the marks."""

from collections.abc import Sequence

import pandas as pd

from nnpm import pages
from nnpm.methods.table import title
from nnpm.reporting import paper
from nnpm.reporting.cells import Layout, Table, cell, finish, mean_cell
from nnpm.reporting.evidence import Evidence, few_sentence
from nnpm.reporting.study import Study
from nnpm.reporting.tables import select


def comparison(
    metrics: pd.DataFrame,
    known: Evidence,
    methods: Sequence[str],
    targets: Sequence[str],
    reference: str,
    study: Study,
) -> Table:
    """Return UA and WA of each method on each labelled target and their mean UA, beside the paper's values.

    Without any labelled target the columns are empty. Targets have test sets of their own
    and seeds in common.
    """
    runs = study.runs(metrics)
    runs = runs[runs["method"].isin(methods)]
    labelled = [target for target in targets if runs.loc[runs["target"] == target, "ua"].notna().any()]
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
    return finish(Layout("comparison", says, reference=reference), cells, runs, targets, study)


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
    sentences = [
        "Paired differences in points: the same test utterances, the same seeds.",
        "In square brackets: 95 % interval. It and p are of one t-test, which counts both clusters and seeds. With one "
        "seed the interval counts clusters only.",
        "Corrected: p for the tests against the reference in one column (Holm); for the best, which is chosen on the "
        "same data, p times the number of all pairs of rows.",
        "g: Cohen's g, the share of discordant predictions that the first method wins, minus one half.",
        "A cluster is a speaker or an utterance, as named.",
        "†: differs beyond chance, by corrected p < 0.05.",
        "Better in: seeds in which the first scores higher; a dash where one of the two has one result for all seeds.",
        few_sentence(found),
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
            "p": _p(row["p"]),
            "Corrected": _p(row["p_holm"]),
            "g": "—" if pd.isna(row["cohens_g"]) else f"{row['cohens_g']:+.2f}",
            "Better in": "—" if pd.isna(row["better"]) else f"{row['better']:.0f} of {row['seeds']}",
            "Clusters": f"{row['clusters']} {row['unit']}",
        }
        for row in found.to_dict("records")
    ]


def _p(value: float) -> str:
    return "—" if pd.isna(value) else f"{value:.4f}"


def _printed_ua(method: str, target: str) -> tuple[float | None, bool]:
    """Return the paper's UA, and whether the paper cites it from other work."""
    if scores := paper.TABLE1.get(method, {}).get(target):
        return scores.ua, False
    cited = target == paper.TABLE2_TARGET and method in paper.TABLE2_CITED
    return (paper.TABLE2[method], True) if cited else (None, False)
