"""Unsupervised cross-lingual speech emotion recognition with pseudo-multilabels (NNPM).

Li, Yan & Wang, "Unsupervised Cross-Lingual Speech Emotion Recognition Using Pseudo Multilabel", ASRU 2021.
"""

__version__ = "0.1.0"

#: The four emotion classes, in the order of every probability vector, confusion matrix and table.
CLASSES = ("angry", "happy", "sad", "neutral")
