"""Training steps made by hand, for the tests of methods that need no backbone."""

import torch

from nnpm.methods.base import Batch, MethodSettings, Start, Step, Utterances

WIDTH = 5


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def make(method, width=WIDTH):
    """A method at the start of a run on four utterances of each domain."""
    torch.manual_seed(0)
    unknown = torch.full((4,), -1)
    source = Utterances(random(4, width), torch.arange(4), unknown, natural=-1)
    target = Utterances(random(4, width), None, unknown, natural=-1)
    return method(Start(MethodSettings(), None, 2, source, target))


def make_step(source=8, target=6, progress=0.5, scale=1.0):
    """A step whose features and logits are leaves, so that each shows what reaches it."""
    batches = [
        Batch(
            rows=torch.arange(n),
            z=(scale * random(n, WIDTH, seed=n)).requires_grad_(),
            logits=(scale * random(n, 4, seed=n + 1)).requires_grad_(),
        )
        for n in (source, target)
    ]
    return Step(source=batches[0], labels=torch.arange(source) % 4, target=batches[1], progress=progress)
