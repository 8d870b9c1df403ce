"""What the paper leaves open, read in other ways: what the runs scored, and what the criterion picks."""

import json
import math

import numpy as np
import pandas as pd
import pytest
import yaml

import fake_study as fake
from nnpm import pages
from nnpm.errors import InputError
from nnpm.reporting import drawing, metrics
from nnpm.reporting.evidence import Evidence
from nnpm.reporting.sensitivity import figure, numbers, text
from nnpm.reporting.sensitivity.numbers import Reading
from nnpm.reporting.study import Study

STUDY = Study("open", "iemocap")
TARGETS = ("urdu", "emodb")

# --- What the criterion picks -----------------------------------------------------------------------------------------

RATE, NEGATIVES, UPDATE = "adaptation.learning_rate", "objective.hard_negative_ratio", "memory.update"


def best(changes, criterion):
    """What is picked of readings with these changes and values of the criterion."""
    readings = [Reading(str(number), change, f"v{number}", "default") for number, change in enumerate(changes)]
    summary = pd.DataFrame({"reading": [reading.title for reading in readings], "im": criterion})
    return numbers.best(summary, readings)


def test_of_each_key_the_best_above_the_study_is_taken():
    changes = [{}, {RATE: 0.1}, {RATE: 0.2}, {RATE: 0.3}, {NEGATIVES: 0}, {NEGATIVES: 0.1}, {UPDATE: "b"}]
    criterion = [0.5, 0.6, 0.8, 0.8, 0.4, 0.51, 0.5]
    # The learning rate's best is 0.8, first reached at 0.2; no negatives lose; the update draws with the study's own.
    assert best(changes, criterion) == {RATE: 0.2, NEGATIVES: 0.1}


def test_a_combination_does_not_pick_itself():
    assert best([{}, {RATE: 0.1}, {RATE: 0.2, NEGATIVES: 0}], [0.5, 0.4, 0.9]) == {}


# --- What was measured ------------------------------------------------------------------------------------------------


def write_run(folder, target, seed, confusion, im, positives=None, purity=None, start=(0.5, 0.3), variant="default"):
    """A run's metrics.json, with its other files beside it; rows of the confusion matrix are true classes."""
    run = fake.run(target, "nnpm", seed, confusion, variant)
    scored = {"test_ua": run["splits"]["test"]["ua"]} if confusion else {}
    memory = {"memory_positives": positives, "memory_positive_purity": purity}
    epochs = [{"epoch": epoch, "im": im * epoch / 2} | scored | memory for epoch in (1, 2)]
    tracked = {"im": start[1], "memory_positives": 6.0} | ({"test_ua": start[0]} if confusion else {})
    return fake.write(folder, run, tracked, epochs)


OWN = Reading("default", {}, "default", "default")


def measure(paths, readings=(OWN,)):
    """Runs and summary of these metrics.json; the backbones before adaptation predict what the runs predict."""
    loaded = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    own = [run for run in loaded if run["variant"] == "default"]
    before = [run | {"method": "snsa-f"} for run in own]
    shown = [*loaded, *before]
    evidence = Evidence(metrics.predictions_frame(shown, list(map(fake.predictions, shown))))
    runs = numbers.runs_frame(paths, readings)
    return runs, numbers.summarise(runs, metrics.metrics_frame(shown), evidence, readings)


HALF = [[2, 2, 0, 0], [0, 4, 0, 0], [1, 0, 1, 2], [2, 0, 2, 0]]  # recalls 1/2, 1, 1/4, 0
GOOD = [[4, 0, 0, 0], [0, 4, 0, 0], [0, 0, 4, 0], [0, 0, 1, 3]]  # 1, 1, 1, 3/4


def test_numbers_by_hand(tmp_path):
    paths = [
        write_run(tmp_path, "urdu", 0, HALF, 0.4, 2.0, 0.25),
        write_run(tmp_path, "urdu", 1, GOOD, 0.2, 0.0, None, start=(0.7, 0.1)),
        write_run(tmp_path, "urdu", 0, GOOD, 1.2, 10.0, 0.75, variant="freeze~0"),
        write_run(tmp_path, "urdu", 1, GOOD, 1.0, 30.0, 0.5, variant="freeze~0"),
    ]
    changed = Reading("other", {"adaptation.freeze": 0}, "freeze~0", "default")
    frame, summary = measure(paths, (OWN, changed))
    assert frame["ua"].tolist() == [0.4375, 0.9375, 0.9375, 0.9375]
    own, changed = summary.to_dict("records")
    assert (own["reading"], own["target"], own["seeds"]) == ("default", "urdu", 2)
    assert own["ua"] == pytest.approx((0.4375 + 0.9375) / 2)
    assert own["std"] == pytest.approx(0.5 / math.sqrt(2))
    assert own["im"] == pytest.approx(0.3) and own["positives"] == 1
    assert own["purity"] == 0.25  # of the one seed that has positives
    assert (own["start_ua"], own["start_im"]) == pytest.approx((0.6, 0.2))
    assert own["low"] <= own["ua"] <= own["high"] and own["unit"] and own["difference"] == 0
    assert (changed["ua"], changed["std"], changed["purity"]) == pytest.approx((0.9375, 0, 0.625))
    assert changed["difference"] == pytest.approx(0.25)
    assert numbers.criterion(summary).to_dict() == pytest.approx({"default": 0.3, "other": 1.1})


def test_the_criterion_weighs_targets_alike(tmp_path):
    values = {"urdu": [0.2, 0.4], "emodb": [0.9]}
    paths = [
        write_run(tmp_path, target, seed, HALF, im) for target, seeds in values.items() for seed, im in enumerate(seeds)
    ]
    assert numbers.criterion(measure(paths)[1])["default"] == pytest.approx((0.3 + 0.9) / 2)


def test_an_unlabelled_target_has_a_criterion_and_no_score(tmp_path):
    frame, summary = measure([write_run(tmp_path, "mine", 0, None, 0.4, 3.0)])
    assert summary[["ua", "low", "high", "start_ua"]].isna().all(axis=None)
    assert numbers.criterion(summary)["default"] == pytest.approx(0.4)
    assert "no labels" in text.describe(summary, ["mine"], STUDY)
    assert "—" in pages.to_markdown(text.page(summary, ["mine"], STUDY))
    drawn = figure.draw(frame, summary, ["mine"], [], STUDY)
    assert [label.get_text() for label in drawn.axes[0].texts] == ["no labels"]


def test_a_run_without_the_criterion_is_refused(tmp_path):
    path = fake.write(tmp_path, fake.run("urdu", "nnpm", 0, HALF), {"im": 0.4}, [{"epoch": 1, "loss": 0.1}])
    with pytest.raises(InputError, match=r"history\.csv: has no column 'im'"):
        numbers.runs_frame([path], [OWN])


# --- Figure, table, words, overlay ------------------------------------------------------------------------------------

READINGS = (
    OWN,
    Reading("no negatives", {NEGATIVES: 0}, "hard_negative_ratio~0", "default"),
    Reading("learning rate 0.0001", {RATE: 0.0001}, "learning_rate~0.0001", "default"),
    Reading("alpha weighs the old slot", {UPDATE: "retention_rate"}, "update~retention_rate", "default"),
)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Runs and summary of four readings on two targets with three seeds; the criterion likes the first two changes."""
    base, random = tmp_path_factory.mktemp("runs"), np.random.default_rng(0)
    paths = []
    for number, reading in enumerate(READINGS):
        for target in TARGETS:
            for seed in range(3):
                confusion = random.multinomial(12, [0.4, 0.2, 0.2, 0.2], size=4).tolist()
                im = (0.4, 0.9, 0.6, 0.2)[number] + 0.01 * seed
                positives = (0.0, 5.0, 0.5, 0.0)[number] * (1 + seed)
                paths.append(write_run(base, target, seed, confusion, im, positives, 0.4, variant=reading.variant))
    return measure(paths, READINGS)


def test_the_picked_combination_is_an_overlay(study):
    _, summary = study
    chosen = numbers.best(summary, READINGS)
    assert chosen == {NEGATIVES: 0, RATE: 0.0001}
    written = text.overlay(chosen, summary, READINGS)
    assert "0.9100  no negatives" in written
    added = yaml.safe_load(written)["figures"]["sensitivity"]["readings"]["combination"]
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
        assert [label.get_text() for label in axes.get_yticklabels()] == [reading.title for reading in READINGS]
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
    rows = [line for line in pages.to_markdown(text.page(summary, TARGETS, STUDY)).splitlines() if line.startswith("|")]
    assert len({line.replace(r"\|", "").count("|") for line in rows}) == 1


def test_table_and_words(study):
    _, summary = study
    table = pages.to_markdown(text.page(summary, TARGETS, STUDY))
    first = summary[summary["target"] == "emodb"].iloc[0]
    cell = f"{100 * first['ua']:.1f} ± {100 * first['std']:.1f} [{100 * first['low']:.1f}, {100 * first['high']:.1f}]"
    assert cell in table.partition("## EMO-DB")[2].splitlines()[4]
    assert "95 % interval" in table and "3 seeds" in table
    words = text.describe(summary, TARGETS, STUDY)
    assert "URDU: 50.0 before adaptation" in words and "no negatives 0.910" in words


@pytest.mark.parametrize(
    ("value", "words"), [(0, "0"), (0.0123, "0.012"), (3.44, "3.4"), (210.4, "210"), (math.nan, "—")]
)
def test_counts(value, words):
    assert text.format_count(value) == words
