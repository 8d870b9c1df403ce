"""The benchmarks count the paper's study as the workflow plans it, and compare like with like."""

import os
from collections import Counter
from pathlib import Path

import numpy as np
import yaml

from benchmarks import load, matrix, planning, sizes, step
from benchmarks.processes import snakemake
from benchmarks.rows import Row, table
from benchmarks.side_by_side import Contender, Timing, in_turn
from nnpm.methods.table import METHODS
from nnpm.toy import published
from nnpm.workflow.plan import Plan
from nnpm.workflow.variants import merged
from noting import note_process

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config" / "config.yaml").read_text())


def test_the_study_is_the_one_that_is_configured():
    """Of Table 1 SNSA-wo-SL, SNSA-wo-HL and NNPM; Table 2's four peers; two more of Table 3; five more thresholds."""
    trained = Counter({(target, 2): 3 for target in CONFIG["targets"]}) + Counter({("emodb", 2): 4})
    trained += Counter({("emodb", 0): 1, ("emodb", 1): 1}) + Counter({(target, 2): 5 for target in ("shemo", "emodb")})
    assert trained == sizes.RUNS
    plan = Plan(CONFIG)
    planned = Counter(
        (run.target, plan.settings(run.variant)["adaptation"]["freeze"])
        for run in plan.with_backbone
        if run.seed == CONFIG["seeds"][0] and METHODS[run.method].place  # without one there are no epochs
    )
    assert planned == sizes.RUNS
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


def test_ratios_are_taken_within_a_round():
    timing = Timing({"slow": [2.0, 20.0, 6.0], "fast": [1.0, 10.0, 2.0]})  # the machine was busy in the second round
    assert timing.ratio("slow", "fast") == 2.0
    assert timing.median("slow") == 6.0


def test_contenders_work_in_processes_of_their_own(tmp_path):
    timing = in_turn({name: Contender(note_process, tmp_path) for name in ("one", "other")}, rounds=3, calls=2)
    assert [len(seconds) for seconds in timing.seconds.values()] == [3, 3]
    assert len(list(tmp_path.iterdir())) == 2
    assert not (tmp_path / str(os.getpid())).exists()


def test_a_row_that_was_not_measured_says_so():
    assert table([Row("step", "", ">= 4x", None)]).count("not measured") == 1
    assert " no " in table([Row("step", "1.5x", ">= 4x", False)])


def test_a_step_is_measured(monkeypatch):
    monkeypatch.setattr(step, "MEASURED", 2)
    assert step.adaptation_epoch()()["loss"] > 0


def test_the_load_pools_its_corpora():
    plan = load.planned(load.study(3))
    assert plan.corpora == ["many0", "many1", "many2", "few"] and plan.learned == ["many0+many1+many2"]
    stages = list(load.stages(plan).values())
    assert stages[1] == [f"results/load/corpora/{name}/manifest.csv" for name in plan.corpora]
    assert stages[2] == [f"results/load/features/default/{name}.npy" for name in plan.corpora]
    assert stages[3] == ["results/load/pretrained/many0+many1+many2/default/seed~0/metrics.json"]
    assert stages[4] == ["results/load/runs/many0+many1+many2/few/nnpm/default/seed~0/metrics.json"]


def test_the_workflow_makes_the_files_of_the_loads_stages(tmp_path):
    plan = load.write_study(tmp_path, utterances=24, corpora=2, few=8)
    files = [file for arguments in load.stages(plan).values() for file in arguments if not file.startswith("-")]
    planned = snakemake(tmp_path, "--dry-run", *files, overlays=["load.yaml"]).text
    assert {"check", "extract", "pretrain_seed", "encode", "adapt"} <= set(planned.split())


def test_the_matrix_has_all_pairs_of_its_corpora():
    plan = Plan(merged(CONFIG, matrix.study(3)))
    assert {(run.source, run.target) for run in plan.runs} == {
        (f"corpus{one}", f"corpus{other}") for one in range(3) for other in range(3) if one != other
    }
    assert len(plan.runs) == 6 * 4 * 2, "pairs, methods of Table 1, seeds"


def test_the_workflow_plans_a_small_matrix(monkeypatch):
    monkeypatch.setattr(planning, "REPEATS", 1)
    jobs, seconds = matrix.planned(2)
    assert jobs > 2 * 4 * 2 and np.isfinite(seconds)  # beside Snakemake's start, which a busy machine may slow
