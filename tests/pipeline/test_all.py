"""A whole study: every output is there, the numbers in the tables follow from the predictions, nothing runs twice."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nnpm import CLASSES
from workspace import Finished, Workspace

pytestmark = pytest.mark.slow

TARGETS = ("ekorpus", "emodb")
METHODS = ("snsa-f", "snsa-wo-sl", "snsa-wo-hl", "nnpm")
PEERS = ("fluda", "dann", "al", "gan")
#: (target, method, freeze, threshold): Table 1, then what Tables 2 and 3 and Figure 2 add to it.
RUNS = [(target, method, 2, 0.9) for target in TARGETS for method in METHODS]
RUNS += [("emodb", method, 2, 0.9) for method in PEERS] + [(target, "nnpm-plus", 2, 0.9) for target in TARGETS]
RUNS += [("emodb", "nnpm", freeze, 0.9) for freeze in (0, 1)]
RUNS += [(target, "nnpm", 2, 0.5) for target in TARGETS]


def scores(run: Path) -> tuple[float, float]:
    """UA and WA in percent, from the predictions of a run's test utterances alone."""
    predictions = pd.read_csv(run / "predictions.csv", dtype={"speaker": str})
    test = predictions[predictions["split"] == "test"]
    correct = test["label"] == test["predicted"]
    return 100 * correct.groupby(test["label"]).mean().mean(), 100 * correct.mean()


def test_every_output_is_there(study: Workspace) -> None:
    expected = ["metrics.csv", "predictions.csv", "histories.csv", "report.html"]
    expected += [f"tables/{name}" for name in ("comparisons.csv", "comparisons.md", "choice.csv", "choice.md")]
    for name in ("table1", "table2", "table3", "comparison", *TARGETS):
        expected += [f"tables/{name}.{kind}" for kind in ("csv", "md", "tex")]
    expected += ["tables/audit.csv", "tables/audit.md", *(f"figures/figure2.{kind}" for kind in ("png", "svg", "csv"))]
    for corpus in ("iemocap", *TARGETS):
        expected += [f"corpora/{corpus}/{name}" for name in ("manifest.csv", "check.md")]
        expected += [f"features/{corpus}.{kind}" for kind in ("npy", "json")]
    for name in ("last.safetensors", "best.safetensors", "history.csv", "predictions.csv", "metrics.json"):
        expected.append(f"pretrained/seed~0/{name}")
    for run in RUNS:
        for name in ("predictions.csv", "metrics.json", "history.csv", "backbone.safetensors"):
            expected.append(str((study.run_folder(*run) / name).relative_to(study.results)))
    assert [path for path in expected if not (study.results / path).stat().st_size] == []
    assert list(study.results.rglob("*.part")) == []
    assert list(study.results.rglob("resume.safetensors")) == []


def test_a_second_call_does_nothing(study: Workspace) -> None:
    done = study.make("all")
    assert "Nothing to be done" in done.text
    assert done.jobs == []


def test_a_run_that_several_tables_share_is_trained_once(study: Workspace) -> None:
    log = (study.folder / "log.txt").read_text(encoding="utf-8")
    trained = [job for job in Finished(0, log, "").jobs if job.startswith("adapt ")]
    assert trained == sorted(f"adapt {target} {method} {freeze} {t} 0" for target, method, freeze, t in RUNS)
    metrics = pd.read_csv(study.results / "metrics.csv")
    shown = metrics[["target", "method", "freeze", "threshold"]].itertuples(index=False, name=None)
    assert sorted(shown) == sorted(RUNS + [(target, "second-view", 2, 0.9) for target in TARGETS])


def test_tables_follow_from_predictions(study: Workspace) -> None:
    table1 = pd.read_csv(study.results / "tables" / "table1.csv")
    expected = [value for m in METHODS for target in TARGETS for value in scores(study.run_folder(target, m))]
    assert len(set(expected)) > 2, "a study in which all runs score alike shows nothing"
    assert table1["metric"].tolist() == ["UA", "WA"] * len(RUNS[:8])
    assert table1["mean"].to_numpy() == pytest.approx(np.array(expected), abs=0.0051)
    assert (table1["low"] <= table1["mean"]).all() and (table1["mean"] <= table1["high"]).all()
    assert set(table1["unit"]) == {"utterances"}

    table3 = pd.read_csv(study.results / "tables" / "table3.csv")
    expected = [value for freeze in (0, 1, 2) for value in scores(study.run_folder("emodb", "nnpm", freeze))]
    assert table3["mean"].to_numpy() == pytest.approx(np.array(expected), abs=0.0051)

    table2 = pd.read_csv(study.results / "tables" / "table2.csv")
    expected = [scores(study.run_folder("emodb", method))[0] for method in ("fluda", "dann", "al", "nnpm", "gan")]
    assert table2["mean"].to_numpy() == pytest.approx(np.array(expected), abs=0.0051)
    assert table2["cited"].tolist() == [True, True, True, False, False]
    assert table2["paper"].notna().tolist() == [True, True, True, True, False]

    comparison = pd.read_csv(study.results / "tables" / "comparison.csv").set_index(["row", "column", "metric"])
    by_target = [scores(study.run_folder(target, "nnpm"))[0] for target in TARGETS]
    assert comparison.loc[("NNPM", "Mean over targets", "UA"), "mean"] == pytest.approx(np.mean(by_target), abs=0.0051)
    tests = pd.read_csv(study.results / "tables" / "comparisons.csv")
    asked = (tests["question"] == "reference") & (tests["metric"] == "UA") & (tests["first"] == "NNPM")
    tests = tests[asked].set_index("column")["difference"]
    before = [scores(study.run_folder(target, "snsa-f"))[0] for target in TARGETS]
    assert tests["EMO-DB"] == pytest.approx(by_target[1] - before[1], abs=0.0051)

    figure2 = pd.read_csv(study.results / "figures" / "figure2.csv")
    for target in TARGETS:
        drawn = figure2[(figure2["target"] == target) & figure2["mean"].notna()].set_index("threshold")["mean"]
        for threshold in (0.5, 0.9):
            ua, _ = scores(study.run_folder(target, "nnpm", threshold=threshold))
            assert drawn[threshold] == pytest.approx(ua, abs=0.0051)


def test_the_study_is_kept_in_two_small_files(study: Workspace) -> None:
    """Every test prediction of every run is in one file, from which the tables' scores follow."""
    kept = pd.read_csv(study.results / "predictions.csv", dtype={"speaker": str, "utterance": str})
    for run in RUNS:
        target, method, freeze, threshold = run
        of_run = (kept["target"] == target) & (kept["method"] == method) & (kept["freeze"] == freeze)
        rows = kept[of_run & (kept["threshold"] == threshold)]
        correct = rows["label"] == rows["predicted"]
        ua, wa = scores(study.run_folder(*run))
        assert 100 * correct.groupby(rows["label"]).mean().mean() == pytest.approx(ua)
        assert 100 * correct.mean() == pytest.approx(wa)


def test_predictions_cover_the_target(study: Workspace) -> None:
    for target in TARGETS:
        manifest = pd.read_csv(study.results / "corpora" / target / "manifest.csv", dtype=str)
        predictions = pd.read_csv(
            study.run_folder(target, "nnpm") / "predictions.csv", dtype={"utterance": str, "speaker": str}
        )
        for column in ("utterance", "speaker", "split", "label"):
            assert predictions[column].tolist() == manifest[column].tolist()
        probabilities = predictions[list(CLASSES)]
        assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
        assert (probabilities.idxmax(axis=1) == predictions["predicted"]).all()


def test_features_are_one_row_an_utterance(study: Workspace) -> None:
    for corpus in ("iemocap", *TARGETS):
        mels = np.load(study.results / "features" / f"{corpus}.npy", mmap_mode="r", allow_pickle=False)
        manifest = pd.read_csv(study.results / "corpora" / corpus / "manifest.csv")
        description = json.loads((study.results / "features" / f"{corpus}.json").read_text(encoding="utf-8"))
        assert mels.shape == (len(manifest), 751, 16) == tuple(description["shape"])
        assert mels.dtype == np.float32 and np.isfinite(mels).all()


def test_the_report_needs_nothing_beside_itself(study: Workspace) -> None:
    html = (study.results / "report.html").read_text(encoding="utf-8")
    assert re.findall(r'(?:src|href)="(?!data:|#|https?:|mailto:)[^"]*"', html) == []
    assert re.findall(r'<(?:script|img|link)[^>]*(?:src|href)="http', html) == []
    assert "data:image/svg+xml" in html
    assert re.findall(r"@import[^;]*;|url\((?!data:|#)[^)]*\)", html) == []
    for words in ("EMO-DB", "IEMOCAP", "Synthetic speech", "n_mels"):
        assert words in html
