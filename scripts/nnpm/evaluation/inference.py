"""The backbone's output for utterances, without dropout and in batches of one fixed size."""

from collections.abc import Iterator, Sequence
from itertools import accumulate

import torch
from torch import Tensor

from nnpm.model.backbone import SNSA

BATCH = 64  # fixed: another size could change the last bit of a sum, and so a prediction


class Pooled:
    """The inputs of several corpora, one after the other, without a copy: memory maps stay on the disk.

    It has what training asks of a tensor, (utterances, steps, channels): a length, a shape, a device, and its rows.
    """

    def __init__(self, parts: Sequence[Tensor]) -> None:
        self.parts = parts
        self.starts = torch.tensor([0, *accumulate(map(len, parts))])

    def __len__(self) -> int:
        return int(self.starts[-1])

    @property
    def shape(self) -> torch.Size:
        """Utterances, steps, channels."""
        return torch.Size([len(self), *self.parts[0].shape[1:]])

    @property
    def device(self) -> torch.device:
        """The device of the parts."""
        return self.parts[0].device

    def __getitem__(self, rows: Tensor) -> Tensor:
        """The inputs of some utterances, by their row numbers, (rows,)."""
        taken = self.parts[0].new_empty(len(rows), *self.shape[1:])
        of_part = torch.searchsorted(self.starts, rows, right=True) - 1
        for part in set(of_part.tolist()):
            here = of_part == part
            taken[here] = self.parts[part][rows[here] - self.starts[part]]
        return taken


#: The inputs of a domain: one tensor, or on a CPU those of several corpora.
Inputs = Tensor | Pooled


def take(inputs: Inputs, rows: Tensor) -> Tensor:
    """The inputs of some utterances, (rows, steps, channels), as float32 whatever the cache holds."""
    return inputs[rows].float()


@torch.no_grad()
def encode(backbone: SNSA, inputs: Tensor, blocks: int) -> Iterator[Tensor]:
    """Yield the output of the first `blocks` blocks for a corpus, in its order: (up to BATCH, steps, filters) each."""
    for part in torch.split(inputs, BATCH):
        yield backbone.encode(part.float(), last=blocks)


@torch.no_grad()
def infer(backbone: SNSA, inputs: Inputs, rows: Tensor, first: int = 0) -> tuple[Tensor, Tensor]:
    """Embeddings z, (rows, width), and class probabilities, (rows, classes), without dropout.

    `inputs` are mels, or the output of the blocks before `first`. Leaves the backbone in evaluation mode.
    """
    backbone.eval()
    parts = [backbone(take(inputs, part), first) for part in torch.split(rows, BATCH)]
    z, logits = (torch.cat(tensors) for tensors in zip(*parts, strict=True))
    return z, logits.softmax(dim=1)
