"""Confusion matrices of all methods on one target: what is taken for what."""

import math

import matplotlib
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nnpm import CLASSES
from nnpm.evaluation import uncertainty
from nnpm.reporting import drawing, palette, paper
from nnpm.reporting.evidence import Evidence, over_words
from nnpm.reporting.metrics import COUNTS
from nnpm.reporting.tables import Study, main_runs

ACROSS = 5  # panels a row
COLUMNS = ("target", "method", "true", "predicted", "count", "percent", "seeds", "ua", "low", "high", "over")


def numbers(metrics: pd.DataFrame, evidence: Evidence, target: str, study: Study) -> pd.DataFrame:
    """Return one row a method, true and predicted class, in the order of COLUMNS.

    `count` is test utterances, summed over seeds; `percent` the share of the true class, NaN where the class has no
    utterance. `ua`, `low` and `high` are the method's UA and its 95 % interval of :func:`uncertainty.bootstrap`,
    percent; `over` says in words what was resampled. Runs of the study's main setting count; a method without scores,
    as all on an unlabelled target, has no row.
    """
    runs = main_runs(metrics, study)
    runs, rows = runs[runs["target"] == target], []
    for method in palette.ordered(runs["method"]):
        of_method = runs[runs["method"] == method].dropna(subset="ua")
        outcomes = evidence.of(of_method)
        if outcomes is None:
            continue
        ua = 100 * float(outcomes.scores().mean())
        low, high = (100 * bound for bound in uncertainty.bootstrap(outcomes))
        shared = (len(outcomes.seeds), ua, low, high, over_words(outcomes))
        sums = of_method[list(COUNTS)].sum().astype(int)
        for true in CLASSES:
            counts = [int(sums[f"count_{true}_{predicted}"]) for predicted in CLASSES]
            for predicted, count in zip(CLASSES, counts, strict=True):
                percent = 100 * count / sum(counts) if sum(counts) else math.nan
                rows.append((target, method, true, predicted, count, percent, *shared))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def title(target: str) -> str:
    """Return the heading of the figure."""
    return f"Confusion matrices on {paper.corpus_title(target)}"


def draw(plotted: pd.DataFrame, target: str) -> Figure:
    """Return the figure of the numbers from :func:`numbers`: a panel a method, rows true, columns predicted."""
    methods = list(dict.fromkeys(plotted["method"]))
    across, down = min(ACROSS, max(1, len(methods))), max(1, math.ceil(len(methods) / ACROSS))
    with matplotlib.rc_context(drawing.FONT):
        if not methods:
            figure = Figure(figsize=(drawing.WIDTH, 1.0))
            figure.text(0.5, 0.5, f"{paper.corpus_title(target)}: no labelled runs", ha="center", color=palette.GREY)
            return figure
        figure = Figure(figsize=(1.1 + 1.82 * max(across, 3), 1.2 + 2.2 * down), layout="constrained")
        panels = list(figure.subplots(down, across, squeeze=False).flat)
        for index, method in enumerate(methods):
            rows = plotted[plotted["method"] == method]
            _panel(panels[index], rows, left=index % across == 0, lowest=index + across >= len(methods))
        for axes in panels[len(methods) :]:
            axes.remove()
        figure.supxlabel("predicted", fontsize=10)
        figure.supylabel("true", fontsize=10)
        seeds = " to ".join(dict.fromkeys(str(count) for count in (plotted["seeds"].min(), plotted["seeds"].max())))
        figure.suptitle(
            f"{paper.corpus_title(target)}: percent of the true class, below it test utterances summed over "
            f"{seeds} seed{'s' if seeds != '1' else ''};\nUA: {'; '.join(dict.fromkeys(plotted['over']))}",
            fontsize=10,
            color=palette.GREY,
        )
    return figure


def describe(plotted: pd.DataFrame) -> str:
    """Return the figure in words, for those who cannot see it."""
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
        sentences.append(f"{paper.method_title(str(method))}: {'; '.join(parts)}.")
    return " ".join(sentences)


def _panel(axes: Axes, rows: pd.DataFrame, *, left: bool, lowest: bool) -> None:
    """Draw one method's matrix."""
    size = range(len(CLASSES))
    percent = rows["percent"].to_numpy().reshape(len(CLASSES), -1)
    count = rows["count"].to_numpy().reshape(len(CLASSES), -1)
    axes.imshow(percent, cmap=palette.SEQUENTIAL, vmin=0, vmax=100)
    for i in size:
        for j in size:
            if math.isnan(percent[i, j]):
                continue
            color = "white" if percent[i, j] > 55 else "black"
            axes.text(j, i - 0.12, f"{percent[i, j]:.0f}", ha="center", va="center", color=color, fontsize=10)
            axes.text(j, i + 0.28, f"{count[i, j]}", ha="center", va="center", color=color, fontsize=6.5)
    ua, low, high = rows[["ua", "low", "high"]].iloc[0]
    axes.set_title(f"{paper.method_title(rows['method'].iloc[0])}\nUA {ua:.1f} [{low:.1f}, {high:.1f}]", fontsize=9.5)
    axes.set_xticks(size, CLASSES if lowest else [], rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(size, CLASSES if left else [])
    axes.tick_params(length=0)
    axes.spines[:].set_color(palette.PALE)
