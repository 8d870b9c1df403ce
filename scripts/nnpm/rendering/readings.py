"""Where this study reads the paper, which leaves things open, and with which value."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from nnpm.errors import InputError

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
        "this share of the negatives, the most similar ones, at least one; equals of the last one count as well",
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
        "convolution filters, LSTM units a direction, attention width",
        ("backbone.filters", "backbone.hidden", "backbone.attention"),
    ),
    (
        "Features of positives and of memory writes",
        "not stated",
        "those of the training pass, with this dropout; the memory starts from features without it",
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
        "Which epoch counts",
        "not stated",
        "the pretrained backbone's; of adaptation always the last, chosen without target labels",
        ("pretraining.checkpoint",),
    ),
)


class Reading(NamedTuple):
    """One choice: the topic, what the paper says, the choice in words, and the keys with their values."""

    topic: str
    paper: str
    meaning: str
    values: tuple[tuple[str, Any], ...]


def readings(settings: Mapping[str, Any]) -> list[Reading]:
    """Return every choice with its value in the resolved config; InputError if a key is not there."""
    return [
        Reading(topic, paper, meaning, tuple((key, _look_up(settings, key)) for key in keys))
        for topic, paper, meaning, keys in _READINGS
    ]


def _look_up(settings: Mapping[str, Any], key: str) -> Any:
    value: Any = settings
    for part in key.split("."):
        if not isinstance(value, Mapping) or part not in value:
            raise InputError(f"config: {key} is missing; the report needs the resolved config, defaults included")
        value = value[part]
    return value
