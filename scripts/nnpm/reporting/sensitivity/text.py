"""The texts of the sensitivity study: page, description, caption, and the best combination as a config overlay."""

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd
import yaml

from nnpm import pages
from nnpm.methods.table import PROPOSED, UNADAPTED
from nnpm.methods.table import title as method_title
from nnpm.reporting.cells import all_scored
from nnpm.reporting.drawing import Words
from nnpm.reporting.evidence import SIGNIFICANCE, spread_sentence
from nnpm.reporting.sensitivity.numbers import Reading, criterion, picked
from nnpm.reporting.study import Study

COMBINATION = "combination"

Row = Mapping[Hashable, Any]


def words(summary: pd.DataFrame, targets: Sequence[str], study: Study) -> Words:
    """Return the texts of the figure."""
    return Words(
        "sensitivity",
        "Sensitivity to what the paper leaves open",
        describe(summary, targets, study),
        f"{method_title(PROPOSED)} under each reading of what the paper leaves open, one changed at a time, beside the "
        "same backbones before adaptation: UA with its 95 % interval, the label-free criterion, positives, their "
        "purity. The table below lists what the figure draws.",
    )


def overlay(chosen: Mapping[str, Any], summary: pd.DataFrame, readings: Sequence[Reading]) -> str:
    """Return a config overlay that adds the combination to the readings, with the criterion's values in a comment."""
    values = criterion(summary)
    titles = picked(chosen, readings)
    lines = [
        "The readings with a higher criterion than the study's own, the best one per key, combined. The criterion",
        "reads no label: it is information maximisation on the target's training utterances after the last epoch.",
        "Mean over targets and seeds:",
        *(f"  {values[title]:.4f}  {title}" for title in [readings[0].title, *titles]),
    ]
    content: dict[str, Any] = {}
    if len(titles) > 1:
        sections: dict[str, Any] = {}
        for key, value in chosen.items():
            section, _, name = key.partition(".")
            sections.setdefault(section, {})[name] = value
        content = {"figures": {"sensitivity": {"readings": {COMBINATION: sections}}}}
    else:
        lines.append("There are fewer than two such readings, so there is nothing to combine.")
    return "".join(f"# {line}\n" for line in lines) + yaml.safe_dump(content, sort_keys=False)


def caption(summary: pd.DataFrame, study: Study) -> str:
    """Explain the numbers of the table."""
    units = summary[summary["unit"] != ""].drop_duplicates("target")
    over = ", ".join(f"{row.unit} of {study.title(str(row.target))}" for row in units.itertuples())
    sentences = [
        f"{method_title(PROPOSED)} under each reading of what the paper leaves open, one changed at a time, after the "
        "last epoch.",
        f"Source: {study.title(study.source)}.",
        spread_sentence(summary["seeds"]),
        f"In brackets: 95 % interval over seeds and {over}." if over else "",
        f"Gain: UA minus that of the same backbones before adaptation ({method_title(UNADAPTED)}), on the same "
        "utterances; its interval and p are of one t-test that counts seeds and speakers or utterances; p is corrected "
        f"for the number of readings (Holm); bold where it is below {SIGNIFICANCE}; no test of fewer than three seeds.",
        "IM: information maximisation on the target's training utterances, the label-free criterion; higher is better.",
        "Positives per target training utterance, and the share of them that have its emotion (purity).",
        all_scored(study),
        study.note,
    ]
    return " ".join(filter(None, sentences))


def page(summary: pd.DataFrame, targets: Sequence[str], study: Study) -> list[pages.Section]:
    """Return the summary as a page, in percent: one table per target, one row per reading."""
    sections = [pages.Section("", (caption(summary, study),))]
    for target in targets:
        rows = summary[summary["target"] == target].to_dict("records")
        table = pages.Table(
            ("Reading", "UA", "gain", "IM", "IM before", "positives", "purity"),
            tuple(
                (
                    *(row["reading"], _accuracy(row), _gain(row), f"{row['im']:.3f}", f"{row['start_im']:.3f}"),
                    *(format_count(row["positives"]), _percent(row["purity"])),
                )
                for row in rows
            ),
            strong=frozenset((number, 2) for number, row in enumerate(rows) if _is_sure(row)),
        )
        sections.append(pages.Section(study.title(target), (table,)))
    return sections


def describe(summary: pd.DataFrame, targets: Sequence[str], study: Study) -> str:
    """Return the figure in words, for those who cannot see it."""
    sentences = [f"UA in percent of {method_title(PROPOSED)} under each reading, after the last epoch."]
    for target in targets:
        rows = summary[summary["target"] == target].dropna(subset="ua").to_dict("records")
        if not rows:
            sentences.append(f"{study.title(target)}: no labels, no score.")
            continue
        values = ", ".join(
            f"{row['reading']} {_percent(row['ua'])} ({_percent(row['low'])} to {_percent(row['high'])})"
            for row in sorted(rows, key=lambda row: -row["ua"])
        )
        before = _percent(rows[0]["start_ua"])
        sentences.append(f"{study.title(target)}: {before} before adaptation; from the highest: {values}.")
        for word, sign in (("better", 1), ("worse", -1)):
            names = [row["reading"] for row in rows if _is_sure(row) and sign * row["difference"] > 0]
            sentences.append(f"By the test {word} than before: {', '.join(names) if names else 'none'}.")
    ranked = ", ".join(f"{title} {im:.3f}" for title, im in criterion(summary).sort_values(ascending=False).items())
    sentences.append(f"The label-free criterion, mean over targets, from the highest: {ranked}.")
    return " ".join(sentences)


def format_count(value: float) -> str:
    """Return a number of positives as text, two significant digits below 10: "210", "3.4", "0.012", "0"."""
    if math.isnan(value):
        return "—"
    return f"{value:.0f}" if value == 0 or value >= 10 else f"{value:.2g}"


def _percent(fraction: float) -> str:
    return "—" if math.isnan(fraction) else f"{100 * fraction:.1f}"


def _accuracy(row: Row) -> str:
    """Return mean, spread and interval."""
    spread = "" if math.isnan(row["std"]) else f" ± {100 * row['std']:.1f}"
    interval = "" if math.isnan(row["low"]) else f" [{_percent(row['low'])}, {_percent(row['high'])}]"
    return f"{_percent(row['ua'])}{spread}{interval}"


def _is_sure(row: Row) -> bool:
    """Whether a row's gain is significant."""
    return bool(row["p"] < SIGNIFICANCE)


def _gain(row: Row) -> str:
    """Return the difference from before adaptation with interval and p."""
    if math.isnan(row["difference"]):
        return "—"
    interval = f"[{100 * row['difference_low']:+.1f}, {100 * row['difference_high']:+.1f}]"
    p = "—" if math.isnan(row["p"]) else "< 0.001" if row["p"] < 0.001 else f"{row['p']:.3f}"
    text = f"{100 * row['difference']:+.1f} {interval}, p {p}"
    return text.replace("-", "−")
