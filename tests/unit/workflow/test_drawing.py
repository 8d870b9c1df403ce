"""What tables and figures are told to show, and the files that figures are drawn from."""

from functools import reduce
from pathlib import Path

import pytest
import yaml

from nnpm.reporting.figures.table import FIGURES
from nnpm.workflow import drawing
from nnpm.workflow.plan import Plan
from nnpm.workflow.variants import merged

CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture(scope="module")
def plan():
    names = ("config.yaml", "open.yaml", "open-paper.yaml")
    return Plan(reduce(merged, (yaml.safe_load((CONFIG / name).read_text()) for name in names)), root="results/open/")


def test_every_figure_gets_all_that_it_needs_and_nothing_else(plan):
    for name, entry in FIGURES.items():
        target = "urdu" if entry.per_target else None
        assert tuple(drawing.inputs(plan, "ravdess", name, target)) == entry.needs, name


def test_a_figure_of_one_target_shows_the_runs_of_that_target(plan):
    found = drawing.inputs(plan, "ravdess", "confusion", "urdu")["metrics"]
    assert found and all(path.startswith("results/open/runs/ravdess/urdu/") for path in found)
    assert len(found) == len(set(found)) == 15 * 5 + 3  # svm, lda and nnpm-plus are run once


def test_embeddings_are_those_of_the_chosen_methods_and_seed(plan):
    found = drawing.inputs(plan, "ravdess", "embedding", "emodb")
    runs = "results/open/runs/ravdess/emodb"
    after = [f"{runs}/{name}/default/seed~0/backbone.safetensors" for name in ("nnpm", "nnpm-balanced")]
    assert found["after"] == after
    assert found["before"] == "results/open/pretrained/ravdess/default/seed~0/last.safetensors"
    assert found["source"] == ["results/open/encoded/ravdess/default/seed~0/ravdess.npy"]


def test_tables_and_figures_name_variants_by_their_values(plan):
    assert drawing.tables(plan, "ravdess")["table3"] == {
        "target": "emodb",
        "variants": [[0, "freeze~0"], [1, "freeze~1"], [2, "default"]],
    }
    shown = drawing.content(plan, "ravdess", "figure2", None)["variants"]
    assert shown[0] == [0.4, "threshold~0.4"] and shown[-1] == [0.9, "default"]


def test_what_a_configuration_leaves_out_is_absent(plan):
    less = Plan(merged(plan.config, {"tables": {"table2": None, "comparison": None}, "figures": {"figure2": None}}))
    assert list(drawing.tables(less, "ravdess")) == ["table1", "table3"]
    assert drawing.drawn(less, "ravdess") == [name for name in FIGURES if name not in ("figure2", "gains")]
    assert drawing.stems(less, "ravdess", "recall") == ["recall-urdu", "recall-emodb"]
    assert drawing.stems(less, "ravdess", "memory") == ["memory"]
