"""The memory over the epochs, one column per target: positives, purity, similarities, predicted classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from nnpm import CLASSES
from nnpm.corpora import pools
from nnpm.files import SOURCE_SPLIT, of_split, read_csv
from nnpm.methods import table
from nnpm.reporting import drawing, histories, palette
from nnpm.reporting.figures.base import Given
from nnpm.reporting.study import Study

#: The measures drawn as lines, one row each, and their headings; * marks those that read labels.
LINES: Mapping[str, str] = {
    "memory_positives": "positives per\ntarget utterance",
    "memory_positive_purity": "positives of the\nown emotion (%) *",
    "memory_hard_negative_purity": "hard negatives of\nanother emotion (%) *",
}
PURITIES = ("memory_positive_purity", "memory_hard_negative_purity")
QUANTILES = tuple(f"memory_similarity_{quantile}" for quantile in ("05", "25", "50", "75", "95"))
MEASURES = (*LINES, *QUANTILES, *histories.SHARES)


def chance(source: pd.DataFrame, target: pd.DataFrame) -> float:
    """Return the probability that a slot and a target utterance, both drawn at random, share their emotion.

    This is the purity of positives by chance; for hard negatives it is 1 minus this. Only training utterances of the
    manifests count. NaN without labels on either side.
    """
    shares = []
    for manifest in (source, target):
        labels = manifest.loc[of_split(manifest, "train") & manifest["label"].isin(CLASSES), "label"]
        shares.append(labels.value_counts(normalize=True).reindex(list(CLASSES), fill_value=0.0))
        if labels.empty:
            return float("nan")
    return float((shares[0] * shares[1]).sum())


@dataclass(frozen=True)
class Drawing:
    """The figure of some targets; similarities and predicted classes are shown only for `methods`."""

    targets: Sequence[str]
    methods: Sequence[str]

    def numbers(self, given: Given) -> pd.DataFrame:
        """Return one row per target, method, measure and epoch from 0: mean, low, high over seeds, seeds, chance.

        Purities, shares and chance are percent; chance is NaN where a measure has none.
        """
        sources = {target: pools.members(given.study.learned(target) or "") for target in self.targets}
        names, parts = dict.fromkeys(name for learned in sources.values() for name in learned), []
        labelled = {name: _as_source(path) for name, path in zip(names, given.files.source_manifests, strict=True)}
        for target, manifest in zip(self.targets, given.files.target_manifests, strict=True):
            source = pd.concat([labelled[name] for name in sources[target]])
            rows = given.histories[given.histories["target"] == target].copy()
            percent = [name for name in (*PURITIES, *histories.SHARES) if name in rows]
            rows[percent] = 100 * rows[percent]
            part = histories.over_seeds(rows, target, MEASURES)
            level = 100 * chance(source, read_csv(manifest, ("label", "split")))
            parts.append(part.assign(chance=part["measure"].map({PURITIES[0]: level, PURITIES[1]: 100 - level})))
        return pd.concat(parts, ignore_index=True)

    def draw(self, plotted: pd.DataFrame, study: Study) -> Figure:
        """Return the figure, one column per target. The lines show every method with a memory."""
        trained = plotted[plotted["epoch"] > 0]
        drawn = {name: trained[trained["method"] == name] for name in self.methods}
        fans = [name for name, rows in drawn.items() if rows["measure"].isin(QUANTILES).any()]
        stacks = [name for name, rows in drawn.items() if len(rows)]
        down, several = len(LINES) + len(fans) + len(stacks), bool((plotted["seeds"] > 1).any())
        with matplotlib.rc_context(drawing.FONT):
            width = max(6.5, min(drawing.WIDTH, 2.8 + 3.2 * len(self.targets)))
            figure = Figure(figsize=(width, 1.3 + 1.65 * down), layout="constrained")
            grid = figure.subplots(down, len(self.targets), squeeze=False, sharex=True, sharey="row")
            for column, target in enumerate(self.targets):
                rows, panels = plotted[plotted["target"] == target], list(grid[:, column])
                panels[0].set_title(study.title(target))
                for measure in LINES:
                    _lines(panels.pop(0), rows[rows["measure"] == measure], measure)
                for method in fans:
                    _fan(panels.pop(0), rows[rows["method"] == method])
                for method in stacks:
                    _stack(panels.pop(0), rows[rows["method"] == method])
                grid[-1, column].set_xlabel("epoch")
                grid[-1, column].xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
            names = [f"{table.title(name)}:\nsimilarity to slots" for name in fans]
            names += [f"{table.title(name)}:\npredicted classes (%)" for name in stacks]
            for row, axes in enumerate(grid[:, -1]):
                drawing.legend_beside(axes, drawing.legend_entries(*grid[row]), upwards=row >= len(LINES) + len(fans))
            for axes, name in zip(grid[:, 0], [*LINES.values(), *names], strict=True):
                axes.set_ylabel(name)
            figure.align_ylabels(grid[:, 0])
            spread = "one seed"
            if several:
                spread = "lines: mean over seeds, bands: lowest to highest seed;\n"
                spread += "similarities and predicted classes: mean over seeds"
            drawing.remark(
                figure,
                "On target training utterances, without dropout; epoch 0: before the first step\n"
                f"* reads labels: evaluation only; {spread}",
            )
        return figure

    def describe(self, plotted: pd.DataFrame, study: Study) -> str:
        """Return the figure in words."""
        sentences = [
            "Mean over seeds, on target training utterances, before the first step and after the last epoch "
            "(for purity: the last that has any)."
        ]
        words = {
            "memory_positives": "positives per utterance {:.1f}, then {:.1f}",
            "memory_positive_purity": "positives of its emotion {:.0f} %, then {:.0f} %",
            "memory_hard_negative_purity": "hard negatives of another emotion {:.0f} %, then {:.0f} %",
            "memory_similarity_50": "median similarity {:.2f}, then {:.2f}",
        }
        shown = plotted[plotted["measure"].isin(words)]
        for (target, method), rows in shown.groupby(["target", "method"], sort=False):
            parts = []
            for measure, form in words.items():
                values = rows.loc[rows["measure"] == measure, "mean"]
                if len(values):
                    parts.append(form.format(values.iloc[0], values.iloc[-1]))
            sentences.append(f"{table.title(str(method))} on {study.title(str(target))}: {'; '.join(parts)}.")
        return " ".join(sentences) if len(sentences) > 1 else "No method with a memory ran."


def _as_source(manifest: Path | str) -> pd.DataFrame:
    """Read label and split of a corpus that is, or also is, a source."""
    rows = read_csv(manifest, ("label", "split"))
    return rows.assign(split=rows.get(SOURCE_SPLIT, rows["split"]))


def _lines(axes: Axes, rows: pd.DataFrame, measure: str) -> None:
    """Draw one measure of all methods; single epochs between gaps are dots."""
    drawing.plain(axes)
    if measure in PURITIES:
        axes.set_ylim(0, 104)
    else:
        axes.set_yscale("symlog", linthresh=1, linscale=0.6)
        axes.yaxis.set_major_formatter("{x:g}")
        axes.set_ylim(0, max([1.0, axes.get_ylim()[1], *(1.3 * rows["high"])]))
    if rows.empty:
        drawing.say(axes, "no labels" if measure in PURITIES else "no memory")
        return
    for method in table.ordered(rows["method"]):
        style, line = palette.method(method), rows[rows["method"] == method].set_index("epoch")
        line = line.reindex(range(int(line.index.max()) + 1))  # an epoch without positives has no purity: a gap
        mean = line["mean"]
        look: dict[str, Any] = {"color": style.color, "marker": style.marker}
        every = max(1, len(line) // 6)
        label = table.title(method)
        axes.plot(
            line.index, mean, linewidth=1.6, linestyle=style.line, markersize=4.5, markevery=every, label=label, **look
        )
        alone = mean[mean.shift(1).isna() & mean.shift(-1).isna()].dropna()
        axes.plot(alone.index, alone, linestyle="none", markersize=4.5, **look)
        axes.fill_between(line.index, line["low"], line["high"], color=style.color, alpha=0.13, linewidth=0)
    if rows["chance"].notna().any():
        drawing.chance(axes, "y", rows["chance"].iloc[0], "chance", width=1.3)


def _fan(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw quantiles of the similarities: the median and the central 50 % and 90 %."""
    drawing.plain(axes)
    mean = rows[rows["measure"].isin(QUANTILES)].pivot(index="epoch", columns="measure", values="mean")
    if mean.empty:
        drawing.say(axes, "no memory")
        return
    lowest, low, median, high, highest = (mean[name] for name in QUANTILES)
    color = palette.method(rows["method"].iloc[0]).color
    axes.fill_between(mean.index, lowest, highest, color=color, alpha=0.16, linewidth=0, label="5 to 95 % of slots")
    axes.fill_between(mean.index, low, high, color=color, alpha=0.34, linewidth=0, label="25 to 75 %")
    axes.plot(mean.index, median, color=color, linewidth=1.8, label="median")


def _stack(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw how often each class is predicted, as stacked areas."""
    mean = rows[rows["measure"].isin(histories.SHARES)].pivot(index="epoch", columns="measure", values="mean")
    axes.set_ylim(0, 100)
    axes.spines[["top", "right"]].set_visible(False)
    if mean.empty:
        drawing.say(axes, "no runs")
        return
    axes.stackplot(
        mean.index,
        *(mean[share] for share in histories.SHARES),
        colors=list(map(palette.label, CLASSES)),
        labels=CLASSES,
        alpha=0.9,
        linewidth=0.8,
        edgecolor="white",
    )
