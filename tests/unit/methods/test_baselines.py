"""Deep CORAL, entropy minimisation and pseudo-labelling by hand."""

import math

import pytest
import torch

from nnpm.methods import coral, entropy, pseudo_label
from steps import WIDTH, make, make_step, random


def test_coral_by_hand():
    source = torch.tensor([[0.0, 0.0], [2.0, 2.0]])  # covariance [[2, 2], [2, 2]]
    target = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 3.0], [0.0, -3.0]])  # [[2/3, 0], [0, 6]]
    expected = ((4 / 3) ** 2 + 2 * 2**2 + 4**2) / (4 * 2**2)
    assert coral.coral_loss(source, target).item() == pytest.approx(expected)


def test_coral_is_blind_to_the_mean_and_has_a_weight():
    z = random(8, WIDTH)
    assert coral.coral_loss(z, z + 7).item() == pytest.approx(0, abs=1e-9)
    step = make_step(progress=1.0)
    expected = coral.WEIGHT * coral.coral_loss(step.source.z, step.target.z)
    assert torch.equal(make(coral.CORAL).losses(step)["coral_loss"], expected)


@pytest.mark.parametrize(("source", "target"), [(1, 6), (8, 1)])
def test_one_utterance_has_no_covariance_to_be_drawn_to(source, target):
    assert coral.coral_loss(random(source, WIDTH), random(target, WIDTH)) == 0


def test_entropy_by_hand():
    logits = torch.tensor([[0.0, 0.0, 0.0, 0.0], [math.log(3.0), 0.0, 0.0, 0.0], [900.0, 0.0, -900.0, 0.0]])
    # Uniform: ln 4. (1/2, 1/6, 1/6, 1/6): ln(2) / 2 + ln(6) / 2. Certain: 0.
    expected = (math.log(4) + (math.log(2) + math.log(6)) / 2 + 0) / 3
    assert entropy.entropy(logits).item() == pytest.approx(expected)


def test_entropy_has_a_weight_and_its_descent_makes_predictions_certain():
    step = make_step(progress=1.0)
    loss = make(entropy.EntropyMinimisation).losses(step)["entropy_loss"]
    loss.backward()
    assert loss.item() == pytest.approx(entropy.WEIGHT * entropy.entropy(step.target.logits).item())
    likely = step.target.logits.detach().softmax(dim=1).amax(dim=1)
    moved = (step.target.logits - step.target.logits.grad).softmax(dim=1).amax(dim=1)
    assert (moved > likely).all()


@pytest.mark.parametrize(
    ("progress", "expected"), [(0, 0), (0.05, 0), (0.1, 0), (0.35, 1.5), (0.5, 2.4), (0.6, 3), (0.9, 3), (1, 3)]
)
def test_weight_of_pseudo_labels_by_hand(progress, expected):
    step = make_step(progress=progress)
    found = make(pseudo_label.PseudoLabel).losses(step)["pseudo_label_loss"]
    assert found.item() == pytest.approx(expected * pseudo_label.pseudo_label_loss(step.target.logits).item())


def test_pseudo_label_by_hand():
    logits = torch.tensor([[0.0, math.log(3.0), 0.0, 0.0], [0.0, 0.0, 0.0, math.log(2.0)]])
    # -log of the largest probability: 3/6 and 2/5, however uncertain.
    assert pseudo_label.pseudo_label_loss(logits).item() == pytest.approx((math.log(2) + math.log(5 / 2)) / 2)
