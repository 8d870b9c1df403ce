"""Figure 2: UA of the paper's method against the similarity threshold, one panel per target."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from nnpm.evaluation.uncertainty import interval
from nnpm.methods.table import PROPOSED, title
from nnpm.reporting import drawing, palette, paper
from nnpm.reporting.evidence import seed_counts
from nnpm.reporting.figures.base import Given
from nnpm.reporting.study import Study
from nnpm.reporting.tables import select

MEASURED = palette.method(PROPOSED).color
PRINTED = palette.VERMILLION
PANELS_PER_ROW = 3
COLUMNS = ("target", "threshold", "mean", "low", "high", "std", "lowest", "highest", "seeds", "unit", "paper")


@dataclass(frozen=True)
class Drawing:
    """The figure of some targets; `variants` are pairs of a threshold and the variant of its runs."""

    targets: Sequence[str]
    variants: Sequence[tuple[float, str]]

    def numbers(self, given: Given) -> pd.DataFrame:
        """Return one row per target and threshold, in the order of the panels.

        Columns: target, threshold, mean (UA in percent, over seeds), low and high (its 95 % interval), std
        (sample standard deviation, NaN for one seed), lowest and highest (of the seeds), seeds, unit (of the
        clusters), paper (the printed value, or NaN). A target without labels has no row.
        """
        rows = []
        for target in self.targets:
            for threshold, variant in self.variants:
                chosen = select(given.study.runs(given.every_variant, variant), target, PROPOSED)
                if (measured := given.evidence.of(chosen)) is None:
                    continue
                ua = 100 * measured.scores()
                low, high = (100 * bound for bound in interval(measured))
                std = float(ua.std(ddof=1)) if len(ua) > 1 else math.nan
                spread = (std, ua.min(), ua.max(), len(ua), measured.unit)
                printed = paper.FIGURE2.get(target, {}).get(threshold, math.nan)
                rows.append((target, threshold, ua.mean(), low, high, *spread, printed))
        return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"seeds": int})

    def draw(self, plotted: pd.DataFrame, study: Study) -> Figure:
        """Return the figure.

        Each panel shows the mean, its 95 % interval as a band, the extreme seeds as small ticks if there are several,
        the paper's printed point and the chance level. The panel of a target without numbers says so.
        """
        across = max(1, min(len(self.targets), PANELS_PER_ROW))
        down = math.ceil(len(self.targets) / across)
        with matplotlib.rc_context(drawing.FONT):
            figure = Figure(figsize=(1.0 + 3.3 * across, 1.6 + 2.6 * down), layout="constrained")
            panels = drawing.panels(figure, len(self.targets), across, sharey=True, sharex=True)
            for axes, target in zip(panels, self.targets, strict=True):
                axes.set_xticks(sorted(set(plotted["threshold"])))
                _panel(axes, plotted[plotted["target"] == target], study.title(target))
            for axes in panels[-across:]:
                axes.set_xlabel("similarity threshold")
            figure.supylabel("UA on the test utterances (%)", fontsize=10)
            drawing.legend_below(figure, drawing.legend_entries(*figure.axes), columns=4 if across > 2 else across)
            count, source = seed_counts(plotted["seeds"]) or "no", study.title(study.source)
            if study.source != paper.SOURCE:
                source += f" (the paper's: {study.title(paper.SOURCE)})"
            drawing.remark(figure, f"{title(PROPOSED)}, source {source}, {count} seed{'s' if count != '1' else ''}")
        return figure

    def describe(self, plotted: pd.DataFrame, study: Study) -> str:
        """Return the figure in words."""
        sentences = [f"UA of {title(PROPOSED)} in percent, with its 95 % interval, against the similarity threshold."]
        for target, rows in plotted.groupby("target", sort=False):
            values = ", ".join(
                f"{row['mean']:.1f} ({row['low']:.1f} to {row['high']:.1f}) at {row['threshold']:g}"
                for row in rows.to_dict("records")
            )
            sentences.append(f"{study.title(str(target))}: mean UA {values}.")
        return " ".join(sentences)


def _panel(axes: Axes, rows: pd.DataFrame, corpus: str) -> None:
    """Draw one target."""
    unit = "" if rows.empty else f" (interval over {rows['unit'].iloc[0]})"
    axes.set_title(corpus + unit)
    axes.xaxis.set_tick_params(labelbottom=True)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6, steps=[1, 2, 5, 10]))
    axes.margins(x=0.06)
    drawing.plain(axes)
    drawing.chance(axes, "y", label="chance (25 %)")
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
