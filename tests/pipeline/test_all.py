"""A whole study: every output is there, the numbers in the tables follow from the predictions, nothing runs twice.

The tests only read it. It alone shows that rules, scripts and library fit together.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nnpm import CLASSES
from workspace import Finished, Workspace

pytestmark = pytest.mark.slow

TARGETS = ("ekorpus", "emodb")
METHODS = ("snsa-f", "nnpm")
FOUND = ("manifest.csv", "audio.csv", "paths.csv", "fingerprint.txt", "check.md", "check.json")
#: (target, method, variant) of the runs of `conftest.STUDY`: Table 1, then what the other tables and figures add to it.
TRAINED = [(target, method, "default") for target in TARGETS for method in METHODS]
TRAINED += [("emodb", method, "default") for method in ("dann", "fluda")]
TRAINED += [("emodb", "nnpm", variant) for variant in ("freeze~0", "threshold~0.5", "normalisation~padded")]
TRAINED += [("emodb", "snsa-f", "normalisation~padded")]
CLASSIFIED = [(target, method, "default") for target in TARGETS for method in ("lda", "nnpm-plus")]


def scores(run: Path) -> tuple[float, float]:
    """UA and WA in percent, from the predictions of a run's test utterances alone."""
    predictions = pd.read_csv(run / "predictions.csv", dtype={"speaker": str})
    test = predictions[predictions["split"] == "test"]
    correct = test["label"] == test["predicted"]
    return 100 * correct.groupby(test["label"]).mean().mean(), 100 * correct.mean()


def test_every_output_is_there(study: Workspace) -> None:
    """A file that no rule writes any more, or that is empty."""
    expected = ["metrics.csv", "predictions.csv", "histories.csv", "report.html"]
    for name in ("table1", "table2", "table3", "comparison", *TARGETS):
        expected += [f"tables/{name}.{kind}" for kind in ("csv", "md", "tex")]
    for name in ("comparisons", "choice", "audit", "source"):
        expected += [f"tables/{name}.{kind}" for kind in ("csv", "md")]
    expected += ["tables/choice.json", "tables/sensitivity.md", "tables/sensitivity-best.yaml"]
    drawn = [f"{name}-{target}" for name in ("confusion", "curves", "recall", "embedding") for target in TARGETS]
    for name in ("figure2", "gains", "memory", "sensitivity", *drawn):
        expected += [f"figures/{name}.{kind}" for kind in ("png", "svg", "csv", "json")]
    for corpus in ("iemocap", *TARGETS):
        expected += [f"corpora/{corpus}/{name}" for name in FOUND]
        expected += [f"features/default/{corpus}.{kind}" for kind in ("npy", "json", "functionals.csv")]
    for variant in ("default", "normalisation~padded"):
        for name in ("last.safetensors", "best.safetensors", "history.csv", "predictions.csv", "metrics.json"):
            expected.append(f"pretrained/iemocap/{variant}/seed~0/{name}")
    for runs, left in ((TRAINED, "backbone.safetensors"), (CLASSIFIED, "classifier.json")):
        for run in runs:
            for name in ("predictions.csv", "metrics.json", "history.csv", left):
                expected.append(str((study.run_folder(*run) / name).relative_to(study.results)))
    assert [path for path in expected if not (study.results / path).stat().st_size] == []
    assert list(study.results.rglob("*.part")) == []
    assert list(study.results.rglob("resume.safetensors")) == []


def test_a_second_call_does_nothing(study: Workspace) -> None:
    """A rule whose output looks outdated as soon as it is written."""
    assert study.plan("all") == []


def test_a_run_that_several_tables_share_is_trained_once(study: Workspace) -> None:
    """A run that is trained under two names."""
    jobs = Finished(0, (study.folder / "log.txt").read_text(encoding="utf-8"), "").jobs
    trained = sorted(f"adapt iemocap {target} {method} {variant} 0" for target, method, variant in TRAINED)
    classified = sorted(f"classify iemocap {target} {method} {variant} 0" for target, method, variant in CLASSIFIED)
    assert [job for job in jobs if job.startswith("adapt ")] == trained
    assert [job for job in jobs if job.startswith("classify ")] == classified
    metrics = pd.read_csv(study.results / "metrics.csv")
    shown = metrics[["target", "method", "variant"]].itertuples(index=False, name=None)
    assert sorted(shown) == sorted(TRAINED + CLASSIFIED)


def test_tables_follow_from_predictions(study: Workspace) -> None:
    """A table or figure that shows another run than it names."""
    table1 = pd.read_csv(study.results / "tables" / "table1.csv")
    expected = [value for m in METHODS for target in TARGETS for value in scores(study.run_folder(target, m))]
    assert len(set(expected)) > 2, "a study in which all runs score alike shows nothing"
    assert table1["metric"].tolist() == ["UA", "WA"] * 4
    assert table1["mean"].to_numpy() == pytest.approx(np.array(expected), abs=0.0051)
    told = table1.dropna(subset="low")  # not where a class has one utterance
    assert len(told) and (told["low"] <= told["mean"]).all() and (told["mean"] <= told["high"]).all()
    assert set(table1["unit"]) == {"utterances"}

    table3 = pd.read_csv(study.results / "tables" / "table3.csv")
    expected = [value for v in ("freeze~0", "default") for value in scores(study.run_folder("emodb", "nnpm", v))]
    assert table3["mean"].to_numpy() == pytest.approx(np.array(expected), abs=0.0051)

    table2 = pd.read_csv(study.results / "tables" / "table2.csv")
    expected = [scores(study.run_folder("emodb", method))[0] for method in ("dann", "nnpm", "fluda")]
    assert table2["mean"].to_numpy() == pytest.approx(np.array(expected), abs=0.0051)
    assert table2["cited"].tolist() == [True, False, False], "what the paper cites comes first"
    assert table2["paper"].notna().tolist() == [True, True, True]

    comparison = pd.read_csv(study.results / "tables" / "comparison.csv").set_index(["row", "column", "metric"])
    by_target = [scores(study.run_folder(target, "nnpm"))[0] for target in TARGETS]
    assert comparison.loc[("NNPM", "Mean over targets", "UA"), "mean"] == pytest.approx(np.mean(by_target), abs=0.0051)
    tests = pd.read_csv(study.results / "tables" / "comparisons.csv")
    asked = (tests["question"] == "reference") & (tests["metric"] == "UA") & (tests["first"] == "NNPM")
    tests = tests[asked].set_index("column")["difference"]
    before = [scores(study.run_folder(target, "snsa-f"))[0] for target in TARGETS]
    assert tests["EMO-DB"] == pytest.approx(by_target[1] - before[1], abs=0.0051)

    figure2 = pd.read_csv(study.results / "figures" / "figure2.csv")
    drawn = figure2[figure2["mean"].notna()].set_index("threshold")["mean"]
    for threshold, variant in ((0.5, "threshold~0.5"), (0.9, "default")):
        ua, _ = scores(study.run_folder("emodb", "nnpm", variant))
        assert drawn[threshold] == pytest.approx(ua, abs=0.0051)


def test_the_sensitivity_study_follows_from_predictions(study: Workspace) -> None:
    """A reading that is shown with the scores of another, or beside the wrong backbone."""
    runs = pd.read_csv(study.results / "figures" / "sensitivity_runs.csv")
    assert runs["reading"].tolist() == ["default", "all frames"]
    variants = ["default", "normalisation~padded"]
    for column, method in (("ua", "nnpm"), ("start_ua", "snsa-f")):
        expected = [scores(study.run_folder("emodb", method, variant))[0] / 100 for variant in variants]
        assert runs[column].tolist() == pytest.approx(expected, abs=1e-6)
    history = pd.read_csv(study.run_folder("emodb", "nnpm", "normalisation~padded") / "history.csv")
    assert runs["im"].iloc[1] == pytest.approx(history["im"].iloc[-1], abs=1e-6)
    summary = pd.read_csv(study.results / "figures" / "sensitivity.csv")
    assert summary["ua"].tolist() == pytest.approx(runs["ua"].tolist(), abs=1e-6)
    assert summary["difference"].tolist() == pytest.approx((runs["ua"] - runs["start_ua"]).tolist(), abs=1e-6)


def test_the_study_is_kept_in_two_small_files(study: Workspace) -> None:
    """Every test prediction of every run is in one file, from which the tables' scores follow."""
    kept = pd.read_csv(study.results / "predictions.csv", dtype={"speaker": str, "utterance": str})
    for run in TRAINED + CLASSIFIED:
        rows = kept[(kept[["target", "method", "variant"]] == run).all(axis=1)]
        correct = rows["label"] == rows["predicted"]
        ua, wa = scores(study.run_folder(*run))
        assert 100 * correct.groupby(rows["label"]).mean().mean() == pytest.approx(ua)
        assert 100 * correct.mean() == pytest.approx(wa)


def test_predictions_cover_the_target(study: Workspace) -> None:
    """Predictions that are not in the order of the manifest."""
    for target, method in (("ekorpus", "nnpm"), ("emodb", "lda")):
        manifest = pd.read_csv(study.results / "corpora" / target / "manifest.csv", dtype=str)
        predictions = pd.read_csv(
            study.run_folder(target, method) / "predictions.csv", dtype={"utterance": str, "speaker": str}
        )
        for column in ("utterance", "speaker", "split", "label"):
            assert predictions[column].tolist() == manifest[column].tolist()
        probabilities = predictions[list(CLASSES)]
        assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
        assert (probabilities.idxmax(axis=1) == predictions["predicted"]).all()


def test_the_report_needs_nothing_beside_itself(study: Workspace) -> None:
    """A link, script or picture that the report would fetch."""
    html = (study.results / "report.html").read_text(encoding="utf-8")
    assert re.findall(r'(?:src|href)="(?!data:|#|https?:|mailto:)[^"]*"', html) == []
    assert re.findall(r'<(?:script|img|link)[^>]*(?:src|href)="http', html) == []
    assert "data:image/svg+xml" in html
    assert re.findall(r"@import[^;]*;|url\((?!data:|#)[^)]*\)", html) == []
    for words in ("EMO-DB", "IEMOCAP", "Synthetic speech", "n_mels"):
        assert words in html
