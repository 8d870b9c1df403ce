"""What all figures have in common: files whose bytes depend on the figure alone, and its description inside the SVG."""

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import matplotlib
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nnpm.errors import REMEDY, InputError
from nnpm.files import read_text, replacing, write_text
from nnpm.reporting import palette

FONT: Any = {"font.size": 9.5, "axes.titlesize": 10, "legend.fontsize": 9.5, "axes.labelsize": 9.5}
WIDTH = 10.0  # inches: text of 9.5 points is as large as the report's small print
_DC = "{http://purl.org/dc/elements/1.1/}"


@dataclass(frozen=True)
class Illustration:
    """A finished figure as the report shows it: title, the text of its SVG, what it shows in words, and a caption.

    `name` is its file's, such as "curves-urdu"; `numbers` are what it plots, the text of a CSV file.
    """

    title: str
    svg: str
    words: str
    caption: str = ""
    name: str = ""
    numbers: str = ""

    @property
    def target(self) -> str:
        """The target that it is about, "" for several."""
        return self.name.partition("-")[2]


def save(figure: Figure, path: Path | str, kind: str, title: str = "", words: str = "") -> None:
    """Write the figure as "png" (200 dpi) or "svg"; the same figure gives the same bytes.

    Title and words, for those who cannot see it, are written into the file.
    """
    told = {key: text for key, text in (("Title", title), ("Description", words)) if text}
    metadata = {**told, **({"Date": None} if kind == "svg" else {"Software": None})}
    # Text as outlines: the SVG then looks the same where the font is not installed.
    with matplotlib.rc_context({"svg.hashsalt": "nnpm", "svg.fonttype": "path"}):
        figure.savefig(path, format=kind, dpi=200, metadata=metadata)


def publish(figure: Figure, plotted: pd.DataFrame, title: str, words: str, files: Any) -> None:
    """Write a figure and its numbers to `files.png`, `files.svg` and `files.csv` (six significant digits)."""
    for path, kind in ((files.png, "png"), (files.svg, "svg")):
        with replacing(path) as temporary:
            save(figure, temporary, kind, title, words)
    write_text(files.csv, plotted.to_csv(index=False, float_format="%.6g", lineterminator="\n"))


def load(svg: Path | str, caption: str = "", numbers: Path | str | None = None) -> Illustration:
    """Read back what :func:`publish` wrote. Raises InputError if the file is no such figure."""
    text = read_text(svg)
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        root = ElementTree.Element("damaged")
    title, words = (next((node.text for node in root.iter(_DC + key)), None) for key in ("title", "description"))
    if not title or not words:
        raise InputError(f"{svg}: no figure with a title and a description: {REMEDY}")
    return Illustration(title, text, words, caption, Path(svg).stem, read_text(numbers) if numbers else "")


def plain(axes: Axes, grid: Literal["x", "y"] = "y") -> None:
    """Take away what says nothing: a light grid along one axis, no box."""
    axes.grid(axis=grid, color=palette.GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def say(axes: Axes, text: str) -> None:
    """Write into an empty panel why it is empty."""
    axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes, color=palette.GREY, wrap=True)


def legend_entries(*panels: Axes) -> dict[str, Artist]:
    """Label to artist, each label once, of some panels."""
    entries: dict[str, Artist] = {}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    return entries


def legend_beside(axes: Axes, entries: dict[str, Artist], *, upwards: bool = False) -> None:
    """Put a legend to the right of a row's last panel; `upwards` for what is stacked from below."""
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
