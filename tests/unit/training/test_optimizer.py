"""Adam is PyTorch's."""

import torch

from nnpm.training.optimizer import Adam


def test_steps_equal_pytorchs_and_untouched_weights_stay():
    generator = torch.Generator().manual_seed(0)
    ours = [torch.randn(3, 4, generator=generator).requires_grad_() for _ in range(3)]
    theirs = [weight.detach().clone().requires_grad_() for weight in ours]
    optimizer, expected = Adam(ours, 0.01, 0.1), torch.optim.Adam(theirs, lr=0.01, weight_decay=0.1)
    for step in range(5):
        used = 2 if step < 3 else 3  # the last weight has no gradient at first
        for weights, each in ((ours, optimizer), (theirs, expected)):
            each.zero_grad()
            sum((weight**2).sum() * (index + 1) for index, weight in enumerate(weights[:used])).backward()
            each.step()
    for one, other in zip(ours, theirs, strict=True):
        assert torch.equal(one, other)
