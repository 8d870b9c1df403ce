"""Unsupervised cross-lingual speech emotion recognition with pseudo-multilabels (NNPM).

Li, Yan & Wang, "Unsupervised Cross-Lingual Speech Emotion Recognition Using Pseudo Multilabel", ASRU 2021.

    from nnpm import Predictor
    Predictor.load("backbone.safetensors").predict(["a.wav", "b.flac"])
"""

import importlib

__version__ = "0.1.0"

#: The four emotion classes, in the order of every probability vector, confusion matrix and table.
CLASSES = ("angry", "happy", "sad", "neutral")


def __getattr__(name: str) -> object:
    """`Predictor`, imported when it is asked for: planning a study must not load PyTorch."""
    if name == "Predictor":  # by a name in text, so that not every script of the workflow rests on the module
        return importlib.import_module("nnpm.prediction.predictor").Predictor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
