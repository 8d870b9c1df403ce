"""The common look of all figures, and the files they are written to."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import matplotlib
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nnpm import CLASSES
from nnpm.files import read_json, read_text, replacing, write_json, write_text
from nnpm.reporting import palette
from nnpm.reporting.metrics import to_csv

FONT: Any = {"font.size": 9.5, "axes.titlesize": 10, "legend.fontsize": 9.5, "axes.labelsize": 9.5}
WIDTH = 10.0  # inches: text of 9.5 points is as large as the report's small print
CHANCE = 100 / len(CLASSES)


@dataclass(frozen=True)
class Words:
    """The texts of a figure: file name, title, description for those who cannot see it, caption, target if any."""

    name: str
    title: str
    description: str
    caption: str = ""
    target: str = ""


@dataclass(frozen=True)
class Illustration:
    """A finished figure for the report: its texts, its SVG, and its numbers as CSV text."""

    words: Words
    svg: str
    numbers: str


def save(figure: Figure, path: Path | str, kind: str, title: str = "", words: str = "") -> None:
    """Write the figure as "png" (200 dpi) or "svg"; the same figure gives the same bytes.

    Title and description, for those who cannot see it, are written into the file.
    """
    told = {key: text for key, text in (("Title", title), ("Description", words)) if text}
    metadata = {**told, **({"Date": None} if kind == "svg" else {"Software": None})}
    # Text as outlines, so that the SVG looks the same without the font.
    with matplotlib.rc_context({"svg.hashsalt": "nnpm", "svg.fonttype": "path"}):
        figure.savefig(path, format=kind, dpi=200, metadata=metadata)


def publish(
    figure: Figure, plotted: pd.DataFrame, words: Words, files: Any, more: Mapping[str, Any] | None = None
) -> None:
    """Write a figure to `files.png` and `files.svg`, its numbers to `files.csv` and its words to `files.json`.

    Numbers have six significant digits; `more` is added to the JSON.
    """
    for path, kind in ((files.png, "png"), (files.svg, "svg")):
        with replacing(path) as temporary:
            save(figure, temporary, kind, words.title, words.description)
    write_text(files.csv, to_csv(plotted))
    write_json(files.json, asdict(words) | dict(more or {}))


def load(svg: Path | str, words: Path | str, numbers: Path | str) -> Illustration:
    """Read what `publish` wrote. Raises InputError if the words are damaged."""
    names = Words.__dataclass_fields__
    told = read_json(words, **dict.fromkeys(names, str))
    return Illustration(Words(**{name: told[name] for name in names}), read_text(svg), read_text(numbers))


def panels(figure: Figure, count: int, across: int, **options: Any) -> list[Axes]:
    """Return the axes of `count` panels, at most `across` per row."""
    down = -(-count // across)
    axes: list[Axes] = list(figure.subplots(down, across, squeeze=False, **options).flat)
    for empty in axes[count:]:
        empty.remove()
    return axes[:count]


def side_by_side(names: Sequence[str], count: int) -> tuple[Figure, list[Axes]]:
    """Return a figure of `count` panels side by side that share rows with these names, the first one on top."""
    figure = Figure(figsize=(WIDTH, 1.3 + 0.27 * max(4, len(names))), layout="constrained")
    found: list[Axes] = list(figure.subplots(1, count, sharex=True, sharey=True, squeeze=False)[0])
    for axes in found:
        plain(axes, grid="x")
        axes.spines["left"].set_visible(False)
        axes.tick_params(left=False)
    found[0].set_yticks(range(len(names)), names)
    found[0].set_ylim(len(names) - 0.4, -0.6)
    return figure, found


def remark(figure: Figure, text: str) -> None:
    """Write a remark that holds for all panels above them."""
    figure.suptitle(text, fontsize=10, color=palette.GREY)


def chance(axes: Axes, along: Literal["x", "y"], value: float = CHANCE, label: str = "", width: float = 1) -> None:
    """Draw a dotted line at chance level; scores are on the axis `along`."""
    line = axes.axvline if along == "x" else axes.axhline
    line(value, color=palette.GREY, linestyle=(0, (1, 3)), linewidth=width, zorder=1, label=label)


def plain(axes: Axes, grid: Literal["x", "y"] = "y") -> None:
    """Reduce the axes to a light grid along one axis, without a box."""
    axes.grid(axis=grid, color=palette.GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def say(axes: Axes, text: str) -> None:
    """Write into an empty panel why it is empty."""
    axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes, color=palette.GREY, wrap=True)


def legend_entries(*panels: Axes) -> dict[str, Artist]:
    """Return label to artist for some panels, each label once."""
    entries: dict[str, Artist] = {}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    return entries


def legend_beside(axes: Axes, entries: dict[str, Artist], *, upwards: bool = False) -> None:
    """Put a legend to the right of a row's last panel; `upwards` for stacks that start at the bottom."""
    if entries:
        axes.legend(
            list(entries.values()),
            list(entries),
            loc="center left",
            bbox_to_anchor=(1.02, 0.5),
            frameon=False,
            handlelength=3.2,
            borderaxespad=0,
            reverse=upwards,
        )


def legend_below(figure: Figure, entries: dict[str, Artist], columns: int) -> None:
    """Put one legend for all panels below them."""
    if entries:
        figure.legend(list(entries.values()), list(entries), loc="outside lower center", ncols=columns, frameon=False)
