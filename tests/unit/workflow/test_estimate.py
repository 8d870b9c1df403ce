"""The estimate of a plan: how many trainings it holds, and about how long they take. Numbers are worked by hand."""

import json
from pathlib import Path

import pytest
import yaml

from nnpm import corpora
from nnpm.workflow import estimate
from nnpm.workflow.estimate import ADAPTATION, MEMORY, PRETRAINING, SHARE, Estimate
from nnpm.workflow.plan import Plan
from nnpm.workflow.variants import merged

CONFIG = yaml.safe_load((Path(__file__).parents[3] / "config" / "config.yaml").read_text(encoding="utf-8"))
#: One pair, no other tables and figures; SNSA-F has no epochs, CORAL has no memory.
SMALL = merged(
    CONFIG,
    {
        "source": "ravdess",
        "targets": ["emodb"],
        "seeds": [0],
        "pretraining": {"epochs": 10},
        "adaptation": {"epochs": 20},
        "tables": {"table1": {"methods": ["snsa-f", "coral"]}, "table2": None, "table3": None},
        "figures": {"figure2": None, "diagnostics": None},
    },
)
RAVDESS, EMODB, TESS = 672, 339, 1600  # published utterances


@pytest.fixture(autouse=True)
def round_rates(monkeypatch):
    """Rates that a reader can multiply."""
    monkeypatch.setattr(estimate, "PRETRAINING", 1.0)
    monkeypatch.setattr(estimate, "ADAPTATION", 10.0)
    monkeypatch.setattr(estimate, "MEMORY", 0.0)
    monkeypatch.setattr(estimate, "SHARE", 0.5)


def estimated(folder, files=None, **changes):
    """The estimate of the small study with other settings, and of its seconds instead of hours."""
    plan = Plan(merged(SMALL, changes), root="<results>/")
    known = {name: corpora.get(name, plan.config["manifests"].get(name)) for name in plan.corpora}
    found = estimate.of_plan(plan, folder, known, files)
    return found, pytest.approx(3600 * found.hours)


def finish(folder, seconds=None):
    """Write the last file of a training."""
    folder.mkdir(parents=True)
    (folder / "metrics.json").write_text(json.dumps({} if seconds is None else {"seconds": seconds}))


def checked(folder, name, utterances):
    """Write a corpus's manifest."""
    (folder / "corpora" / name).mkdir(parents=True)
    lines = ["utterance,path", *(f'{number},"a, {number}"' for number in range(utterances))]
    (folder / "corpora" / name / "manifest.csv").write_text("\n".join(lines) + "\n")


def test_a_pretraining_and_its_runs(tmp_path):
    found, seconds = estimated(tmp_path)
    assert (found.pairs, found.pretrainings, found.runs, found.remaining, found.unknown) == (1, 1, 2, 3, 0)
    assert seconds == 10 * RAVDESS / 2 * 1 + 20 * RAVDESS / 2 * 10


def test_an_epoch_may_pass_over_the_target(tmp_path):
    _, seconds = estimated(tmp_path, adaptation={"epoch": "target"}, splits={"test_size": 0.25})
    assert seconds == 10 * RAVDESS / 2 * 1 + 20 * 0.75 * EMODB * 10
    _, seconds = estimated(tmp_path, adaptation={"epoch": "target"}, splits={"protocol": "all"})
    assert seconds == 10 * RAVDESS / 2 * 1 + 20 * EMODB * 10, "all of it is adapted to"


def test_the_manifest_counts_what_is_there(tmp_path):
    checked(tmp_path, "ravdess", 40)
    _, seconds = estimated(tmp_path)
    assert seconds == 10 * 20 * 1 + 20 * 20 * 10


@pytest.mark.parametrize(("files", "utterances"), [(40, 40), (5000, RAVDESS)])
def test_a_part_of_a_corpus_has_fewer_files_than_are_published(tmp_path, files, utterances):
    _, seconds = estimated(tmp_path, files=lambda name: range(files))
    assert seconds == 10 * utterances / 2 * 1 + 20 * utterances / 2 * 10


def test_what_is_done_is_not_counted(tmp_path):
    finish(tmp_path / "pretrained/ravdess/default/seed~0")
    finish(tmp_path / "runs/ravdess/emodb/snsa-f/default/seed~0", 0.0)
    found, seconds = estimated(tmp_path)
    assert (found.pretrainings, found.runs, found.remaining, found.measured) == (1, 2, 1, False)
    assert seconds == 20 * RAVDESS / 2 * 10


def test_what_is_done_tells_how_fast_the_rest_is(tmp_path):
    finish(tmp_path / "pretrained/ravdess/default/seed~0", 10 * RAVDESS / 2 / 8)  # eight times as fast as expected
    found, seconds = estimated(tmp_path)
    assert found.measured and seconds == 20 * RAVDESS / 2 * 10 / 8


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"seconds": null}'])
def test_a_damaged_file_tells_nothing(tmp_path, text):
    finish(tmp_path / "pretrained/ravdess/default/seed~0")
    (tmp_path / "pretrained/ravdess/default/seed~0/metrics.json").write_text(text)
    found, _ = estimated(tmp_path)
    assert (found.remaining, found.measured) == (2, False)


def test_variants_take_as_long_as_their_own_settings(tmp_path, monkeypatch):
    monkeypatch.setattr(estimate, "UNFROZEN", {2: 1.0, 1: 2.0, 0: 3.0})
    readings = {"longer": {"pretraining": {"epochs": 100}}, "shorter": {"adaptation": {"epochs": 5}}}
    found, seconds = estimated(
        tmp_path,
        tables={"table1": {"methods": ["nnpm"]}, "table3": {"target": "emodb", "freeze": [0, 1, 2]}},
        figures={"sensitivity": {"targets": ["emodb"], "readings": readings}},
        features={"duration": 3.75},
    )
    # NNPM at 3 depths and 2 readings; SNSA-F before adaptation from 2 backbones. Utterances are half as long.
    assert (found.pretrainings, found.runs) == (2, 3 + 2 + 2)
    pretrainings, epochs = 10 + 100, 20 * (1 + 2 + 3) + 20 + 5
    assert seconds == RAVDESS / 2 / 2 * (pretrainings * 1 + epochs * 10)


@pytest.mark.parametrize(
    ("features", "share"),
    [
        ({}, 1),
        ({"padding": "masked"}, estimate.MASKED),
        ({"hop_length": 320}, 0.5),
        ({"front_end": "x"}, 0.5),  # 50 frames per second
        ({"front_end": "descriptors"}, 1),
    ],
)
def test_fewer_frames_take_less(tmp_path, features, share):
    found, _ = estimated(tmp_path, features=features, front_ends={"x": {"model": "./x"}})
    assert found.hours == pytest.approx(share * estimated(tmp_path)[0].hours)


def test_a_memory_takes_time_with_its_slots(tmp_path, monkeypatch):
    monkeypatch.setattr(estimate, "MEMORY", 0.25)
    _, seconds = estimated(tmp_path, tables={"table1": {"methods": ["nnpm"]}})
    assert seconds == RAVDESS / 2 * (10 * 1 + 20 * (10 + 0.25 * RAVDESS / 2))


def test_pools_and_all_others(tmp_path):
    found, seconds = estimated(tmp_path, source=["ravdess", ["tess", "ravdess"], "others"], targets=["emodb", "tess"])
    # To EMO-DB from RAVDESS, and from TESS with RAVDESS, which are also all others.
    # To TESS from RAVDESS, and from all others: RAVDESS with EMO-DB.
    assert (found.pairs, found.pretrainings, found.runs) == (4, 3, 2 * 4)
    pretrained = RAVDESS + (RAVDESS + TESS) + (RAVDESS + EMODB)
    adapted = RAVDESS + (RAVDESS + TESS) + RAVDESS + (RAVDESS + EMODB)
    assert seconds == 10 * pretrained / 2 * 1 + 20 * adapted / 2 * 10


def test_a_corpus_of_unknown_size_is_told(tmp_path):
    own = {"source": [["ravdess", "mine"]], "manifests": {"mine": "mine.csv"}}
    found, seconds = estimated(tmp_path, **own)
    assert found.unknown == 1 and seconds == RAVDESS / 2 * (10 * 1 + 20 * 10)
    found, seconds = estimated(tmp_path, **own, files=lambda name: range(100))
    assert found.unknown == 0 and seconds == (100 + 100) / 2 * (10 * 1 + 20 * 10)


def test_the_papers_study_takes_the_hours_of_its_rehearsal(tmp_path, monkeypatch):
    for name, rate in {"PRETRAINING": PRETRAINING, "ADAPTATION": ADAPTATION, "MEMORY": MEMORY, "SHARE": 0.59}.items():
        monkeypatch.setattr(estimate, name, rate)
    plan = Plan(CONFIG)
    found = estimate.of_plan(plan, tmp_path, {name: corpora.get(name) for name in plan.corpora})
    assert (found.pairs, found.pretrainings, found.runs) == (4, 5, 28 * 5 + 20)
    # docs/speed.md: 19 h on two cores, for five seeds of 24 runs with epochs; there are 28 by now.
    assert found.hours == pytest.approx(2 * 19 * 28 / 24, rel=0.1)
    assert 0.5 < SHARE < 0.8


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (
            Estimate(380, 60, 1140, 1199, 213.4),
            "380 pairs of source and target, 60 pretrainings and 1,140 runs, 1,199 of them still to do: "
            "about 210 h of training on one CPU core (less with more cores or a GPU)",
        ),
        (
            Estimate(1, 1, 1, 2, 0.4, measured=True),
            "1 pair of source and target, 1 pretraining and 1 run, all still to do: "
            "about 24 min of training, one job at a time, at the speed of the finished ones",
        ),
        (
            Estimate(4, 5, 110, 1, 0.0),
            "4 pairs of source and target, 5 pretrainings and 110 runs, 1 of them still to do: "
            "less than a minute of training on one CPU core (less with more cores or a GPU)",
        ),
        (
            Estimate(4, 5, 110, 0, 0.0, measured=True),
            "4 pairs of source and target, 5 pretrainings and 110 runs, all done: nothing left to train",
        ),
        (
            Estimate(2, 1, 4, 5, 3.04, unknown=1),
            "2 pairs of source and target, 1 pretraining and 4 runs, all still to do: about 3 h of training "
            "on one CPU core (less with more cores or a GPU), without 1 corpus of unknown size",
        ),
        (
            Estimate(2, 1, 4, 3, 0.0, unknown=2),
            "2 pairs of source and target, 1 pretraining and 4 runs, 3 of them still to do; "
            "how long they take is known when the corpora are checked (2 corpora of unknown size)",
        ),
    ],
)
def test_in_words(found, line):
    assert estimate.sentence("languages", found) == f"study 'languages': {line}"


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0.001, "less than a minute"),
        (0.99, "about 59 min"),
        (0.999, "about 1 h"),
        (1.24, "about 1.2 h"),
        (9.96, "about 10 h"),
        (1234.0, "about 1,200 h"),
    ],
)
def test_time_in_words(hours, words):
    assert f": {words} of training" in estimate.sentence("x", Estimate(1, 1, 1, 2, hours))
