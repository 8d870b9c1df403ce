"""The figures: their numbers against ones worked by hand, on runs of a few utterances and epochs."""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import fake_study as fake
from nnpm import CLASSES
from nnpm.evaluation import scoring, uncertainty
from nnpm.methods import table
from nnpm.reporting import drawing, histories, palette
from nnpm.reporting.cells import TESTS
from nnpm.reporting.figures import base, confusion, curves, embedding, figure2, gains, memory, recall
from nnpm.reporting.figures.table import FIGURES
from nnpm.reporting.study import Study

STUDY = Study("paper", "iemocap")
ALL_FOUR = {f"share_{name}": 0.25 for name in CLASSES}
EMODB = confusion.Drawing("emodb"), curves.Drawing("emodb"), recall.Drawing("emodb")


def write_run(
    folder: Path,
    method: str = "nnpm",
    seed: int = 0,
    start: dict[str, float] | None = None,
    epochs: list[dict[str, float]] | None = None,
    confusion: list[list[int]] | None = None,
    **run: object,
) -> Path:
    """A run's folder with what the figures read; returns its metrics.json."""
    return fake.write(folder, fake.run("emodb", method, seed, confusion) | run, start, epochs or ())


def given(runs: Sequence[Any], **files: Any) -> base.Given:
    """What a figure of these runs, loaded or files, is made from; their predictions give their scores."""
    loaded = [run if isinstance(run, Mapping) else json.loads(run.read_text()) for run in runs]
    predictions = [fake.predictions(run) for run in loaded]
    return base.Given(STUDY, SimpleNamespace(**{"metrics": runs, "predictions": predictions} | files))


def manifests(folder: Path, target: pd.DataFrame | None = None, source: pd.DataFrame | None = None) -> dict[str, Any]:
    """Files of two manifests, of one training utterance of each class unless given."""
    every = pd.DataFrame({"split": "train", "label": list(CLASSES)})
    paths = folder / "source.csv", folder / "target.csv"
    for path, rows in zip(paths, (source, target), strict=True):
        (every if rows is None else rows).to_csv(path, index=False)
    return {"source_manifests": [paths[0]], "target_manifests": [paths[1]]}


def cell(frame: pd.DataFrame, **at: object) -> pd.Series:
    found = frame[(frame[list(at)] == pd.Series(at)).all(axis=1)]
    assert len(found) == 1, at
    return found.iloc[0]


def texts(figure: Figure) -> str:
    """Everything that is written in a figure."""
    return "\n".join(artist.get_text() for artist in figure.findobj(lambda artist: hasattr(artist, "get_text")))


# --- Confusion --------------------------------------------------------------------------------------------------------


def test_confusion_is_summed_over_seeds_and_divided_by_the_true_class() -> None:
    first = [[3, 1, 0, 0], [0, 2, 0, 0], [0, 0, 0, 0], [1, 1, 1, 1]]
    second = [[1, 3, 0, 0], [0, 0, 0, 2], [0, 0, 0, 0], [0, 0, 0, 4]]
    runs = []
    for seed, counts, ua in ((0, first, (3 / 4 + 1 + 1 / 4) / 3), (1, second, (1 / 4 + 0 + 1) / 3)):
        run = fake.run("emodb", "nnpm", seed, [row if sum(row) else [0, 0, 1, 0] for row in counts])
        run["splits"]["test"] |= {"confusion": counts, "ua": ua}
        runs.append(run)
    other = fake.run("emodb", "nnpm", 0, [*first[:2], [9, 9, 9, 9], *first[3:]], "threshold~0.5")
    plotted = EMODB[0].numbers(given([*runs, other]))
    assert len(plotted) == 16
    at = cell(plotted, method="nnpm", true="angry", predicted="happy")
    assert (at["count"], at["percent"], at["seeds"]) == (4, 50.0, 2)
    assert cell(plotted, true="neutral", predicted="neutral")["percent"] == pytest.approx(100 * 5 / 8)
    assert plotted.loc[plotted["true"] == "sad", "percent"].isna().all()
    assert "angry 50 right; happy 50 right; neutral 62 right" in EMODB[0].describe(plotted, STUDY)


def test_confusion_says_what_a_class_is_taken_for() -> None:
    run = fake.run("emodb", "nnpm", 0, [[1, 0, 0, 3], [0, 2, 0, 0], [0, 0, 2, 0], [0, 0, 0, 2]])
    made = given([run])
    plotted = EMODB[0].numbers(made)
    assert "angry 25 right, mostly taken for neutral" in EMODB[0].describe(plotted, STUDY)
    outcomes = made.evidence.of(made.metrics)
    low, high = (100 * bound for bound in uncertainty.interval(outcomes))
    assert low < 81.25 < high
    written = texts(EMODB[0].draw(plotted, STUDY))
    assert f"NNPM\nUA 81.2 [{low:.1f}, {high:.1f}]" in written
    assert "UA: one seed, 95 % interval over 10 utterances" in written
    assert f"UA 81.2 ({low:.1f} to {high:.1f})" in EMODB[0].describe(plotted, STUDY)


# --- Histories and curves ---------------------------------------------------------------------------------------------


def test_epoch_0_is_the_state_before_the_first_step(tmp_path: Path) -> None:
    trained = write_run(tmp_path, start={"test_ua": 0.3}, epochs=[{"epoch": 1, "test_ua": 0.4, "loss": 1.0}])
    untrained = write_run(tmp_path, "snsa-f", start={"test_ua": 0.3})
    classical = write_run(tmp_path, "svm", confusion=[[1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 1, 0]])
    (classical.with_name("history.csv")).unlink()
    frame = histories.load([trained, untrained, classical])
    points = frame[["method", "epoch", "test_ua"]].values.tolist()
    assert points == [["nnpm", 0, 0.3], ["nnpm", 1, 0.4], ["snsa-f", 0, 0.3], ["svm", 0, 0.5]]


def test_predicted_classes_count_from_1_to_4() -> None:
    rows = pd.DataFrame([[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0.25] * 4, [math.nan] * 4], columns=histories.SHARES)
    assert histories.predicted_classes(rows)[:3] == pytest.approx([1, 2, 4])
    assert math.isnan(histories.predicted_classes(rows)[3])
    assert np.isnan(histories.predicted_classes(pd.DataFrame({"epoch": [0]}))).all()


def test_curves_are_means_over_seeds_with_the_lowest_and_highest(tmp_path: Path) -> None:
    paths = [
        write_run(
            tmp_path,
            seed=seed,
            start={"test_ua": 0.3, **ALL_FOUR},
            epochs=[{"epoch": 1, "test_ua": ua, "source_validation_ua": 0.6, **ALL_FOUR}],
        )
        for seed, ua in enumerate((0.2, 0.5, 0.5))
    ]
    paths.append(write_run(tmp_path, seed=9, epochs=[{"epoch": 1, "test_ua": 1.0}], variant="threshold~0.5"))
    paths.append(write_run(tmp_path, seed=9, epochs=[{"epoch": 1, "test_ua": 1.0}], target="urdu"))
    plotted = EMODB[1].numbers(given(paths))
    last = cell(plotted, measure="test_ua", epoch=1)
    assert (last["mean"], last["low"], last["high"], last["seeds"]) == pytest.approx((40, 20, 50, 3))
    assert cell(plotted, measure="predicted_classes", epoch=0)["mean"] == pytest.approx(4)
    words = EMODB[1].describe(plotted, STUDY)
    assert (
        "NNPM: test UA from 30.0 % to 40.0 %, source validation UA 60.0 %, predicted classes from 4.0 to 4.0." in words
    )
    drawn = texts(EMODB[1].draw(plotted, STUDY))
    assert "evaluation only" in drawn and "line: mean over seeds, band: lowest to highest seed" in drawn


def test_a_method_has_its_colour_in_every_figure(tmp_path: Path) -> None:
    epochs = [{"epoch": 1, "test_ua": 0.5, "memory_positives": 2.0}]
    paths = [write_run(tmp_path, name, start={"test_ua": 0.3}, epochs=epochs) for name in palette.METHODS]
    of_memory = memory.Drawing(["emodb"], [])
    plotted = EMODB[1].numbers(given(paths))
    figures = [EMODB[1].draw(plotted, STUDY)]
    figures.append(of_memory.draw(of_memory.numbers(given(paths, **manifests(tmp_path))), STUDY))
    for figure in figures:
        drawn = {line.get_label(): line.get_color() for axes in figure.axes for line in axes.lines}
        assert drawn["NNPM"] == palette.METHODS["nnpm"].color
        assert drawn["DANN"] == palette.METHODS["dann"].color
    assert set(plotted["method"]) == set(palette.METHODS)


# --- Memory -----------------------------------------------------------------------------------------------------------


def test_chance_is_that_of_two_random_draws() -> None:
    source = pd.DataFrame({"split": ["train"] * 4 + ["test"], "label": ["angry", "angry", "happy", "sad", "neutral"]})
    target = pd.DataFrame({"split": ["train"] * 3, "label": ["angry", "happy", math.nan]})
    assert memory.chance(source, target) == pytest.approx(0.5 * 0.5 + 0.25 * 0.5)
    assert math.isnan(memory.chance(source, target.iloc[2:]))


def test_purity_stops_with_the_positives(tmp_path: Path) -> None:
    path = write_run(
        tmp_path,
        start={"memory_positives": 6.0, "memory_positive_purity": 0.7, "memory_hard_negative_purity": 0.6, **ALL_FOUR},
        epochs=[
            {"epoch": 1, "memory_positives": 1.0, "memory_positive_purity": 0.5, "memory_hard_negative_purity": 0.5},
            {"epoch": 2, "memory_positives": 0.0, "memory_positive_purity": np.nan, "memory_hard_negative_purity": 0.4},
        ],
    )
    labels = pd.DataFrame({"split": "train", "label": ["angry"] * 3 + ["happy"] * 7})
    drawn = memory.Drawing(["emodb"], ["nnpm"])
    plotted = drawn.numbers(given([path], **manifests(tmp_path, source=labels, target=labels.iloc[:1])))
    purity = plotted[plotted["measure"] == "memory_positive_purity"]
    assert purity[["epoch", "mean"]].values.tolist() == [[0, 70], [1, 50]]
    assert purity["chance"].tolist() == pytest.approx([30, 30])
    assert cell(plotted, measure="memory_hard_negative_purity", epoch=2)["chance"] == pytest.approx(70)
    words = drawn.describe(plotted, STUDY)
    assert "positives per utterance 6.0, then 0.0; positives of its emotion 70 %, then 50 %" in words
    figure = drawn.draw(plotted, STUDY)
    assert "evaluation only" in texts(figure) and "one seed" in texts(figure)
    several = texts(drawn.draw(plotted.assign(seeds=2), STUDY))
    assert "bands: lowest to highest seed;\nsimilarities and predicted classes: mean over seeds" in several
    assert all(name in texts(figure) for name in CLASSES)  # the predicted classes, in their colours


def test_chance_is_that_of_all_corpora_that_a_target_is_adapted_from(tmp_path: Path) -> None:
    """Of all others: two corpora for one target, another two for the other; one of them is a target as well."""
    study = Study("x", "others", titles={"emodb": "EMO-DB", "ravdess": "RAVDESS", "urdu": "URDU"})
    measured = {"memory_positives": 6.0, "memory_positive_purity": 0.7, "memory_hard_negative_purity": 0.6, **ALL_FOUR}
    paths = [
        write_run(tmp_path, source="ravdess+urdu", start=measured),
        write_run(tmp_path, source="emodb+ravdess", target="urdu", start=measured),
    ]
    labels = {"ravdess": ["angry", "happy"], "urdu": ["angry", "angry"], "emodb": ["happy", "happy"]}
    files = {}
    for name, of_corpus in labels.items():
        rows = pd.DataFrame(
            {"split": "train" if name == "ravdess" else "all", "source_split": "train", "label": of_corpus}
        )
        files[name] = tmp_path / f"{name}.csv"
        (rows if name != "ravdess" else rows.drop(columns="source_split")).to_csv(files[name], index=False)
    inputs = {"source_manifests": [files[name] for name in ("ravdess", "urdu", "emodb")]}
    inputs["target_manifests"] = [files["emodb"], files["urdu"]]
    plotted = memory.Drawing(["emodb", "urdu"], ["nnpm"]).numbers(replace(given(paths, **inputs), study=study))
    purity = plotted[plotted["measure"] == "memory_positive_purity"].set_index("target")["chance"]
    # EMO-DB is happy: one in four of RAVDESS and URDU; URDU is angry: one in four of EMO-DB and RAVDESS.
    assert purity.to_dict() == pytest.approx({"emodb": 25, "urdu": 25})


# --- Recall -----------------------------------------------------------------------------------------------------------


def predictions(right: list[tuple[str, bool]]) -> pd.DataFrame:
    """Utterances of one speaker: a label each, and whether it is recognised."""
    other = {label: CLASSES[index - 1] for index, label in enumerate(CLASSES)}
    return pd.DataFrame(
        {
            "utterance": [f"u{row}" for row in range(len(right))],
            "speaker": "15",
            "split": "test",
            "label": [label for label, _ in right],
            "predicted": [label if hit else other[label] for label, hit in right],
        }
    )


def measured_recall(tables: dict[str, list[pd.DataFrame]]) -> pd.DataFrame:
    """Recall of methods, given each one's predictions, a table a seed."""
    runs, predicted = [], []
    for method, seeds in tables.items():
        for seed, rows in enumerate(seeds):
            run = fake.run("emodb", method, seed, None)
            run["splits"]["test"] = scoring.scores(rows, "test")
            runs.append(run)
            predicted.append(rows)
    files = SimpleNamespace(metrics=runs, predictions=predicted)
    return EMODB[2].numbers(base.Given(STUDY, files))


def test_recall_is_the_mean_over_seeds_within_its_interval() -> None:
    labels = ["angry"] * 8 + ["happy"] * 8 + ["neutral"] * 2
    hits = ([True] * 4 + [False] * 4, [True] * 6 + [False] * 2)
    tables = [predictions(list(zip(labels, [*each, *([True] * 10)], strict=True))) for each in hits]
    plotted = measured_recall({"nnpm": tables})
    angry = cell(plotted, method="nnpm", label="angry")
    assert (angry["recall"], angry["utterances"], angry["seeds"]) == (62.5, 8, 2)
    assert 0 < angry["low"] < 50 and 75 < angry["high"] <= 100
    happy = cell(plotted, label="happy")
    assert happy["recall"] == 100 and 50 < happy["low"] < 90 and happy["high"] == pytest.approx(100)
    assert math.isnan(cell(plotted, label="sad")["recall"])
    assert set(plotted["over"]) == {"mean over 2 seeds, 95 % interval over 18 utterances and seeds"}
    figure = EMODB[2].draw(plotted, STUDY)
    assert "no such utterance" in texts(figure) and "angry (8)" in texts(figure)
    assert "angry 62 (" in EMODB[2].describe(plotted, STUDY)


# --- Embedding --------------------------------------------------------------------------------------------------------


def test_two_dimensions_keep_the_distances_of_features_that_lie_in_them() -> None:
    generator = np.random.default_rng(0)
    angles = generator.uniform(0, 2 * np.pi, 30)
    plane = np.linalg.qr(generator.normal(size=(9, 2)))[0].T
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    rows = 5 * points @ plane  # of length 5: what counts is the direction
    source, target, kept = embedding.project((rows[:20], rows[20:]))
    assert kept == pytest.approx(1)
    drawn = np.concatenate([source, target])
    for one in range(30):
        assert np.linalg.norm(drawn - drawn[one], axis=1) == pytest.approx(np.linalg.norm(points - points[one], axis=1))


def test_both_domains_weigh_the_same() -> None:
    """A few target utterances decide as much as many source ones: they spread along the first axis, these hardly."""
    generator = np.random.default_rng(0)
    source = np.array([1.0, 0, 0, 0]) + generator.normal(size=(1000, 4)) * [0, 0, 0.2, 0.2]
    target = np.array([[1.0, 1.0, 0, 0], [1.0, -1.0, 0, 0]])
    _, spread, _ = embedding.project((source, target))
    assert abs(spread[0, 0] - spread[1, 0]) == pytest.approx(np.sqrt(2), rel=0.01)


def frames(count: int, labels: list[object]) -> pd.DataFrame:
    return pd.DataFrame({"utterance": [f"u{row}" for row in range(count)], "label": labels})


def test_states_lie_as_the_source_lay_before_and_agree_by_the_nearest() -> None:
    generator = np.random.default_rng(1)
    source, target = generator.normal(size=(12, 6)), generator.normal(size=(3, 6))
    turned = np.linalg.qr(generator.normal(size=(6, 6)))[0]  # the same features seen from elsewhere
    states = {"before": (source, target), "nnpm": (source @ turned, target @ turned)}
    labels: list[object] = [CLASSES[row % 4] for row in range(12)]
    plotted = embedding.projected(states, frames(12, labels), frames(3, ["angry", "sad", math.nan]))
    one, other = (plotted.loc[plotted["state"] == state, ["x", "y"]].to_numpy() for state in states)
    assert other == pytest.approx(one)
    unit = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (source, target)]
    nearest = [labels[int(np.argmax(unit[0] @ row))] for row in unit[1]]
    assert plotted["agreement"].iloc[0] == 50 * sum(
        mine == its for mine, its in zip(["angry", "sad"], nearest[:2], strict=True)
    )


# --- Figure 2 --------------------------------------------------------------------------------------------------------

TARGETS = ["shemo", "emodb"]
THRESHOLDS = figure2.Drawing(TARGETS, fake.THRESHOLDS)


@pytest.fixture(scope="module")
def whole() -> base.Given:
    return given(list(fake.runs()))


def test_the_threshold_is_that_of_the_variant(whole: base.Given) -> None:
    plotted = THRESHOLDS.numbers(whole)
    assert list(plotted["target"].unique()) == TARGETS
    assert list(plotted["threshold"][:6]) == [0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    runs = whole.metrics[(whole.metrics["target"] == "emodb") & (whole.metrics["method"] == "nnpm")]
    last = plotted.iloc[-1]
    assert last["mean"] == pytest.approx(100 * runs["ua"].mean())
    assert last["low"] < last["mean"] < last["high"] and last["unit"] == "utterances"
    assert plotted.loc[plotted["target"] == "shemo", "unit"].unique().tolist() == ["speakers"]
    assert (last["lowest"], last["highest"]) == pytest.approx((100 * runs["ua"].min(), 100 * runs["ua"].max()))
    assert (last["seeds"], last["paper"]) == (3, 50.57)
    assert plotted["paper"].notna().sum() == 2
    words = THRESHOLDS.describe(plotted, STUDY)
    assert "ShEMO: mean UA" in words and "at 0.9" in words


def test_legend_says_what_is_shown(whole: base.Given) -> None:
    def legend(drawing: figure2.Drawing, made: base.Given) -> set[str]:
        figure = drawing.draw(drawing.numbers(made), STUDY)
        return {text.get_text() for text in figure.legends[0].get_texts()}

    assert legend(THRESHOLDS, whole) == {
        "chance (25 %)",
        "95 % interval of the mean",
        "lowest and highest seed",
        "measured, mean over seeds",
        "paper (printed value at 0.9)",
    }
    one_seed = given([run for run in fake.runs() if run["seed"] == 0])
    assert legend(figure2.Drawing(["urdu"], fake.THRESHOLDS), one_seed) == {
        *("chance (25 %)", "95 % interval", "measured, one seed")
    }
    figure = THRESHOLDS.draw(THRESHOLDS.numbers(whole), STUDY)
    shown = [("ShEMO", "speakers"), ("EMO-DB", "utterances")]
    assert [axes.get_title() for axes in figure.axes] == [f"{name} (interval over {unit})" for name, unit in shown]


@pytest.mark.parametrize("count", [1, 4, 7])
def test_any_number_of_targets(whole: base.Given, count: int) -> None:
    drawn = figure2.Drawing([*fake.SIZES, "x", "y", "z"][:count], fake.THRESHOLDS)
    assert len(drawn.draw(drawn.numbers(whole), STUDY).axes) == count


# --- Gains ------------------------------------------------------------------------------------------------------------

GAIN = {"question": "reference", "column": "EMO-DB", "metric": "UA", "first": "NNPM", "second": "SNSA-F"}
GAIN |= {"difference": -5.25, "low": -9.0, "high": -1.5, "p": 0.01, "p_holm": 0.02, "differs": True}


def test_gains_are_the_tests_against_the_reference(tmp_path: Path) -> None:
    other = GAIN | {"first": "DANN", "difference": 2.0, "low": -1.0, "high": 5.0, "differs": False}
    withheld = GAIN | {"column": "URDU", "low": math.nan, "high": math.nan, "differs": False}
    rows = [GAIN, other, GAIN | {"metric": "WA"}, GAIN | {"question": "best"}, withheld]
    pd.DataFrame(rows, columns=list(TESTS)).to_csv(tmp_path / "comparisons.csv", index=False)
    drawn = gains.Drawing()
    plotted = drawn.numbers(given([], tests=tmp_path / "comparisons.csv"))
    assert plotted[["column", "method", "difference"]].to_numpy().tolist() == [
        *(["EMO-DB", "NNPM", -5.25], ["EMO-DB", "DANN", 2.0], ["URDU", "NNPM", -5.25])
    ]
    assert drawn.describe(plotted, STUDY).endswith("EMO-DB: NNPM -5.2*, DANN +2.0. URDU: NNPM -5.2.")
    figure = drawn.draw(plotted, STUDY)
    assert [axes.get_title() for axes in figure.axes] == ["EMO-DB", "URDU"]
    faces = [line.get_markerfacecolor() for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert faces == ["black", "white"]
    assert "points of UA over SNSA-F" in texts(figure)


# --- All of them ------------------------------------------------------------------------------------------------------


def every_figure(folder: Path, labelled: bool) -> Iterator[tuple[str, Figure, pd.DataFrame, str]]:
    """Each figure of a small study: name, figure, numbers, words."""
    counts = [[3, 1, 0, 0], [0, 2, 0, 1], [1, 0, 1, 0], [1, 1, 1, 1]] if labelled else None
    ua = {"test_ua": 0.4} if labelled else {}
    kept = {"memory_positives": 3.0, **{name: 0.1 * i for i, name in enumerate(memory.QUANTILES)}, **ALL_FOUR}
    purity = dict.fromkeys(memory.PURITIES, 0.5) if labelled else {}
    paths = []
    for method in ("snsa-f", "nnpm", "dann"):
        measured = {**ua, **ALL_FOUR, **(kept | purity if method == "nnpm" else {})}
        epochs = [] if method == "snsa-f" else [{"epoch": epoch, **measured} for epoch in (1, 2, 3)]
        paths.append(write_run(folder, method, start=measured, epochs=epochs, confusion=counts))
    target = None if labelled else pd.DataFrame({"split": ["train"], "label": [math.nan]})
    tests = pd.DataFrame([GAIN] if labelled else [], columns=list(TESTS))
    tests.to_csv(folder / "comparisons.csv", index=False)
    made = given(paths, tests=folder / "comparisons.csv", **manifests(folder, target))
    content: dict[str, dict[str, Any]] = {name: {"target": "emodb"} for name in ("confusion", "curves", "recall")}
    content["memory"] = {"targets": ["emodb"], "methods": ["nnpm", "dann"]}
    content["gains"] = {}
    content["figure2"] = {"targets": ["emodb"], "variants": fake.THRESHOLDS}
    for name, shown in content.items():
        drawn = base.load(name, shown)
        numbers = drawn.numbers(made)
        yield name, drawn.draw(numbers, STUDY), numbers, drawn.describe(numbers, STUDY)
    generator = np.random.default_rng(0)
    state = generator.normal(size=(8, 5)), generator.normal(size=(4, 5))
    rows = frames(4, list(CLASSES) if labelled else [math.nan] * 4)
    numbers = embedding.projected({"before": state, "nnpm": state}, frames(8, [*CLASSES, *CLASSES]), rows)
    drawn = embedding.Drawing("emodb", ["nnpm"], 0, 2, {})
    yield "embedding", drawn.draw(numbers, STUDY), numbers, drawn.describe(numbers, STUDY)


@pytest.mark.parametrize("labelled", [True, False])
def test_files_are_the_same_every_time_and_say_what_they_show(tmp_path: Path, labelled: bool) -> None:
    for attempt in ("a", "b"):
        for name, figure, numbers, described in every_figure(tmp_path / f"runs-{attempt}", labelled):
            words = base.words(name, "emodb" if FIGURES[name].per_target else "", described, STUDY)
            files = {kind: tmp_path / attempt / f"{words.name}.{kind}" for kind in ("png", "svg", "csv", "json")}
            drawing.publish(figure, numbers, words, SimpleNamespace(**files))
            shown = drawing.load(files["svg"], files["json"], files["csv"])
            assert shown.words == words and "<svg" in shown.svg and "dc:date" not in shown.svg
            assert shown.words.description == described and "{" not in words.title + words.caption
            assert not re.search(r"\bnan\b", described + texts(figure)), name
    made = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert len(made) == 4 * len(FIGURES)
    for name in made:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_an_unlabelled_target_has_panels_that_say_so(tmp_path: Path) -> None:
    said = {"confusion": "no labelled runs", "curves": "no labels, no score", "memory": "no labels"}
    said |= {"recall": "no labels", "embedding": "no label", "figure2": "no labelled runs", "gains": "no labelled runs"}
    for name, figure, _, _ in every_figure(tmp_path, labelled=False):
        assert said[name] in texts(figure), name


def test_a_study_without_training_has_figures_all_the_same(tmp_path: Path) -> None:
    made = given([write_run(tmp_path, "svm", confusion=[[1, 0, 0, 0]] + [[0, 1, 0, 0]] * 3)], **manifests(tmp_path))
    assert EMODB[1].draw(EMODB[1].numbers(made), STUDY).axes
    drawn = memory.Drawing(["emodb"], ["nnpm"])
    plotted = drawn.numbers(made)
    assert "no memory" in texts(drawn.draw(plotted, STUDY))
    assert drawn.describe(plotted, STUDY) == "No method with a memory ran."


def test_the_table_of_figures_says_where_each_is_drawn() -> None:
    root = Path(table.__file__).parents[2]
    assert all((root / entry.file).is_file() for entry in FIGURES.values())
    assert all(entry.per_target == ("{target}" in entry.title) for entry in FIGURES.values())
