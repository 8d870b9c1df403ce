"""FLUDA: episodes against a loop over queries, and prediction; its domain loss is DANN's."""

import copy
import math

import pytest
import torch

from nnpm.methods.fluda import FLUDA, episode_loss
from steps import make, make_start, make_step, random

WIDTH = 16  # of the small backbone's z


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


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n", [4, 9, 32])
def test_episode_loss_equals_the_loop(seed, n):
    z = random(n, 3, seed=seed).double()
    labels = torch.randint(4, (n,), generator=torch.Generator().manual_seed(seed + 10))
    expected = slow_episode_loss(z.tolist(), labels.tolist())
    assert episode_loss(z, labels).item() == pytest.approx(expected, abs=1e-10)


def test_an_utterance_without_support_reaches_nothing():
    step = make_step(5, labels=[0, 0, 1, 1, 3])
    make(FLUDA).losses(step)["episode_loss"].backward()
    assert (step.source.z.grad[4] == 0).all() and (step.source.z.grad[:4] != 0).any(dim=1).all()


@pytest.mark.parametrize("labels", [[2], [0, 1, 2, 3], [1, 1, 1, 1], [0, 1, 1], [0, 0, 1, 1, 2, 2]])
@pytest.mark.parametrize("scale", [0.0, 1.0, 1e3])
def test_lopsided_batches_are_finite(labels, scale):
    step = make_step(len(labels), labels=labels, scale=scale)
    loss = make(FLUDA).losses(step)["episode_loss"]
    loss.backward()
    assert torch.isfinite(loss) and torch.isfinite(step.source.z.grad).all()
    assert loss == 0 or len(set(labels)) < len(labels), "no class has both a support and a query"


def test_prediction_is_the_nearest_prototype_of_all_source_utterances(backbone):
    start = make_start(12, backbone, WIDTH)
    before, features = copy.deepcopy(backbone.state_dict()), start.source.z.clone()
    method, step = FLUDA(start), make_step(3, width=WIDTH)
    method.after_step(step)
    assert torch.equal(start.source.z, features), "what others may look at stays as it was"
    features[:3] = step.source.z.detach()
    assert torch.equal(method.state_dict()["features"], features), "is written into checkpoints"

    predictor = method.predictor(backbone).eval()
    with torch.no_grad():
        z, logits = predictor(random(5, 40, 12))
    means = torch.stack([features[torch.arange(12) % 4 == k].mean(dim=0) for k in range(4)])
    assert torch.allclose(logits.softmax(dim=1), (-(torch.cdist(z, means) ** 2)).softmax(dim=1), atol=1e-5)
    assert all(torch.equal(value, before[name]) for name, value in backbone.state_dict().items())


def test_a_class_that_the_source_lacks_is_never_predicted(backbone):
    start = make_start(12, backbone, WIDTH)
    start.source.labels.clamp_(max=2)
    with torch.no_grad():
        _, logits = FLUDA(start).predictor(backbone).eval()(random(5, 40, 12))
    p = logits.softmax(dim=1)
    assert (p[:, 3] == 0).all() and torch.isfinite(p).all()
