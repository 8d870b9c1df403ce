"""The figure of the cross-corpus matrix: one panel per method, rows sources, columns targets, colour by UA."""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from nnpm.methods import table
from nnpm.reporting import drawing, palette
from nnpm.reporting.matrix import pairs
from nnpm.reporting.study import Study

#: Figures with few targets are no wider, so that a phone shows them legibly; inches.
NARROW = 6.5
_LEAST = 4.5  # inches
MANY = 12  # targets: beyond, cells are smaller and hold whole percents
ABSENT = "–"
_COLOURS = matplotlib.colormaps["Blues"].with_extremes(bad="#e9e9e9")
_TITLE = 16  # characters per line of a source's title
_LONGEST = 22  # characters of a target's title
_LOWEST_TOP = 50  # the colour scale reaches at least as far, percent
_LUMINANCE = 0.179  # relative luminance at which black and white text have the same contrast


@dataclass(frozen=True)
class _Layout:
    """Row and column titles, and sizes: `cell` (width, height) and `left`, for the row titles, in inches."""

    rows: Sequence[str]
    columns: Sequence[str]

    @property
    def many(self) -> bool:
        return len(self.columns) > MANY

    @property
    def small(self) -> float:
        """Size of row and column titles, in points."""
        return 8.5 if self.many else 9.5

    @property
    def cell(self) -> tuple[float, float]:
        lines = max(title.count("\n") + 1 for title in self.rows)
        least = 0.27 if self.many else 0.36
        return 0.33 if self.many else 0.475, max(least, 0.08 + self.small / 60 * lines)

    @property
    def panel(self) -> float:
        """Width of a panel's cells, in inches: at least that of a method's title."""
        return max(1.6, len(self.columns) * self.cell[0])

    @property
    def left(self) -> float:
        return 0.45 + self.small / 125 * max(len(line) for title in self.rows for line in title.split("\n"))

    @property
    def height(self) -> float:
        """Height of a panel with its title and slanted column titles, in inches."""
        below = 0.2 + self.small / 125 * 0.7 * max(map(len, self.columns))
        return 0.4 + len(self.rows) * self.cell[1] + below


def draw(plotted: pd.DataFrame, study: Study) -> Figure:
    """Return the figure of the frame from `pairs.numbers`.

    All panels have one colour scale, from chance or lower. Cells within one corpus are framed and italic; pairs
    without a score are grey with a dash.
    """
    methods, sources, targets = (list(dict.fromkeys(plotted[name])) for name in ("method", "source", "target"))
    with matplotlib.rc_context(drawing.FONT):
        if plotted.empty:
            figure = Figure(figsize=(NARROW, 1.0))
            figure.text(0.5, 0.5, "no runs", ha="center", color=palette.GREY)
            return figure
        short = pairs.titles(sources, study)
        layout = _Layout(
            [textwrap.fill(short[source], _TITLE) for source in sources],
            [_shortened(study.title(target)) for target in targets],
        )
        across = max(1, min(len(methods), int((NARROW - layout.left) / layout.panel)))
        down = math.ceil(len(methods) / across)
        width = max(_LEAST, layout.left + 0.1 + across * layout.panel)
        figure = Figure(figsize=(width, 1.45 + down * layout.height), layout="constrained")
        scale = _scale(plotted["ua"])
        axes = drawing.panels(figure, len(methods), across)
        for index, (method, panel) in enumerate(zip(methods, axes, strict=True)):
            _panel(panel, plotted[plotted["method"] == method], layout, scale, left=index % across == 0)
            panel.set_title(textwrap.fill(table.title(method), int(13 * layout.panel)), fontsize=10, parse_math=False)
            panel.set_xlabel("target" if index + across >= len(methods) else "")
        _colour_bar(figure, axes, scale)
        lines = ["UA (%) on the target's test utterances. One row per source."]
        lines += ["Framed: within one corpus."] if (plotted["kind"] == pairs.WITHIN).any() else []
        drawing.remark(figure, "\n".join(textwrap.fill(line, int(12.5 * width)) for line in lines))
    return figure


def _shortened(title: str) -> str:
    return title if len(title) <= _LONGEST else f"{title[: _LONGEST - 1].rstrip()}…"


def _scale(ua: "pd.Series[float]") -> Normalize:
    """Return the common colour scale: from chance, or lower, to the next ten above all scores."""
    lowest, highest = np.nanmin([drawing.CHANCE, *ua]), np.nanmax([_LOWEST_TOP, *ua])
    return Normalize(5 * math.floor(lowest / 5), 10 * math.ceil(highest / 10))


def _panel(axes: Axes, rows: pd.DataFrame, layout: _Layout, scale: Normalize, *, left: bool) -> None:
    """Draw one method's matrix."""
    size = len(layout.rows), len(layout.columns)
    ua, kind = (rows[name].to_numpy().reshape(size) for name in ("ua", "kind"))
    edges = [np.arange(count + 1) - 0.5 for count in reversed(size)]
    axes.pcolormesh(*edges, np.ma.masked_invalid(ua), cmap=_COLOURS, norm=scale, edgecolors="white", linewidth=1)
    for (row, column), value in np.ndenumerate(ua):
        within = kind[row, column] == pairs.WITHIN
        colour = "black" if math.isnan(value) else _ink(_COLOURS(scale(value)))
        text = ABSENT if math.isnan(value) else f"{value:.{0 if layout.many else 1}f}"
        style = "italic" if within else "normal"
        shown = axes.text(
            *(column, row, text),
            ha="center",
            va="center",
            color=colour,
            fontsize=8.5 if layout.many else 10,
            style=style,
        )
        shown.set_in_layout(False)  # it lies inside the panel: measuring hundreds of them takes seconds
        if within:
            frame = Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, linewidth=1.8, clip_on=False, zorder=3)
            axes.add_patch(frame)
    axes.set_xticks(range(size[1]), layout.columns, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(size[0]), layout.rows if left else [])
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_parse_math(False)  # a title is a user's text, not a formula
    axes.tick_params(length=0, labelsize=layout.small)
    axes.set_ylabel("source" if left else "")
    axes.set_ylim(size[0] - 0.5, -0.5)
    axes.spines[:].set_visible(False)


def _colour_bar(figure: Figure, axes: Sequence[Axes], scale: Normalize) -> None:
    """Put the colour scale below all panels, with chance marked."""
    look: Any = {"location": "bottom", "aspect": 32, "shrink": 0.8, "pad": 0.1 / figure.get_figheight()}
    bar = figure.colorbar(ScalarMappable(scale, _COLOURS), ax=axes, label="UA (%)", **look)
    chance = drawing.CHANCE
    first, last = bar.ax.get_xlim()
    tens = [ten for ten in range(0, 101, 10) if first <= ten <= last and abs(ten - chance) > 5]
    bar.set_ticks([chance, *tens], labels=[f"{chance:.0f}\nchance", *map(str, tens)])
    bar.ax.axvline(chance, color="black", linewidth=1.5)
    bar.outline.set_visible(False)


def _ink(background: Any) -> str:
    """Return the colour of text with the higher contrast on a background (RGBA): at least 4.5 (WCAG 2)."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in background[:3])
    return "black" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > _LUMINANCE else "white"
