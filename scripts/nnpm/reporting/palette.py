"""One colour and one line style or marker for each method, class and domain, the same in every figure.

The hues are Okabe & Ito's ("Color Universal Design", 2008), distinct with any colour vision. There are more methods
than these eight hues: a family of methods shares a hue, and its members differ in shade, line style and marker.
Classes have hues of their own among the same eight: no panel shows methods and classes by colour at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nnpm.methods import table

BLACK, ORANGE, SKY, GREEN = table.BLACK, "#E69F00", table.SKY, table.GREEN
YELLOW, BLUE, VERMILLION, PURPLE = "#F0E442", table.BLUE, table.VERMILLION, table.PURPLE
OKABE_ITO = (BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILLION, PURPLE)
GREY = "#595959"  # text and lines beside the data: contrast 7 to 1 on white
PALE = "#cfcfcf"  # for what is behind the data
GRID = "#e3e3e3"

#: Values from 0 to 1: one hue and steadily darker, so it reads the same in grey.
SEQUENTIAL = "Blues"

#: Matplotlib's words for the line styles.
_LINES: Mapping[str, Any] = {
    "solid": "-",
    "dashed": (0, (5, 1.8)),
    "dotted": (0, (1.2, 1.3)),
    "dash-dot": (0, (5, 1.5, 1.2, 1.5)),
}


@dataclass(frozen=True)
class Style:
    """The look of one method, class or domain in all figures; `line` and `marker` as matplotlib takes them."""

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

CLASS_STYLES: Mapping[str, Style] = {
    "angry": Style(VERMILLION, _LINES["solid"], "o"),
    "happy": Style(ORANGE, _LINES["dashed"], "^"),
    "sad": Style(BLUE, _LINES["dotted"], "v"),
    "neutral": Style(SKY, _LINES["dash-dot"], "s"),
}
UNLABELLED = Style("#8c8c8c", _LINES["solid"], "o")

#: The marker tells the domain, the colour the class.
DOMAINS: Mapping[str, Style] = {
    "source": Style(PALE, _LINES["solid"], "o"),
    "target": Style(BLACK, _LINES["solid"], "^"),
}

#: A method that is not declared.
UNKNOWN = Style(GREY, (0, (3, 1.2, 1.2, 1.2, 1.2, 1.2)), "x")


def method(name: str) -> Style:
    """The style of a method; undeclared methods share one."""
    return METHODS.get(name, UNKNOWN)


def label(name: object) -> Style:
    """The style of a class; that of UNLABELLED for anything else, such as a missing label."""
    return CLASS_STYLES.get(name, UNLABELLED) if isinstance(name, str) else UNLABELLED
