"""The picture of NNPM's collapse: what it shows, and that looking changes nothing."""

import copy
import math

import pandas as pd
import pytest
import torch

from benchmarks.collapse import Watched, draw, matches
from nnpm.methods.pseudo_multilabel import PseudoMultilabel
from nnpm.training.history import memory_state
from runs import adaptation


def test_what_pulls_and_pushes_by_hand():
    scores = torch.tensor([[0.95, 0.91, 0.8, 0.6], [0.5, 0.4, 0.3, 0.1]])
    positive = torch.tensor([[True, True, False, False], [False] * 4])
    negative = torch.tensor([[False, False, True, True], [True, False, False, False]])
    found = matches(scores, positive, negative, torch.tensor([2, 2, 2, 0]), label=-1.0)
    assert found == pytest.approx(
        {
            "positives": 1,
            "with_positives": 0.5,
            "similarity_positives": 0.93,
            "similarity_negatives": (0.7 + 0.5) / 2,
            "slope_positives": 0.14,
            "slope_negatives": 2 * 1.6,
            "class_positives": 1,  # only the first utterance has a class
            "class_negatives": 0.5,
        }
    )


def test_the_slopes_are_those_of_the_squared_errors():
    scores = torch.tensor([[0.97, 0.88]], requires_grad=True)
    near, far = (scores[0, 0] - 1) ** 2, (scores[0, 1] + 1) ** 2
    gradient = torch.autograd.grad(near + far, scores)[0][0]
    masks = torch.tensor([[True, False]]), torch.tensor([[False, True]])
    found = matches(scores.detach(), *masks, torch.tensor([0, 0]), label=-1.0)
    assert gradient.tolist() == pytest.approx([-found["slope_positives"], found["slope_negatives"]])


def test_the_class_is_that_of_most_positives():
    positive = torch.tensor([[True, True, True, False, False]])
    found = matches(torch.zeros(1, 5), positive, ~positive, torch.tensor([1, 3, 3, 3, 1]), label=0.0)
    assert found["class_positives"] == pytest.approx(2 / 3) and found["class_negatives"] == 0.5


def test_without_positives_there_is_nothing_to_pull():
    none, some = torch.zeros(2, 3, dtype=torch.bool), torch.ones(2, 3, dtype=torch.bool)
    found = matches(torch.zeros(2, 3), none, some, torch.tensor([0, 1, 2]), label=0.0)
    assert found["positives"] == found["with_positives"] == found["slope_negatives"] == 0
    assert math.isnan(found["slope_positives"]) and math.isnan(found["class_negatives"])


def test_watching_an_epoch_changes_no_weight(backbone, source, target):
    runs = []
    for form in ("plain", "watched"):
        run = adaptation(copy.deepcopy(backbone), source, target, PseudoMultilabel, blocks=2)
        if form == "watched":
            run = Watched(run.backbone, run.method, run.source, run.target, settings=run.settings, seed=0)
        torch.manual_seed(1)
        run.epoch(0)
        runs.append(run)
    plain, watched = runs
    for name, weight in plain.backbone.state_dict().items():
        assert torch.equal(weight, watched.backbone.state_dict()[name]), name
    assert len(watched.rows) == 1 + 3  # 36 utterances, 12 in a step
    train = watched.train["target"]
    z, _ = watched.predict()
    now = memory_state(watched.method, z[train], target.labels[train], source.labels[watched.train["source"]])
    assert watched.rows[-1]["positives"] == pytest.approx(now["memory_positives"])
    assert watched.rows[0] != watched.rows[-1]


def test_the_picture_has_a_line_per_seed_and_their_mean():
    names = ("positives", "slope_positives", "slope_negatives")
    rows = [
        {"target": target, "seed": seed, "step": step, **dict.fromkeys(names, float(seed + step))}
        for target in ("emodb", "urdu")
        for seed in (0, 2)
        for step in range(4)
    ]
    panels = draw(pd.DataFrame(rows)).axes
    assert [panel.get_title() for panel in panels] == ["EMO-DB", "URDU", "", ""]
    assert [len(panel.lines) for panel in panels] == [3, 3, 6, 6]
    assert panels[0].lines[-1].get_ydata().tolist() == [1, 2, 3, 4]
