"""AL: gender and naturalness beside the emotion, where they are known."""

import math

import pytest
import torch
from torch import nn

from nnpm.methods.al import AL, known_loss
from nnpm.methods.base import Batch, MethodSettings, Start, Step, Utterances
from steps import WIDTH, random


def make(source=(0, 1, -1, 0), target=(1, -1, 0), natural=(0, 1), width=WIDTH):
    """The method for domains of as many utterances as there are genders."""
    torch.manual_seed(0)
    labels = torch.arange(len(source)) % 4
    domains = [
        Utterances(random(len(genders), width), known, torch.tensor(genders), answer)
        for genders, known, answer in zip((source, target), (labels, None), natural, strict=True)
    ]
    return AL(Start(MethodSettings(), None, 2, *domains))


def make_step(source, target):
    """A step over the rows whose features and logits are leaves, so that each shows what reaches it."""
    batches = [
        Batch(
            rows=torch.tensor(rows),
            z=random(len(rows), WIDTH, seed=len(rows)).requires_grad_(),
            logits=random(len(rows), 4, seed=9).requires_grad_(),
        )
        for rows in (source, target)
    ]
    return Step(source=batches[0], labels=torch.tensor(source) % 4, target=batches[1], progress=0.0)


def answers_with(p, head):
    """Make a task's classifier answer 1 of everything with probability p."""
    nn.init.zeros_(head.weight)
    head.bias.data = torch.tensor([0.0, math.log(p / (1 - p))])


def test_known_loss_by_hand():
    logits = torch.tensor([[0.0, math.log(3.0)], [0.0, math.log(3.0)], [0.0, 0.0], [9.0, -9.0]])
    # "1" with 3/4 and right, with 3/4 and wrong, with 1/2, and one that nobody knows.
    expected = -(math.log(3 / 4) + math.log(1 / 4) + math.log(1 / 2)) / 3
    assert known_loss(logits, torch.tensor([1, 0, 1, -1])).item() == pytest.approx(expected)


def test_terms_by_hand():
    method = make()
    answers_with(3 / 4, method.gender)
    answers_with(1 / 5, method.naturalness)
    step = make_step(source=[3, 2, 1], target=[2, 1, 0])
    terms = method.losses(step)
    assert set(terms) == {"source_loss", "gender_loss", "naturalness_loss"}
    assert terms["source_loss"].item() == pytest.approx(
        nn.functional.cross_entropy(step.source.logits, step.labels).item()
    )
    # Genders of these rows: 0, unknown, 1 in the source; 0, unknown, 1 in the target.
    assert terms["gender_loss"].item() == pytest.approx(-(2 * math.log(1 / 4) + 2 * math.log(3 / 4)) / 4)
    # Three acted utterances of the source, three natural ones of the target.
    assert terms["naturalness_loss"].item() == pytest.approx(-(math.log(4 / 5) + math.log(1 / 5)) / 2)


def test_each_task_reaches_what_it_knows():
    step, method = make_step(source=[0, 1, 2, 3], target=[0, 1, 2]), make(natural=(-1, 1))
    terms = method.losses(step)
    reached = {}
    for name, loss in terms.items():
        for leaf in (batch.z for batch in (step.source, step.target)):
            leaf.grad = None
        loss.backward()
        grads = [batch.z.grad for batch in (step.source, step.target)]
        reached[name] = [None if grad is None else (grad != 0).any(dim=1).tolist() for grad in grads]
    assert reached == {
        "source_loss": [None, None],  # its way leads over the logits
        "gender_loss": [[True, True, False, True], [True, False, True]],
        "naturalness_loss": [[False] * 4, [True] * 3],
    }
    assert (step.source.logits.grad != 0).all() and step.target.logits.grad is None


def test_where_nothing_is_known_nothing_is_lost():
    step, method = make_step(source=[0, 1, 2], target=[0, 1]), make((-1,) * 4, (-1,) * 3, natural=(-1, -1))
    terms = method.losses(step)
    assert terms["gender_loss"] == 0 and terms["naturalness_loss"] == 0
    sum(terms.values()).backward()
    for leaf in (step.source.z, step.target.z, *method.parameters()):
        assert (leaf.grad == 0).all()
    assert torch.isfinite(step.source.logits.grad).all()


@pytest.mark.parametrize("rows", [1, 2, 4])
@pytest.mark.parametrize("scale", [0.0, 1e4])
def test_any_batch_is_finite(rows, scale):
    step, method = make_step(source=[2, 0, 1, 3][:rows], target=[1]), make(natural=(0, -1))
    for batch in (step.source, step.target):
        batch.z.data *= scale
    terms = method.losses(step)
    sum(terms.values()).backward()
    assert all(torch.isfinite(term) and term.shape == () for term in terms.values())
    assert torch.isfinite(step.source.z.grad).all() and torch.isfinite(step.target.z.grad).all()


def test_known_answers_stand_in_no_checkpoint():
    assert set(make().state_dict()) == {"gender.weight", "gender.bias", "naturalness.weight", "naturalness.bias"}


def test_gender_is_learnt_from_both_domains():
    # A shared encoder that sees women and men differ in one direction in the source, and in another in the target.
    genders = tuple(row // 4 % 2 for row in range(64))
    sign = 2.0 * torch.tensor(genders) - 1
    source, target = 0.3 * random(64, 6, seed=1), 0.3 * random(64, 6, seed=2)
    source[:, 0] += sign
    target[:, 1] += sign
    found = {}
    for known in ("source", "both"):
        method = make(genders, genders if known == "both" else (-1,) * 64, width=4)
        torch.manual_seed(1)
        encoder, classifier = nn.Linear(6, 4), nn.Linear(4, 4)
        parts = nn.ModuleList([encoder, classifier, method])
        optimizer = torch.optim.Adam(parts.parameters(), 0.02)
        rows = torch.arange(64)
        for _ in range(150):
            batches = [Batch(rows, encoder(x), classifier(encoder(x))) for x in (source, target)]
            losses = method.losses(Step(batches[0], rows % 4, batches[1], progress=0.0))
            optimizer.zero_grad()
            sum(losses.values()).backward()
            optimizer.step()
        answers = method.gender(encoder(target)).argmax(dim=1)
        found[known] = (answers == torch.tensor(genders)).double().mean().item()
    assert found["both"] > 0.95
    assert found["source"] < 0.8
