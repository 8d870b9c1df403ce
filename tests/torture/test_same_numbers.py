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
def test_a_study(
    study: Workspace, fresh: Workspace, tmp_path: Path, cores: str, order: list[str], environment: dict[str, str]
) -> None:
    """From the sound files on; the study it is compared with ran on two cores."""
    log = tmp_path / "disorder.log"
    log.touch()
    environment = environment | {"DISORDER_LOG": str(log)}
    fresh.make("all", "--cores", cores, *order, environment=environment, **study.settings)
    assert differing(fresh.results, study.results) == []
    if "PYTHONPATH" in environment:
        assert {"check.py", "extract.py", "adapt.py"} <= {line.split(".", 1)[1] for line in jobs(log)}


def jobs(log: Path) -> list[str]:
    """The scripts that ran, such as tmpx.check.py."""
    return [Path(line.split()[-1]).name for line in log.read_text().splitlines() if "/.snakemake/scripts/" in line]


def test_a_repeated_study(study: Workspace, finished: Workspace) -> None:
    """Once more over its own outputs, training included."""
    finished.make("all", "--forceall", "--rerun-triggers", "mtime")
    assert differing(finished.results, study.results) == []
