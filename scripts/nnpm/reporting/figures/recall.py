"""Recall of each class with its interval, for all methods on one target."""

import math
from dataclasses import dataclass

import matplotlib
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nnpm import CLASSES
from nnpm.evaluation.uncertainty import interval
from nnpm.methods import table
from nnpm.reporting import drawing, palette
from nnpm.reporting.evidence import over_words
from nnpm.reporting.figures.base import Given
from nnpm.reporting.study import Study

COLUMNS = ("target", "method", "label", "recall", "low", "high", "utterances", "seeds", "over")


@dataclass(frozen=True)
class Drawing:
    """The figure of one target."""

    target: str

    def numbers(self, given: Given) -> pd.DataFrame:
        """Return one row per method and class: recall, low, high (percent), utterances of the class, seeds, over.

        Recall is the mean over seeds with its 95 % interval, NaN for a class that does not occur; `over` says in words
        what the interval is over. A method without scores has no row.
        """
        rows = []
        for method, _, outcomes in given.scored(self.target):
            shared = (len(outcomes.seeds), over_words(outcomes))
            for label, utterances in zip(CLASSES, outcomes.sizes.sum(axis=0), strict=True):
                recall, low, high = math.nan, math.nan, math.nan
                if utterances:
                    recall = 100 * float(outcomes.scores(f"recall_{label}").mean())
                    low, high = (100 * bound for bound in interval(outcomes, f"recall_{label}"))
                rows.append((self.target, method, label, recall, low, high, int(utterances), *shared))
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def draw(self, plotted: pd.DataFrame, study: Study) -> Figure:
        """Return the figure: one column per class, one row per method."""
        methods = table.ordered(plotted["method"])
        with matplotlib.rc_context(drawing.FONT):
            figure, panels = drawing.side_by_side([table.title(name) for name in methods], len(CLASSES))
            for axes, label in zip(panels, CLASSES, strict=True):
                _panel(axes, plotted[plotted["label"] == label], methods, label)
            figure.supxlabel("recall on the test utterances (%)", fontsize=10)
            over = "; ".join(dict.fromkeys(plotted["over"])) or "no labelled runs"
            drawing.remark(figure, f"{study.title(self.target)}: {over}; dotted: chance")
        return figure

    def describe(self, plotted: pd.DataFrame, study: Study) -> str:
        """Return the figure in words."""
        if plotted.empty:
            return "Recall of each class: no labelled runs."
        sentences = [f"Recall in percent, {'; '.join(dict.fromkeys(plotted['over']))}."]
        for method, rows in plotted.groupby("method", sort=False):
            values = [
                f"{row['label']} {row['recall']:.0f} ({row['low']:.0f} to {row['high']:.0f})"
                for row in rows.dropna(subset="recall").to_dict("records")
            ]
            sentences.append(f"{table.title(str(method))}: {', '.join(values)}.")
        return " ".join(sentences)


def _panel(axes: Axes, rows: pd.DataFrame, methods: list[str], label: str) -> None:
    """Draw one class: one dot and whisker per method."""
    counts = rows["utterances"].dropna()
    count = f" ({int(counts.max())})" if len(counts) else ""
    axes.set_title(f"{label}{count}")
    axes.set_xlim(-3, 103)
    axes.set_xticks(range(0, 101, 25))
    drawing.chance(axes, "x")
    if rows["recall"].isna().all():
        drawing.say(axes, "no labels" if rows.empty else "no such utterance")
    for row in rows.dropna(subset="recall").to_dict("records"):
        style, y = palette.method(row["method"]), methods.index(row["method"])
        size = 9 if style.marker == "*" else 6
        if not math.isnan(row["low"]):
            axes.plot([row["low"], row["high"]], [y, y], color=style.color, linewidth=1.6, alpha=0.75, zorder=2)
        axes.plot(row["recall"], y, color=style.color, marker=style.marker, markersize=size, zorder=3, clip_on=False)
