"""The games of DANN, FLUDA and the GAN: losses by hand, and which gradient reaches whom."""

import math

import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from nnpm.methods.dann import DANN, domain_classifier, reversal_strength
from nnpm.methods.fluda import FLUDA
from nnpm.methods.gan import GAN
from steps import make, make_step


def says_source_with(p, network):
    """Make an adversary say "source" of everything with probability p."""
    for weight in network.parameters():
        nn.init.zeros_(weight)
    nn.init.constant_(network[-1].bias, math.log(p / (1 - p)))


def logistic_gradients(network, source, target):
    """Gradients of the plain domain loss: features of both domains, then the network's weights."""
    source, target = (z.detach().clone().requires_grad_() for z in (source, target))
    one, other = network(source), network(target)
    loss = binary_cross_entropy_with_logits(one, torch.ones_like(one))
    loss = loss + binary_cross_entropy_with_logits(other, torch.zeros_like(other))
    return torch.autograd.grad(loss, [source, target, *network.parameters()])


@pytest.mark.parametrize(
    ("progress", "expected"), [(0.0, 0.0), (0.1, 0.4621172), (0.25, 0.8482836), (0.5, 0.9866143), (1.0, 0.9999092)]
)
def test_strength_of_the_reversal_by_hand(progress, expected):
    assert reversal_strength(progress) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("method", [DANN, FLUDA])
def test_the_domain_loss_by_hand(method):
    made = make(method)
    says_source_with(3 / 4, made.domain)
    assert made.losses(make_step())["domain_loss"].item() == pytest.approx(-math.log(3 / 4) - math.log(1 / 4))


def test_terms_of_the_gan_by_hand():
    made = make(GAN)
    says_source_with(1 / 5, made.discriminator)
    terms = made.losses(make_step())
    assert terms["discriminator_loss"].item() == pytest.approx(-math.log(1 / 5) - math.log(4 / 5))
    assert terms["generator_loss"].item() == pytest.approx(-math.log(1 / 5))


@pytest.mark.parametrize("method", [DANN, FLUDA])
@pytest.mark.parametrize("progress", [0.0, 0.1, 1.0])
def test_the_gradient_is_reversed_for_the_features_and_not_for_the_classifier(method, progress):
    step, made = make_step(progress=progress), make(method)
    made.losses(step)["domain_loss"].backward()
    source, target, *weights = logistic_gradients(made.domain, step.source.z, step.target.z)
    strength = reversal_strength(progress)
    for found, plain in ((step.source.z.grad, source), (step.target.z.grad, target)):
        assert torch.allclose(found, -strength * plain, atol=1e-7)
        assert plain.abs().max() > 1e-3
    for weight, plain in zip(made.domain.parameters(), weights, strict=True):
        assert torch.allclose(weight.grad, plain, atol=1e-6)


def test_the_discriminator_learns_as_a_classifier_does():
    step, method = make_step(), make(GAN)
    method.losses(step)["discriminator_loss"].backward()
    _, _, *weights = logistic_gradients(method.discriminator, step.source.z, step.target.z)
    for weight, plain in zip(method.discriminator.parameters(), weights, strict=True):
        assert torch.allclose(weight.grad, plain, atol=1e-7)


def test_the_generator_moves_target_features_towards_the_source_and_no_weight_of_the_discriminator():
    step, method = make_step(), make(GAN)
    method.losses(step)["generator_loss"].backward()
    assert all(weight.grad is None for weight in method.discriminator.parameters())
    before = method.discriminator(step.target.z)
    after = method.discriminator(step.target.z - 0.1 * step.target.z.grad)
    assert (after > before).all()  # each target utterance looks more like the source
    # The reversed loss of the discriminator would move them as well, the less the surer it is (1 - D against D).
    _, reversed_, *_ = logistic_gradients(method.discriminator, step.source.z, step.target.z)
    surely_target = before.sigmoid()
    assert torch.allclose(step.target.z.grad * surely_target, -reversed_ * (1 - surely_target), atol=1e-7)


def test_a_domain_classifier_reads_z_through_one_hidden_layer():
    network = domain_classifier(7)
    assert network(torch.zeros(3, 7)).shape == (3, 1)
    assert [tuple(weight.shape) for weight in network.parameters()] == [(7, 7), (7,), (1, 7), (1,)]
