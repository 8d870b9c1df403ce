"""Small corpora in the forms that training and classifiers see: each class lights its own bands or functionals."""

import numpy as np
import pandas as pd
import torch

from nnpm import CLASSES
from nnpm.methods.described import Described
from nnpm.training.domain import Domain

MELS, FRAMES = 12, 40


def labelled(utterances: int) -> pd.DataFrame:
    """A manifest in which the classes take turns; six of ten utterances are for training, two for validation."""
    rows = np.arange(utterances)
    return pd.DataFrame(
        {
            "utterance": [f"u{row:03d}" for row in rows],
            "speaker": [f"{row % 5:02d}" for row in rows],
            "gender": ["f" if row % 2 else "m" for row in rows],
            "split": np.where(rows % 10 < 6, "train", np.where(rows % 10 < 8, "validation", "test")),
            "label": [CLASSES[row % 4] for row in rows],
        }
    )


def make_domain(utterances: int, shift: float, seed: int) -> Domain:
    random = np.random.default_rng(seed)
    mels = random.normal(size=(utterances, FRAMES, MELS)).astype(np.float32)
    for row in range(utterances):
        first = 3 * (row % 4)
        mels[row, :, first : first + 3] += 1.5 + shift
    return Domain(torch.from_numpy(mels), labelled(utterances))


def described(utterances: int, seed: int, shift: float = 0.0) -> Described:
    values = np.random.default_rng(seed).normal(size=(utterances, 8))
    values[np.arange(utterances), np.arange(utterances) % 4] += 3
    return Described.of(values + shift, labelled(utterances))
