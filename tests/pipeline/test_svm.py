"""The classical anchor in the workflow: a method like any other, which needs neither mels nor a backbone."""

import json

import pandas as pd
import pytest

from nnpm import CLASSES
from workspace import Workspace

ALONE = {
    "targets": ["emodb"],
    "tables": {"table1": {"methods": ["svm"]}, "table2": None, "table3": None, "comparison": None},
    "figures": {"figure2": None, "diagnostics": None, "sensitivity": None},
}
PREPARED = [f"{rule} {corpus}" for rule in ("check", "functionals") for corpus in ("emodb", "iemocap")]


def test_nothing_is_trained_for_it(fresh: Workspace) -> None:
    seeds = [f"svm emodb 2 0.9 {seed}" for seed in (0, 1)]
    assert fresh.plan("table1", seeds=[0, 1], **ALONE) == sorted([*PREPARED, *seeds, "table1"])


def test_all_of_it_alone_has_no_epochs_to_choose_among(fresh: Workspace) -> None:
    """The report still tells how the source was learned, and the pretrained backbone has its card."""
    pretraining = ["extract iemocap", "pretrain_seed 0", "source_table"]
    shown = ["table1", "target_table emodb", "metrics", "audit", "report", "model_cards"]
    assert fresh.plan("all", **ALONE) == sorted([*PREPARED, "svm emodb 2 0.9 0", *pretraining, *shown, "all"])


def test_the_second_view_alone(fresh: Workspace) -> None:
    alone = {**ALONE, "tables": {**ALONE["tables"], "table1": {"methods": ["second-view"]}}}
    own = ["second_view emodb", "second_view_alone emodb 2 0.9 0"]
    assert fresh.plan("table1", **alone) == sorted([*PREPARED, *own, "table1"])


def test_beside_another_method_each_has_its_rule(fresh: Workspace) -> None:
    both = {**ALONE, "tables": {**ALONE["tables"], "table1": {"methods": ["snsa-f", "svm"]}}}
    jobs = fresh.plan("table1", **both)
    assert [job for job in jobs if job.startswith(("adapt", "svm"))] == [
        "adapt emodb snsa-f 2 0.9 0",
        "svm emodb 2 0.9 0",
    ]


@pytest.mark.slow
def test_mels_of_another_kind_concern_it_not(fresh: Workspace) -> None:
    run = str((fresh.run_folder("emodb", "svm") / "metrics.json").relative_to(fresh.folder))
    fresh.make(run, **ALONE)
    assert fresh.plan(run, features={"n_mels": 20, "normalisation": "padded"}, **ALONE) == []
    again = fresh.plan(run, features={"duration": 2}, **ALONE)
    assert [job for job in again if job.startswith("functionals")] == PREPARED[2:]


@pytest.mark.slow
def test_its_runs_are_read_like_all_others(fresh: Workspace) -> None:
    fresh.make("table1", "metrics", seeds=[0, 1], **ALONE)
    runs = [fresh.run_folder("emodb", "svm", seed=seed) for seed in (0, 1)]
    for name in ("predictions.csv", "history.csv"):
        assert len({(run / name).read_bytes() for run in runs}) == 1, "the same for every seed"
    predictions = pd.read_csv(runs[0] / "predictions.csv", dtype={"speaker": str})
    manifest = pd.read_csv(fresh.results / "corpora" / "emodb" / "manifest.csv")
    assert predictions["utterance"].tolist() == manifest["utterance"].tolist()
    assert (predictions[list(CLASSES)].idxmax(axis=1) == predictions["predicted"]).all()
    test = json.loads((runs[1] / "metrics.json").read_text(encoding="utf-8"))["splits"]["test"]
    row = pd.read_csv(fresh.results / "metrics.csv").iloc[1]
    assert (row["method"], row["seed"], row["epoch"]) == ("svm", 1, 0)
    assert row["ua"] == pytest.approx(test["ua"], abs=1e-6)
    table = (fresh.results / "tables" / "table1.md").read_text(encoding="utf-8")
    assert any(
        line.startswith("| Functionals + SVM") and f"{100 * test['ua']:.1f}" in line for line in table.splitlines()
    )
