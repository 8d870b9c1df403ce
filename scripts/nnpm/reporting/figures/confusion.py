"""Confusion matrices of all methods on one target."""

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
from nnpm.reporting.evidence import over_words, seed_counts
from nnpm.reporting.figures.base import Given
from nnpm.reporting.metrics import confusion
from nnpm.reporting.study import Study

ACROSS = 5  # panels per row
COLUMNS = ("target", "method", "true", "predicted", "count", "percent", "seeds", "ua", "low", "high", "over")


@dataclass(frozen=True)
class Drawing:
    """The figure of one target."""

    target: str

    def numbers(self, given: Given) -> pd.DataFrame:
        """Return one row per method, true and predicted class.

        `count` is test utterances, summed over seeds; `percent` the share of the true class, NaN where the class has no
        utterance. `ua`, `low` and `high` are the method's UA and its 95 % interval, percent; `over` says in words what
        the interval is over. A method without scores, such as all methods on an unlabelled target, has no row.
        """
        rows = []
        for method, runs, outcomes in given.scored(self.target):
            ua, (low, high) = 100 * float(outcomes.scores().mean()), (100 * bound for bound in interval(outcomes))
            shared = (len(outcomes.seeds), ua, low, high, over_words(outcomes))
            for true, counts in zip(CLASSES, confusion(runs).tolist(), strict=True):
                for predicted, count in zip(CLASSES, counts, strict=True):
                    percent = 100 * count / sum(counts) if sum(counts) else math.nan
                    rows.append((self.target, method, true, predicted, count, percent, *shared))
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def draw(self, plotted: pd.DataFrame, study: Study) -> Figure:
        """Return the figure: one panel per method, rows true, columns predicted."""
        methods, corpus = list(dict.fromkeys(plotted["method"])), study.title(self.target)
        across, down = min(ACROSS, max(1, len(methods))), max(1, math.ceil(len(methods) / ACROSS))
        with matplotlib.rc_context(drawing.FONT):
            if not methods:
                figure = Figure(figsize=(drawing.WIDTH, 1.0))
                figure.text(0.5, 0.5, f"{corpus}: no labelled runs", ha="center", color=palette.GREY)
                return figure
            figure = Figure(figsize=(1.1 + 1.82 * max(across, 3), 1.2 + 2.2 * down), layout="constrained")
            for index, axes in enumerate(drawing.panels(figure, len(methods), across)):
                rows = plotted[plotted["method"] == methods[index]]
                _panel(axes, rows, left=index % across == 0, lowest=index + across >= len(methods))
            figure.supxlabel("predicted", fontsize=10)
            figure.supylabel("true", fontsize=10)
            seeds = seed_counts(plotted["seeds"])
            drawing.remark(
                figure,
                f"{corpus}: percent of the true class, below it test utterances summed over "
                f"{seeds} seed{'s' if seeds != '1' else ''};\nUA: {'; '.join(dict.fromkeys(plotted['over']))}",
            )
        return figure

    def describe(self, plotted: pd.DataFrame, study: Study) -> str:
        """Return the figure in words."""
        if plotted.empty:
            return "Confusion matrices: no labelled runs."
        over = "; ".join(dict.fromkeys(plotted["over"]))
        sentences = [f"Predictions for each true class, in percent of it. UA in percent: {over}."]
        for method, rows in plotted.groupby("method", sort=False):
            parts = []
            for true, row in rows.groupby("true", sort=False):
                if row["percent"].notna().all():
                    shares = dict(zip(row["predicted"], row["percent"], strict=True))
                    most = max(shares, key=shares.__getitem__)
                    taken = "" if shares[most] == shares[str(true)] else f", mostly taken for {most}"
                    parts.append(f"{true} {shares[str(true)]:.0f} right{taken}")
            ua, low, high = rows[["ua", "low", "high"]].iloc[0]
            parts.append(f"UA {ua:.1f} ({low:.1f} to {high:.1f})")
            sentences.append(f"{table.title(str(method))}: {'; '.join(parts)}.")
        return " ".join(sentences)


def _panel(axes: Axes, rows: pd.DataFrame, *, left: bool, lowest: bool) -> None:
    """Draw one method's matrix."""
    size = range(len(CLASSES))
    percent = rows["percent"].to_numpy().reshape(len(CLASSES), -1)
    count = rows["count"].to_numpy().reshape(len(CLASSES), -1)
    axes.imshow(percent, cmap="Blues", vmin=0, vmax=100)
    for i in size:
        for j in size:
            if math.isnan(percent[i, j]):
                continue
            color = "white" if percent[i, j] > 55 else "black"
            axes.text(j, i - 0.12, f"{percent[i, j]:.0f}", ha="center", va="center", color=color, fontsize=10)
            axes.text(j, i + 0.28, f"{count[i, j]}", ha="center", va="center", color=color, fontsize=6.5)
    ua, low, high = rows[["ua", "low", "high"]].iloc[0]
    axes.set_title(f"{table.title(rows['method'].iloc[0])}\nUA {ua:.1f} [{low:.1f}, {high:.1f}]", fontsize=9.5)
    axes.set_xticks(size, CLASSES if lowest else [], rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(size, CLASSES if left else [])
    axes.tick_params(length=0)
    axes.spines[:].set_color(palette.PALE)
