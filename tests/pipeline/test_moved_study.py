"""A study whose corpora, lists, results or code lie elsewhere than before, or where no shell expects them."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from workspace import ROOT, Workspace, clean_environment

pytestmark = pytest.mark.slow

CHECKS = ["check ekorpus", "check emodb", "check iemocap"]


def test_corpora_that_move_are_checked_and_nothing_else_runs(finished: Workspace, corpora: Path) -> None:
    """Training that depends on where audio lies, or on the dates of a copy."""
    finished.settings["corpora_dir"] = "elsewhere"
    there = finished.folder / "elsewhere"
    shutil.copytree(corpora, there, copy_function=shutil.copyfile)  # with the dates of now
    (finished.folder / "link").symlink_to(there)
    for spelling in (corpora, there, f"{there}/", "./elsewhere", "link"):
        assert [job for job in finished.plan(corpora_dir=str(spelling)) if job != "all"] == CHECKS, spelling
    default = {"corpora_dir": "resources/corpora"}
    planned = finished.make("--dry-run", environment={"NNPM_CORPORA_DIR": str(there)}, **default)
    assert [job for job in planned.jobs if job != "all"] == CHECKS
    assert finished.plan(corpora_dir="corpora/") == []

    shutil.rmtree(finished.corpora)
    assert [job for job in finished.make().jobs if job != "all"] == CHECKS
    assert finished.plan() == []


def test_results_that_are_copied_run_nothing_again(finished: Workspace, tmp_path: Path) -> None:
    """With their dates nothing is to be done, without them and without Snakemake's records one call does it."""
    everything = finished.copy(tmp_path / "everything")
    assert everything.plan() == []
    paths = sorted(everything.results.rglob("*"), reverse=True)
    for number, path in enumerate(paths):  # as copied without dates, in a wrong order; a clock may tick too rarely
        os.utime(path, (time.time() - len(paths) + number,) * 2)
    shutil.rmtree(everything.folder / ".snakemake")
    assert everything.plan() != []
    everything.make("--touch")
    assert everything.plan() == []


def test_results_that_are_linked_are_used(finished: Workspace, tmp_path: Path) -> None:
    """Parts of a study and the whole of it, whose results lie on another disk."""
    finished.results.parent.rename(tmp_path / "disk")
    finished.results.parent.symlink_to(tmp_path / "disk")
    assert finished.plan("all", "table1") == []
    table = tmp_path / "disk" / "toy" / "tables" / "table1.md"
    table.unlink()
    assert finished.make("table1", "emodb").jobs == ["make_table1", "table1"]
    assert table.is_file()


def test_lists_that_move_with_their_audio_are_checked_alone(fresh: Workspace) -> None:
    """A table beside its audio, and a folder per emotion that gets another name."""
    mine, calls = fresh.folder / "mine", fresh.folder / "my calls"
    shutil.copytree(fresh.corpora.resolve() / "emodb", mine / "wav")
    names = sorted(path.relative_to(mine) for path in mine.rglob("*.wav"))
    labels = [("angry", "sad")[n % 2] for n in range(len(names))]
    rows = [f"{name},{label},{n % 3}" for n, (name, label) in enumerate(zip(names, labels, strict=True))]
    (mine / "list.csv").write_text("\n".join(["path,label,speaker", *rows]))
    for name, label in zip(names, labels, strict=True):
        (calls / label).mkdir(parents=True, exist_ok=True)
        shutil.copy(mine / name, calls / label)
    settings = {"targets": ["mine", "calls"], "tables": {"table2": None, "table3": None}, "figures": {"figure2": None}}
    features = [f"results/toy/features/default/{name}.npy" for name in settings["targets"]]
    fresh.make(*features, manifests={"mine": "mine/list.csv", "calls": "my calls"}, **settings)
    mine.rename(fresh.folder / "moved")
    calls.rename(fresh.folder / "field data")
    moved = {"mine": "~/moved/list.csv", "calls": {"path": "~/field data"}}
    found = fresh.make(*features, manifests=moved, environment={"HOME": str(fresh.folder)}, **settings)
    assert sorted(found.jobs) == ["check calls", "check mine"]


@pytest.mark.parametrize("name", ["my clone", "a (b) & $c; ä", "it's", "{d}"])
def test_a_clone_in_a_folder_of_an_odd_name(tmp_path: Path, name: str) -> None:
    """With its environment inside, whose path Snakemake hands to a shell."""
    clone = tmp_path / name
    for part in ("config", "envs", "scripts", "workflow"):
        shutil.copytree(ROOT / part, clone / part, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", clone / ".venv"], check=True)
    packages = next((clone / ".venv").rglob("site-packages"))
    (packages / "here.pth").write_text(next(path for path in sys.path if path.endswith("site-packages")))
    command = [clone / ".venv" / "bin" / "python", "-m", "snakemake", "--cores", "1", "audit"]
    done = subprocess.run(command, cwd=clone, env=clean_environment(), capture_output=True, text=True, timeout=300)
    audit = clone / "results" / "paper" / "tables" / "audit.md"
    if set("'{}") & set(name):
        assert done.returncode == 1 and not audit.exists()
        assert [line for line in done.stderr.splitlines() if "rename the folder" in line], done.stderr
    else:
        assert done.returncode == 0 and audit.is_file(), done.stdout + done.stderr


def test_a_folder_without_any_configuration(tmp_path: Path) -> None:
    """`--directory` elsewhere, and no `--configfile`: the study is the paper's."""
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--snakefile", str(ROOT / "workflow" / "Snakefile")]
    command += ["--directory", str(tmp_path), "audit", "--config", "name=2", "note=5", "tensorboard=true"]
    done = subprocess.run(command, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "results" / "2" / "tables" / "audit.md").is_file()
