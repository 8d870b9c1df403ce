"""Training curves on one target: test UA, source validation UA and the predicted classes over the epochs."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import matplotlib
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from nnpm.methods import table
from nnpm.reporting import drawing, histories, palette
from nnpm.reporting.figures.base import Given
from nnpm.reporting.study import Study

#: The measures, one column each, and their headings.
MEASURES: Mapping[str, str] = {
    "test_ua": "target test UA (%)\nreads labels: evaluation only",
    "source_validation_ua": "source validation UA (%)",
    "predicted_classes": "predicted classes on the target\n(effective number, 1 to 4)",
}
#: Unadapted methods, drawn in every row as the start or baseline of the others.
REFERENCES = palette.FAMILIES[table.METHODS[table.UNADAPTED].family]


@dataclass(frozen=True)
class Drawing:
    """The figure of one target."""

    target: str

    def numbers(self, given: Given) -> pd.DataFrame:
        """Return one row per method, measure and epoch from 0: mean, low, high over seeds, seeds.

        UA is percent. Columns: target, method, measure, epoch, mean, low, high, seeds. Missing values, such
        as test UA without labels, have no row.
        """
        rows = given.histories[given.histories["target"] == self.target].copy()
        for column in ("test_ua", "source_validation_ua"):
            if column in rows:
                rows[column] = 100 * rows[column]
        rows["predicted_classes"] = histories.predicted_classes(rows)
        return histories.over_seeds(rows, self.target, list(MEASURES))

    def draw(self, plotted: pd.DataFrame, study: Study) -> Figure:
        """Return the figure: one row per family of methods, one column per measure."""
        methods = table.ordered(plotted["method"])
        rows, last = _families(methods), max([1, *plotted["epoch"]])
        several = bool((plotted["seeds"] > 1).any())
        with matplotlib.rc_context(drawing.FONT):
            figure = Figure(figsize=(drawing.WIDTH, 1.1 + 2.0 * len(rows)), layout="constrained")
            grid = figure.subplots(len(rows), len(MEASURES), squeeze=False, sharex=True)
            for panels, members in zip(grid, rows.values(), strict=True):
                for axes, measure in zip(panels, MEASURES, strict=True):
                    shown = plotted[plotted["measure"] == measure]
                    _panel(axes, shown, [*(m for m in REFERENCES if m in methods), *members], last=last)
                    axes.set_ylim(*_limits(measure, shown))
                    if measure == "test_ua":
                        drawing.chance(axes, "y")
                drawing.legend_beside(panels[-1], drawing.legend_entries(*panels))
            for axes, heading in zip(grid[0], MEASURES.values(), strict=True):
                axes.set_title(heading)
            for axes in grid[-1]:
                axes.set_xlabel("epoch (0: before the first step)")
            spread = "line: mean over seeds, band: lowest to highest seed" if several else "one seed"
            drawing.remark(figure, f"{study.title(self.target)}: {spread}; dotted grey: chance")
        return figure

    def describe(self, plotted: pd.DataFrame, study: Study) -> str:
        """Return the figure in words."""
        if plotted.empty:
            return "Training curves: no runs."
        names = {"test_ua": ("test UA", " %"), "source_validation_ua": ("source validation UA", " %")}
        names |= {"predicted_classes": ("predicted classes", "")}
        sentences = ["Mean over seeds before the first step and after the last epoch."]
        for method, rows in plotted.groupby("method", sort=False):
            parts = []
            for measure, (name, unit) in names.items():
                values = [f"{value:.1f}{unit}" for value in rows.loc[rows["measure"] == measure, "mean"]]
                if values:
                    parts.append(f"{name} {'from ' * (len(values) > 1)}{' to '.join(values[:1] + values[1:][-1:])}")
            sentences.append(f"{table.title(str(method))}: {', '.join(parts)}.")
        return " ".join(sentences)


def _families(methods: list[str]) -> dict[str, list[str]]:
    """Return the rows of the figure: the families that have shown methods; at least one row."""
    rows = {family: [name for name in members if name in methods] for family, members in palette.FAMILIES.items()}
    rows["others"] = [name for name in methods if name not in palette.METHODS]
    return {family: of for family, of in rows.items() if of and of[0] not in REFERENCES} or {"": []}


def _limits(measure: str, shown: pd.DataFrame) -> tuple[float, float]:
    """Return the axis limits of a measure, the same in all rows: whole tens, for test UA around chance."""
    if measure == "predicted_classes":
        return 0.9, 4.1
    lowest, highest = shown["low"].min(), shown["high"].max()
    if shown.empty or measure == "test_ua":
        lowest, highest = min([20.0, *shown["low"]]), max([50.0, *shown["high"]])
    return 10 * math.floor(lowest / 10), 10 * math.floor(highest / 10) + 10


def _panel(axes: Axes, shown: pd.DataFrame, methods: list[str], last: int) -> None:
    """Draw one measure of some methods; a method that is not trained is a horizontal line."""
    drawing.plain(axes)
    axes.set_xlim(-0.02 * last, 1.02 * last)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    drawn = False
    for place, method in enumerate(methods):
        rows = shown[shown["method"] == method]
        if rows.empty:
            continue
        drawn = True
        style, label = palette.method(method), table.title(method)
        look: dict[str, Any] = {"color": style.color, "linestyle": style.line, "label": label}
        if len(rows) == 1:
            axes.axhline(rows["mean"].iloc[0], linewidth=1.3, zorder=2, **look)
            continue
        every = max(1, len(rows) // 5)  # markers are shifted between methods, so that equal lines do not hide them
        look |= {"marker": style.marker, "markersize": 5, "markevery": (place * every // len(methods), every)}
        axes.plot(rows["epoch"], rows["mean"], linewidth=1.6, zorder=3, **look)
        if (rows["seeds"] > 1).any():
            axes.fill_between(rows["epoch"], rows["low"], rows["high"], color=style.color, alpha=0.13, linewidth=0)
    if not drawn:
        drawing.say(axes, "no labels, no score")
