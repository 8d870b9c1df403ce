"""The sensitivity study: which jobs it needs, that it runs, and that what the criterion picks is run by its overlay."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from workspace import Workspace

TARGET = "emodb"
#: In the order of the alphabet, which is that of a workspace's files.
READINGS = {
    "all frames": {"features": {"normalisation": "padded"}},
    "no negatives": {"objective": {"hard_negative_ratio": 0}},
    "threshold 0.5": {"adaptation": {"threshold": 0.5}},
}
STUDY = {
    "targets": [TARGET],
    "tables": {"table2": None, "table3": None},
    "figures": {"figure2": None, "sensitivity": {"targets": [TARGET], "readings": READINGS}},
}
SHARED = [
    *(f"{rule} {corpus}" for rule in ("check", "extract") for corpus in ("iemocap", TARGET)),
    "pretrain_seed 0",
    *(f"encode {corpus} 2 0" for corpus in ("iemocap", TARGET)),
    # Before adaptation, as it is, and at another threshold: ordinary runs.
    *(f"adapt {TARGET} {method} 2 {t} 0" for method, t in (("snsa-f", 0.9), ("nnpm", 0.9), ("nnpm", 0.5))),
]
OWN = [
    *(f"extract_reading padded {corpus}" for corpus in ("iemocap", TARGET)),
    "pretrain_reading padded 0",
    *(f"encode_reading padded {corpus} 2 0" for corpus in ("iemocap", TARGET)),
    *(f"adapt_reading {TARGET} {method} normalisation~padded 0" for method in ("snsa-f", "nnpm")),
    f"adapt_reading {TARGET} nnpm hard_negative_ratio~0 0",
]


def test_it_plans_just_what_it_needs(fresh: Workspace) -> None:
    assert fresh.plan("sensitivity", **STUDY) == sorted([*SHARED, *OWN, "sensitivity"])


def test_some_of_the_seeds(fresh: Workspace) -> None:
    sensitivity = {**STUDY["figures"]["sensitivity"], "seeds": [7]}
    jobs = fresh.plan(
        "sensitivity", **{**STUDY, "seeds": [3, 7], "figures": {"figure2": None, "sensitivity": sensitivity}}
    )
    assert [job for job in jobs if job.startswith("pretrain")] == ["pretrain_reading padded 7", "pretrain_seed 7"]


def test_a_wrong_reading_is_one_line(fresh: Workspace) -> None:
    readings = {"none": {"objective": {"hard_negatives": 0}}}
    figures = {"figure2": None, "sensitivity": {"targets": [TARGET], "readings": readings}}
    done = fresh.snakemake("sensitivity", **{**STUDY, "figures": figures})
    assert done.code == 1 and "Traceback" not in done.text and len(done.errors) == 1
    assert "'none': objective.hard_negatives: unknown key" in done.errors[0]


def test_a_combination_is_one_more_run(fresh: Workspace) -> None:
    both = {"combination": {**READINGS["no negatives"], **READINGS["all frames"], "adaptation": {"threshold": 0.5}}}
    figures = {"figure2": None, "sensitivity": {"targets": [TARGET], "readings": READINGS | both}}
    name = "threshold~0.5,normalisation~padded,hard_negative_ratio~0"
    added = set(fresh.plan("sensitivity", **{**STUDY, "figures": figures})) - {*SHARED, *OWN, "sensitivity"}
    assert added == {f"adapt_reading {TARGET} nnpm {name} 0"}


def ua(run: Path) -> float:
    """UA of a run's test utterances, from its predictions alone."""
    predictions = pd.read_csv(run / "predictions.csv")
    test = predictions[predictions["split"] == "test"]
    return float((test["label"] == test["predicted"]).groupby(test["label"]).mean().mean())


@pytest.mark.slow
def test_the_study_from_end_to_end(finished: Workspace) -> None:
    """Laid over a finished study, it trains what that lacks."""
    figures = {**finished.settings["figures"], "sensitivity": STUDY["figures"]["sensitivity"]}
    done = finished.make("sensitivity", figures=figures)
    assert done.jobs == sorted([*OWN, "sensitivity"])

    results = finished.results
    runs = pd.read_csv(results / "figures" / "sensitivity_runs.csv")
    assert runs["reading"].tolist() == ["default", *READINGS]
    folder = results / "sensitivity" / TARGET
    padded = folder / "snsa-f" / "normalisation~padded" / "seed~0"
    places = [
        finished.run_folder(TARGET, "nnpm"),
        folder / "nnpm" / "normalisation~padded" / "seed~0",
        folder / "nnpm" / "hard_negative_ratio~0" / "seed~0",
        finished.run_folder(TARGET, "nnpm", threshold=0.5),
    ]
    starts = [finished.run_folder(TARGET, "snsa-f") if number != 1 else padded for number in range(4)]
    assert runs["ua"].tolist() == pytest.approx([ua(place) for place in places], abs=1e-6)
    assert runs["start_ua"].tolist() == pytest.approx([ua(place) for place in starts], abs=1e-6)
    history = pd.read_csv(places[1] / "history.csv")
    assert runs["im"].iloc[1] == pytest.approx(history["im"].iloc[-1], abs=1e-6)

    summary = pd.read_csv(results / "figures" / "sensitivity.csv")
    assert summary["ua"].tolist() == pytest.approx(runs["ua"].tolist(), abs=1e-6)
    assert (summary["low"] <= summary["ua"]).all() and (summary["ua"] <= summary["high"]).all()
    assert summary["difference"].tolist() == pytest.approx((runs["ua"] - runs["start_ua"]).tolist(), abs=1e-6)
    for name in ("figures/sensitivity.png", "figures/sensitivity.svg", "tables/sensitivity.md"):
        assert (results / name).stat().st_size

    better = runs["im"] > runs["im"].iloc[0]
    overlay = yaml.safe_load((results / "sensitivity" / "best.yaml").read_text(encoding="utf-8"))
    assert ("figures" in overlay) == (better.sum() > 1)
    assert finished.plan("sensitivity", figures=figures) == []
