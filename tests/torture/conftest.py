"""A smaller study than that of tests/pipeline, since here it is made again and again."""

from pathlib import Path

import pytest

from workspace import Workspace

#: Every stage and every kind of file: one target, a method of each kind, one run of another variant.
STUDY = {
    "targets": ["emodb"],
    "tables": {
        "table1": {"methods": ["snsa-f", "nnpm"]},
        "table2": None,
        "table3": None,
        "comparison": {"methods": ["snsa-f", "lda", "nnpm-plus"], "reference": "snsa-f"},
    },
    "figures": {"figure2": {"targets": ["emodb"], "thresholds": [0.5, 0.9]}},
}


@pytest.fixture(scope="session")
def study(shared: Path, corpora: Path) -> Workspace:
    """A finished study, for reading only."""
    return Workspace.finished(shared / "small", corpora, **STUDY)
