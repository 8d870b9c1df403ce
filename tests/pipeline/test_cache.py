"""What a change re-runs in a finished study: what depends on it, and no more. tests/torture has more changes."""

import re

import numpy as np
import pytest
import soundfile

from workspace import Workspace

pytestmark = pytest.mark.slow

RUNS = 10  # that are trained, see conftest.STUDY
TARGETS = ("ekorpus", "emodb")
TABLES = ("make_table1", "make_table2", "make_table3")


def rules(jobs: list[str]) -> set[str]:
    return {job.split()[0] for job in jobs}


def of(rule: str, jobs: list[str]) -> list[str]:
    return [job for job in jobs if job.split()[0] == rule]


def relabel(workspace: Workspace) -> None:
    """Sad becomes neutral in one turn of the source, as if its owners had corrected it."""
    evaluation = workspace.own("iemocap") / "Session1" / "dialog" / "EmoEvaluation" / "Ses01F_impro01.txt"
    text = evaluation.read_text(encoding="utf-8")
    changed = re.sub(r"\tsad\t", "\tneu\t", text, count=1)
    assert changed != text
    evaluation.write_text(changed, encoding="utf-8")


def test_a_changed_label_trains_anew_and_keeps_the_features(finished: Workspace) -> None:
    """Features that are made again where only annotations changed."""
    relabel(finished)
    assert finished.make("results/toy/corpora/iemocap/manifest.csv").jobs == ["check iemocap"]
    jobs = finished.plan()
    assert len(of("pretrain_seed", jobs)) == 2 and len(of("adapt", jobs)) == RUNS
    assert not rules(jobs) & {"check", "extract", "functionals", "audit"}


def test_changed_audio_concerns_its_corpus_alone(finished: Workspace) -> None:
    """A corpus on which another one's results depend."""
    path = min(finished.own("ekorpus").glob("*.wav"))
    samples, rate = soundfile.read(path)
    soundfile.write(path, np.float32(0.5) * samples, rate)
    jobs = finished.plan()
    assert of("check", jobs) == ["check ekorpus"]
    assert of("extract", jobs) == ["extract default ekorpus"]
    assert {job.split()[2] for job in of("adapt", jobs)} == {"ekorpus"}
    assert not rules(jobs) & {"pretrain_seed", "audit", "make_table2", "make_table3", "make_sensitivity"}


def test_features_that_failed_are_not_taken_for_done(finished: Workspace) -> None:
    """What was there before was made by other settings."""
    settings = {"features": {"n_mels": 64}}
    failed = finished.snakemake("features", limits={"fsize": 300_000}, **settings)
    assert failed.code == 1 and "File too large" in failed.errors[0], failed.text
    assert of("extract", finished.plan("features", **settings)) == [
        f"extract default {corpus}" for corpus in ("ekorpus", "emodb", "iemocap")
    ]


def test_test_sets_by_speakers_adapt_anew_and_keep_features_and_backbone(finished: Workspace) -> None:
    """Another split of the target that is not noticed, or that pretrains anew."""
    settings = {"splits": {"protocol": "speakers"}}
    before = (finished.results / "corpora" / "emodb" / "manifest.csv").read_text(encoding="utf-8")
    manifests = [f"results/toy/corpora/{corpus}/manifest.csv" for corpus in ("iemocap", "emodb")]
    assert finished.make(*manifests, **settings).jobs == ["check emodb", "check iemocap"]
    assert (finished.results / "corpora" / "emodb" / "manifest.csv").read_text(encoding="utf-8") != before
    jobs = finished.plan("emodb", **settings)
    assert len(of("adapt", jobs)) == 2
    assert not rules(jobs) & {"check", "extract", "pretrain_seed"}


def test_another_threshold_keeps_the_runs_there_are(finished: Workspace) -> None:
    """A figure's variant that touches other runs."""
    jobs = finished.plan(figures={"figure2": {"targets": list(TARGETS), "thresholds": [0.5, 0.7, 0.9]}})
    variants = {target: ["threshold~0.7"] for target in TARGETS}
    variants["ekorpus"].insert(0, "threshold~0.5")
    expected = [f"adapt iemocap {target} nnpm {variant} 0" for target in TARGETS for variant in variants[target]]
    assert of("adapt", jobs) == expected
    assert not rules(jobs) & {"check", "extract", "pretrain_seed", "encode", "audit", *TABLES}


def test_a_note_renders_anew_and_trains_nothing(finished: Workspace) -> None:
    """Words in captions on which training depends."""
    jobs = finished.plan(note="Another sentence.")
    assert {*TABLES, "draw_figure2", "make_report", "make_target"} <= rules(jobs)
    assert not rules(jobs) & {"check", "extract", "pretrain_seed", "adapt", "classify"}
