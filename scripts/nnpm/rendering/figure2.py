"""Figure 2: UA of NNPM against the similarity threshold, one panel a target."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from nnpm import CLASSES, paper
from nnpm.rendering.tables import Study

# Okabe & Ito's colours, told apart with any colour vision.
BLUE, VERMILLION, GREY = "#0072B2", "#D55E00", "#595959"
CHANCE = 100 / len(CLASSES)
PANELS_PER_ROW = 3
_FONT: Any = {"font.size": 10, "axes.titlesize": 11, "legend.fontsize": 9.5}


def numbers(metrics: pd.DataFrame, targets: Sequence[str], study: Study) -> pd.DataFrame:
    """Return what the figure plots: one row a target and threshold, in the order of the panels.

    Columns: target, threshold, mean, low, high (UA in percent: mean, smallest and largest over seeds), std
    (sample standard deviation, NaN for one seed), seeds, paper (the printed value, or NaN). Runs of NNPM with
    the study's number of frozen blocks count; a target without labels has no row.
    """
    runs = metrics[(metrics["method"] == "nnpm") & (metrics["freeze"] == study.freeze)].dropna(subset="ua")
    ua = (runs["ua"].astype(float) * 100).groupby([runs["target"], runs["threshold"].round(6)])
    frame = ua.agg(["mean", "min", "max", "std", "count"]).reset_index()
    frame = frame.rename(columns={"min": "low", "max": "high", "count": "seeds"})
    frame["paper"] = [
        paper.FIGURE2.get(target, {}).get(threshold, math.nan)
        for target, threshold in zip(frame["target"], frame["threshold"], strict=True)
    ]
    panels = [frame[frame["target"] == target] for target in targets]
    return pd.concat(panels, ignore_index=True) if panels else frame.iloc[:0]


def to_csv(plotted: pd.DataFrame) -> str:
    """Return the plotted numbers as CSV text, percentages with two decimals, thresholds as they are."""
    percentages = ["mean", "low", "high", "std", "paper"]
    shown = plotted.assign(
        **{column: plotted[column].map("{:.2f}".format, na_action="ignore") for column in percentages}
    )
    return str(shown.to_csv(index=False, lineterminator="\n"))


def draw(plotted: pd.DataFrame, targets: Sequence[str], study: Study) -> Figure:
    """Return the figure of the numbers from :func:`numbers`.

    Each panel shows the mean, a band from the smallest to the largest seed if there are several, the paper's
    readable point and the chance level. A target without numbers has a panel that says so.
    """
    across = max(1, min(len(targets), PANELS_PER_ROW))
    down = max(1, math.ceil(len(targets) / across))
    with matplotlib.rc_context(_FONT):
        figure = Figure(figsize=(1.0 + 3.3 * across, 1.6 + 2.6 * down), layout="constrained")
        panels = list(figure.subplots(down, across, sharey=True, sharex=True, squeeze=False).flat)
        for axes, target in zip(panels, targets, strict=False):
            axes.set_xticks(sorted(set(plotted["threshold"])))
            _panel(axes, plotted[plotted["target"] == target], paper.corpus_title(target))
        for axes in panels[len(targets) :]:
            axes.remove()
        for axes in panels[: len(targets)][-across:]:
            axes.set_xlabel("similarity threshold")
        figure.supylabel("UA on the test utterances (%)", fontsize=10)
        _legend(figure, columns=4 if across > 2 else across)
        seeds = sorted(set(plotted["seeds"]))
        count = " to ".join(dict.fromkeys(str(int(n)) for n in seeds[:1] + seeds[-1:])) or "no"
        source = paper.corpus_title(study.source)
        if study.source != paper.SOURCE:
            source += f" (the paper's: {paper.corpus_title(paper.SOURCE)})"
        figure.suptitle(
            f"NNPM, source {source}, {count} seed{'s' if count != '1' else ''}",
            fontsize=10,
            color=GREY,
        )
    return figure


def save(figure: Figure, path: Path | str, kind: str) -> None:
    """Write the figure as "png" (200 dpi) or "svg"; the same figure gives the same bytes."""
    metadata = {"Date": None} if kind == "svg" else {"Software": None}
    # Text as outlines: the SVG then looks the same where the font is not installed.
    with matplotlib.rc_context({"svg.hashsalt": "nnpm", "svg.fonttype": "path"}):
        figure.savefig(path, format=kind, dpi=200, metadata=metadata)


def describe(plotted: pd.DataFrame) -> str:
    """Return the figure in words, for those who cannot see it."""
    sentences = ["UA in percent against the similarity threshold."]
    for target, rows in plotted.groupby("target", sort=False):
        values = ", ".join(f"{row['mean']:.1f} at {row['threshold']:g}" for row in rows.to_dict("records"))
        sentences.append(f"{paper.corpus_title(str(target))}: mean UA {values}.")
    return " ".join(sentences)


def _panel(axes: Axes, rows: pd.DataFrame, title: str) -> None:
    """Draw one target."""
    axes.set_title(title)
    axes.xaxis.set_tick_params(labelbottom=True)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6, steps=[1, 2, 5, 10]))
    axes.margins(x=0.06)
    axes.grid(axis="y", color="#e3e3e3", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.axhline(CHANCE, color=GREY, linestyle=(0, (4, 3)), linewidth=1, label="chance (25 %)", zorder=1)
    if rows.empty:
        axes.text(0.5, 0.6, "no labelled runs", ha="center", transform=axes.transAxes, color=GREY)
        return
    if (rows["seeds"] > 1).any():
        axes.fill_between(
            rows["threshold"],
            rows["low"],
            rows["high"],
            color=BLUE,
            alpha=0.18,
            linewidth=0,
            label="lowest to highest seed",
        )
    axes.plot(
        rows["threshold"],
        rows["mean"],
        color=BLUE,
        marker="o",
        markersize=5,
        linewidth=1.8,
        label="measured, mean over seeds" if (rows["seeds"] > 1).any() else "measured, one seed",
        zorder=3,
    )
    printed = rows.dropna(subset="paper")
    if len(printed):
        axes.plot(
            printed["threshold"],
            printed["paper"],
            linestyle="none",
            marker="*",
            markersize=15,
            markerfacecolor="white",
            markeredgecolor=VERMILLION,
            markeredgewidth=1.6,
            label="paper (printed value at 0.9)",
            zorder=4,
        )
        for row in printed.to_dict("records"):
            axes.annotate(
                f"{row['paper']:.2f}",
                (row["threshold"], row["paper"]),
                xytext=(-11, 0),
                textcoords="offset points",
                ha="right",
                va="center",
                color=VERMILLION,
                fontsize=9,
                bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.8},
                zorder=5,
            )


def _legend(figure: Figure, columns: int) -> None:
    """Put one legend for all panels below them."""
    entries: dict[str, Artist] = {}
    for axes in figure.axes:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    figure.legend(list(entries.values()), list(entries), loc="outside lower center", ncols=columns, frameon=False)
