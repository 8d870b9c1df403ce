"""Source and target features in two dimensions, before and after adaptation.

The projection is PCA of unit features. Between unit rows the squared distance is 2 - 2 s, s being the similarity that
positives are chosen by, so what PCA keeps of distances it keeps of similarities; and it is linear, so a collapse looks
like one, which t-SNE would spread over the panel again. How much variance two dimensions keep, and what the nearest
source utterance says in all of them, stands above each panel.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from nnpm import CLASSES
from nnpm.reporting import drawing, palette, paper

ACROSS = 3  # panels a row
BEFORE = "before"  # the state that every run starts from
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Features:
    """Features z of one state: of the source training utterances and the target test utterances, (rows, width)."""

    source: npt.NDArray[np.floating[Any]]
    target: npt.NDArray[np.floating[Any]]


def project(features: Features) -> tuple[Array, Array, float]:
    """Return source and target in two dimensions, (rows, 2), and the share of variance that these keep, 0..1.

    PCA of unit features about the midpoint of the domains' means; both domains weigh the same, however many rows.
    """
    domains = [_unit(features.source), _unit(features.target)]
    center = np.mean([rows.mean(axis=0) for rows in domains], axis=0)
    weighed = np.concatenate([(rows - center) / math.sqrt(len(rows)) for rows in domains])
    _, spread, axes = np.linalg.svd(weighed, full_matrices=False)
    variance = spread**2
    kept = float(variance[:2].sum() / variance.sum()) if variance.sum() > 0 else 0.0
    source, target = ((rows - center) @ axes[:2].T for rows in domains)
    return source, target, kept


def agreement(features: Features, source_labels: Sequence[object], target_labels: Sequence[object]) -> float:
    """Return the share of labelled target utterances whose most similar source utterance has their emotion, 0..1.

    Evaluation only, in all dimensions; NaN without labels.
    """
    nearest = (_unit(features.target) @ _unit(features.source).T).argmax(axis=1)
    found = np.asarray(source_labels, dtype=object)[nearest]
    pairs = [(mine, its) for mine, its in zip(target_labels, found, strict=True) if mine in CLASSES]
    return sum(mine == its for mine, its in pairs) / len(pairs) if pairs else math.nan


def numbers(states: Mapping[str, Features], source: pd.DataFrame, target: pd.DataFrame) -> pd.DataFrame:
    """Return one row a state, domain and utterance: label, x, y, kept and agreement (both of the state, percent).

    `states` begins with BEFORE; then come methods. `source` and `target` are the rows of the manifests in the order of
    the features. A state is rotated or mirrored, which changes no distance, to lie as its source utterances lay before.
    """
    frames, first = [], None
    for state, features in states.items():
        *xy, kept = project(features)
        first = xy[0] if first is None else first
        left, _, right = np.linalg.svd(xy[0].T @ (first - first.mean(axis=0)))  # orthogonal Procrustes
        same = 100 * agreement(features, list(source["label"]), list(target["label"]))
        for domain, manifest, points in (("source", source, xy[0]), ("target", target, xy[1])):
            x, y = (points @ left @ right).T
            frames.append(
                pd.DataFrame(
                    {
                        "state": state,
                        "domain": domain,
                        "utterance": manifest["utterance"].to_numpy(),
                        "label": manifest["label"].to_numpy(),
                        "x": x,
                        "y": y,
                        "kept": 100 * kept,
                        "agreement": same,
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)


def title(target: str) -> str:
    """Return the heading of the figure."""
    return f"Features of the source and of {paper.corpus_title(target)} before and after adaptation"


def draw(plotted: pd.DataFrame, source: str, target: str, seed: int) -> Figure:
    """Return the figure of the numbers from :func:`numbers`: a panel a state, all of the same scale."""
    states = list(dict.fromkeys(plotted["state"]))
    across, down = min(ACROSS, len(states)), math.ceil(len(states) / ACROSS)
    with matplotlib.rc_context(drawing.FONT):
        figure = Figure(figsize=(max(6.5, 3.33 * across), 1.2 + 3.9 * down), layout="constrained")
        panels = list(figure.subplots(down, across, squeeze=False, sharex=True, sharey=True).flat)
        for axes, state in zip(panels, states, strict=False):
            _panel(axes, plotted[plotted["state"] == state], state)
        # One square for all: the same length is the same distance everywhere.
        highest, lowest = plotted[["x", "y"]].max(), plotted[["x", "y"]].min()
        middle, half = (highest + lowest) / 2, 0.54 * (highest - lowest).max()
        panels[0].set(xlim=(middle["x"] - half, middle["x"] + half), ylim=(middle["y"] - half, middle["y"] + half))
        for axes in panels[len(states) :]:
            axes.remove()
        labelled = plotted.loc[plotted["domain"] == "target", "label"].isin(CLASSES).any()
        figure.suptitle(
            f"Seed {seed}: {paper.corpus_title(source)} (training) and {paper.corpus_title(target)} (test), "
            "two principal components of unit features"
            + (";\nthe colours of the target read its labels: evaluation only" if labelled else ""),
            fontsize=10,
            color=palette.GREY,
        )
        drawing.legend_below(figure, _key(plotted, source, target), columns=7 if across > 2 else 4)
    return figure


def describe(plotted: pd.DataFrame) -> str:
    """Return the figure in words, for those who cannot see it."""
    sentences = ["Two principal components of unit features."]
    for state, rows in plotted.groupby("state", sort=False):
        kept, same = rows["kept"].iloc[0], rows["agreement"].iloc[0]
        centres = rows.groupby("domain")[["x", "y"]].mean()
        apart = float(np.hypot(*(centres.loc["source"] - centres.loc["target"])))
        words = f"{_heading(str(state))}: the means of the two domains lie {apart:.2f} apart"
        words += f", {kept:.0f} % of the variance kept"
        if not math.isnan(same):
            words += f"; for {same:.0f} % of the target utterances the most similar source utterance has their emotion"
        sentences.append(f"{words}.")
    return " ".join(sentences)


def _unit(rows: npt.NDArray[np.floating[Any]]) -> Array:
    wide = rows.astype(np.float64)
    length = np.linalg.norm(wide, axis=1, keepdims=True)
    return wide / np.where(length > 0, length, 1)


def _heading(state: str) -> str:
    return "before adaptation" if state == BEFORE else f"after {paper.method_title(state)}"


def _panel(axes: Axes, rows: pd.DataFrame, state: str) -> None:
    """Draw one state: the source below, the target above it."""
    kept, same = rows["kept"].iloc[0], rows["agreement"].iloc[0]
    lines = [_heading(state), f"{kept:.0f} % of the variance kept"]
    if not math.isnan(same):
        lines.append(f"nearest source utterance right: {same:.0f} %")
    axes.set_title("\n".join(lines), fontsize=9.5)
    few = (rows["domain"] == "target").sum() < 150
    looks: dict[str, dict[str, Any]] = {
        "source": {"s": 9, "alpha": 0.4, "linewidths": 0, "zorder": 2},
        "target": {"s": 38 if few else 22, "edgecolors": "black", "linewidths": 0.7, "zorder": 3},
    }
    for domain, look in looks.items():
        part = rows[rows["domain"] == domain]
        colors = [palette.label(label).color for label in part["label"]]
        axes.scatter(part["x"], part["y"], c=colors, marker=palette.DOMAINS[domain].marker, **look)
    axes.set_aspect("equal")
    axes.tick_params(left=False, bottom=False, labelleft=False, labelbottom=False)
    axes.spines[:].set_color(palette.PALE)


def _key(plotted: pd.DataFrame, source: str, target: str) -> dict[str, Any]:
    """Return the legend: colours are classes, markers domains."""
    entries: dict[str, Any] = {}
    for name in CLASSES:
        entries[name] = Line2D([], [], linestyle="none", marker="s", color=palette.label(name).color, markersize=8)
    if not plotted["label"].isin(CLASSES).all():
        entries["no label"] = Line2D([], [], linestyle="none", marker="s", color=palette.UNLABELLED.color, markersize=8)
    for domain, corpus in (("source", source), ("target", target)):
        look: dict[str, Any] = {"linestyle": "none", "marker": palette.DOMAINS[domain].marker, "color": palette.PALE}
        look |= {"markersize": 5} if domain == "source" else {"markersize": 8, "markeredgecolor": "black"}
        entries[f"{paper.corpus_title(corpus)} ({domain})"] = Line2D([], [], **look)
    return entries
