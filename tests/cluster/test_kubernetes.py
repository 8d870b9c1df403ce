"""The profile for Kubernetes as far as it goes without a cluster: a dry run, and a study whose files lie in a storage.

A folder stands for the bucket: Snakemake asks a storage of either kind in the same way.
"""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from workspace import ROOT, Workspace

PROFILE = ROOT / "workflow" / "profiles" / "kubernetes"
STUDY: dict[str, Any] = {
    "targets": ["emodb"],
    "tables": {"table1": {"methods": ["snsa-f", "nnpm"]}, "table2": None, "table3": None},
    "figures": {"figure2": None, "diagnostics": {"methods": ["nnpm"]}},
}


@pytest.fixture
def stored(tmp_path: Path, corpora: Path) -> tuple[Workspace, tuple[str, ...]]:
    """An empty workspace, and the options of a call whose results go to an empty storage."""
    options = ("--workflow-profile", str(PROFILE), "--default-storage-provider", "fs")
    workspace = Workspace.create(tmp_path / "here", corpora, **STUDY)
    return workspace, (*options, "--default-storage-prefix", str(tmp_path / "bucket"))


def test_a_dry_run_plans_the_study_with_what_pods_need(stored: tuple[Workspace, tuple[str, ...]]) -> None:
    workspace, options = stored
    plan = workspace.make(*options, "--dry-run", device="auto")
    assert "adapt iemocap emodb nnpm default 0" in plan.jobs
    training = next(block for block in plan.text.split("\n\n") if "rule adapt:" in block)
    assert all(request in training for request in ("gpu=1", "gpu_manufacturer=nvidia", "scale=0", "mem_mb=8000"))
    assert "bucket/results/toy/runs" in training


@pytest.mark.skipif(
    not shutil.which("rsync") and "CI" not in os.environ, reason="not installed: rsync, with which the storage copies"
)
def test_a_study_through_a_storage_gives_the_same_predictions(
    stored: tuple[Workspace, tuple[str, ...]], tmp_path: Path, corpora: Path
) -> None:
    workspace, options = stored
    workspace.make(*options, "--executor", "local", "--cores", "2")
    here = Workspace.create(tmp_path / "plain", corpora, **STUDY)
    here.make()
    found = sorted(path.relative_to(here.folder) for path in here.results.rglob("predictions.csv"))
    assert len(found) == 4
    for path in found:
        assert (tmp_path / "bucket" / path).read_bytes() == (here.folder / path).read_bytes(), path
    assert not workspace.results.exists(), "nothing but the storage holds results"

    # As the plugin calls Snakemake in a pod: one job, elsewhere, where no corpus lies.
    pod = Workspace(tmp_path / "pod", STUDY)
    pod.folder.mkdir()
    predictions = tmp_path / "bucket" / pod.below(pod.run_folder("emodb", "nnpm")) / "predictions.csv"
    before = predictions.read_bytes()
    predictions.unlink()
    job = "adapt:source=iemocap,target=emodb,method=nnpm,variant=default,seed=0"
    unshared = ("--mode", "remote", "--shared-fs-usage", "none", "--nolock", "--force", "--cores", "1")
    pod.make(*unshared, *options, "--executor", "local", "--target-jobs", job, "--allowed-rules", "adapt")
    assert predictions.read_bytes() == before
