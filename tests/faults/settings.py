"""The configuration: the paper's, with dotted keys replaced."""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.faults.case import OfConfig

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"
PAPER = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))


def settings_with(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The paper's configuration with the values of dotted keys replaced."""
    content = copy.deepcopy(PAPER)
    for key, value in changes.items():
        *way, last = key.split(".")
        place = content
        for part in way:
            place = place[part]
        place[last] = value
    return content


def overlay(changes: Mapping[str, Any]) -> dict[str, Any]:
    """What lies over a configuration to replace the values of dotted keys."""
    content: dict[str, Any] = {}
    for key, value in changes.items():
        *way, last = key.split(".")
        place = content
        for part in way:
            place = place.setdefault(part, {})
        place[last] = value
    return content


READINGS = "figures.sensitivity.readings"
STUDY = {"targets": ["urdu"], "readings": {"x": {"memory": {"update": "retention_rate"}}}}

SETTINGS = [
    OfConfig("an unknown key", {"adaptation.treshold": 0.5}, ("adaptation.treshold: unknown key", "threshold?")),
    OfConfig("text for a number", {"adaptation.learning_rate": "1e-3"}, ("adaptation.learning_rate", "write 0.001")),
    OfConfig("a number for text", {"name": 5}, ("name: 5", "'string'")),
    OfConfig("a list for a section", {"adaptation": [1]}, ("adaptation: [1]", "'object'")),
    OfConfig("a number for a section", {"memory": 1}, ("memory: 1", "'object'")),
    OfConfig("nothing for a section", {"features": None}, ("features: None", "'object'")),
    OfConfig("a section for a number", {"adaptation.epochs": {"epochs": 5}}, ("adaptation.epochs", "'integer'")),
    OfConfig("a section for a list", {"seeds": {"a": 0}}, ("seeds", "'array'")),
    OfConfig("text for a list", {"targets": "urdu"}, ("targets: 'urdu'", "'array'")),
    OfConfig("yes for a number", {"threads": True}, ("threads: True", "'integer'")),
    OfConfig("not a number", {"adaptation.threshold": float("nan")}, ("adaptation.threshold: nan", "'number'")),
    OfConfig("a seed twice", {"seeds": [0, 0]}, ("seeds", "non-unique")),
    OfConfig("a seed too large", {"seeds": [2**32]}, ("seeds.0", "maximum")),
    OfConfig("no targets", {"targets": []}, ("targets", "non-empty")),
    OfConfig("a target twice", {"targets": ["urdu", "urdu"]}, ("targets", "non-unique")),
    OfConfig("an unknown corpus", {"targets": ["urdoo"]}, ("targets: unknown corpus 'urdoo'", "urdu?")),
    OfConfig("the source as a target", {"targets": ["iemocap", "emodb"]}, ("targets: 'iemocap' is the source",)),
    OfConfig("a table of no target", {"targets": ["urdu"]}, ("tables.table2.target", "set tables.table2 to null")),
    OfConfig("a name that leaves results/", {"name": "../elsewhere"}, ("name: '../elsewhere'",)),
    OfConfig("a name of two lines", {"name": "toy\n"}, ("name: 'toy\\n'",)),
    OfConfig("a name of 300 letters", {"name": "x" * 300}, ("name: 'xxx", "too long")),
    OfConfig("a corpus with a line end", {"manifests": {"mine\n": "a.csv"}}, ("'mine\\n'",)),
    OfConfig("a key that is no text", {"manifests": {5: "a.csv"}}, ("5 is not of type 'string'",)),
    OfConfig(
        "a rule's name for a corpus", {"manifests": {"report": "a.csv"}}, ("manifests.report: the name is taken",)
    ),
    OfConfig(
        "a list with all that it may need",
        {
            "manifests": {
                "mine": {
                    "path": "a",
                    "format": "emobox",
                    "root": "b",
                    "fold": 2,
                    "language": "Estonian",
                    "natural": True,
                }
                | {"columns": {"label": "x", "speaker": None}, "labels": {0: "angry", "x": None}, "speakers": "(a)"}
            }
        },
    ),
    OfConfig("a list without a path", {"manifests.mine": {"root": "a"}}, ("manifests.mine: 'path' is a required",)),
    OfConfig(
        "an unknown key of a list", {"manifests.mine": {"path": "a", "roots": "b"}}, ("mine.roots: unknown key; did",)
    ),
    OfConfig(
        "an unknown format of a list",
        {"manifests.mine": {"path": "a", "format": "emobx"}},
        ("manifests.mine.format: unknown format 'emobx'; did you mean emobox?",),
    ),
    OfConfig(
        "an unknown class for a word",
        {"manifests.mine": {"path": "a", "labels": {"x": "cross"}}},
        ("manifests.mine.labels.x: 'cross' is not one of ['angry'",),
    ),
    OfConfig(
        "an unknown column of ours",
        {"manifests.mine": {"path": "a", "columns": {"lable": "x"}}},
        ("manifests.mine.columns: unknown column 'lable'; did you mean label?",),
    ),
    OfConfig(
        "a pattern that is none",
        {"manifests.mine": {"path": "a", "speakers": "("}},
        ("manifests.mine.speakers: not a regular expression",),
    ),
    OfConfig(
        "a pattern without a group",
        {"manifests.mine": {"path": "a", "speakers": "a"}},
        ("manifests.mine.speakers: 0 groups in 'a'; put",),
    ),
    OfConfig("a window longer than the FFT", {"features.win_length": 513}, ("features.win_length: 513", "n_fft")),
    OfConfig("utterances of a blink", {"features.duration": 0.1}, ("features.duration: 11 frames", "17")),
    OfConfig("utterances of a year", {"features.duration": 3e7}, ("features.duration", "3600")),
    OfConfig("a thousand bands", {"features.n_mels": 1000}, ("features.n_mels: 1000 bands", "257")),
    OfConfig("a rate of 10**30 Hz", {"features.sample_rate": 10**30}, ("features.sample_rate", "768000")),
    OfConfig("an FFT of 10**12 samples", {"features.n_fft": 10**12}, ("features.n_fft", "1000000")),
    OfConfig("a million hidden units", {"backbone.hidden": 10**6}, ("backbone.hidden", "maximum")),
    OfConfig(
        "a reading of an unknown key",
        {"figures.sensitivity": STUDY | {"readings": {"x": {"memory": {"a": 1}}}}},
        ("figures.sensitivity.readings, 'x': memory.a: unknown key", "update"),
    ),
    OfConfig("a reading that is a number", {"figures.sensitivity": STUDY | {"readings": {"x": 5}}}, (READINGS, "5")),
    OfConfig(
        "a reading with a section for a number",
        {"figures.sensitivity": STUDY | {"readings": {"x": {"objective": {"negative_label": {"a": 1}}}}}},
        (READINGS, "objective.negative_label"),
    ),
    OfConfig(
        "a reading with a key that is no text",
        {"figures.sensitivity": STUDY | {"readings": {"x": {"adaptation": {5: 1}}}}},
        (READINGS, "adaptation.5: unknown key"),
    ),
    OfConfig("readings of what the paper leaves open", {"figures.sensitivity": STUDY}),
    OfConfig("whole numbers for broken ones", {"adaptation.weight_decay": 0, "features.duration": 7}),
    OfConfig("a note with umlauts and two lines", {"note": "Für später,\nsagt sie."}),
    OfConfig("a name with dots and dashes", {"name": "Study-1.5_b"}),
    OfConfig("nothing but one table", {"tables.table2": None, "tables.table3": None, "figures.figure2": None}),
]
