"""Figure 2: UA of NNPM against the similarity threshold, one panel a target."""

import math
from collections.abc import Sequence

import matplotlib
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from nnpm import CLASSES
from nnpm.evaluation.uncertainty import bootstrap
from nnpm.reporting import drawing, palette, paper
from nnpm.reporting.evidence import Evidence
from nnpm.reporting.tables import Study

MEASURED = palette.method("nnpm").color
PRINTED = palette.VERMILLION
CHANCE = 100 / len(CLASSES)
PANELS_PER_ROW = 3
_COLUMNS = ("target", "threshold", "mean", "low", "high", "std", "lowest", "highest", "seeds", "unit", "paper")


def numbers(metrics: pd.DataFrame, evidence: Evidence, targets: Sequence[str], study: Study) -> pd.DataFrame:
    """Return what the figure plots: one row a target and threshold, in the order of the panels.

    Columns: target, threshold, mean (UA in percent, over seeds), low and high (its 95 % bootstrap interval), std
    (sample standard deviation, NaN for one seed), lowest and highest (of the seeds), seeds, unit (what the interval
    resamples beside seeds), paper (the printed value, or NaN). Runs of NNPM with the study's number of frozen blocks
    count; a target without labels has no row.
    """
    runs = metrics[(metrics["method"] == "nnpm") & (metrics["freeze"] == study.freeze)].dropna(subset="ua")
    rows = []
    for target in targets:
        of_target = runs[runs["target"] == target]
        for threshold, chosen in of_target.groupby(of_target["threshold"].round(6)):
            if (measured := evidence.of(chosen)) is None:
                continue
            ua = 100 * measured.scores()
            low, high = (100 * bound for bound in bootstrap(measured))
            spread = (float(ua.std(ddof=1)) if len(ua) > 1 else math.nan, ua.min(), ua.max(), len(ua), measured.unit)
            printed = paper.FIGURE2.get(target, {}).get(float(threshold), math.nan)
            rows.append((target, threshold, ua.mean(), low, high, *spread, printed))
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype({"seeds": int})


def to_csv(plotted: pd.DataFrame) -> str:
    """Return the plotted numbers as CSV text, percentages with two decimals, thresholds as they are."""
    percentages = ["mean", "low", "high", "std", "lowest", "highest", "paper"]
    shown = plotted.assign(
        **{column: plotted[column].map("{:.2f}".format, na_action="ignore") for column in percentages}
    )
    return str(shown.to_csv(index=False, lineterminator="\n"))


def draw(plotted: pd.DataFrame, targets: Sequence[str], study: Study) -> Figure:
    """Return the figure of the numbers from :func:`numbers`.

    Each panel shows the mean, its 95 % interval as a band, each extreme seed as a small tick if there are several, the
    paper's readable point and the chance level. A target without numbers has a panel that says so.
    """
    across = max(1, min(len(targets), PANELS_PER_ROW))
    down = max(1, math.ceil(len(targets) / across))
    with matplotlib.rc_context(drawing.FONT):
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
        drawing.legend_below(figure, drawing.legend_entries(*figure.axes), columns=4 if across > 2 else across)
        seeds = sorted(set(plotted["seeds"]))
        count = " to ".join(dict.fromkeys(str(int(n)) for n in seeds[:1] + seeds[-1:])) or "no"
        source = paper.corpus_title(study.source)
        if study.source != paper.SOURCE:
            source += f" (the paper's: {paper.corpus_title(paper.SOURCE)})"
        figure.suptitle(
            f"NNPM, source {source}, {count} seed{'s' if count != '1' else ''}",
            fontsize=10,
            color=palette.GREY,
        )
    return figure


TITLE = "Figure 2: UA of NNPM against the similarity threshold"


def describe(plotted: pd.DataFrame) -> str:
    """Return the figure in words, for those who cannot see it."""
    sentences = ["UA in percent, with its 95 % interval, against the similarity threshold."]
    for target, rows in plotted.groupby("target", sort=False):
        values = ", ".join(
            f"{row['mean']:.1f} ({row['low']:.1f} to {row['high']:.1f}) at {row['threshold']:g}"
            for row in rows.to_dict("records")
        )
        sentences.append(f"{paper.corpus_title(str(target))}: mean UA {values}.")
    return " ".join(sentences)


def _panel(axes: Axes, rows: pd.DataFrame, title: str) -> None:
    """Draw one target."""
    unit = "" if rows.empty else f" ({rows['unit'].iloc[0]} resampled)"
    axes.set_title(title + unit)
    axes.xaxis.set_tick_params(labelbottom=True)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6, steps=[1, 2, 5, 10]))
    axes.margins(x=0.06)
    drawing.plain(axes)
    axes.axhline(CHANCE, color=palette.GREY, linestyle=(0, (4, 3)), linewidth=1, label="chance (25 %)", zorder=1)
    if rows.empty:
        axes.text(0.5, 0.6, "no labelled runs", ha="center", transform=axes.transAxes, color=palette.GREY)
        return
    several = bool((rows["seeds"] > 1).any())
    label = "95 % interval of the mean" if several else "95 % interval"
    if len(rows) > 1:
        x, low, high = (rows[name] for name in ("threshold", "low", "high"))
        axes.fill_between(x, low, high, color=MEASURED, alpha=0.18, linewidth=0, label=label)
    else:  # a band of one threshold has no width
        axes.vlines(rows["threshold"], rows["low"], rows["high"], color=MEASURED, alpha=0.3, linewidth=6, label=label)
    if several:
        for extreme in ("lowest", "highest"):
            seed = axes.plot(rows["threshold"], rows[extreme], "_", color=MEASURED, alpha=0.7, markersize=7)[0]
            seed.set_label("lowest and highest seed")
    axes.plot(
        rows["threshold"],
        rows["mean"],
        color=MEASURED,
        marker="o",
        markersize=5,
        linewidth=1.8,
        label="measured, mean over seeds" if several else "measured, one seed",
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
            markeredgecolor=PRINTED,
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
                color=PRINTED,
                fontsize=9,
                bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.8},
                zorder=5,
            )
