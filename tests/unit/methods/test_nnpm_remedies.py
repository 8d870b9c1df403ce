"""NNPM's three changes against the collapse: each formula by hand and against plain loops, and what always holds."""

import math
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from nnpm.methods.base import MethodSettings
from nnpm.methods.nnpm_remedies import Balanced, ClassAware, TargetSlots, equal_shares, nearest
from steps import make_start, make_step, random

#: So many source and target utterances; the source's labels take turns.
SIZES = {"genders": ((0,) * 60, (1,) * 14)}


def at_start(method, settings=None, **sizes):
    start = make_start(**(sizes or SIZES))
    return method(replace(start, settings=settings or MethodSettings(threshold=0.6, hard_negative_ratio=0.1)))


def unit(*similarities):
    """Unit vectors, (similarities, 5), with these similarities to the first axis."""
    vectors = torch.zeros(len(similarities), 5)
    vectors[:, 0] = torch.tensor(similarities)
    vectors[:, 1] = (1 - vectors[:, 0] ** 2).sqrt()
    return vectors


def with_slots(method, classes, similarities):
    """The method with slots of these classes and of these similarities to an utterance on the first axis."""
    method.memory.slots = unit(*similarities)
    method.own = torch.arange(4)[:, None] == torch.tensor(classes)
    return method


def hardest(scores, count):
    return sorted(scores, reverse=True)[:count]


# Class-aware negatives


def test_negatives_have_another_class_than_most_positives_by_hand():
    method = at_start(ClassAware, MethodSettings(hard_negative_ratio=0.5, positive_weight=3.0))
    #           positives       NNPM's hardest, then three of other classes, of which half, rounded up, are taken
    classes = [0, 0, 1, 0, 1, 2, 3]
    with_slots(method, classes, [0.98, 0.95, 0.92, 0.85, 0.6, 0.2, -0.5])
    z = torch.tensor([[2.0, 0, 0, 0, 0]])
    loss, count = method.match(z)
    assert count.tolist() == [3]
    assert loss.item() == pytest.approx(3 * (0.02**2 + 0.05**2 + 0.08**2) / 3 + (0.6**2 + 0.2**2) / 2, rel=1e-4)


def test_an_utterance_without_positives_adds_nothing():
    method = with_slots(at_start(ClassAware, MethodSettings()), [0, 1, 2, 3], [0.89, 0.5, 0.1, -0.2])
    z = torch.tensor([[1.0, 0, 0, 0, 0]], requires_grad=True)
    loss, count = method.match(z)
    loss.sum().backward()
    assert loss.item() == count.item() == 0 and not z.grad.any()


@pytest.mark.parametrize("ratio", [0.01, 0.1, 1.0])
@pytest.mark.parametrize("threshold", [-1.1, 0.2, 0.7, 1.1])
def test_class_aware_negatives_are_those_of_plain_loops(threshold, ratio):
    method = at_start(ClassAware, MethodSettings(threshold=threshold, hard_negative_ratio=ratio))
    z = random(30, 5)
    loss, count = method.match(z)
    for j, f in enumerate(F.normalize(z, dim=1)):
        s = (method.memory.slots @ f).tolist()
        near = [i for i in range(60) if s[i] > threshold]
        of_class = [sum(i % 4 == k for i in near) for k in range(4)]
        others = [s[i] for i in range(60) if i not in near and i % 4 != of_class.index(max(of_class))]
        far = hardest(others, max(1, math.ceil(ratio * len(others) - 1e-9))) if near else []
        expected = sum((s[i] - 1) ** 2 for i in near) / max(1, len(near)) + sum(x**2 for x in far) / max(1, len(far))
        assert count[j] == len(near)
        assert loss[j].item() == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_no_negative_is_positive_or_of_the_majority():
    method = at_start(ClassAware)
    _, positive, negative = method.pseudo_multilabels(random(200, 5))
    majority = torch.stack([(positive & own).sum(dim=1) for own in method.own], dim=1).argmax(dim=1)
    assert positive.any(dim=1).any() and negative.any()
    assert not (negative & (positive | method.own[majority])).any()


# Slots of the target


def test_the_memory_holds_the_target_and_its_own_slot_is_positive():
    method = at_start(TargetSlots, MethodSettings(hard_negative_ratio=0.3, positive_weight=3.0))
    method.memory.slots = unit(0.1, 0.95, 0.8, 0.5, -0.3)
    step = make_step(target=[0])
    step.target.z.data = torch.tensor([[4.0, 0, 0, 0, 0]])
    losses = method.losses(step)
    assert losses["target_loss"].item() == pytest.approx(3 * (0.9**2 + 0.05**2) / 2 + 0.8**2, rel=1e-4)
    assert method.observe()["positives"] == 2
    assert losses["source_loss"].item() == pytest.approx(F.cross_entropy(step.source.logits, step.labels).item())
    assert method.pseudo_multilabels(step.target.z) is None, "its slots are no source utterances"


def test_target_slots_start_from_the_pretrained_backbone_and_are_written_by_the_step():
    start = make_start(**SIZES)
    method = TargetSlots(start)
    before = F.normalize(start.target.z, dim=1)
    assert torch.equal(method.memory.slots, before)
    method.begin_epoch(2, 3)
    step = make_step(target=[3, 5])
    method.after_step(step)
    f = F.normalize(step.target.z.detach(), dim=1)
    assert torch.allclose(method.memory.slots[[3, 5]], F.normalize(0.6 * before[[3, 5]] + 0.4 * f, dim=1))
    rest = [row for row in range(14) if row not in (3, 5)]
    assert torch.equal(method.memory.slots[rest], before[rest])


# Balanced classes


def test_classes_get_equal_shares():
    p = (4 * random(500, 4) + torch.tensor([3.0, 0, 0, -1])).softmax(dim=1)
    q = equal_shares(p)
    assert torch.allclose(q.mean(dim=0), torch.full((4,), 0.25), atol=1e-4)
    assert torch.allclose(q.sum(dim=1), torch.ones(500), atol=1e-5)
    ratio = (q / p).log()  # one factor per row and one per class
    assert torch.allclose(ratio - ratio[:, :1] - (ratio[:1] - ratio[:1, :1]), torch.zeros(500, 4), atol=1e-3)


def test_equal_shares_by_hand():
    """Odds of 4 to 1 and of 1 to 1 become 2 to 1 and 1 to 2: both of mean 1/2."""
    q = equal_shares(torch.tensor([[0.8, 0.2], [0.5, 0.5]]))
    assert torch.allclose(q, torch.tensor([[2 / 3, 1 / 3], [1 / 3, 2 / 3]]), atol=1e-6)


def test_the_nearest_slots_of_a_class():
    scores = torch.linspace(-1, 1, 48)[None]
    few, many = torch.arange(48) >= 44, torch.arange(48) % 2 == 0
    assert nearest(scores, few).equal(few[None])
    assert nearest(scores, many)[0].nonzero().flatten().tolist() == list(range(28, 48, 2))


def test_the_balanced_loss_is_that_of_plain_loops():
    method = at_start(Balanced, MethodSettings(hard_negative_ratio=0.1, positive_weight=2.0))
    method.begin_epoch(1, 3)
    step = make_step(target=[2, 9, 13])
    expected = []
    for row, f in zip((2, 9, 13), F.normalize(step.target.z, dim=1), strict=True):
        s = (method.memory.slots @ f).tolist()
        for k in range(4):
            near = hardest([s[i] for i in range(60) if i % 4 == k], 10)
            far = hardest([s[i] for i in range(60) if i % 4 != k], 5)
            error = 2 * sum((x - 1) ** 2 for x in near) / 10 + sum(x**2 for x in far) / 5
            expected.append(method.q[row, k].item() * error)
    assert method.losses(step)["target_loss"].item() == pytest.approx(sum(expected) / 3, rel=1e-4)


def test_classes_are_assigned_once_per_epoch_from_the_latest_embeddings():
    start = make_start(**SIZES)
    method = Balanced(start)
    step = make_step(target=[3, 5])
    method.begin_epoch(0, 3)
    before = method.q
    method.after_step(step)
    assert method.q is before
    method.begin_epoch(1, 3)
    z = start.target.z.clone()
    z[[3, 5]] = step.target.z.detach()
    scores = F.normalize(z, dim=1) @ method.memory.slots.T
    near = torch.tensor([[sum(hardest(row[k::4].tolist(), 10)) / 10 for k in range(4)] for row in scores])
    assert torch.allclose(method.q, equal_shares((near / 0.1).softmax(dim=1)), atol=1e-5)
    assert torch.allclose(method.q.mean(dim=0), torch.full((4,), 0.25), atol=1e-3)
    assert not torch.allclose(method.q, before, atol=1e-3)


def test_a_resumed_run_assigns_the_same_classes(monkeypatch):
    runs = [at_start(Balanced) for _ in range(2)]
    runs[0].begin_epoch(0, 3)
    runs[0].after_step(make_step(target=[3, 5]))
    runs[1].load_state_dict(runs[0].state_dict())
    runs[0].begin_epoch(1, 3)
    monkeypatch.setattr("nnpm.model.large_memory.MOST_SCORES", 120)  # two utterances at a time
    runs[1].begin_epoch(1, 3)
    assert torch.allclose(runs[0].q, runs[1].q, atol=1e-6)


@pytest.mark.parametrize("method", [ClassAware, TargetSlots, Balanced])
@pytest.mark.parametrize("scale", [0.0, 1.0, 1e4])
def test_any_batch_is_finite_and_trains_both_domains(method, scale):
    made, step = at_start(method), make_step(target=14, scale=scale)
    made.begin_epoch(0, 3)
    losses = made.losses(step)
    sum(losses.values()).backward()
    assert losses.keys() == {"target_loss", "source_loss"}
    assert all(torch.isfinite(term) and term.shape == () for term in losses.values())
    assert torch.isfinite(step.target.z.grad).all() and torch.isfinite(step.source.logits.grad).all()
    if scale == 1.0:
        assert step.target.z.grad.any() and step.source.logits.grad.any()
