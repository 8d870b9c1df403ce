"""What holds of every peer's losses; the numbers of each are in the test of its own file."""

import pytest
import torch

from nnpm.methods.al import AL
from nnpm.methods.coral import CORAL
from nnpm.methods.dann import DANN
from nnpm.methods.entropy import EntropyMinimisation
from nnpm.methods.fluda import FLUDA
from nnpm.methods.gan import GAN
from nnpm.methods.pseudo_label import PseudoLabel
from steps import make, make_step

#: Each method's terms, and what they reach.
SOURCE, BOTH = {"source_loss": {"source logits"}}, {"source z", "target z"}
REACHED = {
    CORAL: SOURCE | {"coral_loss": BOTH},
    EntropyMinimisation: SOURCE | {"entropy_loss": {"target logits"}},
    PseudoLabel: SOURCE | {"pseudo_label_loss": {"target logits"}},
    DANN: SOURCE | {"domain_loss": BOTH},
    GAN: SOURCE | {"discriminator_loss": set(), "generator_loss": {"target z"}},
    FLUDA: {"episode_loss": {"source z"}, "domain_loss": BOTH},
    AL: SOURCE | {"gender_loss": BOTH, "naturalness_loss": BOTH},
}
LEAVES = [(domain, leaf) for domain in ("source", "target") for leaf in ("z", "logits")]


def at_start(method):
    """A method at the start of a run in which all is known."""
    return make(method, genders=((0, 1) * 16, (1, 0) * 16), natural=(0, 1))


@pytest.mark.parametrize("method", REACHED)
def test_each_term_reaches_what_it_is_about(method):
    reached = {}
    for term in REACHED[method]:
        step = make_step(progress=1.0)
        terms = at_start(method).losses(step)
        assert terms.keys() == REACHED[method].keys()
        terms[term].backward()
        leaves = {f"{domain} {leaf}": getattr(getattr(step, domain), leaf) for domain, leaf in LEAVES}
        reached[term] = {name for name, leaf in leaves.items() if leaf.grad is not None}
        assert all((leaves[name].grad != 0).any(dim=1).all() for name in reached[term]), "every utterance"
    assert reached == REACHED[method]


@pytest.mark.parametrize("method", [method for method in REACHED if method is not FLUDA])
def test_the_source_loss_is_the_labels_cross_entropy_and_trains_the_backbone_alone(method):
    step, made = make_step(), at_start(method)
    loss = made.losses(step)["source_loss"]
    loss.backward()
    assert loss.item() == pytest.approx(torch.nn.functional.cross_entropy(step.source.logits, step.labels).item())
    assert all(weight.grad is None for weight in made.parameters())


@pytest.mark.parametrize("method", REACHED)
@pytest.mark.parametrize("sizes", [(1, 1), (1, 6), (8, 1), (2, 2), (3, 32)])
@pytest.mark.parametrize("scale", [0.0, 1.0, 1e4])
def test_any_batch_is_finite(method, sizes, scale):
    step, made = make_step(*sizes, scale=scale), at_start(method)
    terms = made.losses(step)
    sum(terms.values()).backward()
    assert all(torch.isfinite(term) and term.shape == () for term in terms.values())
    leaves = [step.source.z, step.source.logits, step.target.z, step.target.logits, *made.parameters()]
    assert all(leaf.grad is None or torch.isfinite(leaf.grad).all() for leaf in leaves)
