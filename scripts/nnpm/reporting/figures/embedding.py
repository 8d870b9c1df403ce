"""Source and target embeddings in two dimensions, before and after adaptation.

The projection is PCA of L2-normalised embeddings. Their squared distance is 2 - 2 s, where s is the similarity that
positives are chosen by, so PCA keeps similarities as well as it keeps distances. PCA is linear, so a collapse of the
embeddings stays visible; t-SNE would spread them again. Above each panel are the share of variance that
two dimensions keep, and how often the nearest source utterance, in all dimensions, has the right emotion.
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
from nnpm.corpora import pools
from nnpm.evaluation import inference
from nnpm.files import of_split
from nnpm.methods import table
from nnpm.reporting import drawing, palette
from nnpm.reporting.figures.base import Given
from nnpm.reporting.study import Study
from nnpm.training import checkpoints, devices
from nnpm.training.domain import Domain

ACROSS = 3  # panels per row
MARKERS = {"source": "o", "target": "^"}
BEFORE = "before"  # the pretrained backbone that every run starts from
Array = npt.NDArray[np.float64]

#: Embeddings under one state of the backbone, (rows, width) each: source training and target test utterances.
State = tuple[npt.NDArray[np.floating[Any]], npt.NDArray[np.floating[Any]]]


@dataclass(frozen=True)
class Drawing:
    """The figure of one target: the pretrained backbone and those adapted by `methods`, for one seed.

    The inputs are the output of the `freeze` frozen blocks; `backbone` are the configured sizes.
    """

    target: str
    methods: Sequence[str]
    seed: int
    freeze: int
    backbone: Mapping[str, Any]
    device: str = "cpu"
    threads: int = 1

    def numbers(self, given: Given) -> pd.DataFrame:
        """Return the embeddings in two dimensions, as `projected` does; `files.after` are the methods' backbones."""
        files, device = given.files, devices.prepare(self.device, self.threads)
        paths = [files.before, *files.after]
        backbones = [checkpoints.load_backbone(path, self.backbone).to(device) for path in paths]
        backbone, blocks = backbones[0], self.freeze
        names = pools.members(given.study.learned(self.target) or "")
        domains = [
            (
                Domain.load_source(
                    *(names, files.source, files.source_manifests, device),
                    descriptions=files.source_descriptions,
                    backbone=backbone,
                    blocks=blocks,
                ),
                "train",
            ),
            (
                Domain.load(
                    *(files.target, files.target_manifest, device),
                    description=files.target_description,
                    backbone=backbone,
                    blocks=blocks,
                ),
                "test",
            ),
        ]
        states = {}
        for state, adapted in zip([BEFORE, *self.methods], backbones, strict=True):
            embeddings = (inference.infer(adapted, one.inputs, one.rows(split), self.freeze) for one, split in domains)
            source, target = (z.cpu().numpy() for z, _ in embeddings)
            states[state] = source, target
        return projected(states, *(one.manifest[of_split(one.manifest, split)] for one, split in domains))

    def draw(self, plotted: pd.DataFrame, study: Study) -> Figure:
        """Return the figure: one panel per state, all with the same scale."""
        states = list(dict.fromkeys(plotted["state"]))
        across, down = min(ACROSS, len(states)), math.ceil(len(states) / ACROSS)
        source, target = study.title(study.source), study.title(self.target)
        with matplotlib.rc_context(drawing.FONT):
            figure = Figure(figsize=(max(6.5, 3.33 * across), 1.2 + 3.9 * down), layout="constrained")
            panels = drawing.panels(figure, len(states), across, sharex=True, sharey=True)
            for axes, state in zip(panels, states, strict=True):
                _panel(axes, plotted[plotted["state"] == state], state)
            # The same square for all panels, so that distances can be compared.
            highest, lowest = plotted[["x", "y"]].max(), plotted[["x", "y"]].min()
            middle, half = (highest + lowest) / 2, 0.54 * (highest - lowest).max()
            panels[0].set(xlim=(middle["x"] - half, middle["x"] + half), ylim=(middle["y"] - half, middle["y"] + half))
            labelled = plotted.loc[plotted["domain"] == "target", "label"].isin(CLASSES).any()
            drawing.remark(
                figure,
                f"Seed {self.seed}: {source} (training) and {target} (test), "
                "two principal components of L2-normalised embeddings"
                + (";\nthe colours of the target read its labels: evaluation only" if labelled else ""),
            )
            drawing.legend_below(figure, _key(plotted, source, target), columns=7 if across > 2 else 4)
        return figure

    def describe(self, plotted: pd.DataFrame, study: Study) -> str:
        """Return the figure in words."""
        sentences = ["Two principal components of L2-normalised embeddings."]
        for state, rows in plotted.groupby("state", sort=False):
            kept, same = rows["kept"].iloc[0], rows["agreement"].iloc[0]
            centres = rows.groupby("domain")[["x", "y"]].mean()
            apart = float(np.hypot(*(centres.loc["source"] - centres.loc["target"])))
            words = f"{_heading(str(state))}: the means of the two domains lie {apart:.2f} apart"
            words += f", {kept:.0f} % of the variance kept"
            if not math.isnan(same):
                words += (
                    f"; for {same:.0f} % of the target utterances the most similar source utterance has their emotion"
                )
            sentences.append(f"{words}.")
        return " ".join(sentences)


def project(state: State) -> tuple[Array, Array, float]:
    """Return source and target in two dimensions, (rows, 2), and the share of variance that these keep, 0..1.

    PCA of L2-normalised embeddings about the midpoint of the domains' means; both domains have the same weight.
    """
    domains = list(map(_unit, state))
    center = np.mean([rows.mean(axis=0) for rows in domains], axis=0)
    weighed = np.concatenate([(rows - center) / math.sqrt(len(rows)) for rows in domains])
    _, spread, axes = np.linalg.svd(weighed, full_matrices=False)
    variance = spread**2
    kept = float(variance[:2].sum() / variance.sum()) if variance.sum() > 0 else 0.0
    source, target = ((rows - center) @ axes[:2].T for rows in domains)
    return source, target, kept


def agreement(state: State, source_labels: Sequence[object], target_labels: Sequence[object]) -> float:
    """Return the share of labelled target utterances whose most similar source utterance has their emotion, 0..1.

    Evaluation only, in all dimensions; NaN without labels.
    """
    source, target = map(_unit, state)
    nearest = (target @ source.T).argmax(axis=1)
    found = np.asarray(source_labels, dtype=object)[nearest]
    pairs = [(mine, its) for mine, its in zip(target_labels, found, strict=True) if mine in CLASSES]
    return sum(mine == its for mine, its in pairs) / len(pairs) if pairs else math.nan


def projected(states: Mapping[str, State], source: pd.DataFrame, target: pd.DataFrame) -> pd.DataFrame:
    """Return one row per state, domain and utterance: label, x, y, kept and agreement (both of the state, percent).

    `states` begins with BEFORE, then methods. `source` and `target` are the rows of the manifests in the order of the
    state. Each state is rotated or mirrored, which changes no distance, to align its source utterances with BEFORE.
    """
    frames, first = [], None
    for name, state in states.items():
        *xy, kept = project(state)
        first = xy[0] if first is None else first
        left, _, right = np.linalg.svd(xy[0].T @ (first - first.mean(axis=0)))  # orthogonal Procrustes
        same = 100 * agreement(state, list(source["label"]), list(target["label"]))
        for domain, manifest, points in (("source", source, xy[0]), ("target", target, xy[1])):
            x, y = (points @ left @ right).T
            shown = manifest[["utterance", "label"]].assign(x=x, y=y, kept=100 * kept, agreement=same)
            shown.insert(0, "state", name)
            shown.insert(1, "domain", domain)
            frames.append(shown)
    return pd.concat(frames, ignore_index=True)


def _unit(rows: npt.NDArray[np.floating[Any]]) -> Array:
    wide = rows.astype(np.float64)
    length = np.linalg.norm(wide, axis=1, keepdims=True)
    return wide / np.where(length > 0, length, 1)


def _heading(state: str) -> str:
    return "before adaptation" if state == BEFORE else f"after {table.title(state)}"


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
        colors = list(map(palette.label, part["label"]))
        axes.scatter(part["x"], part["y"], c=colors, marker=MARKERS[domain], **look)
    axes.set_aspect("equal")
    axes.tick_params(left=False, bottom=False, labelleft=False, labelbottom=False)
    axes.spines[:].set_color(palette.PALE)


def _key(plotted: pd.DataFrame, source: str, target: str) -> dict[str, Any]:
    """Return the legend: colours are classes, markers domains."""
    names = [*CLASSES] if plotted["label"].isin(CLASSES).all() else [*CLASSES, "no label"]
    entries: dict[str, Any] = {
        name: Line2D([], [], linestyle="none", marker="s", color=palette.label(name), markersize=8) for name in names
    }
    for domain, corpus in (("source", source), ("target", target)):
        look: dict[str, Any] = {"linestyle": "none", "marker": MARKERS[domain], "color": palette.PALE}
        look |= {"markersize": 5} if domain == "source" else {"markersize": 8, "markeredgecolor": "black"}
        entries[f"{corpus} ({domain})"] = Line2D([], [], **look)
    return entries
