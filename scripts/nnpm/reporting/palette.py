"""One colour and one line style or marker for each method, class and domain, the same in every figure.

The hues are Okabe & Ito's ("Color Universal Design", 2008), told apart with any colour vision. Eight hues cannot tell
thirteen methods apart: a family of methods shares a hue, and its members differ by its shade, line style and marker.
Classes have hues of their own among the same eight; no panel shows methods and classes by colour at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILLION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
OKABE_ITO = (BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILLION, PURPLE)
GREY = "#595959"  # words and lines beside the data: 7 to 1 on white
PALE = "#cfcfcf"  # what stands behind the data
GRID = "#e3e3e3"

#: Values from 0 to 1: one hue and steadily darker, so it reads the same in grey.
SEQUENTIAL = "Blues"

_SOLID: Any = "-"
_DASHED: Any = (0, (5, 1.8))
_DOTTED: Any = (0, (1.2, 1.3))
_DASH_DOT: Any = (0, (5, 1.5, 1.2, 1.5))


@dataclass(frozen=True)
class Style:
    """How one thing looks wherever it is drawn; `line` and `marker` are matplotlib's words for them."""

    color: str
    line: Any
    marker: str


#: Families of methods, in the order of paper.METHOD_TITLES: the members share a hue.
FAMILIES: Mapping[str, Mapping[str, Style]] = {
    "not adapted": {
        "snsa-f": Style(BLACK, _DASHED, "s"),
        "source-only": Style(BLACK, _DASH_DOT, "d"),
        "svm": Style(BLACK, _DOTTED, "X"),
        "second-view": Style(BLACK, _SOLID, "h"),
    },
    "the paper's": {
        "snsa-wo-sl": Style(SKY, _DASHED, "v"),
        "snsa-wo-hl": Style("#003E61", _DOTTED, "^"),
        "nnpm": Style(BLUE, _SOLID, "o"),
    },
    "anchors": {
        "entropy": Style("#8F3F6B", _DASHED, "P"),
        "pseudo-label": Style("#54193B", _DOTTED, "p"),
        "coral": Style(PURPLE, _SOLID, "D"),
    },
    "peers": {
        "dann": Style(GREEN, _SOLID, "o"),
        "al": Style("#00432F", _DASHED, "s"),
        "gan": Style("#007050", _DASH_DOT, "v"),
        "fluda": Style("#5FC7A6", _DOTTED, "^"),
    },
    "beyond the paper": {
        "nnpm-plus": Style(VERMILLION, _SOLID, "*"),
    },
}

METHODS: Mapping[str, Style] = {name: style for members in FAMILIES.values() for name, style in members.items()}

CLASS_STYLES: Mapping[str, Style] = {
    "angry": Style(VERMILLION, _SOLID, "o"),
    "happy": Style(ORANGE, _DASHED, "^"),
    "sad": Style(BLUE, _DOTTED, "v"),
    "neutral": Style(SKY, _DASH_DOT, "s"),
}
UNLABELLED = Style("#8c8c8c", _SOLID, "o")

#: The domain is told by the marker, the class by the colour.
DOMAINS: Mapping[str, Style] = {"source": Style(PALE, _SOLID, "o"), "target": Style(BLACK, _SOLID, "^")}

#: A method that nobody has given a style.
UNKNOWN = Style(GREY, (0, (3, 1.2, 1.2, 1.2, 1.2, 1.2)), "x")


def method(name: str) -> Style:
    """The style of a method; of all unknown ones the same."""
    return METHODS.get(name, UNKNOWN)


def label(name: object) -> Style:
    """The style of a class; of what is none (a missing label) that of UNLABELLED."""
    return CLASS_STYLES.get(name, UNLABELLED) if isinstance(name, str) else UNLABELLED


def ordered(methods: Iterable[str]) -> list[str]:
    """Methods in the order of the families, unknown ones last, each once."""
    given = dict.fromkeys(methods)
    return [name for name in METHODS if name in given] + sorted(name for name in given if name not in METHODS)
