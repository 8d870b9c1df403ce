"""The configuration with values of another type, other keys, or without some."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from nnpm.features.settings import FeatureSettings
from nnpm.model.backbone import BackboneSettings, steps_after
from nnpm.workflow import config, sensitivity
from tests.fuzz.engine import Parser, refused_or_right

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"


def load(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / "config" / name).read_text(encoding="utf-8"))
    return content


PAPER = load("config.yaml")
SENSITIVITY = sensitivity.merged(PAPER, load("sensitivity.yaml"))


def places(content: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every key and item."""
    pairs = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, value in pairs:
        yield (*way, key)
        yield from places(value, (*way, key))


SCALARS = st.one_of(
    st.sampled_from(
        [None, True, False, "", "1e-3", "nnpm", "iemocap", "null", "a\nb", "toy\n", "../x", "x" * 400, "٣"]
    ),
    st.sampled_from([-1, 0, 1, 2, 2**31, 2**63, 10**30, 0.0, -0.0, 1.0, float("nan"), float("inf"), 1e-320, 1e308]),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(st.text(max_size=6), st.integers(), st.none()), inner, max_size=3),
    ),
    max_leaves=4,
)


@st.composite
def configurations(draw: st.DrawFn) -> Any:
    """A valid configuration after one to three changes."""
    content: Any = copy.deepcopy(draw(st.sampled_from([PAPER, SENSITIVITY])))
    for _ in range(draw(st.integers(1, 3))):
        ways = list(places(content))
        *way, last = draw(st.sampled_from(ways))
        place = content
        for key in way:
            place = place[key]
        kind = draw(st.sampled_from(["replace", "replace", "other", "delete", "add"]))
        if kind == "replace":
            place[last] = draw(VALUES)
        elif kind == "other":  # what stands elsewhere in the file
            value = content
            for key in draw(st.sampled_from(ways)):
                value = value[key]
            place[last] = copy.deepcopy(value)
        elif kind == "delete":
            del place[last]
        elif isinstance(place, dict):
            place[draw(st.one_of(st.text(max_size=6), st.integers(), st.none()))] = draw(VALUES)
        if not list(places(content)):
            break
    return content


def check(folder: Path, content: Any) -> None:
    with refused_or_right("config: "):
        config.check(content, SCHEMA)
        usable(content)


def usable(content: Any) -> None:
    """What a configuration that was found right is made into."""
    for reading in sensitivity.readings(content) or [sensitivity.Reading("", content, {})]:
        settings = FeatureSettings(**reading.settings["features"])
        assert steps_after(settings.frames) >= 1
        assert settings.frames * settings.n_mels < 1 << 30, "an utterance of more than 4 GiB"
        assert settings.n_fft < 1 << 24
        BackboneSettings(n_mels=settings.n_mels, **reading.settings["backbone"])
        assert "\n" not in reading.settings["name"] and len(reading.settings["name"]) < 256
        assert all(len(reading.name.encode()) < 256 and "\n" not in reading.name for reading in [reading])
        assert all("\n" not in name and len(name) < 200 for name in reading.settings["targets"])


PARSERS = [Parser("config", configurations(), check)]
