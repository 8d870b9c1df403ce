"""What the history says of a run beside its losses."""

import dataclasses
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from nnpm.evaluation import inference, scoring
from nnpm.methods.base import MethodSettings, Start, Utterances
from nnpm.methods.pseudo_multilabel import PseudoMultilabel
from nnpm.model.backbone import SNSA
from nnpm.training import tracking


def memory(slots, threshold=0.5, ratio=0.3):
    known = Utterances(slots, None, torch.zeros(len(slots)), natural=-1)
    settings = MethodSettings(threshold=threshold, hard_negative_ratio=ratio)
    return PseudoMultilabel(Start(settings, None, 2, known, known))


def angle(*degrees):
    """Unit vectors, so that a score is the cosine of a difference of angles."""
    radians = torch.tensor(degrees, dtype=torch.float).deg2rad()
    return torch.stack([radians.cos(), radians.sin()], dim=1)


def test_memory_state_by_hand():
    method = memory(angle(0, 10, 80, 100))  # positives lie within 60 degrees
    # The first utterance: positives 0 and 10, hard negative 80. The second: positives 80 and 100, hard negative 10.
    state = tracking.memory_state(method, angle(5, 90), torch.tensor([0, 1]), torch.tensor([0, 1, 0, 1]))
    assert state["memory_positives"] == 2
    assert state["memory_positive_purity"] == 2 / 4
    assert state["memory_hard_negative_purity"] == 0  # 80 is an utterance of class 0, 10 one of class 1
    cosines = np.cos(np.deg2rad([[5, 5, 75, 95], [90, 80, 10, 10]]))
    assert state["memory_similarity_50"] == pytest.approx(np.median(cosines), abs=1e-6)
    assert state["memory_similarity_05"] == pytest.approx(np.quantile(cosines, 0.05), abs=1e-6)


def test_memory_state_of_unlabelled_utterances_and_without_positives():
    method = memory(angle(0, 10), threshold=0.999)
    state = tracking.memory_state(method, angle(90, 5), torch.tensor([-1, -1]), torch.tensor([0, 1]))
    assert state["memory_positives"] == 0
    assert math.isnan(state["memory_positive_purity"]) and math.isnan(state["memory_hard_negative_purity"])


def test_memory_state_part_by_part(monkeypatch):
    generator = torch.Generator().manual_seed(0)
    method = memory(torch.randn(40, 5, generator=generator))
    z, labels = torch.randn(21, 5, generator=generator), torch.arange(21) % 4
    whole = tracking.memory_state(method, z, labels, torch.arange(40) % 4)
    monkeypatch.setattr("nnpm.model.large_memory.MOST_SCORES", 100)  # two utterances at a time
    assert tracking.memory_state(method, z, labels, torch.arange(40) % 4) == pytest.approx(whole)
    assert 0 < whole["memory_positives"] < 40 and 0 < whole["memory_positive_purity"] < 1


@pytest.fixture
def backbone(backbone_settings):
    torch.manual_seed(0)
    return SNSA(backbone_settings)


def test_columns_agree_with_what_the_backbone_predicts(backbone, source, target):
    row = tracking.track(backbone, None, source, target, 0)
    rows = torch.arange(len(target.inputs))
    table = scoring.predictions(target.manifest, inference.infer(backbone, target.inputs, rows)[1])
    assert row["test_ua"] == scoring.scores(table, "test")["ua"]
    train = table[table["split"] == "train"]
    assert row["share_sad"] == pytest.approx((train["predicted"] == "sad").mean())
    probabilities = train[["angry", "happy", "sad", "neutral"]].to_numpy()
    mean = probabilities.mean(axis=0)
    im = -(mean * np.log(mean)).sum() + (probabilities * np.log(probabilities)).sum(axis=1).mean()
    assert row["im"] == pytest.approx(im, abs=1e-4)
    table = scoring.predictions(source.manifest, inference.infer(backbone, source.inputs, torch.arange(60))[1])
    assert row["source_validation_ua"] == scoring.scores(table, "validation")["ua"]
    assert not any(name.startswith("memory") for name in row)


def test_an_unlabelled_target_is_tracked_without_scores(backbone, source, target):
    unlabelled = dataclasses.replace(target, manifest=target.manifest.assign(label=np.nan))
    z, _ = inference.infer(backbone, source.inputs, torch.arange(36))
    row = tracking.track(backbone, memory(F.normalize(z, dim=1)), source, unlabelled, 0)
    assert "test_ua" not in row and math.isnan(row["memory_positive_purity"])
    assert row["memory_positives"] > 0 and np.isfinite(row["im"])
