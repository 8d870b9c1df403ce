"""A study beside the paper: whether it follows what the paper states, and how it reads what the paper leaves open."""

from collections.abc import Iterable, Mapping
from typing import Any

from nnpm.errors import InputError
from nnpm.reporting import paper

#: Topic, what the paper states, the config keys that hold it and their values there.
_STATED: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("Source corpus", "IEMOCAP", {"source": paper.SOURCE}),
    ("Target corpora", "Urdu, Ekropus, ShEMO, EMO-DB", {"targets": tuple(paper.PRINTED_CORPUS_TITLES)}),
    (
        "Split of the targets",
        "67 % training, 33 % test, drawn from utterances; one fixed test speaker of EMO-DB",
        {"splits.protocol": "paper", "splits.test_size": paper.TEST_SHARE_PERCENT / 100},
    ),
    ("Sampling rate", "16,000 Hz", {"features.sample_rate": 16000}),
    ("Duration", "7.5 s, by padding zeros or cropping", {"features.duration": 7.5}),
    ("Window", "Hanning, length 400", {"features.window": "hann", "features.win_length": 400}),
    ("Fourier transform", "length 512, hop 160", {"features.n_fft": 512, "features.hop_length": 160}),
    ("Dropout", "0.5 after every BLSTM layer", {"backbone.dropout": 0.5}),
    ("Epochs", "50", {"pretraining.epochs": 50, "adaptation.epochs": 50}),
    ("Batch size in adaptation", "32", {"adaptation.batch_size": 32}),
    ("Similarity threshold", "0.9", {"adaptation.threshold": 0.9}),
    ("Memory updating rate", "from 0 linearly to 0.4", {"memory.final_rate": 0.4}),
    ("Frozen convolution blocks", "the first two", {"adaptation.freeze": 2}),
)

#: Topic, what the paper says, how it is read here, the config keys that hold the choice.
_READINGS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    (
        "Memory update, eq. (3)",
        'alpha is the rate "how fast" features are written; formula not in the text',
        "write_rate: the new slot is (1 - alpha) old + alpha new; retention_rate: the other way round",
        ("memory.update",),
    ),
    (
        "Label of negatives, eq. (6)",
        "not stated",
        "the score that a negative is pulled to: -1 or 0",
        ("objective.negative_label",),
    ),
    (
        "Weight of positives, eq. (8)",
        "not stated",
        "the mean over positives counts this many times the mean over hard negatives",
        ("objective.positive_weight",),
    ),
    (
        "Hard negatives, eq. (7)",
        "a ratio; its value is not in the text",
        "this share of the negatives, the most similar ones, at least one; ties with the last one count as well",
        ("objective.hard_negative_ratio",),
    ),
    (
        "Learning rate, weight decay",
        "Adam; both values are not in the text",
        "pretraining, then adaptation",
        (
            "pretraining.learning_rate",
            "pretraining.weight_decay",
            "adaptation.learning_rate",
            "adaptation.weight_decay",
        ),
    ),
    (
        "Mel bands and their scale",
        "Mel-scale; number of bands, floor and normalisation not stated",
        "bands, normalisation, decibels below the loudest value that are kept",
        ("features.n_mels", "features.normalisation", "features.dynamic_range"),
    ),
    (
        "Size of the backbone",
        "as in earlier work, 0.46 million parameters",
        "convolution filters, LSTM units per direction, attention width",
        ("backbone.filters", "backbone.hidden", "backbone.attention"),
    ),
    (
        "Embeddings for positives and memory writes",
        "not stated",
        "those of the training pass, with this dropout; the memory starts from embeddings without it",
        ("backbone.dropout",),
    ),
    (
        "An epoch of adaptation",
        "not stated",
        "one pass over this domain's training utterances; the other's are drawn beside it",
        ("adaptation.epoch",),
    ),
    (
        "Class weights in pretraining",
        "not stated",
        "none, or by class size",
        ("pretraining.class_weights",),
    ),
    (
        "Repetitions",
        "one value each, no spread",
        "one run per seed; tables show their mean, spread and interval",
        ("seeds",),
    ),
    (
        "Which epoch counts",
        "not stated",
        "the pretrained backbone's; of adaptation always the last, chosen without target labels",
        ("pretraining.checkpoint",),
    ),
)


def stated(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every setting that the paper states, beside the resolved config; InputError if a key is not there.

    Each has topic, paper (its words), values (pairs of key and value here) and followed (whether these are its own).
    """
    return [
        {
            "topic": topic,
            "paper": words,
            "values": _values(settings, values),
            "followed": all(_plain(_look_up(settings, key)) == _plain(value) for key, value in values.items()),
        }
        for topic, words, values in _STATED
    ]


def readings(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every choice that the paper leaves open, beside the resolved config; InputError if a key is not there.

    Each has topic, paper (what it says), meaning (the choice in words) and values (pairs of key and value).
    """
    return [
        {"topic": topic, "paper": words, "meaning": meaning, "values": _values(settings, keys)}
        for topic, words, meaning, keys in _READINGS
    ]


def _values(settings: Mapping[str, Any], keys: Iterable[str]) -> list[tuple[str, str]]:
    """Return keys with their values as text."""
    values = {key: _look_up(settings, key) for key in keys}
    return [
        (key, ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))
        for key, value in values.items()
    ]


def _plain(value: Any) -> Any:
    """A value to compare by: the order of a list does not count, and a list of one is its item."""
    if not isinstance(value, list | tuple):
        return value
    return _plain(value[0]) if len(value) == 1 else sorted(map(str, value))


def _look_up(settings: Mapping[str, Any], key: str) -> Any:
    value: Any = settings
    for part in key.split("."):
        if not isinstance(value, Mapping) or part not in value:
            raise InputError(f"config: {key} is missing; the report needs the resolved config, defaults included")
        value = value[part]
    return value
