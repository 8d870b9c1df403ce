"""The figure of the sensitivity study: one row per reading, four panels per target."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from nnpm.methods.table import PROPOSED, UNADAPTED, title
from nnpm.reporting import drawing, palette
from nnpm.reporting.study import Study

_FONT: Any = {"font.size": 9, "axes.titlesize": 10, "legend.fontsize": 9}  # twelve rows per target: small print
ROW = 0.235  # inches
_CHANCE: Any = {"linestyle": (0, (1, 2)), "linewidth": 1.2}
_DECADES = (0, 0.1, 1, 10, 100, 1000, 10000)


@dataclass(frozen=True)
class Panel:
    """One quantity: its column, axis title, scale factor from column to axis, and share of the width."""

    column: str
    title: str
    factor: float
    width: float


PANELS = (
    Panel("ua", "UA on the test\nutterances (%)", 100, 3.0),
    Panel("im", "label-free\ncriterion (IM)", 1, 1.5),
    Panel("positives", "positives per target\nutterance", 1, 1.5),
    Panel("purity", "purity of the\npositives (%)", 100, 1.2),
)


def draw(
    runs: pd.DataFrame, summary: pd.DataFrame, targets: Sequence[str], picked: Sequence[str], study: Study
) -> Figure:
    """Return the figure of the frames from `sensitivity.numbers`.

    Small dots are seeds, large ones their means, lines the 95 % intervals. The black line shows the same backbones
    before adaptation. `picked` are the readings that the label-free criterion chooses. An unlabelled target has
    empty panels of UA and purity.
    """
    titles = list(dict.fromkeys(summary["reading"]))
    height = ROW * len(titles) + 0.3
    with matplotlib.rc_context(_FONT):
        figure = Figure(
            figsize=(9.6, height * len(targets) + 1.75), layout=ConstrainedLayoutEngine(w_pad=0.03, h_pad=0.05)
        )
        widths = [panel.width for panel in PANELS]
        grid = figure.subplots(len(targets), len(PANELS), sharex="col", sharey=True, squeeze=False, width_ratios=widths)
        for target, line in zip(targets, grid, strict=True):
            of_target = runs[runs["target"] == target], summary[summary["target"] == target]
            for panel, axes in zip(PANELS, line, strict=True):
                _rows(axes, len(titles))
                _points(axes, panel, titles, *of_target, picked)
                axes.xaxis.set_tick_params(labelbottom=True)
            line[0].set_title(study.title(target), loc="left", fontweight="bold")
            line[0].set_yticks(range(len(titles)), titles)
            for label in line[0].get_yticklabels():
                label.set_parse_math(False)  # a title is a user's text, not a formula
                label.set_fontweight("bold" if label.get_text() in picked else "normal")
        line[0].set_ylim(len(titles) - 0.5, -0.5)
        for panel, axes in zip(PANELS, grid[-1], strict=True):
            axes.set_xlabel(panel.title)
        _scales(grid, runs, summary)
        _legend(figure, several=bool((summary["seeds"] > 1).any()), picked=bool(picked))
        drawing.remark(
            figure,
            f"{title(PROPOSED)} from {study.title(study.source)}: what the paper leaves open, one reading per row",
        )
    return figure


def _rows(axes: Axes, count: int) -> None:
    """Draw the background: a pale band for the study's own reading, a thin line per row."""
    axes.axhspan(-0.5, 0.5, color="#ececec", zorder=0)
    for row in range(1, count):
        axes.axhline(row, color=palette.GRID, linewidth=0.6, zorder=0)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)


def _points(
    axes: Axes, panel: Panel, titles: Sequence[str], runs: pd.DataFrame, summary: pd.DataFrame, picked: Sequence[str]
) -> None:
    """Draw one quantity of one target."""
    style = palette.method(PROPOSED)
    means = summary.set_index("reading")
    if means[panel.column].isna().all():
        drawing.say(axes, "no labels" if means["ua"].isna().all() else "no positives")
    if panel.column in ("ua", "purity"):
        axes.axvline(drawing.CHANCE, color=palette.GREY, **_CHANCE, zorder=1)
    for row, reading in enumerate(titles):
        own, mean = runs[runs["reading"] == reading], means.loc[reading]
        before = panel.factor * mean[f"start_{panel.column}"]
        axes.vlines(before, row - 0.5, row + 0.5, color=palette.method(UNADAPTED).color, linewidth=1.4, zorder=2)
        if len(own) > 1:
            values = panel.factor * own[panel.column]
            axes.plot(values, np.full(len(own), row + 0.2), "o", **_seed(style.color), zorder=3)
        up = row - 0.12 if len(own) > 1 else row
        if panel.column == "ua" and not np.isnan(mean["low"]):
            low, high = panel.factor * mean["low"], panel.factor * mean["high"]
            axes.hlines(up, low, high, color=style.color, linewidth=1.6, zorder=4)
        shape = "D" if reading in picked else "o"
        axes.plot(panel.factor * mean[panel.column], up, shape, **_mean(style.color, reading in picked), zorder=5)


def _seed(color: str) -> dict[str, Any]:
    return {"markersize": 3.6, "markerfacecolor": color, "markeredgewidth": 0, "alpha": 0.55}


def _mean(color: str, picked: bool) -> dict[str, Any]:
    return {
        "markersize": 6,
        "markerfacecolor": palette.VERMILLION if picked else color,
        "markeredgecolor": "white",
        "markeredgewidth": 0.7,
    }


def _scales(grid: Any, runs: pd.DataFrame, summary: pd.DataFrame) -> None:
    """Set the horizontal axes, shared by the targets: percent from 0, positives on a log scale that includes 0."""
    highest = np.nanmax([0.4, *runs["ua"], *runs["start_ua"], *summary["high"]])
    grid[0][0].set_xlim(0, min(100, 10 * np.ceil(10 * highest + 0.3)))
    grid[0][1].xaxis.set_major_locator(MaxNLocator(nbins=3, steps=[1, 2, 5, 10]))
    grid[0][1].margins(x=0.1)
    positives = grid[0][2]
    most = np.nanmax([1.0, *runs["positives"], *runs["start_positives"]])
    positives.set_xscale("symlog", linthresh=0.1, linscale=0.6)
    positives.set_xlim(-0.03, 2 * most)
    positives.xaxis.set_major_locator(FixedLocator([decade for decade in _DECADES if decade <= 2 * most]))
    positives.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    positives.minorticks_off()
    grid[0][3].set_xlim(-3, 103)
    grid[0][3].set_xticks([0, 25, 50, 75, 100])


def _legend(figure: Figure, several: bool, picked: bool) -> None:
    """Put one legend for all panels below them."""
    color = palette.method(PROPOSED).color
    mean = Line2D([], [], marker="o", color=color, linewidth=1.6, **_mean(color, False))
    entries: Mapping[str, Line2D | None] = {
        "mean over seeds, 95 % interval" if several else "one seed, 95 % interval": mean,
        "a seed": Line2D([], [], marker="o", linestyle="none", **_seed(color)) if several else None,
        f"before adaptation ({title(UNADAPTED)})": Line2D([], [], color=palette.method(UNADAPTED).color, linewidth=1.4),
        "chance (25 %)": Line2D([], [], color=palette.GREY, **_CHANCE),
        "picked without labels": Line2D([], [], marker="D", linestyle="none", **_mean(color, True)) if picked else None,
    }
    shown: dict[str, Artist] = {label: handle for label, handle in entries.items() if handle is not None}
    drawing.legend_below(figure, shown, columns=len(shown))
