"""The benchmarks count the paper's study as the workflow plans it, and compare like with like."""

import os
from collections import Counter
from pathlib import Path

import pytest
import yaml

from benchmarks import study
from benchmarks.rows import Row, table
from benchmarks.side_by_side import Contender, Timing, in_turn
from nnpm.toy import published
from processors import BFLOAT16

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config" / "config.yaml").read_text())


def test_the_study_is_the_one_that_is_configured():
    default, tables, figure = CONFIG["adaptation"]["freeze"], CONFIG["tables"], CONFIG["figures"]["figure2"]
    trained = [method for method in tables["table1"]["methods"] if method != "snsa-f"]
    runs = Counter({(target, default): len(trained) for target in CONFIG["targets"]})
    runs += Counter((tables["table3"]["target"], freeze) for freeze in tables["table3"]["freeze"] if freeze != default)
    others = [threshold for threshold in figure["thresholds"] if threshold != CONFIG["adaptation"]["threshold"]]
    runs += Counter({(target, default): len(others) for target in figure["targets"]})
    assert dict(runs) == study.RUNS
    assert sum(runs.values()) == 24
    assert len(CONFIG["seeds"]) == study.SEEDS
    assert {CONFIG[stage]["epochs"] for stage in ("pretraining", "adaptation")} == {study.EPOCHS}


def test_the_corpora_have_their_published_sizes():
    used = [counts for emotion, counts in published.IEMOCAP.items() if emotion in published.USED]
    sessions = [sum(counts) for counts in zip(*used, strict=True)]
    assert (sum(sessions[:3]), sessions[3], sum(sessions)) == (
        study.TRAINING,
        study.SOURCE_VALIDATION,
        study.CORPUS["iemocap"],
    )
    for target in CONFIG["targets"]:
        assert sum(take.emotion in published.USED for take in published.takes(target)) == study.CORPUS[target]


def test_the_hours_of_a_study_by_hand():
    seconds = {"pretraining": 2.0, "inference 0": 0.0} | {f"adaptation {blocks}": 1.0 for blocks in range(3)}
    seconds |= {"inference 1": 0.0, "inference 2": 0.5}
    found = study.study_seconds(seconds)
    assert found["pretraining"] == 50 * 102 * 2
    tested = 3 * 132 + 3 * 385 + 8 * 904 + 8 * 34
    assert found["adaptation"] == 24 * 50 * 102 + 50 * tested * 0.5


def test_ratios_are_taken_within_a_round():
    timing = Timing({"slow": [2.0, 20.0, 6.0], "fast": [1.0, 10.0, 2.0]})  # the machine was busy in the second round
    assert timing.ratio("slow", "fast") == 2.0
    assert timing.median("slow") == 6.0


def note_process(folder):
    return lambda: (folder / str(os.getpid())).touch()


def test_contenders_work_in_processes_of_their_own(tmp_path):
    timing = in_turn({name: [Contender(note_process, tmp_path)] for name in ("one", "other")}, rounds=3, calls=2)
    assert [len(seconds) for seconds in timing.seconds.values()] == [3, 3]
    assert len(list(tmp_path.iterdir())) == 2
    assert not (tmp_path / str(os.getpid())).exists()


def test_a_row_that_was_not_measured_says_so():
    assert table(study.NO_GPU).count("not measured") == 2
    assert " no " in table([Row("step", "1.5x", ">= 4x", False)])


@pytest.mark.slow
def test_a_step_of_each_kind_is_measured(monkeypatch):
    """On this device, with what a GPU would be measured by."""
    monkeypatch.setattr(study, "MEASURED", 2)
    assert study.adaptation_epoch("cpu", "float32", 2)()["loss"] > 0
    assert study.pretraining_steps("cpu", "bfloat16" if BFLOAT16 else "float32")() > 0
    assert study.inference("cpu", "float32", 1)() == pytest.approx(64)
