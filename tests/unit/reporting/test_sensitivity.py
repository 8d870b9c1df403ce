"""The readings of what the paper leaves open: which runs they are, what they scored, and what the criterion picks."""

import copy
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from nnpm import CLASSES
from nnpm.errors import InputError
from nnpm.reporting import drawing
from nnpm.reporting.sensitivity import figure, numbers, text
from nnpm.reporting.tables import Study
from nnpm.workflow import config, sensitivity

ROOT = Path(__file__).parents[3]
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"
STUDY = Study("open", "ravdess")
TARGETS = ("urdu", "emodb")


def configured(readings, **more):
    """The open study with a sensitivity study of these readings."""
    content = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))
    overlay = yaml.safe_load((ROOT / "config" / "open.yaml").read_text(encoding="utf-8"))
    content = sensitivity.merged(content, overlay)
    content["figures"]["sensitivity"] = {"targets": list(TARGETS), "readings": readings, **more}
    return content


# --- Which runs there are ---------------------------------------------------------------------------------------------


def test_a_study_without_the_figure_has_no_readings():
    content = configured({})
    content["figures"]["sensitivity"] = None
    assert sensitivity.readings(content) == []


def test_a_reading_is_the_study_with_its_own_values():
    content = configured({"slow": {"adaptation": {"learning_rate": 0.07}, "memory": {"final_rate": 0.25}}})
    before = copy.deepcopy(content)
    own, slow = sensitivity.readings(content)
    assert (own.title, own.changes, own.is_run, own.settings) == ("default", {}, True, content)
    assert slow.changes == {"adaptation.learning_rate": 0.07, "memory.final_rate": 0.25}
    assert slow.name == "learning_rate~0.07,final_rate~0.25"
    assert not slow.is_run and slow.normalisation is None
    assert slow.settings["adaptation"] == {**content["adaptation"], "learning_rate": 0.07}
    assert slow.settings["memory"] == {**content["memory"], "final_rate": 0.25}
    assert slow.settings["objective"] == content["objective"] and content == before


def test_the_study_and_repetitions_are_not_run_twice():
    content = configured({})
    rate = content["adaptation"]["learning_rate"]
    readings = {
        "as it is": {"adaptation": {"learning_rate": rate}},
        "default": {},
        "other": {"adaptation": {"learning_rate": rate * 3}},
        "the same": {"adaptation": {"learning_rate": rate * 3, "threshold": content["adaptation"]["threshold"]}},
    }
    content["figures"]["sensitivity"]["readings"] = readings
    assert [reading.title for reading in sensitivity.readings(content)] == ["default", "other"]


def test_threshold_and_frozen_blocks_alone_make_an_ordinary_run():
    readings = {
        "plain": {"adaptation": {"threshold": 0.35, "freeze": 1}},
        "not": {"adaptation": {"threshold": 0.35}, "objective": {"positive_weight": 7}},
    }
    assert [reading.is_run for reading in sensitivity.readings(configured(readings))] == [True, True, False]


def test_the_overlay_is_valid_on_the_studies_it_is_meant_for():
    overlay = yaml.safe_load((ROOT / "config" / "sensitivity.yaml").read_text(encoding="utf-8"))
    content = sensitivity.merged(configured({"x": {}}), {"figures": {"sensitivity": None}})
    content = sensitivity.merged(content, overlay)
    config.check(content, SCHEMA)
    readings = sensitivity.readings(content)
    assert all(len(reading.changes) == 1 for reading in readings[1:])
    varied = {key for reading in readings for key in reading.changes}
    assert varied == {
        *("memory.update", "features.normalisation"),
        *("objective.negative_label", "objective.positive_weight", "objective.hard_negative_ratio"),
        *("adaptation.learning_rate", "adaptation.threshold", "adaptation.epoch"),
    }


@pytest.mark.parametrize(
    ("readings", "more", "words"),
    [
        ({"no neg": {"objective": {"negative_labl": 0}}}, {}, ["'no neg'", "objective.negative_labl", "unknown key"]),
        ({"odd": {"memory": {"update": "sometimes"}}}, {}, ["'odd'", "memory.update", "sometimes"]),
        ({"odd": {"adaptation": {"threshold": 2}}}, {}, ["'odd'", "adaptation.threshold", "2"]),
        ({"odd": {"backbone": {"hidden": 7}}}, {}, ["odd.backbone", "unknown key", "objective"]),
        ({"odd": {"features": {"n_mels": 7}}}, {}, ["odd.features.n_mels", "unknown key", "normalisation"]),
        ({}, {}, ["figures.sensitivity.readings"]),
        ({"x": {}}, {"targets": ["shemo"]}, ["figures.sensitivity.targets", "shemo"]),
        ({"x": {}}, {"seeds": [0, 99]}, ["figures.sensitivity.seeds", "99"]),
    ],
)
def test_a_fault_is_one_line_that_names_the_reading(readings, more, words):
    with pytest.raises(InputError) as caught:
        config.check(configured(readings, **more), SCHEMA)
    message = str(caught.value)
    assert "\n" not in message and message.startswith("config: ")
    assert all(word in message for word in words), message


# --- What the criterion picks -----------------------------------------------------------------------------------------

RATE, NEGATIVES, UPDATE = "adaptation.learning_rate", "objective.hard_negative_ratio", "memory.update"


def test_of_each_key_the_best_above_the_study_is_taken():
    changes = [{}, {RATE: 0.1}, {RATE: 0.2}, {RATE: 0.3}, {NEGATIVES: 0}, {NEGATIVES: 0.1}, {UPDATE: "b"}]
    criterion = [0.5, 0.6, 0.8, 0.8, 0.4, 0.51, 0.5]
    # The learning rate's best is 0.8, first reached at 0.2; no negatives lose; the update draws with the study's own.
    assert sensitivity.best(changes, criterion) == {RATE: 0.2, NEGATIVES: 0.1}


def test_a_combination_does_not_pick_itself():
    assert sensitivity.best([{}, {RATE: 0.1}, {RATE: 0.2, NEGATIVES: 0}], [0.5, 0.4, 0.9]) == {}


# --- What was measured ------------------------------------------------------------------------------------------------


def write_run(folder, target, seed, confusion, im, positives=None, purity=None, start=(0.5, 0.3)):
    """A run's files, in the form that adaptation gives them; rows of the confusion matrix are true classes."""
    folder.mkdir(parents=True)
    rows = [
        (f"u{true}{n:02d}", f"{n % 4}", "test", CLASSES[true], CLASSES[predicted])
        for true, counts in enumerate(confusion or [])
        for n, predicted in enumerate(np.repeat(range(len(CLASSES)), counts))
    ]
    columns = ["utterance", "speaker", "split", "label", "predicted"]
    predictions = pd.DataFrame(rows or [("u", "0", "train", "", "sad")], columns=columns)
    predictions.to_csv(folder / "predictions.csv", index=False)
    recall = [row[i] / sum(row) for i, row in enumerate(confusion or [])]
    scored = {"test_ua": np.mean(recall)} if confusion else {}
    history = pd.DataFrame([{"epoch": epoch, "im": im * epoch / 2} | scored for epoch in (1, 2)])
    history["memory_positives"], history["memory_positive_purity"] = positives, purity
    history.to_csv(folder / "history.csv", index=False)
    tracked = {"im": start[1], "memory_positives": 6.0} | ({"test_ua": start[0]} if confusion else {})
    metrics = {"target": target, "seed": seed, "start": tracked}
    (folder / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    return folder


def files(folders, titles):
    return [
        numbers.Run(title, folder / "metrics.json", folder / "history.csv")
        for title, folder in zip(titles, folders, strict=True)
    ], [folder / "predictions.csv" for folder in folders]


HALF = [[2, 2, 0, 0], [0, 4, 0, 0], [1, 0, 1, 2], [2, 0, 2, 0]]  # recalls 1/2, 1, 1/4, 0
GOOD = [[4, 0, 0, 0], [0, 4, 0, 0], [0, 0, 4, 0], [0, 0, 1, 3]]  # 1, 1, 1, 3/4


def test_numbers_by_hand(tmp_path):
    folders = [
        write_run(tmp_path / "a", "urdu", 0, HALF, 0.4, 2.0, 0.25),
        write_run(tmp_path / "b", "urdu", 1, GOOD, 0.2, 0.0, None, start=(0.7, 0.1)),
        write_run(tmp_path / "c", "urdu", 0, GOOD, 1.2, 10.0, 0.75),
        write_run(tmp_path / "d", "urdu", 1, GOOD, 1.0, 30.0, 0.5),
    ]
    runs, predictions = files(folders, ["default", "default", "other", "other"])
    frame = numbers.runs_frame(runs)
    assert frame["ua"].tolist() == [0.4375, 0.9375, 0.9375, 0.9375]
    summary = numbers.summarise(frame, predictions, predictions)
    own, changed = summary.to_dict("records")
    assert (own["reading"], own["target"], own["seeds"]) == ("default", "urdu", 2)
    assert own["ua"] == pytest.approx((0.4375 + 0.9375) / 2)
    assert own["std"] == pytest.approx(0.5 / math.sqrt(2))
    assert own["im"] == pytest.approx(0.3) and own["positives"] == 1
    assert own["purity"] == 0.25  # of the one seed that has positives
    assert (own["start_ua"], own["start_im"]) == pytest.approx((0.6, 0.2))
    assert own["low"] <= own["ua"] <= own["high"] and own["unit"]
    assert (changed["ua"], changed["std"], changed["purity"]) == pytest.approx((0.9375, 0, 0.625))
    assert numbers.criterion(summary).to_dict() == pytest.approx({"default": 0.3, "other": 1.1})


def test_the_criterion_weighs_targets_alike(tmp_path):
    values = {"urdu": [0.2, 0.4], "emodb": [0.9]}
    folders = [
        write_run(tmp_path / f"{target}{seed}", target, seed, HALF, im)
        for target, seeds in values.items()
        for seed, im in enumerate(seeds)
    ]
    runs, predictions = files(folders, ["default"] * 3)
    summary = numbers.summarise(numbers.runs_frame(runs), predictions, predictions)
    assert numbers.criterion(summary)["default"] == pytest.approx((0.3 + 0.9) / 2)


def test_an_unlabelled_target_has_a_criterion_and_no_score(tmp_path):
    runs, predictions = files([write_run(tmp_path / "a", "mine", 0, None, 0.4, 3.0)], ["default"])
    frame = numbers.runs_frame(runs)
    summary = numbers.summarise(frame, predictions, predictions)
    assert summary[["ua", "low", "high", "start_ua"]].isna().all(axis=None)
    assert numbers.criterion(summary)["default"] == pytest.approx(0.4)
    assert "no labels" in text.describe(summary, ["mine"])
    assert "—" in text.to_markdown(summary, ["mine"], STUDY)
    drawn = figure.draw(frame, summary, ["mine"], [], STUDY)
    assert [label.get_text() for label in drawn.axes[0].texts] == ["no labels"]


def test_a_run_without_the_criterion_is_refused(tmp_path):
    folder = write_run(tmp_path / "a", "urdu", 0, HALF, 0.4)
    pd.DataFrame({"epoch": [1], "loss": [0.1]}).to_csv(folder / "history.csv", index=False)
    with pytest.raises(InputError, match=r"history\.csv.*criterion"):
        numbers.runs_frame(files([folder], ["default"])[0])


# --- Figure, table, words, overlay ------------------------------------------------------------------------------------

READINGS = {
    "default": {},
    "no negatives": {NEGATIVES: 0},
    "learning rate 0.0001": {RATE: 0.0001},
    "alpha weighs the old slot": {UPDATE: "retention_rate"},
}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Runs and summary of four readings on two targets with three seeds; the criterion likes the first two changes."""
    base, random = tmp_path_factory.mktemp("runs"), np.random.default_rng(0)
    folders, titles = [], []
    for number, title in enumerate(READINGS):
        for target in TARGETS:
            for seed in range(3):
                confusion = random.multinomial(12, [0.4, 0.2, 0.2, 0.2], size=4).tolist()
                im = (0.4, 0.9, 0.6, 0.2)[number] + 0.01 * seed
                positives = (0.0, 5.0, 0.5, 0.0)[number] * (1 + seed)
                folders.append(write_run(base / f"{number}{target}{seed}", target, seed, confusion, im, positives, 0.4))
                titles.append(title)
    runs, predictions = files(folders, titles)
    frame = numbers.runs_frame(runs)
    return frame, numbers.summarise(frame, predictions, predictions)


def test_the_picked_combination_is_an_overlay(study):
    _, summary = study
    chosen = numbers.best(summary, READINGS)
    assert chosen == {NEGATIVES: 0, RATE: 0.0001}
    written = text.overlay(chosen, summary, READINGS)
    assert "0.9100  no negatives" in written
    content = sensitivity.merged(configured({"x": {}}), yaml.safe_load(written))
    config.check(content, SCHEMA)
    added = content["figures"]["sensitivity"]["readings"]["combination"]
    assert added == {"objective": {"hard_negative_ratio": 0}, "adaptation": {"learning_rate": 0.0001}}


def test_one_reading_is_no_combination(study):
    _, summary = study
    written = text.overlay({NEGATIVES: 0}, summary, READINGS)
    assert "nothing to combine" in written and yaml.safe_load(written) == {}


def test_files_are_the_same_every_time(study, tmp_path):
    for name in ("a", "b"):
        drawn = figure.draw(*study, TARGETS, ["no negatives"], STUDY)
        for kind in ("svg", "png"):
            drawing.save(drawn, tmp_path / f"{name}.{kind}", kind)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_the_figure_shows_every_reading_and_every_seed(study):
    frame, summary = study
    drawn = figure.draw(frame, summary, TARGETS, ["no negatives"], STUDY)
    assert len(drawn.axes) == len(TARGETS) * 4
    for index, target in enumerate(TARGETS):
        axes = drawn.axes[4 * index]
        assert [label.get_text() for label in axes.get_yticklabels()] == list(READINGS)
        points = sorted(float(x) for line in axes.lines for x in line.get_xdata() if line.get_marker() in ("o", "D"))
        of_target = frame[frame["target"] == target], summary[summary["target"] == target]
        assert points == pytest.approx(sorted(100 * value for part in of_target for value in part["ua"]))
    legend = {label.get_text() for label in drawn.legends[0].get_texts()}
    assert legend == {
        *("mean over seeds, 95 % interval", "a seed", "before adaptation (SNSA-F)", "chance (25 %)"),
        "picked without labels",
    }


def test_a_title_is_no_formula_and_no_column(study, tmp_path):
    title = r"$\undefined{$ | $(touch pwned) {wildcards}"
    frame, summary = (part.replace({"reading": {"no negatives": title}}) for part in study)
    drawing.save(figure.draw(frame, summary, TARGETS, [title], STUDY), tmp_path / "x.svg", "svg")
    rows = [line for line in text.to_markdown(summary, TARGETS, STUDY).splitlines() if line.startswith("|")]
    assert len({line.replace(r"\|", "").count("|") for line in rows}) == 1


def test_table_and_words(study):
    _, summary = study
    table = text.to_markdown(summary, TARGETS, STUDY)
    first = summary[summary["target"] == "emodb"].iloc[0]
    cell = f"{100 * first['ua']:.1f} ± {100 * first['std']:.1f} [{100 * first['low']:.1f}, {100 * first['high']:.1f}]"
    assert cell in table.partition("**EMO-DB**")[2].splitlines()[4]
    assert "95 % interval" in table and "3 seeds" in table
    words = text.describe(summary, TARGETS)
    assert "URDU: 50.0 before adaptation" in words and "no negatives 0.910" in words


@pytest.mark.parametrize(
    ("value", "words"), [(0, "0"), (0.0123, "0.012"), (3.44, "3.4"), (210.4, "210"), (math.nan, "—")]
)
def test_counts(value, words):
    assert text.format_count(value) == words
