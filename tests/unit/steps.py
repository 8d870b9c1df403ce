"""Training steps made by hand, for the tests of methods that need no backbone."""

import torch

from nnpm.methods.base import Batch, MethodSettings, Start, Step, Utterances

WIDTH = 5


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def make_start(utterances=4, backbone=None, width=WIDTH, genders=None, natural=(-1, -1)):
    """The start of a run; `genders`, of source and target, give the domains their sizes."""
    unknown = (-1,) * utterances
    source, target = map(torch.tensor, genders or (unknown, unknown))
    labels = torch.arange(len(source)) % 4
    return Start(
        MethodSettings(),
        backbone,
        2,
        Utterances(random(len(source), width, seed=1), labels, source, torch.full_like(source, natural[0])),
        Utterances(random(len(target), width, seed=2), None, target, torch.full_like(target, natural[1])),
    )


def make(method, **start):
    """A method at the start of a run."""
    torch.manual_seed(0)
    return method(make_start(**start))


def make_step(source=8, target=6, progress=0.5, scale=1.0, labels=None, width=WIDTH):
    """A step over so many utterances, or these rows; features and logits are leaves: each shows what reaches it."""
    rows = [torch.arange(each) if isinstance(each, int) else torch.tensor(each) for each in (source, target)]
    batches = [
        Batch(
            rows=each,
            z=(scale * random(len(each), width, seed=len(each))).requires_grad_(),
            logits=(scale * random(len(each), 4, seed=len(each) + 1)).requires_grad_(),
        )
        for each in rows
    ]
    labels = rows[0] % 4 if labels is None else torch.tensor(labels)
    return Step(source=batches[0], labels=labels, target=batches[1], progress=progress)
