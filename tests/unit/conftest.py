"""Small domains in the form that training sees: random mels in which each class lights its own bands; a file server."""

import os
from collections.abc import Iterator

# One thread per process, in child processes too: on tensors this small, threads wait for each other longer than they
# work. Read when PyTorch is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import pytest
import torch

from file_server import Server, running
from nnpm import CLASSES
from nnpm.corpora import downloads
from nnpm.model.backbone import BackboneSettings
from nnpm.training.domain import Domain
from small_study import SmallStudy, make

MELS, FRAMES = 12, 40


def make_domain(utterances: int, shift: float, seed: int) -> Domain:
    random = np.random.default_rng(seed)
    labels = np.arange(utterances) % len(CLASSES)
    mels = random.normal(size=(utterances, FRAMES, MELS)).astype(np.float32)
    for row, label in enumerate(labels):
        mels[row, :, 3 * label : 3 * label + 3] += 1.5 + shift
    split = np.where(
        np.arange(utterances) % 10 < 6, "train", np.where(np.arange(utterances) % 10 < 8, "validation", "test")
    )
    manifest = pd.DataFrame(
        {
            "utterance": [f"u{row:03d}" for row in range(utterances)],
            "speaker": [f"{row % 5:02d}" for row in range(utterances)],
            "gender": ["f" if row % 2 else "m" for row in range(utterances)],
            "split": split,
            "label": [CLASSES[label] for label in labels],
        }
    )
    second_view = random.dirichlet(np.ones(len(CLASSES)), size=utterances).astype(np.float32)
    return Domain(torch.from_numpy(mels), manifest, second_view=torch.from_numpy(second_view))


@pytest.fixture(scope="session")
def source() -> Domain:
    return make_domain(60, shift=0.0, seed=1)


@pytest.fixture(scope="session")
def target() -> Domain:
    return make_domain(50, shift=-0.5, seed=2)


@pytest.fixture(scope="session")
def backbone_settings() -> BackboneSettings:
    return BackboneSettings(n_mels=MELS, filters=8, hidden=8, attention=8)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> SmallStudy:
    """Sounds and a checkpoint; for reading only."""
    return make(tmp_path_factory.mktemp("small"))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server of files, of which nobody waits for the next try."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(downloads, "PLACES", (*downloads.PLACES, "http://127.0.0.1:"))
    monkeypatch.setattr(downloads, "RETRIES", 2)
    monkeypatch.setattr(downloads, "BACKOFF", 0.0)
    with running() as started:
        yield started
