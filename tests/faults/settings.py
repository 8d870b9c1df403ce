"""The configuration: the paper's, with dotted keys replaced."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from nnpm.methods.table import METHODS
from nnpm.workflow.variants import merged
from tests.faults.case import OfConfig

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"
PAPER = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))


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


def settings_with(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The paper's configuration with the values of dotted keys replaced."""
    return merged(PAPER, overlay(changes))


DIAGNOSTICS = "figures.diagnostics.methods"
READINGS = "figures.sensitivity.readings"
X = {"memory": {"update": "retention_rate"}}
STUDY = {"targets": ["urdu"], "readings": {"x": X}}

WHOLE = ["urdu", "ekorpus", "shemo", "emodb"]
ALONE = {"targets": ["emodb"], "tables.table2": None, "figures.figure2": None}

FOLDER = {"model": "./models/wavlm"}
HUB = {"model": "facebook/hubert-base-ls960", "revision": "0" * 40, "layer": 9, "terms": "Apache 2.0"}
SPEECH = {"front_ends": {"wavlm": FOLDER, "hubert": HUB}, "features.front_end": "wavlm"}

NOT_PLAIN = ("$(touch pwned)", "a/b", "{x}", "<results>", "a;b", "a b", "-x", ".x", "")
NOT_ONE_LINE = ("a\nfigures: {}", "a\x85b", "a\u2028b", "\x1b[2J", "")

SETTINGS = [
    *(OfConfig(f"a study called {name!r}", {"name": name}, ("name: ",)) for name in NOT_PLAIN),
    *(OfConfig(f"a corpus called {name!r}", {"manifests": {name: "x.csv"}}, ("manifests",)) for name in NOT_PLAIN),
    *(  # it is written into a comment of a configuration
        OfConfig(f"a reading called {name!r}", {"figures.sensitivity": STUDY | {"readings": {name: X}}}, (READINGS,))
        for name in NOT_ONE_LINE
    ),
    OfConfig("an unknown key", {"adaptation.treshold": 0.5}, ("adaptation.treshold: unknown key", "threshold?")),
    OfConfig(
        "text for a number", {"adaptation.learning_rate": "fast"}, ("adaptation.learning_rate: 'fast'", "'number'")
    ),
    OfConfig("a number as YAML reads no number", {"adaptation.learning_rate": "1e-3"}),
    OfConfig("truth and nothing as text", {"tensorboard": "yes", "tables.table2": "null", "seeds": ["0", "1"]}),
    OfConfig("text for a truth value", {"tensorboard": "maybe"}, ("tensorboard: 'maybe'", "'boolean'")),
    OfConfig("a number for text", {"name": 5}, ("name: 5", "'string'", "put it in quotes")),
    OfConfig("a list for a section", {"adaptation": [1]}, ("adaptation: [1]", "'object'")),
    OfConfig("a number for a section", {"memory": 1}, ("memory: 1", "'object'")),
    OfConfig("nothing for a section", {"features": None}, ("features: None", "'object'")),
    OfConfig("a section for a number", {"adaptation.epochs": {"epochs": 5}}, ("adaptation.epochs", "'integer'")),
    OfConfig("a section for a list", {"seeds": {"a": 0}}, ("seeds", "'array'")),
    OfConfig("text for a list", {"targets": "urdu"}, ("targets: 'urdu'", "'array'")),
    OfConfig("yes for a number", {"threads": True}, ("threads: True", "'integer'")),
    OfConfig("not a number", {"adaptation.threshold": float("nan")}, ("adaptation.threshold: nan", "'number'")),
    OfConfig("a number out of range", {"adaptation.threshold": 2}, ("adaptation.threshold: 2", "maximum")),
    OfConfig("a third frozen block", {"adaptation.freeze": 3}, ("adaptation.freeze: 3", "0, 1, 2")),
    OfConfig("a whole number as a broken one", {"adaptation.epochs": 50.0}, ("adaptation.epochs: 50.0", "'integer'")),
    OfConfig("a choice as a broken number", {"adaptation.freeze": 2.0}, ("adaptation.freeze: 2.0",)),
    OfConfig("infinity", {"adaptation.learning_rate": float("inf")}, ("adaptation.learning_rate: inf", "'number'")),
    OfConfig("yes for a seed", {"seeds": [True]}, ("seeds.0: True", "'integer'")),
    OfConfig("no seeds", {"seeds": []}, ("seeds", "non-empty")),
    OfConfig("a key in the plural", {"sources": "iemocap"}, ("sources: unknown key", "source?")),
    OfConfig("an unknown source", {"source": "imocap"}, ("source: unknown corpus 'imocap'", "iemocap?")),
    OfConfig("an unknown method", {"tables.table1.methods": ["nnpn"]}, ("tables.table1.methods", "'nnpn'", "nnpm?")),
    OfConfig("a number for a method", {"tables.table2.methods": [2]}, ("tables.table2.methods.0: 2", "'string'")),
    OfConfig("diagnostics of no method", {"figures.diagnostics.methods": ["base"]}, (DIAGNOSTICS, "unknown", "base")),
    OfConfig("embeddings of a classifier", {"figures.diagnostics.methods": ["svm"]}, (DIAGNOSTICS, "no embeddings")),
    OfConfig("diagnostics of no seed", {"figures.diagnostics.seed": 9}, ("figures.diagnostics.seed: 9", "not among")),
    OfConfig(
        "a reference that is not compared",
        {"tables.comparison": {"methods": ["nnpm"], "reference": "snsa-f"}},
        ("tables.comparison.reference: 'snsa-f'", "not among its methods"),
    ),
    OfConfig("an adapter's name for a corpus", {"manifests": {"emodb": "a.csv"}}, ("manifests.emodb", "taken")),
    OfConfig("a table's name for a corpus", {"manifests": {"source": "a.csv"}}, ("manifests.source", "taken")),
    OfConfig("an unknown protocol", {"splits.protocol": "speaker"}, ("splits.protocol: 'speaker'", "speakers")),
    OfConfig("a test set of everything", {"splits.test_size": 1}, ("splits.test_size: 1",)),
    OfConfig("an unknown device", {"device": "gpu"}, ("device: 'gpu'", "cuda")),
    OfConfig("a seed twice", {"seeds": [0, 0]}, ("seeds", "non-unique")),
    OfConfig("a seed too large", {"seeds": [2**32]}, ("seeds.0", "maximum")),
    OfConfig("no targets", {"targets": []}, ("targets", "non-empty")),
    OfConfig("a target twice", {"targets": ["urdu", "urdu"]}, ("targets", "non-unique")),
    OfConfig("an unknown corpus", {"targets": ["urdoo"]}, ("targets: unknown corpus 'urdoo'", "urdu?")),
    OfConfig("the source as a target", {"targets": ["iemocap", "emodb"]}, ("targets: 'iemocap' is the source",)),
    OfConfig("the source as the only target", ALONE | {"source": "emodb"}, ("targets: 'emodb' is the source",)),
    OfConfig("a source named twice", {"source": ["iemocap", "iemocap"]}, ("source: 'iemocap' is named twice",)),
    OfConfig("a corpus twice in a pool", {"source": [["iemocap", "iemocap"]]}, ("'iemocap' is twice in the pool",)),
    OfConfig(
        "a pool named twice in another order",
        {"source": [["iemocap", "ravdess"], ["ravdess", "iemocap"]]},
        ("source: 'iemocap' + 'ravdess' is named twice",),
    ),
    OfConfig("an unknown corpus in a pool", {"source": [["iemocap", "ravdes"]]}, ("source: unknown", "ravdess?")),
    OfConfig("a misspelt word for all others", {"source": ["other"]}, ("source: unknown corpus", "others?")),
    OfConfig("others in a pool", {"source": [["iemocap", "others"]]}, ("source: 'others' cannot be pooled",)),
    OfConfig("others of one corpus", ALONE | {"source": "others"}, ("source: 'others' needs two corpora or more",)),
    OfConfig("a pool with every target in it", {"source": ["iemocap", WHOLE]}, ("has every target in it",)),
    OfConfig("a target without a source", {"source": [["iemocap", "urdu"], "urdu"]}, ("no source is left for 'urdu'",)),
    OfConfig("a pool of nothing", {"source": [[]]}, ("source",)),
    OfConfig("no source", {"source": []}, ("source",)),
    OfConfig("a number for a source", {"source": 5}, ("source: 5",)),
    OfConfig("a number in a pool", {"source": [["iemocap", 5]]}, ("5 is not of type 'string'",)),
    OfConfig("a corpus called others", {"manifests": {"others": "x.csv"}}, ("manifests.others: the name is taken",)),
    OfConfig("several sources", {"source": ["iemocap", ["ravdess", "cremad"], "emodb", "others"]}),
    OfConfig("one source in a list", {"source": ["iemocap"]}),
    OfConfig("all others", {"source": "others"}),
    OfConfig("all utterances scored", {"splits.protocol": "all"}),
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
    OfConfig(
        "an unknown front end",
        {"features.front_end": "wavml", "front_ends": {"wavlm": FOLDER}},
        ("features.front_end: unknown front end 'wavml'", "wavlm"),
    ),
    OfConfig("a front end called mels", {"front_ends": {"mels": FOLDER}}, ("front_ends.mels: the name is taken",)),
    OfConfig("a front end with a slash", {"front_ends": {"a/b": FOLDER}}, ("front_ends",)),
    OfConfig(
        "a model of the hub without a commit",
        {"front_ends": {"wavlm": {"model": "microsoft/wavlm-base"}}},
        ("front_ends.wavlm.revision: '' is no commit", "huggingface.co/microsoft/wavlm-base"),
    ),
    OfConfig(
        "a branch for a commit",
        {"front_ends": {"wavlm": {"model": "microsoft/wavlm-base", "revision": "main"}}},
        ("front_ends.wavlm.revision: 'main' is no commit",),
    ),
    OfConfig(
        "a model that is no name and no folder",
        {"front_ends": {"wavlm": {"model": "wavlm"}}},
        ("front_ends.wavlm.model: 'wavlm' is neither a folder",),
    ),
    OfConfig(
        "a layer that is a word",
        {"front_ends": {"wavlm": {**FOLDER, "layer": "best"}}},
        ("front_ends.wavlm.layer: 'best' is neither",),
    ),
    OfConfig("unknown functionals", {"functionals": "gemaps"}, ("functionals: 'gemaps'", "egemaps")),
    OfConfig(
        "a table of an unknown front end",
        {"tables.front_ends": {"methods": ["svm"], "variants": {"x": {"features": {"front_end": "hubert"}}}}},
        ("tables.front_ends.variants, 'x': features.front_end: unknown front end 'hubert'",),
    ),
    OfConfig(
        "a table of front ends without methods",
        {"tables.front_ends": {"methods": [], "variants": {"x": {"functionals": "own"}}}},
        ("tables.front_ends.methods",),
    ),
    OfConfig("mels of impossible settings that nothing reads", {**SPEECH, "features.n_mels": 1000}),
    OfConfig("a model in a folder, and one of the hub", {**SPEECH, "features.padding": "masked"}),
    OfConfig("whole numbers for broken ones", {"adaptation.weight_decay": 0, "features.duration": 7}),
    OfConfig("a note with umlauts and two lines", {"note": "Für später,\nsagt sie."}),
    OfConfig("a name with dots and dashes", {"name": "Study-1.5_b"}),
    OfConfig("every method", {"tables.table1.methods": list(METHODS)}),
    OfConfig("the fewest frames that leave the backbone one step", {"features.duration": 0.16}),
    OfConfig(
        "an own corpus and no table of the paper's",
        {"manifests": {"mine": "mine.csv"}, "targets": ["mine"], "tables.table2": None, "tables.table3": None}
        | {"figures.figure2": None},
    ),
    OfConfig("nothing but one table", {"tables.table2": None, "tables.table3": None, "figures.figure2": None}),
]
