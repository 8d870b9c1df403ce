"""NNPM-plus: taught by the second view, cut inputs, an averaged teacher, and the product of both views."""

import copy
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from nnpm.methods.base import Batch, Step
from nnpm.methods.nnpm_plus import AVERAGE, BACKBONE, PRIOR, TARGET, NNPMPlus, padding
from steps import make_start

VIEW = torch.tensor([[0.7, 0.1, 0.1, 0.1], [0.1, 0.2, 0.3, 0.4], [0.25, 0.25, 0.25, 0.25]])


@pytest.fixture
def method(backbone):
    start = make_start(3, backbone, width=16)
    return NNPMPlus(replace(start, target=replace(start.target, second_view=VIEW)))


def step(rows=(0, 1)):
    generator = torch.Generator().manual_seed(1)
    parts = [Batch(torch.tensor(rows), torch.zeros(2, 16), torch.randn(2, 4, generator=generator)) for _ in range(2)]
    return Step(parts[0], torch.tensor([3, 1]), parts[1], progress=0.5)


def test_the_target_learns_its_own_rows_of_the_second_view(method):
    taken = step(rows=(1, 0))
    losses = method.losses(taken)
    log_p = taken.target.logits.log_softmax(dim=1)
    by_hand = -sum(VIEW[row] @ log_p[index] for index, row in enumerate((1, 0))) / 2
    assert losses["target_loss"].item() == pytest.approx(TARGET * by_hand.item(), rel=1e-5)
    assert losses["source_loss"].item() == pytest.approx(
        F.cross_entropy(taken.source.logits, torch.tensor([3, 1])).item()
    )


def test_the_teacher_is_the_running_average(method, backbone):
    before = copy.deepcopy(backbone.classifier.weight.detach())
    with torch.no_grad():
        backbone.classifier.weight.add_(1.0)
    taken = step()
    method.after_step(taken)
    assert torch.allclose(method.teacher.classifier.weight, before + (1 - AVERAGE), atol=1e-6)
    predicted = taken.target.logits.softmax(dim=1).mean(dim=0)
    assert torch.allclose(method.prior, PRIOR * torch.full((4,), 0.25) + (1 - PRIOR) * predicted)
    assert not any(weight.requires_grad for weight in method.parameters())


def test_the_trained_backbone_is_no_part_of_the_method(method, backbone):
    names = set(method.state_dict())
    assert names == {"prior", *(f"teacher.{name}" for name in backbone.state_dict())}


def test_the_teacher_predicts_what_is_more_likely_than_usual(method, backbone):
    method.prior = torch.tensor([0.4, 0.2, 0.2, 0.2])
    inputs = torch.randn(2, 6, 8)
    method.teacher.eval()
    plain = method.teacher(inputs, 2)[1].softmax(dim=1)
    divided = method.predictor(backbone).eval()(inputs, 2)[1].softmax(dim=1)
    expected = plain / method.prior
    assert torch.allclose(divided, expected / expected.sum(dim=1, keepdim=True), atol=1e-6)
    assert torch.allclose(method.teacher(inputs, 2)[1].softmax(dim=1), plain)  # the teacher itself stays


def test_fusion_by_hand(method):
    p = torch.tensor([[0.25, 0.25, 0.25, 0.25], [0.1, 0.1, 0.1, 0.7]])
    fused = method.fused(p, VIEW[:2])
    assert torch.allclose(fused[0], VIEW[0])  # where the teacher says nothing, the view decides
    odds = fused[1, 3] / fused[1, 0]
    assert odds.item() == pytest.approx((0.4 / 0.1) * (0.7 / 0.1) ** BACKBONE, rel=1e-5)
    assert torch.allclose(fused.sum(dim=1), torch.ones(2))


def test_augmentation_only_puts_padding(method):
    torch.manual_seed(0)
    inputs = torch.randn(200, 50, 8) + 5
    changed, _ = method.augment(inputs, None)
    kept = (changed == inputs).all(dim=2)
    assert torch.equal(changed[~kept], method.padding.expand((~kept).sum(), -1))
    whole = kept.double().mean(dim=1)
    assert (whole >= 0.19 - 0.12).all() and whole.max() > 0.95
    ends = (~kept[:, -1]).double().mean()
    assert 0.35 < ends < 0.65  # half of them lose their end
    assert inputs.shape == changed.shape


def test_augmentation_cuts_the_end_of_utterances_of_their_own_lengths(method):
    torch.manual_seed(0)
    inputs, lengths = torch.randn(200, 50, 8) + 5, torch.arange(200) % 49 + 1
    changed, shortened = method.augment(inputs, lengths)
    assert (shortened >= 1).all() and (shortened <= lengths).all()
    assert 0.35 < (shortened < lengths).double().mean() < 0.65
    real = torch.arange(50) < shortened[:, None]
    blanked = (changed != inputs).any(dim=2) & real
    assert blanked.any() and (blanked.sum(dim=1) <= 0.12 * lengths + 1).all()


@pytest.mark.parametrize("blocks", [0, 1, 2])
def test_padding_is_what_the_encoder_makes_of_zeros(backbone, blocks):
    encoded = backbone.encode(torch.zeros(1, 100, 12), last=blocks)
    assert torch.allclose(padding(backbone, blocks), encoded[0, 3], atol=1e-6)
