"""Never stale: each kind of change re-runs exactly what depends on it, and what changes nothing re-runs nothing."""

import os
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from outputs import differing
from workspace import ROOT, Workspace

RUNS = [
    f"adapt {target} {method}" for target in ("ekorpus", "emodb") for method in ("snsa-wo-sl", "snsa-wo-hl", "nnpm")
]


@pytest.fixture(scope="module")
def consumers(tmp_path_factory: pytest.TempPathFactory, study: Workspace) -> dict[str, set[str]]:
    """Of each job of the study those that read what it makes, after the plan of an empty workspace."""
    empty = Workspace.create(tmp_path_factory.mktemp("empty"), study.corpora.resolve(), **study.settings)
    makes, reads = {}, {}
    for block in re.findall(r"^rule (\w+):\n((?:    .*\n)*)", empty.make("all", "--dry-run").text, re.MULTILINE):
        part = dict(line.strip().split(": ", 1) for line in block[1].splitlines() if ": " in line)
        wildcards = [pair.partition("=")[2] for pair in part.get("wildcards", "").split(", ") if pair]
        job = " ".join([block[0], *wildcards])
        makes |= dict.fromkeys(part["output"].split(", ") if "output" in part else [], job)
        reads[job] = part["input"].split(", ") if "input" in part else []
    found: dict[str, set[str]] = {job: set() for job in reads}
    for job, files in reads.items():
        for maker in {makes[file] for file in files if file in makes}:
            found[maker].add(job)
    return found


def downstream(consumers: dict[str, set[str]], *first: str) -> list[str]:
    """The jobs whose names begin so, and all that rest on them."""
    waiting, found = [job for job in consumers if any(f"{job} ".startswith(f"{name} ") for name in first)], set()
    assert waiting, first
    while waiting:
        job = waiting.pop()
        if job not in found:
            found.add(job)
            waiting += consumers[job]
    return sorted(found)


# --- Data -------------------------------------------------------------------------------------------------------------


def louder(finished: Workspace) -> None:
    path = min(finished.own("emodb").rglob("*.wav"))
    samples, rate = soundfile.read(path)
    soundfile.write(path, 0.5 * samples, rate)


def replaced_by_an_older_file(finished: Workspace) -> None:
    """As by unpacking an archive, which sets the dates of long ago."""
    path = min(finished.own("emodb").rglob("*.wav"))
    samples, rate = soundfile.read(path)
    soundfile.write(path, samples[:-50], rate)
    os.utime(path, (0, 0))


def gone(finished: Workspace) -> None:
    sorted((finished.own("ekorpus")).glob("*.wav"))[-1].unlink()


def relabelled(finished: Workspace) -> None:
    path = finished.own("iemocap") / "Session1" / "dialog" / "EmoEvaluation" / "Ses01F_impro01.txt"
    path.write_text(path.read_text().replace("\tsad\t", "\tneu\t", 1))


def relabelled_by_an_older_file(finished: Workspace) -> None:
    relabelled(finished)
    os.utime(finished.corpora / "iemocap" / "Session1" / "dialog" / "EmoEvaluation" / "Ses01F_impro01.txt", (0, 0))


@pytest.mark.parametrize(
    ("change", "corpus"),
    [
        (louder, "emodb"),
        (replaced_by_an_older_file, "emodb"),
        (gone, "ekorpus"),
        (relabelled, "iemocap"),
        (relabelled_by_an_older_file, "iemocap"),
    ],
)
def test_data(
    finished: Workspace, consumers: dict[str, set[str]], change: Callable[[Workspace], None], corpus: str
) -> None:
    change(finished)
    assert finished.plan("all") == downstream(consumers, f"check {corpus}")


# --- Configuration ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ({"features": {"n_mels": 20}}, ["extract"]),
        ({"features": {"duration": 7}}, ["check", "extract", "functionals"]),
        ({"splits": {"seed": 1}}, ["check"]),
        ({"pretraining": {"epochs": 21}}, ["pretrain_seed"]),
        ({"backbone": {"dropout": 0.2}}, ["pretrain_seed"]),
        ({"adaptation": {"learning_rate": 0.02}}, ["adapt"]),
        ({"memory": {"final_rate": 0.3}}, RUNS),
        ({"objective": {"positive_weight": 2}}, RUNS),
        ({"precision": "tf32"}, ["pretrain_seed", "adapt"]),
        ({"threads": 2}, ["pretrain_seed", "encode", "adapt", "target_embedding"]),
    ],
)
def test_configuration(
    finished: Workspace, consumers: dict[str, set[str]], changes: dict[str, object], first: list[str]
) -> None:
    rendered = {"report"}  # it shows every setting
    assert set(finished.plan("all", **changes)) - {"all"} == {*downstream(consumers, *first), *rendered} - {"all"}


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
        ("nnpm/corpora/adapters/emodb.py", ["check emodb"]),
        ("nnpm/corpora/leakage.py", ["check"]),
        ("nnpm/features/cache.py", ["extract"]),
        ("nnpm/features/mels.py", ["extract"]),
        ("nnpm/features/functionals.py", ["functionals"]),
        ("nnpm/methods/classical.py", ["second_view"]),
        ("nnpm/training/pretraining.py", ["pretrain_seed"]),
        ("nnpm/training/adaptation.py", ["adapt"]),
        ("nnpm/methods/al.py", ["adapt emodb al"]),
        ("nnpm/methods/dann.py", ["adapt emodb dann", "adapt emodb gan", "adapt emodb fluda"]),  # which build on it
        ("nnpm/methods/coral.py", []),  # not in this study
        ("nnpm/methods/nnpm_plus.py", ["adapt emodb nnpm-plus", "adapt ekorpus nnpm-plus"]),
        ("nnpm/methods/pseudo_multilabel.py", RUNS),
        ("nnpm/reporting/figure2.py", ["figure2", "report"]),
        ("nnpm/reporting/report.html.j2", ["report"]),
        ("nnpm/reporting/model_card.md.j2", ["model_cards"]),
        ("nnpm/prediction/recipe.py", ["model_cards"]),
        ("nnpm/prediction/predictor.py", []),
        ("encode.py", ["encode"]),
        ("nnpm/toy/voice.py", []),
    ],
)
def test_code(clone: Workspace, consumers: dict[str, set[str]], module: str, first: list[str]) -> None:
    path = clone.root / "scripts" / module
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert clone.plan("all") == (downstream(consumers, *first) if first else [])


def test_a_new_method_concerns_no_other(clone: Workspace) -> None:
    folder = clone.root / "scripts" / "nnpm" / "methods"
    shutil.copy(folder / "entropy.py", folder / "newcomer.py")
    assert clone.plan("all") == []
    methods = ["snsa-f", "newcomer"]
    jobs = clone.plan("comparison", tables={"comparison": {"methods": methods, "reference": "snsa-f"}})
    assert [job for job in jobs if job.startswith("adapt")] == [
        f"adapt {target} newcomer 2 0.9 0" for target in ("ekorpus", "emodb")
    ]


# --- What comes of it -------------------------------------------------------------------------------------------------


def reversed_sound(workspace: Workspace) -> None:
    path = min(workspace.own("emodb").rglob("*.wav"))
    samples, rate = soundfile.read(path)
    soundfile.write(path, samples[::-1], rate)


def slower_memory(root: Path) -> None:
    path = root / "scripts" / "nnpm" / "memory.py"
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
    for corpus in sorted(path.name for path in clone.corpora.iterdir()):
        clone.own(corpus)
    time.sleep(1.1)
    for folder in (clone.corpora, clone.root, clone.results):
        for path in folder.rglob("*"):
            os.utime(path)
    assert clone.plan("all") == []


def test_to_touch_a_large_file_changes_nothing(fresh: Workspace) -> None:
    path = fresh.own("urdu") / "Angry" / "SM9_F1_A999.wav"
    soundfile.write(path, np.random.default_rng(0).uniform(-0.1, 0.1, 6_000_000), 16000)
    assert path.stat().st_size > 10e6
    manifest = "results/toy/corpora/urdu/manifest.csv"
    fresh.make(manifest)
    time.sleep(1.1)
    os.utime(path)
    assert fresh.plan(manifest) == []
