"""The sensitivity study in words: table, description, caption, and the best combination as a config overlay."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import yaml

from nnpm.evaluation.uncertainty import RESAMPLES
from nnpm.reporting import paper
from nnpm.reporting.sensitivity.numbers import criterion, picked
from nnpm.reporting.tables import Study
from nnpm.workflow import sensitivity

TITLE = "Sensitivity to what the paper leaves open"
COMBINATION = "combination"
#: The chance of an error that the bold figures of a target have together.
ERROR = 0.05


def overlay(chosen: Mapping[str, Any], summary: pd.DataFrame, readings: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the combination as a config overlay that adds it to the readings; what it was chosen by in a comment."""
    values = criterion(summary)
    titles = picked(chosen, readings)
    lines = [
        "The readings that raise information maximisation on the target's training utterances after the last epoch,",
        "which reads no label, above the study's own reading, one a key, taken together. Mean over targets and seeds:",
        *(f"  {values[title]:.4f}  {title}" for title in [next(iter(readings)), *titles]),
    ]
    content: dict[str, Any] = {}
    if len(titles) > 1:
        content = {"figures": {"sensitivity": {"readings": {COMBINATION: sensitivity.nested(chosen)}}}}
    else:
        lines.append("There are not two of them, so there is nothing to combine.")
    return "".join(f"# {line}\n" for line in lines) + yaml.safe_dump(content, sort_keys=False)


def caption(summary: pd.DataFrame, study: Study) -> str:
    """Say what the numbers are and what they rest on."""
    counts = sorted(set(summary["seeds"]))
    seeds = " to ".join(dict.fromkeys(str(count) for count in (counts[0], counts[-1])))
    spread = "One seed, so no spread." if seeds == "1" else f"Mean ± standard deviation over {seeds} seeds."
    units = summary[summary["unit"] != ""].drop_duplicates("target")
    over = ", ".join(f"{row.unit} of {paper.corpus_title(str(row.target))}" for row in units.itertuples())
    sentences = [
        "NNPM under each reading of what the paper leaves open, one changed at a time, after the last epoch.",
        f"Source: {paper.corpus_title(study.source)}.",
        spread,
        f"In brackets: 95 % interval, {RESAMPLES:,} bootstrap draws over seeds and {over}." if over else "",
        "Gain: UA minus that of the same backbones before adaptation (SNSA-F), on the same utterances; p of the "
        f"permutation test, corrected for the number of readings (Holm); bold where p is below {ERROR} and the "
        "interval excludes 0.",
        "IM: information maximisation on the target's training utterances, the label-free criterion; higher is better.",
        "Positives a target training utterance, and the share of them that have its emotion (purity).",
        study.note,
    ]
    return " ".join(filter(None, sentences))


def to_markdown(summary: pd.DataFrame, targets: Sequence[str], study: Study) -> str:
    """Return the summary for humans, in percent: a table a target, a row a reading."""
    parts = [caption(summary, study)]
    for target in targets:
        rows = _rows(summary[summary["target"] == target])
        table = pd.DataFrame(
            {
                "Reading": [row["reading"].replace("|", "\\|") for row in rows],
                "UA": [_accuracy(row) for row in rows],
                "gain": [_gain(row) for row in rows],
                "IM": [f"{row['im']:.3f}" for row in rows],
                "IM before": [f"{row['start_im']:.3f}" for row in rows],
                "positives": [format_count(row["positives"]) for row in rows],
                "purity": [_percent(row["purity"]) for row in rows],
            }
        )
        parts += [f"**{paper.corpus_title(target)}**", table.to_markdown(index=False, disable_numparse=True)]
    return "\n\n".join(parts) + "\n"


def describe(summary: pd.DataFrame, targets: Sequence[str]) -> str:
    """Return the figure in words, for those who cannot see it."""
    sentences = ["UA in percent of NNPM under each reading, after the last epoch."]
    for target in targets:
        rows = _rows(summary[summary["target"] == target].dropna(subset="ua"))
        if not rows:
            sentences.append(f"{paper.corpus_title(target)}: no labels, no score.")
            continue
        values = ", ".join(
            f"{row['reading']} {_percent(row['ua'])} ({_percent(row['low'])} to {_percent(row['high'])})"
            for row in sorted(rows, key=lambda row: -row["ua"])
        )
        before = _percent(rows[0]["start_ua"])
        sentences.append(f"{paper.corpus_title(target)}: {before} before adaptation; from the highest: {values}.")
        for word, sign in (("better", 1), ("worse", -1)):
            names = [row["reading"] for row in rows if _is_sure(row) and sign * row["difference"] > 0]
            sentences.append(f"By the test {word} than before: {', '.join(names) if names else 'none'}.")
    ranked = ", ".join(f"{title} {im:.3f}" for title, im in criterion(summary).sort_values(ascending=False).items())
    sentences.append(f"The label-free criterion, mean over targets, from the highest: {ranked}.")
    return " ".join(sentences)


def format_count(value: float) -> str:
    """Return a number of positives with two digits that count: "210", "3.4", "0.012", "0"."""
    if math.isnan(value):
        return "—"
    return f"{value:.0f}" if value == 0 or value >= 10 else f"{value:.2g}"


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _percent(fraction: float) -> str:
    return "—" if math.isnan(fraction) else f"{100 * fraction:.1f}"


def _accuracy(row: Mapping[str, Any]) -> str:
    """Return mean, spread and interval."""
    spread = "" if math.isnan(row["std"]) else f" ± {100 * row['std']:.1f}"
    interval = "" if math.isnan(row["low"]) else f" [{_percent(row['low'])}, {_percent(row['high'])}]"
    return f"{_percent(row['ua'])}{spread}{interval}"


def _is_sure(row: Mapping[str, Any]) -> bool:
    """Whether a row's gain differs from zero by test and interval."""
    return bool(row["p"] < ERROR and (row["difference_low"] > 0 or row["difference_high"] < 0))


def _gain(row: Mapping[str, Any]) -> str:
    """Return the difference from before adaptation with interval and p, bold if it is beyond chance."""
    if math.isnan(row["difference"]):
        return "—"
    interval = f"[{100 * row['difference_low']:+.1f}, {100 * row['difference_high']:+.1f}]"
    text = f"{100 * row['difference']:+.1f} {interval}, p {'< 0.001' if row['p'] < 0.001 else format(row['p'], '.3f')}"
    text = text.replace("-", "−")
    return f"**{text}**" if _is_sure(row) else text
