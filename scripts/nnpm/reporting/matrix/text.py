"""The texts of the cross-corpus matrix: description, caption, and the table as a page."""

import math
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from nnpm import pages
from nnpm.corpora import pools
from nnpm.methods import table
from nnpm.reporting import evidence
from nnpm.reporting.cells import PROTOCOLS
from nnpm.reporting.drawing import CHANCE, Words
from nnpm.reporting.matrix.pairs import ACROSS, WITHIN, is_counted, titles
from nnpm.reporting.study import Study

Row = Mapping[Hashable, Any]

_TRAINED = (
    "the backbone pretrained on that corpus (last epoch), or for a method that reads functionals the same classifier, "
    "scored on held-out speakers of that corpus, without adaptation. These are other test utterances than those of the "
    "column, so the two cannot be compared utterance by utterance."
)


def words(plotted: pd.DataFrame, study: Study) -> Words:
    """Return the texts of the figure."""
    counts = evidence.seed_counts(_seeds(plotted))
    sentences = [
        "UA (%) on the test utterances of each target. Panels are methods, rows are sources, columns are targets.",
        "One seed." if counts == "1" else f"Mean over {counts} seeds." if counts else "",
        f"The colour starts at chance ({CHANCE:.0f} %), or lower where a score is lower.",
        f"Framed, the diagonal: {_TRAINED}" if _has(plotted, WITHIN) else "",
        PROTOCOLS[study.protocol],
        "A dash: no run, as a source cannot be its own target, or a target without labels.",
        "The table lists the 95 % intervals and the corpora of each pool.",
        study.note,
    ]
    caption = " ".join(filter(None, sentences))
    return Words("matrix", "Cross-corpus matrix: UA per source and target", describe(plotted, study), caption)


def describe(plotted: pd.DataFrame, study: Study) -> str:
    """Return the figure in words, for those who cannot see it."""
    short = titles(plotted["source"], study)
    sentences = [f"UA in percent per method, source and target. Chance is {CHANCE:.0f}."]
    for method, rows in _by_target(plotted).groupby("method", sort=False):
        scored = rows.dropna(subset="ua")
        across, own = (scored[scored["kind"] == kind] for kind in (ACROSS, WITHIN))
        best = across.loc[across.groupby("target", sort=False)["ua"].idxmax()].to_dict("records")
        highest = [f"{study.title(row['target'])} {row['ua']:.1f} from {short[row['source']]}" for row in best]
        parts = ["no score across corpora"]
        if highest:
            count = f"{len(across)} pairs" if len(across) > 1 else "1 pair"
            parts = [f"mean over {count} {across['ua'].mean():.1f}", f"highest of each target: {', '.join(highest)}"]
        if len(own):
            values = (f"{study.title(row['target'])} {row['ua']:.1f}" for row in own.to_dict("records"))
            parts.append(f"within one corpus, on held-out speakers: {', '.join(values)}")
        sentences.append(f"{table.title(str(method))}: {'; '.join(parts)}.")
    return " ".join(sentences)


def page(plotted: pd.DataFrame, study: Study) -> list[pages.Section]:
    """Return the matrix as a page, in percent: one table per method, one row per source, one column per target."""
    short = titles(plotted["source"], study)
    told = tuple(
        f"{name}: {_members(source, study)}."
        for source, name in short.items()
        if source == pools.OTHERS or is_counted(source)
    )
    sections = [pages.Section("", (caption(plotted, study), *((pages.Bullets(told),) if told else ())))]
    columns = ("Source", *map(study.title, plotted["target"].unique()), "Mean")
    for method, rows in plotted.groupby("method", sort=False):
        lines = tuple(
            (short[str(source)], *map(_cell, cells.to_dict("records")), _mean(cells))
            for source, cells in rows.groupby("source", sort=False)
        )
        sections.append(pages.Section(table.title(str(method)), (pages.Table(columns, lines),)))
    return sections


def caption(plotted: pd.DataFrame, study: Study) -> str:
    """Explain the numbers of the table."""
    own, seeds = _has(plotted, WITHIN), _seeds(plotted)
    scored = _by_target(plotted).dropna(subset="ua")
    across, within = (scored[scored["kind"] == kind] for kind in (ACROSS, WITHIN))
    units, of_own = (dict(zip(rows["target"], rows["unit"], strict=True)) for rows in (across, within))
    others = {target: unit for target, unit in of_own.items() if units.get(target) != unit}
    sentences = [
        "UA (%) on the test utterances of each target, whose labels are not used in training.",
        "One row per source, the labelled corpora that a run learns from; one column per target.",
        f"Chance is {CHANCE:.0f} %.",
        PROTOCOLS[study.protocol],
        evidence.spread_sentence(seeds) if len(seeds) else "",
        evidence.counted_sentence(units, bool((across["seeds"] > 1).any()), study),
        "Cells of one column are scored on the same test utterances"
        + (", except the diagonal" if own else "")
        + ", so the rows of a column may be compared. No significance test is made between rows.",
        f"In parentheses, the diagonal: {_TRAINED}" if own else "",
        f"On the diagonal, the intervals are over {evidence.counted(others, study)}." if others else "",
        "Mean: over the scores of the row" + (" without the diagonal" if own else "") + "; their number stands beside "
        "it. Rows have different targets, so compare a mean between methods, not between rows.",
        "A dash: no run; a source cannot be its own target.",
        "No labels: a target without labels has no score." if _unlabelled(plotted) else "",
        *dict.fromkeys(table.METHODS[name].note for name in plotted["method"].unique() if name in table.METHODS),
        study.note,
    ]
    return " ".join(filter(None, sentences))


def _seeds(plotted: pd.DataFrame) -> "pd.Series[int]":
    """Return the number of seeds of each pair, of methods that draw random numbers."""
    return plotted.loc[(plotted["kind"] == ACROSS) & plotted["method"].map(evidence.is_seeded), "seeds"]


def _by_target(plotted: pd.DataFrame) -> pd.DataFrame:
    """Return the rows in the order of the targets."""
    order = {target: place for place, target in enumerate(plotted["target"].unique())}
    return plotted.sort_values("target", key=lambda names: names.map(order), kind="stable")


def _has(plotted: pd.DataFrame, kind: str) -> bool:
    return bool((plotted["kind"] == kind).any())


def _unlabelled(plotted: pd.DataFrame) -> bool:
    return bool(((plotted["kind"] == ACROSS) & plotted["ua"].isna()).any())


def _members(source: str, study: Study) -> str:
    """Name the corpora of a source."""
    if source == pools.OTHERS:
        return "for each target, all corpora of the study but the target"
    return study.title(source)


def _cell(row: Row) -> str:
    """Return mean, spread and interval; in parentheses on the diagonal."""
    if math.isnan(row["ua"]):
        return "no labels" if row["kind"] == ACROSS else "—"
    spread = "" if math.isnan(row["std"]) else f" ± {row['std']:.1f}"
    text = f"{row['ua']:.1f}{spread} [{row['low']:.1f}, {row['high']:.1f}]"
    return f"({text})" if row["kind"] == WITHIN else text


def _mean(cells: pd.DataFrame) -> str:
    """Return the mean of one row's scores across corpora, and their number."""
    scores = cells.loc[cells["kind"] == ACROSS, "ua"].dropna()
    return "—" if scores.empty else f"{scores.mean():.1f} (n = {len(scores)})"
