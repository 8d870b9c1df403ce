"""Equations (5) to (9): against numbers worked by hand, and against the plain form of the loss."""

import math
from dataclasses import replace

import pytest
import torch

import plain
from nnpm.methods.base import MethodSettings
from nnpm.model import objectives

SCORES = torch.tensor([[0.95, 0.5, -0.2, 0.0], [0.1, 0.3, 0.2, -1.0], [0.99, 0.92, 0.97, 0.91]])
POSITIVE = SCORES > 0.9  # one positive, none, all


def test_source_loss_by_hand():
    logits = torch.tensor([[0.0, 0.0, 0.0, 0.0], [math.log(3.0), 0.0, 0.0, 0.0]])
    labels = torch.tensor([2, 0])
    # -log(1/4) and -log(3/6)
    assert objectives.source_loss(logits, labels).item() == pytest.approx((math.log(4) + math.log(2)) / 2)


def test_source_loss_with_class_weights_is_the_weighted_mean():
    logits = torch.tensor([[0.0, 0.0, 0.0, 0.0], [math.log(3.0), 0.0, 0.0, 0.0]])
    weights = torch.tensor([3.0, 1.0, 1.0, 1.0])
    expected = (1 * math.log(4) + 3 * math.log(2)) / 4
    assert objectives.source_loss(logits, torch.tensor([2, 0]), weights).item() == pytest.approx(expected)


def target_loss(scores, positive, *, negative_label, positive_weight, ratio):
    negative = ~positive if ratio is None else objectives.hard_negatives(scores, positive, ratio)
    return objectives.target_loss(
        scores, positive, negative, negative_label=negative_label, positive_weight=positive_weight
    )


def test_hard_negatives_by_hand():
    # Utterance 1: ceil(0.5 * 3) = 2 of (0.5, 0, -0.2); utterance 2: 2 of 4; utterance 3 has no negative at all.
    assert objectives.hard_negatives(SCORES, POSITIVE, ratio=0.5).tolist() == [
        [False, True, False, True],
        [False, True, True, False],
        [False, False, False, False],
    ]


def test_a_ratio_of_zero_takes_no_negative():
    assert not objectives.hard_negatives(SCORES, POSITIVE, ratio=0).any()


def test_equals_of_the_last_hard_negative_count_as_well():
    scores = torch.tensor([[0.2, 0.5, 0.2, 0.1]])
    assert objectives.hard_negatives(scores, scores > 0.9, ratio=0.5).tolist() == [[True, True, True, False]]


@pytest.mark.parametrize(
    ("ratio", "slots", "expected"),
    [
        (1e-12, 4, 1),
        (0.01, 4, 1),
        (0.01, 100, 1),
        (0.01, 101, 2),
        (0.01, 500, 5),
        (0.07, 100, 7),
        (0.29, 100, 29),
        (0.3, 50, 15),  # in single precision 16
        (1.0, 9, 9),
    ],
)
def test_count_of_hard_negatives_is_the_exact_ceiling(ratio, slots, expected):
    scores = torch.stack([torch.randperm(slots), torch.randperm(slots)]) / slots
    mask = objectives.hard_negatives(scores, torch.zeros(2, slots, dtype=torch.bool), ratio)
    assert mask.sum(dim=1).tolist() == [expected, expected]


def test_target_loss_by_hand():
    loss = target_loss(SCORES, POSITIVE, negative_label=-1.0, positive_weight=5.0, ratio=0.5).mean()
    first = 5 * 0.05**2 + (1.5**2 + 1.0**2) / 2
    second = 0 + (1.3**2 + 1.2**2) / 2
    third = 5 * (0.01**2 + 0.08**2 + 0.03**2 + 0.09**2) / 4 + 0
    assert loss.item() == pytest.approx((first + second + third) / 3)


@pytest.mark.parametrize("negative_label", [-1.0, 0.0])
@pytest.mark.parametrize("ratio", [0.01, 0.1, 0.5, 1.0, None])
@pytest.mark.parametrize("threshold", [-1.1, 0.0, 0.4, 0.9, 1.1])
def test_target_loss_equals_the_loop(negative_label, ratio, threshold):
    """Without a ratio, all negatives count."""
    scores = torch.rand(7, 53, generator=torch.Generator().manual_seed(1), dtype=torch.float64) * 2 - 1
    positive = scores > threshold
    fast = target_loss(scores, positive, negative_label=negative_label, positive_weight=2.0, ratio=ratio).mean()
    settings = MethodSettings(threshold, negative_label=negative_label, positive_weight=2.0)
    slow = plain.target_loss(scores, replace(settings, hard_negative_ratio=1.0 if ratio is None else ratio))
    assert fast.item() == pytest.approx(slow.item(), abs=1e-12)


def test_gradient_reaches_positives_and_hard_negatives_only():
    scores = SCORES.clone().requires_grad_()
    target_loss(scores, POSITIVE, negative_label=-1.0, positive_weight=1.0, ratio=0.01).sum().backward()
    reached = scores.grad != 0
    assert reached.tolist() == [[True, True, False, False], [False, True, False, False], [True, True, True, True]]


def test_no_positives_at_all_gives_no_nan():
    scores = torch.zeros(2, 3, requires_grad=True)
    loss = target_loss(
        scores, torch.zeros(2, 3, dtype=torch.bool), negative_label=-1.0, positive_weight=5.0, ratio=0.01
    )
    loss.sum().backward()
    assert loss.tolist() == pytest.approx([1.0, 1.0])
    assert torch.isfinite(scores.grad).all()
