"""What many tests take: small domains, an untrained backbone, a small study, a file server."""

import os
from collections.abc import Iterator

# One thread per process, in child processes too: on tensors this small, threads wait for each other longer than they
# work. Read when PyTorch is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
import torch

from domains import MELS, make_domain
from file_server import Server, running
from nnpm.corpora import downloads
from nnpm.model.backbone import SNSA, BackboneSettings
from nnpm.training.domain import Domain
from small_study import SmallStudy, make


@pytest.fixture(scope="session")
def source() -> Domain:
    return make_domain(60, shift=0.0, seed=1)


@pytest.fixture(scope="session")
def target() -> Domain:
    return make_domain(50, shift=-0.5, seed=2)


@pytest.fixture(scope="session")
def backbone_settings() -> BackboneSettings:
    return BackboneSettings(channels=MELS, filters=8, hidden=8, attention=8)


@pytest.fixture
def backbone(backbone_settings: BackboneSettings) -> SNSA:
    """Untrained, always with the same weights."""
    torch.manual_seed(0)
    return SNSA(backbone_settings)


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
