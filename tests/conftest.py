"""Toy corpora and one finished study, made once for all test processes of a session.

A test that only reads it takes `study`, one that changes it the copy `finished`, one that begins with nothing `fresh`.
"""

import os
from pathlib import Path

import pytest

from nnpm import toy
from workspace import Workspace, once

#: Every rule, and each kind of run once: two targets, one of them labelled by TextGrids, peers, classifiers
#: of functionals, and what another number of frozen blocks, threshold and front end take.
STUDY = {
    "targets": ["ekorpus", "emodb"],
    "tables": {
        "table1": {"methods": ["snsa-f", "nnpm"]},
        "table2": {"methods": ["nnpm", "dann", "fluda"], "cited": ["dann"]},
        "table3": {"freeze": [0, 2]},
        "comparison": {"methods": ["snsa-f", "lda", "nnpm", "nnpm-plus"], "reference": "snsa-f"},
    },
    "figures": {
        "figure2": {"targets": ["emodb"], "thresholds": [0.5, 0.9]},
        "sensitivity": {"targets": ["emodb"], "readings": {"all frames": {"features": {"normalisation": "padded"}}}},
    },
}


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all test processes of this session share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def corpora(shared: Path) -> Path:
    """All toy corpora, about eight utterances a corpus; for reading only."""
    return once(shared / "corpora", lambda folder: toy.write(folder, seed=0, utterances=8))


@pytest.fixture(scope="session")
def study(shared: Path, corpora: Path) -> Workspace:
    """A finished study, for reading only; `log.txt` in its folder is what Snakemake printed."""
    return Workspace.finished(shared / "study", corpora, **STUDY)


@pytest.fixture
def fresh(tmp_path: Path, corpora: Path) -> Workspace:
    """A workspace in which nothing has been made yet, with every toy corpus."""
    return Workspace.create(tmp_path / "fresh", corpora)


@pytest.fixture
def finished(tmp_path: Path, study: Workspace) -> Workspace:
    """A copy of the finished study, to be changed."""
    return study.copy(tmp_path / "finished")
