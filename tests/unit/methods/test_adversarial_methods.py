"""DANN and the GAN: losses by hand, which gradient reaches whom, and domains that get mixed."""

import math

import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from nnpm.methods.base import Batch, Step
from nnpm.methods.dann import DANN, domain_classifier, domain_loss, reversal_strength
from nnpm.methods.gan import GAN, generator_loss
from steps import make, make_step, random

METHODS = [DANN, GAN]


def adversary(method):
    return method.domain if isinstance(method, DANN) else method.discriminator


def says_source_with(p, method):
    """Make the adversary say "source" of everything with probability p."""
    for weight in adversary(method).parameters():
        nn.init.zeros_(weight)
    nn.init.constant_(adversary(method)[-1].bias, math.log(p / (1 - p)))
    return method


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


def test_domain_loss_by_hand():
    source = torch.tensor([[math.log(3.0)], [0.0]])  # "source" with 3/4 and 1/2
    target = torch.tensor([[math.log(3.0)], [-math.log(4.0)], [0.0]])  # with 3/4, 1/5, 1/2
    expected = -(math.log(3 / 4) + math.log(1 / 2)) / 2 - (math.log(1 / 4) + math.log(4 / 5) + math.log(1 / 2)) / 3
    assert domain_loss(source, target).item() == pytest.approx(expected)


def test_generator_loss_by_hand():
    logits = torch.tensor([[math.log(3.0)], [0.0], [-math.log(4.0)]])
    assert generator_loss(logits).item() == pytest.approx(-(math.log(3 / 4) + math.log(1 / 2) + math.log(1 / 5)) / 3)


def test_terms_of_dann_by_hand():
    step = make_step(progress=0.3)
    terms = says_source_with(3 / 4, make(DANN)).losses(step)
    assert set(terms) == {"source_loss", "domain_loss"}
    assert terms["domain_loss"].item() == pytest.approx(-math.log(3 / 4) - math.log(1 / 4))


def test_terms_of_the_gan_by_hand():
    terms = says_source_with(1 / 5, make(GAN)).losses(make_step())
    assert set(terms) == {"source_loss", "discriminator_loss", "generator_loss"}
    assert terms["discriminator_loss"].item() == pytest.approx(-math.log(1 / 5) - math.log(4 / 5))
    assert terms["generator_loss"].item() == pytest.approx(-math.log(1 / 5))


@pytest.mark.parametrize("method", METHODS)
def test_source_loss_is_the_labels_cross_entropy_and_reaches_the_source_logits_alone(method):
    step, made = make_step(), make(method)
    loss = made.losses(step)["source_loss"]
    loss.backward()
    assert loss.item() == pytest.approx(nn.functional.cross_entropy(step.source.logits, step.labels).item())
    assert (step.source.logits.grad != 0).all()
    assert all(leaf.grad is None for leaf in (step.target.logits, step.source.z, step.target.z, *made.parameters()))


@pytest.mark.parametrize("progress", [0.0, 0.1, 1.0])
def test_dann_reverses_the_gradient_of_the_features_and_not_of_the_classifier(progress):
    step, method = make_step(progress=progress), make(DANN)
    method.losses(step)["domain_loss"].backward()
    source, target, *weights = logistic_gradients(method.domain, step.source.z, step.target.z)
    strength = reversal_strength(progress)
    for found, plain in ((step.source.z.grad, source), (step.target.z.grad, target)):
        assert torch.allclose(found, -strength * plain, atol=1e-7)
        assert plain.abs().max() > 1e-3
    for weight, plain in zip(method.domain.parameters(), weights, strict=True):
        assert torch.allclose(weight.grad, plain, atol=1e-6)


def test_the_discriminator_learns_as_a_classifier_does_and_moves_no_feature():
    step, method = make_step(), make(GAN)
    method.losses(step)["discriminator_loss"].backward()
    assert step.source.z.grad is None and step.target.z.grad is None
    _, _, *weights = logistic_gradients(method.discriminator, step.source.z, step.target.z)
    for weight, plain in zip(method.discriminator.parameters(), weights, strict=True):
        assert torch.allclose(weight.grad, plain, atol=1e-7)


def test_the_generator_moves_target_features_towards_the_source_and_no_weight_of_the_discriminator():
    step, method = make_step(), make(GAN)
    method.losses(step)["generator_loss"].backward()
    assert step.source.z.grad is None
    assert all(weight.grad is None for weight in method.discriminator.parameters())
    before = method.discriminator(step.target.z)
    after = method.discriminator(step.target.z - 0.1 * step.target.z.grad)
    assert (after > before).all()  # each target utterance looks more like the source
    # The reversed loss of the discriminator would move them as well, the less the surer it is (1 - D against D).
    _, reversed_, *_ = logistic_gradients(method.discriminator, step.source.z, step.target.z)
    surely_target = before.sigmoid()
    assert torch.allclose(step.target.z.grad * surely_target, -reversed_ * (1 - surely_target), atol=1e-7)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("source", "target"), [(1, 1), (1, 6), (8, 1), (3, 32)])
@pytest.mark.parametrize("scale", [0.0, 1.0, 1e4])
def test_any_batch_is_finite(method, source, target, scale):
    step, made = make_step(source, target, scale=scale), make(method)
    terms = made.losses(step)
    sum(terms.values()).backward()
    assert all(torch.isfinite(term) and term.shape == () for term in terms.values())
    assert all(torch.isfinite(leaf.grad).all() for leaf in (step.target.z, *made.parameters()))


def toy(seed, *, domain):
    """Utterances whose first four values are the emotion and whose last gives the domain away."""
    labels = torch.arange(64) % 4
    noise = 0.3 * random(64, 5, seed=seed)
    return noise + torch.cat([2 * torch.eye(4)[labels], torch.full((64, 1), domain)], dim=1), labels


def told_apart(source, target):
    """Accuracy of the best linear regression on the domain: 0.5 is chance, and overfitting lies a little above."""
    z = torch.cat([source, target])
    z = torch.cat([z, torch.ones(len(z), 1)], dim=1).double()
    domain = torch.cat([torch.ones(len(source)), -torch.ones(len(target))]).double()
    return ((z @ torch.linalg.lstsq(z, domain[:, None]).solution).squeeze(1) * domain > 0).double().mean().item()


def train(method, terms, steps=400):
    """A linear encoder and classifier trained on the toy domains; what tells the domains apart, and target accuracy."""
    (source, labels), (target, target_labels) = toy(1, domain=1.5), toy(2, domain=-1.5)
    made = make(method, width=6)
    torch.manual_seed(1)
    encoder, classifier = nn.Linear(5, 6), nn.Linear(6, 4)
    nn.init.eye_(encoder.weight)  # at first the domain is as plain as the emotion

    def encode(x):
        z = encoder(x)
        return z + 0.5 * torch.randn_like(z)  # what is made small is lost, which an encoder without noise cannot do

    parts = nn.ModuleList([encoder, classifier, made])
    optimizer = torch.optim.Adam(parts.parameters(), 0.002)
    for number in range(steps):
        features = encode(source), encode(target)
        batches = [Batch(torch.arange(64), z, classifier(z)) for z in features]
        losses = made.losses(Step(batches[0], labels, batches[1], progress=number / steps))
        optimizer.zero_grad()
        sum(losses[name] for name in terms or losses).backward()
        optimizer.step()
    with torch.no_grad():
        accuracy = (classifier(encoder(target)).argmax(dim=1) == target_labels).double().mean().item()
        return told_apart(encode(source), encode(target)), accuracy


def test_without_an_adversary_the_domains_stay_apart():
    assert train(DANN, terms=["source_loss"])[0] > 0.95


@pytest.mark.parametrize("method", METHODS)
def test_domains_are_mixed_and_emotions_kept(method):
    mixed, accuracy = train(method, terms=None)
    assert mixed < 0.85
    assert accuracy > 0.95


def test_a_domain_classifier_reads_z_through_one_hidden_layer():
    network = domain_classifier(7)
    assert network(torch.zeros(3, 7)).shape == (3, 1)
    assert [tuple(weight.shape) for weight in network.parameters()] == [(7, 7), (7,), (1, 7), (1,)]
