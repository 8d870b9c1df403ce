"""Deep CORAL, entropy minimisation and pseudo-labelling: by hand, against loops, what reaches what, small batches."""

import math

import pytest
import torch

from nnpm.methods import coral, entropy, pseudo_label
from steps import WIDTH, make, make_step, random

METHODS = [coral.CORAL, entropy.EntropyMinimisation, pseudo_label.PseudoLabel]


def slow_covariance(z):
    n, width = len(z), len(z[0])
    mean = [sum(row[i] for row in z) / n for i in range(width)]
    return [
        [sum((row[i] - mean[i]) * (row[j] - mean[j]) for row in z) / (n - 1) for j in range(width)]
        for i in range(width)
    ]


def test_coral_by_hand():
    source = torch.tensor([[0.0, 0.0], [2.0, 2.0]])  # covariance [[2, 2], [2, 2]]
    target = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 3.0], [0.0, -3.0]])  # [[2/3, 0], [0, 6]]
    expected = ((4 / 3) ** 2 + 2 * 2**2 + 4**2) / (4 * 2**2)
    assert coral.coral_loss(source, target).item() == pytest.approx(expected)


def test_coral_equals_the_loop():
    source, target = random(7, 4).double(), 2 * random(9, 4, seed=1).double() + 3
    one, other = slow_covariance(source.tolist()), slow_covariance(target.tolist())
    distance = sum((one[i][j] - other[i][j]) ** 2 for i in range(4) for j in range(4))
    assert coral.coral_loss(source, target).item() == pytest.approx(distance / (4 * 4**2))


def test_coral_is_blind_to_the_mean_and_has_a_weight():
    z = random(8, WIDTH)
    assert coral.coral_loss(z, z + 7).item() == pytest.approx(0, abs=1e-9)
    step = make_step(progress=1.0)
    expected = coral.WEIGHT * coral.coral_loss(step.source.z, step.target.z)
    assert torch.equal(make(coral.CORAL).losses(step)["coral_loss"], expected)


def test_entropy_by_hand():
    logits = torch.tensor([[0.0, 0.0, 0.0, 0.0], [math.log(3.0), 0.0, 0.0, 0.0], [900.0, 0.0, -900.0, 0.0]])
    # Uniform: ln 4. (1/2, 1/6, 1/6, 1/6): ln(2) / 2 + ln(6) / 2. Certain: 0.
    expected = (math.log(4) + (math.log(2) + math.log(6)) / 2 + 0) / 3
    assert entropy.entropy(logits).item() == pytest.approx(expected)


def test_entropy_equals_the_loop():
    logits = random(9, 4).double()
    total = 0.0
    for row in logits.tolist():
        p = [math.exp(x) / sum(map(math.exp, row)) for x in row]
        total -= sum(x * math.log(x) for x in p)
    assert entropy.entropy(logits).item() == pytest.approx(total / 9)


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
    assert pseudo_label.alpha(progress) == pytest.approx(expected)
    step = make_step(progress=progress)
    found = make(pseudo_label.PseudoLabel).losses(step)["pseudo_label_loss"]
    assert found.item() == pytest.approx(expected * pseudo_label.pseudo_label_loss(step.target.logits).item())


def test_pseudo_label_by_hand():
    logits = torch.tensor([[0.0, math.log(3.0), 0.0, 0.0], [0.0, 0.0, 0.0, math.log(2.0)]])
    # -log of the largest probability: 3/6 and 2/5, however uncertain.
    assert pseudo_label.pseudo_label_loss(logits).item() == pytest.approx((math.log(2) + math.log(5 / 2)) / 2)


def test_pseudo_label_equals_the_loop():
    total = 0.0
    logits = random(9, 4).double()
    for row in logits.tolist():
        total -= math.log(max(map(math.exp, row)) / sum(map(math.exp, row)))
    assert pseudo_label.pseudo_label_loss(logits).item() == pytest.approx(total / 9)


@pytest.mark.parametrize("method", METHODS)
def test_source_loss_is_the_labels_cross_entropy_and_reaches_the_source_logits_alone(method):
    step = make_step(progress=1.0)
    loss = make(method).losses(step)["source_loss"]
    loss.backward()
    assert loss.item() == pytest.approx(torch.nn.functional.cross_entropy(step.source.logits, step.labels).item())
    assert (step.source.logits.grad != 0).all()
    assert step.target.logits.grad is None and step.source.z.grad is None and step.target.z.grad is None


@pytest.mark.parametrize(
    ("method", "term", "reached"),
    [
        (coral.CORAL, "coral_loss", {"source z", "target z"}),
        (entropy.EntropyMinimisation, "entropy_loss", {"target logits"}),
        (pseudo_label.PseudoLabel, "pseudo_label_loss", {"target logits"}),
    ],
)
def test_the_methods_own_term_reaches_what_it_is_about(method, term, reached):
    step = make_step(progress=1.0)
    terms = make(method).losses(step)
    assert set(terms) == {"source_loss", term}
    terms[term].backward()
    leaves = {
        f"{domain} {name}": getattr(getattr(step, domain), name)
        for domain in ("source", "target")
        for name in ("z", "logits")
    }
    assert {name for name, leaf in leaves.items() if leaf.grad is not None} == reached
    assert all((leaves[name].grad != 0).any(dim=1).all() for name in reached)  # every utterance


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("source", "target"), [(1, 1), (1, 6), (8, 1), (2, 2), (3, 32)])
@pytest.mark.parametrize("scale", [0.0, 1.0, 1e3])
def test_small_batches_are_finite(method, source, target, scale):
    step = make_step(source, target, progress=0.5, scale=scale)
    terms = make(method).losses(step)
    sum(terms.values()).backward()
    assert all(torch.isfinite(term) and term.shape == () for term in terms.values())
    for batch in (step.source, step.target):
        for leaf in (batch.z, batch.logits):
            assert leaf.grad is None or torch.isfinite(leaf.grad).all()


@pytest.mark.parametrize(("source", "target"), [(1, 6), (8, 1)])
def test_one_utterance_has_no_covariance_to_be_drawn_to(source, target):
    assert coral.coral_loss(random(source, WIDTH), random(target, WIDTH)) == 0
