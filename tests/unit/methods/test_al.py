"""AL: gender and naturalness beside the emotion, where they are known."""

import math

import pytest
import torch
from torch import nn

from nnpm.methods.al import AL
from steps import make, make_step

GENDERS = ((0, 1, -1, 0), (1, -1, 0))


def answers_with(p, head):
    """Make a task's classifier answer 1 of everything with probability p."""
    nn.init.zeros_(head.weight)
    head.bias.data = torch.tensor([0.0, math.log(p / (1 - p))])


def test_terms_by_hand():
    method = make(AL, genders=GENDERS, natural=(0, 1))
    answers_with(3 / 4, method.gender)
    answers_with(1 / 5, method.naturalness)
    terms = method.losses(make_step(source=[3, 2, 1], target=[2, 1, 0]))
    # Genders of these rows: 0, unknown, 1 in the source; 0, unknown, 1 in the target.
    assert terms["gender_loss"].item() == pytest.approx(-(2 * math.log(1 / 4) + 2 * math.log(3 / 4)) / 4)
    # Three acted utterances of the source, three natural ones of the target.
    assert terms["naturalness_loss"].item() == pytest.approx(-(math.log(4 / 5) + math.log(1 / 5)) / 2)


def test_each_task_reaches_what_it_knows():
    reached = {}
    for term in ("gender_loss", "naturalness_loss"):
        step = make_step(source=4, target=3)
        make(AL, genders=GENDERS, natural=(-1, 1)).losses(step)[term].backward()
        reached[term] = [(batch.z.grad != 0).any(dim=1).tolist() for batch in (step.source, step.target)]
    assert reached == {
        "gender_loss": [[True, True, False, True], [True, False, True]],
        "naturalness_loss": [[False] * 4, [True] * 3],
    }


def test_where_nothing_is_known_nothing_is_lost():
    step, method = make_step(source=3, target=2), make(AL)
    terms = method.losses(step)
    assert terms["gender_loss"] == 0 and terms["naturalness_loss"] == 0
    sum(terms.values()).backward()
    for leaf in (step.source.z, step.target.z, *method.parameters()):
        assert (leaf.grad == 0).all()


def test_known_answers_stand_in_no_checkpoint():
    assert set(make(AL).state_dict()) == {"gender.weight", "gender.bias", "naturalness.weight", "naturalness.bias"}


def test_a_pool_teaches_what_is_natural_within_the_source():
    """With several sources naturalness is no longer the domain: the second source utterance is of a natural corpus."""
    method = make(AL, genders=GENDERS, natural=(0, 0))
    method.source_natural[1] = 1
    answers_with(1 / 5, method.naturalness)
    loss = method.losses(make_step(source=[1, 0], target=[0]))["naturalness_loss"]
    assert loss.item() == pytest.approx(-(math.log(1 / 5) + 2 * math.log(4 / 5)) / 3)
