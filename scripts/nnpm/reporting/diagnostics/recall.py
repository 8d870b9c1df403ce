"""Recall of each class with its interval, methods beside each other, on one target."""

import math

import matplotlib
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nnpm import CLASSES
from nnpm.evaluation import uncertainty
from nnpm.reporting import drawing, palette, paper
from nnpm.reporting.evidence import Evidence, over_words
from nnpm.reporting.tables import Study, main_runs

COLUMNS = ("target", "method", "label", "recall", "low", "high", "utterances", "seeds", "over")


def numbers(metrics: pd.DataFrame, evidence: Evidence, target: str, study: Study) -> pd.DataFrame:
    """Return one row a method and class: recall, low, high (percent), utterances of the class, seeds, over.

    Mean over seeds and its 95 % interval of :func:`uncertainty.bootstrap`; `over` says in words what was resampled.
    Recall is NaN for a class that does not occur. Runs of the study's main setting count; a method without scores has
    no row.
    """
    runs = main_runs(metrics, study)
    runs, rows = runs[runs["target"] == target], []
    for method in palette.ordered(runs["method"]):
        outcomes = evidence.of(runs[runs["method"] == method])
        if outcomes is None:
            continue
        over = over_words(outcomes)
        for label, utterances in zip(CLASSES, outcomes.sizes.sum(axis=0), strict=True):
            recall, low, high = math.nan, math.nan, math.nan
            if utterances:
                recall = 100 * float(outcomes.scores(f"recall_{label}").mean())
                low, high = (100 * bound for bound in uncertainty.bootstrap(outcomes, f"recall_{label}"))
            rows.append((target, method, label, recall, low, high, int(utterances), len(outcomes.seeds), over))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def title(target: str) -> str:
    """Return the heading of the figure."""
    return f"Recall of each class on {paper.corpus_title(target)}"


def draw(plotted: pd.DataFrame, target: str) -> Figure:
    """Return the figure of the numbers from :func:`numbers`: a column a class, a row a method."""
    methods = palette.ordered(plotted["method"])
    with matplotlib.rc_context(drawing.FONT):
        figure = Figure(figsize=(drawing.WIDTH, 1.3 + 0.27 * max(4, len(methods))), layout="constrained")
        panels = figure.subplots(1, len(CLASSES), sharey=True, sharex=True)
        for axes, label in zip(panels, CLASSES, strict=True):
            _panel(axes, plotted[plotted["label"] == label], methods, label)
        panels[0].set_yticks(range(len(methods)), [paper.method_title(name) for name in methods])
        panels[0].set_ylim(len(methods) - 0.4, -0.6)
        for axes in panels[1:]:
            axes.tick_params(left=False)
        figure.supxlabel("recall on the test utterances (%)", fontsize=10)
        over = "; ".join(dict.fromkeys(plotted["over"])) or "no labelled runs"
        figure.suptitle(f"{paper.corpus_title(target)}: {over}; dotted: chance", fontsize=10, color=palette.GREY)
    return figure


def describe(plotted: pd.DataFrame) -> str:
    """Return the figure in words, for those who cannot see it."""
    if plotted.empty:
        return "Recall of each class: no labelled runs."
    sentences = [f"Recall in percent, {'; '.join(dict.fromkeys(plotted['over']))}."]
    for method, rows in plotted.groupby("method", sort=False):
        values = [
            f"{row['label']} {row['recall']:.0f} ({row['low']:.0f} to {row['high']:.0f})"
            for row in rows.dropna(subset="recall").to_dict("records")
        ]
        sentences.append(f"{paper.method_title(str(method))}: {', '.join(values)}.")
    return " ".join(sentences)


def _panel(axes: Axes, rows: pd.DataFrame, methods: list[str], label: str) -> None:
    """Draw one class: a dot and a whisker a method."""
    drawing.plain(axes, grid="x")
    counts = rows["utterances"].dropna()
    count = f" ({int(counts.max())})" if len(counts) else ""
    axes.set_title(f"{label}{count}")
    axes.set_xlim(-3, 103)
    axes.set_xticks(range(0, 101, 25))
    axes.axvline(100 / len(CLASSES), color=palette.GREY, linestyle=(0, (1, 3)), linewidth=1, zorder=1)
    axes.spines["left"].set_visible(False)
    axes.tick_params(left=False)
    if rows["recall"].isna().all():
        drawing.say(axes, "no labels" if rows.empty else "no such utterance")
    for row in rows.dropna(subset="recall").to_dict("records"):
        style, y = palette.method(row["method"]), methods.index(row["method"])
        size = 9 if style.marker == "*" else 6
        if not math.isnan(row["low"]):
            axes.plot([row["low"], row["high"]], [y, y], color=style.color, linewidth=1.6, alpha=0.75, zorder=2)
        axes.plot(row["recall"], y, color=style.color, marker=style.marker, markersize=size, zorder=3, clip_on=False)
