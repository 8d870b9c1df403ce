"""The benchmarks count the paper's study as the workflow plans it, and compare like with like."""

import os
from collections import Counter
from pathlib import Path

import pytest
import yaml

from benchmarks import sizes, study
from benchmarks.rows import Row, table
from benchmarks.side_by_side import Contender, Timing, in_turn
from nnpm.toy import published
from noting import note_process
from processors import BFLOAT16

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config" / "config.yaml").read_text())


def test_the_study_is_the_one_that_is_configured():
    """Of Table 1 SNSA-wo-SL, SNSA-wo-HL and NNPM; Table 2's four peers; two more of Table 3; five more thresholds."""
    trained = Counter({(target, 2): 3 for target in CONFIG["targets"]}) + Counter({("emodb", 2): 4})
    trained += Counter({("emodb", 0): 1, ("emodb", 1): 1}) + Counter({(target, 2): 5 for target in ("shemo", "emodb")})
    assert trained == study.RUNS
    assert dict(trained) == sizes.RUNS
    assert len(CONFIG["seeds"]) == sizes.SEEDS
    assert {CONFIG[stage]["epochs"] for stage in ("pretraining", "adaptation")} == {sizes.EPOCHS}
    assert CONFIG["adaptation"]["batch_size"] == sizes.BATCH


def test_the_corpora_have_their_published_sizes():
    used = [counts for emotion, counts in published.IEMOCAP.items() if emotion in published.USED]
    sessions = [sum(counts) for counts in zip(*used, strict=True)]
    assert (sum(sessions[:3]), sessions[3], sum(sessions)) == (
        sizes.TRAINING,
        sizes.SOURCE_VALIDATION,
        sizes.CORPUS["iemocap"],
    )
    for target in CONFIG["targets"]:
        assert sum(take.emotion in published.USED for take in published.takes(target)) == sizes.CORPUS[target]


def test_the_hours_of_a_study_by_hand():
    seconds = {"pretraining": 2.0, "inference 0": 0.0} | {f"adaptation {blocks}": 1.0 for blocks in range(3)}
    seconds |= {"inference 1": 0.0, "inference 2": 0.5}
    found = study.study_seconds(seconds)
    assert found["pretraining"] == 50 * 102 * 2
    tested = 3 * 132 + 3 * 385 + 8 * 904 + 12 * 34
    assert found["adaptation"] == 28 * 50 * 102 + 50 * tested * 0.5


def test_ratios_are_taken_within_a_round():
    timing = Timing({"slow": [2.0, 20.0, 6.0], "fast": [1.0, 10.0, 2.0]})  # the machine was busy in the second round
    assert timing.ratio("slow", "fast") == 2.0
    assert timing.median("slow") == 6.0


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
