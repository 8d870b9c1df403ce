"""What each method of the comparison gains over its reference: one panel per target, one row per method."""

from dataclasses import dataclass

import matplotlib
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nnpm.reporting import drawing, palette
from nnpm.reporting.figures.base import Given
from nnpm.reporting.study import Study

COLUMNS = ("column", "method", "reference", "difference", "low", "high", "p_holm", "differs")


@dataclass(frozen=True)
class Drawing:
    """The figure of all targets and of their mean."""

    def numbers(self, given: Given) -> pd.DataFrame:
        """Return the differences in UA of `cells.Table.tests` from the reference, in points, in the table's order."""
        tests = pd.read_csv(given.files.tests)
        shown = tests[(tests["question"] == "reference") & (tests["metric"] == "UA")]
        named = shown.rename(columns={"first": "method", "second": "reference"})[list(COLUMNS)]
        return named.reset_index(drop=True)

    def draw(self, plotted: pd.DataFrame, study: Study) -> Figure:
        """Return the figure."""
        methods, columns = list(dict.fromkeys(plotted["method"])), list(dict.fromkeys(plotted["column"]))
        with matplotlib.rc_context(drawing.FONT):
            figure, panels = drawing.side_by_side(methods, max(1, len(columns)))
            if plotted.empty:
                drawing.say(panels[0], "no labelled runs")
                return figure
            for axes, column in zip(panels, columns, strict=True):
                _panel(axes, plotted[plotted["column"] == column], methods, column)
            over = plotted["reference"].iloc[0]
            figure.supxlabel(f"points of UA over {over}; line: 95 % interval; filled: beyond chance", fontsize=10)
        return figure

    def describe(self, plotted: pd.DataFrame, study: Study) -> str:
        """Return the figure in words."""
        if plotted.empty:
            return "Gains over the reference: no labelled runs."
        sentences = [f"Points of UA over {plotted['reference'].iloc[0]}, * beyond chance."]
        for column, rows in plotted.groupby("column", sort=False):
            values = [f"{row.method} {row.difference:+.1f}{'*' * bool(row.differs)}" for row in rows.itertuples()]
            sentences.append(f"{column}: {', '.join(values)}.")
        return " ".join(sentences)


def _panel(axes: Axes, rows: pd.DataFrame, methods: list[str], column: str) -> None:
    """Draw one column of the comparison: a dot and a whisker per method."""
    axes.set_title(column)
    axes.axvline(0, color=palette.GREY, linewidth=1, zorder=1)
    for row in rows.to_dict("records"):
        place = methods.index(row["method"])
        axes.plot([row["low"], row["high"]], [place, place], color="black", linewidth=1.2, zorder=2)
        face = "black" if row["differs"] else "white"
        axes.plot(row["difference"], place, "o", color="black", markerfacecolor=face, markersize=5, zorder=3)
