"""FLUDA: episodes against numbers worked by hand and a loop over queries; what reaches what; prediction."""

import copy
import math

import pytest
import torch

from nnpm.methods.base import Batch, MethodSettings, Start, Step, Utterances
from nnpm.methods.fluda import FLUDA, episode_loss, halves, members, prototype_classifier
from nnpm.model.backbone import SNSA
from steps import random

WIDTH = 16  # of the small backbone's z


def make_start(backbone=None, utterances=12, width=WIDTH):
    labels = torch.arange(utterances) % 4
    unknown = torch.full((utterances,), -1)
    source = Utterances(random(utterances, width, seed=1), labels, unknown, natural=-1)
    target = Utterances(random(utterances, width, seed=2), None, unknown, natural=-1)
    return Start(MethodSettings(), backbone, 2, source, target)


def make_step(labels, target=8, width=WIDTH, progress=0.5):
    """A step whose features and logits are leaves, so that each shows what reaches it."""
    rows = torch.arange(len(labels))
    source, target = (
        Batch(
            rows=torch.arange(n),
            z=random(n, width, seed=n).requires_grad_(),
            logits=random(n, 4, seed=n + 1).requires_grad_(),
        )
        for n in (len(rows), target)
    )
    return Step(source=source, labels=torch.tensor(labels), target=target, progress=progress)


@pytest.fixture
def method():
    torch.manual_seed(0)
    return FLUDA(make_start())


def slow_episode_loss(z, labels):
    """One query at a time, with distances as they are written in the paper."""
    of_class = {k: [row for row, label in enumerate(labels) if label == k] for k in set(labels)}
    prototypes = {}
    for k, rows in of_class.items():
        if support := rows[: len(rows) // 2]:
            prototypes[k] = [sum(z[row][i] for row in support) / len(support) for i in range(len(z[0]))]
    losses = []
    for k in prototypes:
        queries = of_class[k][len(of_class[k]) // 2 :]
        total = 0.0
        for row in queries:
            near = {
                c: math.exp(-sum((a - b) ** 2 for a, b in zip(z[row], p, strict=True))) for c, p in prototypes.items()
            }
            total -= math.log(near[k] / sum(near.values()))
        losses.append(total / len(queries))
    return sum(losses) / len(losses) if losses else 0.0


def test_halves_by_hand():
    # Three of class 0 (one supports, two query), two of class 2, one of class 3, which cannot support itself.
    support, queries = halves(torch.tensor([0, 2, 0, 3, 0, 2]))
    assert [tuple(place) for place in support.nonzero().tolist()] == [(0, 0), (1, 2)]
    assert [tuple(place) for place in queries.nonzero().tolist()] == [(2, 0), (3, 3), (4, 0), (5, 2)]


def test_episode_loss_by_hand():
    # Prototypes 0 and 3 (classes 0 and 1). Queries: 1 of class 0, at distances 1 and 4; 3 and 2 of class 1.
    z = torch.tensor([[-1.0], [1.0], [3.0], [3.0], [1.0], [-1.0], [3.0], [2.0]])
    labels = torch.tensor([0, 0, 1, 1, 0, 0, 1, 1])
    # class 0 queries: 1 -> distances 1, 4; -1 -> 1, 16. class 1 queries: 3 -> 9, 0; 2 -> 4, 1.
    zero = (math.log(1 + math.exp(-3)) + math.log(1 + math.exp(-15))) / 2
    one = (math.log(1 + math.exp(-9)) + math.log(1 + math.exp(-3))) / 2
    assert episode_loss(z, labels).item() == pytest.approx((zero + one) / 2, rel=1e-5)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n", [4, 9, 32])
def test_episode_loss_equals_the_loop(seed, n):
    z = random(n, 3, seed=seed).double()
    labels = torch.randint(4, (n,), generator=torch.Generator().manual_seed(seed + 10))
    expected = slow_episode_loss(z.tolist(), labels.tolist())
    assert episode_loss(z, labels).item() == pytest.approx(expected, abs=1e-10)


def test_classes_weigh_the_same_however_many_queries_they_have():
    z = random(14, 3)
    few, many = [0, 0, 1, 1], [0] * 8 + [1] * 6
    assert slow_episode_loss(z.tolist(), many) == pytest.approx(episode_loss(z, torch.tensor(many)).item(), rel=1e-4)
    assert episode_loss(z[:4], torch.tensor(few)).item() == pytest.approx(slow_episode_loss(z[:4].tolist(), few))


def test_prototype_classifier_is_the_squared_distance():
    z, labels, other = random(9, 5), torch.tensor([0, 1, 2, 3, 0, 1, 2, 3, 3]), random(4, 5, seed=1)
    weight, bias = prototype_classifier(z, members(labels))
    means = torch.stack([z[labels == k].mean(dim=0) for k in range(4)])
    distances = torch.cdist(other, means) ** 2
    p = (other @ weight.T + bias).softmax(dim=1)
    assert torch.allclose(p, (-distances).softmax(dim=1), atol=1e-5)


@pytest.mark.parametrize("progress", [0.0, 0.5, 1.0])
def test_domain_loss_by_hand(method, progress):
    for weight in method.domain.parameters():
        torch.nn.init.zeros_(weight)
    torch.nn.init.constant_(method.domain[2].bias, math.log(3.0))  # says "source" of everything: 3/4
    loss = method.losses(make_step([0, 0, 1, 1], target=8, progress=progress))["domain_loss"]
    assert loss.item() == pytest.approx(-(math.log(3 / 4) + math.log(1 / 4)))  # mean over each domain, summed


def test_gradient_of_the_domain_loss_is_reversed_for_the_backbone_alone(method):
    labels = [0, 0, 1, 1, 2, 2, 3, 3]
    gradients = {}
    for progress in (0.0, 0.1, 1.0):
        step = make_step(labels, target=6, progress=progress)
        method.zero_grad()
        method.losses(step)["domain_loss"].backward()
        gradients[progress] = step.source.z.grad, step.target.z.grad, method.domain[0].weight.grad.clone()
        assert step.source.logits.grad is None and step.target.logits.grad is None
    # What the classifier alone would send back, not reversed:
    step = make_step(labels, target=6)
    method.zero_grad()
    source, target = method.domain(step.source.z), method.domain(step.target.z)
    torch.nn.functional.binary_cross_entropy_with_logits(source, torch.ones_like(source)).backward()
    torch.nn.functional.binary_cross_entropy_with_logits(target, torch.zeros_like(target)).backward()
    learnt = method.domain[0].weight.grad
    for progress, strength in ((0.0, 0.0), (0.1, 0.4621172), (1.0, 0.9999092)):
        for found, batch in zip(gradients[progress], (step.source, step.target), strict=False):
            assert torch.allclose(found, -strength * batch.z.grad, atol=1e-7)
            assert batch.z.grad.abs().max() > 1e-4
        # The domain classifier itself learns at full strength.
        assert torch.allclose(gradients[progress][2], learnt, atol=1e-6)


def test_episode_reaches_the_source_features_alone(method):
    step = make_step([0, 0, 1, 1, 2, 2, 3, 3])
    method.losses(step)["episode_loss"].backward()
    assert (step.source.z.grad != 0).all()
    assert step.target.z.grad is None
    assert step.source.logits.grad is None and step.target.logits.grad is None


def test_an_utterance_without_support_reaches_nothing(method):
    step = make_step([0, 0, 1, 1, 3])
    method.losses(step)["episode_loss"].backward()
    assert (step.source.z.grad[4] == 0).all() and (step.source.z.grad[:4] != 0).any(dim=1).all()


@pytest.mark.parametrize("labels", [[2], [0, 1, 2, 3], [1, 1, 1, 1], [0, 1, 1], [0, 0, 1, 1, 2, 2]])
@pytest.mark.parametrize("target", [1, 5])
@pytest.mark.parametrize("size", [0.0, 1.0, 1e3])
def test_small_and_lopsided_batches_are_finite(method, labels, target, size):
    step = make_step(labels, target=target)
    for batch in (step.source, step.target):
        batch.z.data *= size
    terms = method.losses(step)
    sum(terms.values()).backward()
    assert all(torch.isfinite(term) for term in terms.values())
    assert torch.isfinite(step.source.z.grad).all() and torch.isfinite(step.target.z.grad).all()
    if max(labels.count(label) for label in labels) == 1:
        assert terms["episode_loss"] == 0  # no class has both a support and a query


@pytest.fixture
def trained(backbone_settings):
    torch.manual_seed(0)
    backbone = SNSA(backbone_settings)
    return backbone, FLUDA(make_start(backbone))


def test_prediction_is_the_nearest_prototype_of_all_source_utterances(trained):
    backbone, method = trained
    before = copy.deepcopy(backbone.state_dict())
    step = make_step([0, 1, 2])
    method.after_step(step)
    features = make_start().source.z.clone()
    features[:3] = step.source.z.detach()
    assert torch.equal(method.features, features)

    predictor = method.predictor(backbone).eval()
    with torch.no_grad():
        z, logits = predictor(random(5, 40, 12))
    means = torch.stack([features[torch.arange(12) % 4 == k].mean(dim=0) for k in range(4)])
    assert torch.allclose(logits.softmax(dim=1), (-(torch.cdist(z, means) ** 2)).softmax(dim=1), atol=1e-5)
    assert all(
        torch.equal(value, before[name]) for name, value in backbone.state_dict().items()
    )  # is not the trained one


def test_a_class_that_the_source_lacks_is_never_predicted(backbone_settings):
    start = make_start(SNSA(backbone_settings))
    start.source.labels.clamp_(max=2)
    with torch.no_grad():
        _, logits = FLUDA(start).predictor(start.backbone).eval()(random(5, 40, 12))
    p = logits.softmax(dim=1)
    assert (p[:, 3] == 0).all() and torch.isfinite(p).all()


def test_what_the_method_holds_is_its_own(trained):
    """It is written into the checkpoints, and the features that others may look at stay as they were."""
    backbone, _ = trained
    start = make_start(backbone)
    kept = start.source.z.clone()
    method = FLUDA(start)
    method.after_step(make_step([0, 1, 2, 3]))
    assert torch.equal(start.source.z, kept)
    assert {"features", "labels", "domain.0.weight", "domain.2.bias"} <= set(method.state_dict())
