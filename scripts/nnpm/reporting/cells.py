"""The cells of a table of runs, with their intervals and marks, and the sentences that say what they rest on."""

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from nnpm import CLASSES
from nnpm.evaluation.uncertainty import bootstrap
from nnpm.reporting import evidence, paper
from nnpm.reporting.evidence import Evidence, Measured, on_all

#: Columns of the long frame in `tables.Table.cells`.
COLUMNS = (
    "row",
    "column",
    "metric",
    "mean",
    "std",
    "low",
    "high",
    "unit",
    "seeds",
    "paper",
    "cited",
    "best",
    "differs",
)

#: Columns of the metrics frame that the predictions give as well, so that there is an interval.
RESAMPLED = ("ua", "wa", *(f"recall_{label}" for label in CLASSES))

#: How test sets are drawn, by the config's splits.protocol.
PROTOCOLS = {
    "paper": "Test sets, unless a corpus's own manifest gives them: utterances drawn at random, or a corpus's "
    "fixed test speakers.",
    "speakers": "Test sets, unless a corpus's own manifest gives them: whole speakers, whom training has not heard.",
}

#: What must be known of some methods to compare their rows with others: titles, and the sentence.
NOTES = tuple(
    (frozenset(map(paper.method_title, methods)), note)
    for methods, note in (
        (
            ("nnpm-plus",),
            "NNPM-plus also reads functionals, in training and in prediction, and takes the target's classes to be "
            "equally frequent, as its second view alone does; no other row that reads mels is given either.",
        ),
        (
            ("svm",),
            "The SVM reads functionals and no mels; it draws no random number, so that its seeds are one result.",
        ),
        (
            ("second-view",),
            "The second view, which teaches NNPM-plus, is a logistic regression of functionals with the classes made "
            "equally frequent; it reads no mels and draws no random number, so that its seeds are one result.",
        ),
        (
            ("fluda", "al", "gan"),
            "FLUDA, AL and GAN are rebuilt from what is public of them: measured and cited values are not of one "
            "implementation.",
        ),
    )
)

#: The method that rows are marked against where it is among them.
REFERENCE = paper.method_title("snsa-f")


def cell(
    runs: pd.DataFrame,
    known: Evidence,
    place: tuple[str, str, str],
    printed: float | None = None,
    score: str | None = None,
    cited: bool = False,
) -> dict[str, Any]:
    """Return one cell: the score of runs that differ in the seed alone, averaged over seeds; all in percent.

    `place` is row, column and metric; `score` the column of the metrics frame, the metric in lower case unless given;
    `printed` the paper's value, which is `cited` if the paper quotes it from other work. The outcomes are kept under
    "measured" for `frame`.
    """
    row, column, metric = place
    score = score or metric.lower()
    values = pd.to_numeric(runs[score]) * 100
    outcomes = known.of(runs) if score in RESAMPLED else None
    measured = None if outcomes is None or values.isna().all() else (outcomes,)
    made = {"row": row, "column": column, "metric": metric, "mean": values.mean(), "std": values.std(ddof=1)}
    made |= _interval(measured, score) | {"seeds": len(runs)}
    made |= {"paper": float("nan") if printed is None else printed, "cited": cited}
    return made | {"measured": measured, "score": score}


def mean_cell(cells: Sequence[dict[str, Any]], row: str, metric: str = "UA") -> dict[str, Any]:
    """Return the mean of a method's cells over targets, seed by seed; without a value if one target has none."""
    measured = on_all([each["measured"] for each in cells])
    made = {"row": row, "column": MEAN, "metric": metric, "mean": float("nan"), "std": float("nan")}
    if measured:
        of_seed = pd.Series(sum(100 * one.scores(metric.lower()) for one in measured) / len(measured))
        made |= {"mean": of_seed.mean(), "std": of_seed.std(ddof=1)}
    made |= _interval(measured, metric.lower()) | {"seeds": len(measured[0].seeds) if measured else 0}
    return made | {"paper": float("nan"), "cited": False, "measured": measured, "score": metric.lower()}


#: The column that averages over targets.
MEAN = "Mean over targets"


def _interval(measured: Measured | None, score: str) -> dict[str, Any]:
    if measured is None:
        return {"low": float("nan"), "high": float("nan"), "unit": ""}
    low, high = bootstrap(measured, score)
    return {"low": 100 * low, "high": 100 * high, "unit": " and ".join(dict.fromkeys(one.unit for one in measured))}


def frame(cells: Sequence[dict[str, Any]], reference: str = REFERENCE) -> pd.DataFrame:
    """Return the long frame of the cells, with what is better than all other rows and what differs from the reference.

    Each column of the table, a target and a metric, is judged by itself.
    """
    columns: dict[tuple[str, str], dict[str, Any]] = {}
    for each in cells:
        if each["measured"]:
            columns.setdefault((each["column"], each["score"]), {})[each["row"]] = each["measured"]
    judged = {key: evidence.marks(rows, reference, key[1]) for key, rows in columns.items()}
    made = []
    for each in cells:
        best, differing = judged.get((each["column"], each["score"]), (None, set()))
        made.append({**each, "best": each["row"] == best, "differs": each["row"] in differing})
    return pd.DataFrame(made, columns=list(COLUMNS))


def caption(
    first: str,
    cells: Sequence[dict[str, Any]],
    made: pd.DataFrame,
    runs: pd.DataFrame,
    targets: Sequence[str],
    source: str,
    protocol: str,
    reference: str = REFERENCE,
) -> str:
    """Say what a table's numbers rest on, after the sentence that says what they are."""
    outcomes = [one for each in cells if each["measured"] for one in each["measured"]]
    rows = made.loc[made["mean"].notna(), "row"].unique()
    own = made[made["paper"].notna()]
    elsewhere = "" if source == paper.SOURCE else f"; its source is {paper.corpus_title(paper.SOURCE)}"
    elsewhere += "" if protocol == "paper" else "; its test sets are others"
    sentences = [
        first,
        f"Source: {paper.corpus_title(source)}.",
        _spread(made.loc[made["seeds"] > 0, "seeds"]),
        evidence.interval_sentence(outcomes),
        evidence.marks_sentence(bool(made["best"].any()), reference if reference in rows else None, _few(cells))
        if len(rows) > 1 and outcomes
        else "",
        _sizes(runs, targets),
        PROTOCOLS[protocol],
        *(note for titles, note in NOTES if titles & set(rows)),
        f"The paper's value stands beside each measured one{elsewhere}." if len(own) else "",
    ]
    return " ".join(filter(None, sentences))


def _few(cells: Sequence[dict[str, Any]]) -> list[str]:
    """Name the columns in which nothing can be marked, since their test sets have too few clusters."""
    columns: dict[str, list[int]] = {}
    for each in cells:
        if each["measured"]:
            clusters = sum(one.clusters for one in each["measured"])
            columns.setdefault(f"{each['column']} {each['metric']}", []).append(clusters)
    return [name for name, rows in columns.items() if evidence.too_few(rows[0], len(rows) - 1)]


def _spread(seeds: "pd.Series[int]") -> str:
    """Say over how many seeds the cells are averaged."""
    low, high = (int(seeds.min()), int(seeds.max())) if len(seeds) else (0, 0)
    if high <= 1:
        return "One seed, so no spread." if high else "No run yet."
    count = f"{high}" if low == high else f"{low} to {high}"
    return f"Mean ± standard deviation over {count} seeds."


def _sizes(runs: pd.DataFrame, targets: Iterable[str]) -> str:
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
