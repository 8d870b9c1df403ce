"""Never stale: each kind of change re-runs exactly what depends on it, and what changes nothing re-runs nothing."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from outputs import differing
from workspace import ROOT, Graph, Workspace

NNPM, PLUS = "adapt iemocap emodb nnpm", "classify iemocap emodb nnpm-plus"


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory, study: Workspace) -> Graph:
    """The jobs of the study, after the plan of an empty workspace."""
    empty = Workspace.create(tmp_path_factory.mktemp("empty") / "study", study.corpora.resolve(), **study.settings)
    return empty.make("all", "--dry-run").graph


# --- Data -------------------------------------------------------------------------------------------------------------


def replaced_by_an_older_file(finished: Workspace) -> None:
    """As by unpacking an archive, which sets the dates of long ago."""
    path = min(finished.own("emodb").rglob("*.wav"))
    samples, rate = soundfile.read(path)
    soundfile.write(path, samples[:-50], rate)
    os.utime(path, (0, 0))


def gone(finished: Workspace) -> None:
    sorted(finished.own("emodb").rglob("*.wav"))[1].unlink()


def relabelled(finished: Workspace) -> None:
    path = finished.own("iemocap") / "Session1" / "dialog" / "EmoEvaluation" / "Ses01F_impro01.txt"
    path.write_text(path.read_text().replace("\tsad\t", "\tneu\t", 1))


def relabelled_by_an_older_file(finished: Workspace) -> None:
    relabelled(finished)
    os.utime(finished.corpora / "iemocap" / "Session1" / "dialog" / "EmoEvaluation" / "Ses01F_impro01.txt", (0, 0))


@pytest.mark.parametrize(
    ("change", "corpus"),
    [
        (replaced_by_an_older_file, "emodb"),
        (gone, "emodb"),
        (relabelled_by_an_older_file, "iemocap"),
    ],
)
def test_data(finished: Workspace, graph: Graph, change: Callable[[Workspace], None], corpus: str) -> None:
    """A changed corpus that is not noticed, whatever the dates of its files."""
    change(finished)
    assert finished.plan("all") == graph.above(f"check {corpus}")


# --- Configuration ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ({"features": {"n_mels": 20}}, ["extract default"]),
        ({"features": {"duration": 7}}, ["check", "extract default", "functionals"]),
        ({"pretraining": {"epochs": 21}}, ["pretrain_seed"]),
        ({"pretraining": {"checkpoint": "best"}}, ["encode", "adapt", "source_table"]),
        ({"backbone": {"dropout": 0.2}}, ["pretrain_seed"]),
        ({"adaptation": {"learning_rate": 0.02}}, ["adapt"]),
        ({"memory": {"final_rate": 0.3}}, [NNPM]),
        ({"objective": {"positive_weight": 2}}, [NNPM]),
        ({"precision": "tf32"}, ["pretrain_seed", "adapt"]),
        ({"threads": 2}, ["pretrain_seed", "encode", "adapt", "draw_embedding"]),
    ],
)
def test_configuration(finished: Workspace, graph: Graph, changes: dict[str, object], first: list[str]) -> None:
    """A setting that is no parameter of a rule that depends on it, or of one that does not."""
    rendered = {"make_report report"}  # it shows every setting
    assert set(finished.plan("all", **changes)) - {"all"} == {*graph.above(*first), *rendered} - {"all"}


# --- Code -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def clone(finished: Workspace, tmp_path: Path) -> Workspace:
    """The finished study, run from a copy of the code that can be changed; copies keep their dates."""
    for part in ("config", "envs", "scripts", "workflow"):
        shutil.copytree(ROOT / part, tmp_path / "clone" / part, ignore=shutil.ignore_patterns("__pycache__"))
    finished.root = tmp_path / "clone"
    return finished


@pytest.mark.parametrize(
    ("module", "first"),
    [
        ("nnpm/corpora/adapters/emodb.py", ["check emodb", "model_cards", "make_report"]),
        ("nnpm/features/mels.py", ["extract"]),
        ("nnpm/features/functionals.py", ["functionals"]),
        ("nnpm/training/pretraining.py", ["pretrain_seed"]),
        ("nnpm/methods/nnpm_plus.py", [PLUS]),
        ("nnpm/methods/coral.py", []),  # not in this study
        ("nnpm/reporting/figures/figure2.py", ["draw_figure2"]),
        ("nnpm/reporting/report.html.j2", ["make_report"]),
        ("encode.py", ["encode"]),
        ("nnpm/prediction/predictor.py", []),
    ],
)
def test_code(clone: Workspace, graph: Graph, module: str, first: list[str]) -> None:
    """Which modules a script rests on is tested in tests/unit/workflow; here each kind of file is changed once."""
    path = clone.root / "scripts" / module
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert clone.plan("all") == (graph.above(*first) if first else [])


def test_a_new_method_trains_no_other(clone: Workspace) -> None:
    """A row of the methods' table that trains anything but its own runs."""
    folder = clone.root / "scripts" / "nnpm" / "methods"
    shutil.copy(folder / "entropy.py", folder / "newcomer.py")
    table = (folder / "table.py").read_text(encoding="utf-8")
    row = '    Entry("newcomer", "N", "peers", BLACK, "solid", "s", "newcomer:EntropyMinimisation"),\n'
    changed = table.replace("_ENTRIES = (\n", f"_ENTRIES = (\n{row}")
    assert changed != table
    (folder / "table.py").write_text(changed, encoding="utf-8")
    methods = ["snsa-f", "lda", "nnpm-plus", "newcomer"]
    jobs = clone.plan("all", tables={"comparison": {"methods": methods, "reference": "snsa-f"}})
    stages = ("check", "extract", "functionals", "pretrain_seed", "encode", "classify", "adapt")
    assert [job for job in jobs if job.startswith(stages)] == ["adapt iemocap emodb newcomer default 0"]


# --- What comes of it -------------------------------------------------------------------------------------------------


def reversed_sound(workspace: Workspace) -> None:
    path = min(workspace.own("emodb").rglob("*.wav"))
    samples, rate = soundfile.read(path)
    soundfile.write(path, samples[::-1], rate)


def slower_memory(root: Path) -> None:
    path = root / "scripts" / "nnpm" / "model" / "memory.py"
    text = path.read_text(encoding="utf-8")
    assert "return final * epoch" in text
    path.write_text(text.replace("return final * epoch", "return 0.5 * final * epoch"), encoding="utf-8")


def test_a_changed_study_comes_to_what_one_from_nothing_comes_to(
    study: Workspace, clone: Workspace, fresh: Workspace
) -> None:
    """Audio, annotation, setting and code at once: whatever the plans say, nothing of before is left in any output."""
    changes = {"adaptation": {"learning_rate": 0.02}}
    fresh.settings.update(study.settings)
    fresh.root = clone.root
    slower_memory(clone.root)
    for workspace in (clone, fresh):
        reversed_sound(workspace)
        relabelled(workspace)
        workspace.make("all", **changes)
    assert differing(clone.results, fresh.results) == []
    changed = {path.split("/")[0] for path in differing(clone.results, study.results)}
    assert {"corpora", "features", "pretrained", "runs", "tables", "figures"} <= changed


# --- Nothing ----------------------------------------------------------------------------------------------------------


def test_to_touch_every_file_changes_nothing(clone: Workspace) -> None:
    """A rule that goes by dates."""
    for corpus in sorted(path.name for path in clone.corpora.iterdir()):
        clone.own(corpus)
    time.sleep(1.1)
    for folder in (clone.corpora, clone.root, clone.results):
        for path in folder.rglob("*"):
            os.utime(path)
    assert clone.plan("all") == []


def test_to_touch_a_large_file_changes_nothing(fresh: Workspace) -> None:
    """A file too large for Snakemake's checksums, which it compares by date."""
    path = fresh.own("urdu") / "Angry" / "SM9_F1_A999.wav"
    soundfile.write(path, np.random.default_rng(0).uniform(-0.1, 0.1, 6_000_000), 16000)
    assert path.stat().st_size > 10e6
    manifest = "results/toy/corpora/urdu/manifest.csv"
    fresh.make(manifest)
    time.sleep(1.1)
    os.utime(path)
    assert fresh.plan(manifest) == []
