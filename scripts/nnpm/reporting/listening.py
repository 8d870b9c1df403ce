"""Utterances to be heard in the report: of toy corpora alone, since a report is passed on and recordings may not be."""

import base64
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any, NamedTuple

import pandas as pd
import soundfile

from nnpm import CLASSES, audio
from nnpm.reporting import palette, paper
from nnpm.reporting.tables import Study, main_runs
from nnpm.toy import synthetic


class Clip(NamedTuple):
    """One test utterance: what it is labelled, what was predicted, and its sound as an address that needs no file."""

    utterance: str
    speaker: str
    label: str
    predicted: str
    uri: str

    @property
    def right(self) -> bool:
        """Whether the prediction is the label."""
        return self.label == self.predicted


class Heard(NamedTuple):
    """What one run made of a corpus's utterances: the run in words, and some of its test utterances."""

    corpus: str
    run: str
    clips: list[Clip]


def of_study(
    manifests: Mapping[str, pd.DataFrame],
    predictions: pd.DataFrame,
    source_predictions: pd.DataFrame,
    study: Study,
    features: Mapping[str, Any],
) -> list[Heard]:
    """Return what can be heard of each corpus: nothing of a corpus that was recorded.

    ``predictions`` are those of :func:`nnpm.reporting.metrics.predictions_frame`, of which NNPM's with the first seed
    are shown, ``source_predictions`` those of the pretrained backbone; ``features`` is that part of the config.
    """
    runs = main_runs(predictions, study)
    found = []
    for corpus, manifest in manifests.items():
        if corpus == study.source:
            rows, title = source_predictions[source_predictions["split"] == "test"], "pretrained backbone"
        else:
            rows = runs[runs["target"] == corpus]
            methods = palette.ordered(rows["method"])
            method = "nnpm" if "nnpm" in methods else "".join(methods[-1:])
            rows, title = rows[rows["method"] == method], paper.method_title(method)
        rows = rows[rows["seed"] == rows["seed"].min()]
        if heard := clips(rows, manifest, features["sample_rate"], features["duration"]):
            found.append(Heard(corpus, f"{title}, seed {int(rows['seed'].min())}", heard))
    return found


def clips(predictions: pd.DataFrame, manifest: pd.DataFrame, sample_rate: int, seconds: float) -> list[Clip]:
    """Return a right and a wrong one of each class, the first in order; only synthetic ones (`nnpm.toy.synthetic`).

    ``predictions`` are one run's, of the test utterances; ``manifest`` names the files. They sound as the features have
    them: mono, `sample_rate` Hz, the first `seconds`.
    """
    paths = manifest.set_index("utterance")["path"]
    found = []
    for row in _examples(predictions):
        path = paths.get(row["utterance"])
        if path is not None and synthetic.is_synthetic(path):
            utterance, speaker, label, predicted = (str(row[name]) for name in Clip._fields[:4])
            found.append(Clip(utterance, speaker, label, predicted, _uri(path, sample_rate, seconds)))
    return found


def _examples(predictions: pd.DataFrame) -> Iterator[pd.Series]:
    """The first right and the first wrong utterance of each class."""
    ordered = predictions.sort_values("utterance")
    for label in CLASSES:
        of_class = ordered[ordered["label"] == label]
        right = of_class["predicted"] == label
        for rows in (of_class[right], of_class[~right]):
            if len(rows):
                yield rows.iloc[0]


def _uri(path: str, sample_rate: int, seconds: float) -> str:
    """The sound of a file as FLAC in a data URI."""
    encoded = BytesIO()
    soundfile.write(encoded, audio.read(path, sample_rate, seconds), sample_rate, subtype="PCM_16", format="FLAC")
    return "data:audio/flac;base64," + base64.b64encode(encoded.getvalue()).decode()
