"""Colours that everyone can tell apart, and the same ones in every figure."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import yaml
from matplotlib.colors import to_rgb

from nnpm import CLASSES
from nnpm.methods import table
from nnpm.reporting import palette

ROOT = Path(__file__).parents[3]

#: Machado, Oliveira & Fernandes (2009), full severity: linear RGB as each colour vision sees it.
VISIONS = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def lab(color: str, vision: str) -> np.ndarray:
    """CIE L*a*b* of a colour as seen with a vision: a distance of 2.3 is just noticeable side by side."""
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(VISIONS[vision]) @ linear, 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ seen
    x, y, z = np.cbrt(np.maximum(xyz / [0.9505, 1.0, 1.089], 0.008856))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("group", ["families", "classes", "members"])
def test_colours_are_told_apart_with_any_colour_vision(vision: str, group: str) -> None:
    families = {name: [palette.METHODS[each] for each in members] for name, members in palette.FAMILIES.items()}
    of_reference = families.pop("not adapted")  # black all of them: a line style and a marker tell them apart
    assert {style.color for style in of_reference} == {palette.BLACK}
    groups = {
        "families": [[palette.BLACK, *(members[-1].color for members in families.values())]],
        "classes": [list(palette.CLASS_COLOURS.values())],
        "members": [[style.color for style in members] for members in families.values()],
    }
    for colors in groups[group]:
        for one, other in itertools.combinations(colors, 2):
            assert np.linalg.norm(lab(one, vision) - lab(other, vision)) > 10, (one, other)


def test_every_method_looks_like_no_other() -> None:
    looks = {(palette.method(name).color, str(palette.method(name).line)) for name in table.METHODS}
    assert len(looks) == len(table.METHODS)
    for members in palette.FAMILIES.values():
        assert len({palette.method(name).marker for name in members}) == len(members)
        assert len({str(palette.method(name).line) for name in members}) == len(members)
    assert palette.UNKNOWN.marker not in {style.marker for style in palette.METHODS.values()}


def test_every_class_has_a_colour_and_what_has_none_is_shown() -> None:
    assert tuple(palette.CLASS_COLOURS) == CLASSES
    assert palette.method("newcomer") == palette.UNKNOWN
    assert palette.label(float("nan")) == palette.UNLABELLED


def test_the_order_of_methods_is_that_of_the_studies_that_compare_all() -> None:
    ours = set(palette.FAMILIES["NNPM, ours"])  # shown in the open study alone
    for name, left_out in (("open", set()), ("comparison", ours)):
        overlay = yaml.safe_load((ROOT / "config" / f"{name}.yaml").read_text(encoding="utf-8"))
        compared = [method for method in table.METHODS if method not in left_out]
        assert overlay["tables"]["comparison"]["methods"] == compared
    assert [name for members in palette.FAMILIES.values() for name in members] == list(table.METHODS)
