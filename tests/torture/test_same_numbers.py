"""The same bytes whatever --cores is, in whatever order jobs run and files lie on the disk."""

from pathlib import Path

from outputs import differing
from workspace import Workspace

#: Environments that a result must not depend on.
ELSEWHERE = {"LC_ALL": "C", "TZ": "Asia/Tehran", "PYTHONHASHSEED": "7", "OMP_NUM_THREADS": "5", "COLUMNS": "40"}
DISORDER = {"PYTHONPATH": str(Path(__file__).parent / "disorder")}
LATE = "results/toy/runs/iemocap/emodb/nnpm/default/seed~0/metrics.json"
TURNED = ["--scheduler", "greedy", "--prioritize", LATE]


def test_one_core_and_files_in_another_order(study: Workspace, fresh: Workspace, tmp_path: Path) -> None:
    """From the sound files on; the study it is compared with ran on two cores."""
    log = tmp_path / "disorder.log"
    log.touch()
    fresh.make("all", "--cores", "1", environment=DISORDER | {"DISORDER_LOG": str(log)}, **study.settings)
    assert differing(fresh.results, study.results) == []
    assert {"check.py", "extract.py", "adapt.py"} <= {line.split(".", 1)[1] for line in jobs(log)}


def jobs(log: Path) -> list[str]:
    """The scripts that ran, such as tmpx.check.py."""
    return [Path(line.split()[-1]).name for line in log.read_text().splitlines() if "/.snakemake/scripts/" in line]


def test_eight_cores_in_another_order_and_place_over_what_is_there(study: Workspace, finished: Workspace) -> None:
    """Once more over its own outputs, training included, in another locale and time zone."""
    anew = ("--forceall", "--rerun-triggers", "mtime")
    finished.make("all", "--cores", "8", *TURNED, *anew, environment=ELSEWHERE)
    assert differing(finished.results, study.results) == []
