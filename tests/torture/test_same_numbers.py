"""The same bytes whatever --cores is, in whatever order jobs run and files lie on the disk."""

from pathlib import Path

import pytest

from outputs import differing
from workspace import Workspace

#: Environments that a result must not depend on.
ELSEWHERE = {"LC_ALL": "C", "TZ": "Asia/Tehran", "PYTHONHASHSEED": "7", "OMP_NUM_THREADS": "5", "COLUMNS": "40"}
DISORDER = {"PYTHONPATH": str(Path(__file__).parent / "disorder")}
LATE = "results/toy/runs/emodb/gan/freeze~2/threshold~0.9/seed~0/metrics.json"
TURNED = ["--scheduler", "greedy", "--prioritize", LATE]


@pytest.mark.parametrize(
    ("cores", "order", "environment"),
    [("1", [], DISORDER), ("8", TURNED, ELSEWHERE)],
    ids=["one core, files in another order", "eight cores, jobs in another order, another locale"],
)
def test_a_study(study: Workspace, fresh: Workspace, cores: str, order: list[str], environment: dict[str, str]) -> None:
    """From the sound files on; the study it is compared with ran on two cores."""
    fresh.make("all", "--cores", cores, *order, environment=environment, **study.settings)
    assert differing(fresh.results, study.results) == []


def test_a_repeated_study(study: Workspace, finished: Workspace) -> None:
    """Once more over its own outputs, training included."""
    finished.make("all", "--forceall", "--rerun-triggers", "mtime")
    assert differing(finished.results, study.results) == []
