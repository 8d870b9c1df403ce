"""One colour, line style and marker for each method, and one colour for each class, the same in every figure.

The hues are Okabe & Ito's ("Color Universal Design", 2008), distinct with any colour vision. There are more methods
than these eight hues: a family of methods shares a hue, and its members differ in shade, line style and marker.
Classes have hues of their own among the same eight: no panel shows methods and classes by colour at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nnpm.methods import table

BLACK = table.BLACK
VERMILLION = table.VERMILLION
GREY = "#595959"  # text and lines beside the data: contrast 7 to 1 on white
PALE = "#cfcfcf"  # for what is behind the data
GRID = "#e3e3e3"

#: Matplotlib's words for the line styles.
_LINES: Mapping[str, Any] = {
    "solid": "-",
    "dashed": (0, (5, 1.8)),
    "dotted": (0, (1.2, 1.3)),
    "dash-dot": (0, (5, 1.5, 1.2, 1.5)),
}


@dataclass(frozen=True)
class Style:
    """The look of one method in all figures; `line` and `marker` as matplotlib takes them."""

    color: str
    line: Any
    marker: str


METHODS: Mapping[str, Style] = {
    name: Style(entry.colour, _LINES[entry.line], entry.marker) for name, entry in table.METHODS.items()
}

#: Families of methods: the members share a hue.
FAMILIES: Mapping[str, tuple[str, ...]] = {
    family: tuple(name for name, entry in table.METHODS.items() if entry.family == family)
    for family in dict.fromkeys(entry.family for entry in table.METHODS.values())
}

CLASS_COLOURS: Mapping[str, str] = {
    "angry": VERMILLION,
    "happy": "#E69F00",
    "sad": table.BLUE,
    "neutral": table.SKY,
}
UNLABELLED = "#8c8c8c"

#: A method that is not declared.
UNKNOWN = Style(GREY, (0, (3, 1.2, 1.2, 1.2, 1.2, 1.2)), "x")


def method(name: str) -> Style:
    """The style of a method; undeclared methods share one."""
    return METHODS.get(name, UNKNOWN)


def label(name: object) -> str:
    """The colour of a class; UNLABELLED for anything else, such as a missing label."""
    return CLASS_COLOURS.get(name, UNLABELLED) if isinstance(name, str) else UNLABELLED
