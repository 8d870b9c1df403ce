"""What the history says of a run beside its losses."""

import dataclasses
import math

import numpy as np
import pytest
import torch

from nnpm import CLASSES
from nnpm.evaluation import inference, scoring
from nnpm.methods.base import Method, MethodSettings, Start, Utterances
from nnpm.methods.pseudo_multilabel import PseudoMultilabel
from nnpm.training import history


def memory(slots, threshold=0.5, ratio=0.3):
    known = Utterances(slots, None, torch.zeros(len(slots)), torch.zeros(len(slots)))
    settings = MethodSettings(threshold=threshold, hard_negative_ratio=ratio)
    return PseudoMultilabel(Start(settings, None, 2, known, known))


def angle(*degrees):
    """Unit vectors, so that a score is the cosine of a difference of angles."""
    radians = torch.tensor(degrees, dtype=torch.float).deg2rad()
    return torch.stack([radians.cos(), radians.sin()], dim=1)


def test_memory_state_by_hand():
    method = memory(angle(0, 10, 80, 100))  # positives lie within 60 degrees
    # The first utterance: positives 0 and 10, hard negative 80. The second: positives 80 and 100, hard negative 10.
    state = history.memory_state(method, angle(5, 90), torch.tensor([0, 1]), torch.tensor([0, 1, 0, 1]))
    assert state["memory_positives"] == 2
    assert state["memory_positive_purity"] == 2 / 4
    assert state["memory_hard_negative_purity"] == 0  # 80 is an utterance of class 0, 10 one of class 1
    cosines = np.cos(np.deg2rad([[5, 5, 75, 95], [90, 80, 10, 10]]))
    assert state["memory_similarity_50"] == pytest.approx(np.median(cosines), abs=1e-6)
    assert state["memory_similarity_05"] == pytest.approx(np.quantile(cosines, 0.05), abs=1e-6)


def test_memory_state_of_unlabelled_utterances_and_without_positives():
    method = memory(angle(0, 10), threshold=0.999)
    state = history.memory_state(method, angle(90, 5), torch.tensor([-1, -1]), torch.tensor([0, 1]))
    assert state["memory_positives"] == 0
    assert math.isnan(state["memory_positive_purity"]) and math.isnan(state["memory_hard_negative_purity"])


def test_memory_state_part_by_part(monkeypatch):
    generator = torch.Generator().manual_seed(0)
    method = memory(torch.randn(40, 5, generator=generator))
    z, labels = torch.randn(21, 5, generator=generator), torch.arange(21) % 4
    whole = history.memory_state(method, z, labels, torch.arange(40) % 4)
    monkeypatch.setattr("nnpm.model.large_memory.MOST_SCORES", 100)  # two utterances at a time
    assert history.memory_state(method, z, labels, torch.arange(40) % 4) == pytest.approx(whole)
    assert 0 < whole["memory_positives"] < 40 and 0 < whole["memory_positive_purity"] < 1


@pytest.fixture
def predicted(backbone, target):
    """An untrained backbone, what it says of the target, and the same as a study's table has it."""
    _, probabilities = inference.infer(backbone, target.inputs, target.rows())
    return backbone, probabilities, scoring.predictions(target.manifest, probabilities)


def test_scores_are_those_of_the_predictions(predicted, source, target):
    backbone, probabilities, table = predicted
    scores = scoring.scores(table, "test")
    assert history.target_scores(target, probabilities) == {"test_ua": scores["ua"], "test_wa": scores["wa"]}
    table = scoring.predictions(source.manifest, inference.infer(backbone, source.inputs, source.rows())[1])
    validation = scoring.scores(table, "validation")
    assert history.source_scores(backbone, source) == {"source_validation_ua": validation["ua"]}


def test_label_free_columns_are_those_of_the_predictions(predicted, target):
    _, probabilities, table = predicted
    row = history.label_free(probabilities[target.rows("train")])
    table = table[table["split"] == "train"]
    assert row["share_sad"] == pytest.approx((table["predicted"] == "sad").mean())
    p = table[list(CLASSES)].to_numpy()
    mean = p.mean(axis=0)
    assert row["im"] == pytest.approx(-(mean * np.log(mean)).sum() + (p * np.log(p)).sum(axis=1).mean(), abs=1e-4)
    assert math.isfinite(row["snd"])


def test_without_labels_validation_set_or_memory_there_are_no_such_columns(predicted, source, target):
    backbone, probabilities, _ = predicted
    unlabelled = dataclasses.replace(target, manifest=target.manifest.assign(label=np.nan))
    assert history.target_scores(unlabelled, probabilities) == {}
    assert (
        history.source_scores(backbone, dataclasses.replace(source, manifest=source.manifest.assign(split="x"))) == {}
    )
    known = Utterances(angle(0, 1), None, torch.zeros(2), torch.zeros(2))
    none = Method(Start(MethodSettings(), None, 2, known, known))
    assert history.memory_state(none, angle(0), torch.tensor([0]), torch.tensor([0, 1])) == {}


def test_the_oracle_is_the_first_of_the_best_epochs():
    scores = [0.2, 0.5, 0.5]
    rows = [{"epoch": n, "test_ua": ua, "test_wa": 1 - ua} for n, ua in enumerate(scores, start=1)]
    assert history.oracle(rows) == {"epoch": 2, "ua": 0.5, "wa": 0.5}
    assert history.oracle([]) is None and history.oracle([{"epoch": 1, "im": 0.1}]) is None
