"""The backbone's output for utterances, without dropout and in batches of one fixed size."""

from collections.abc import Iterator

import torch
from torch import Tensor

from nnpm.model.backbone import SNSA

BATCH = 64  # fixed: another size could change the last bit of a sum, and so a prediction


def take(inputs: Tensor, rows: Tensor) -> Tensor:
    """The inputs of some utterances, (rows, steps, channels), as float32 whatever the cache holds."""
    return inputs[rows].float()


@torch.no_grad()
def encode(backbone: SNSA, inputs: Tensor, blocks: int) -> Iterator[Tensor]:
    """Yield the output of the first `blocks` blocks for a corpus, in its order: (up to BATCH, steps, filters) each."""
    for part in torch.split(inputs, BATCH):
        yield backbone.encode(part.float(), last=blocks)


@torch.no_grad()
def infer(backbone: SNSA, inputs: Tensor, rows: Tensor, first: int = 0) -> tuple[Tensor, Tensor]:
    """Embeddings z, (rows, width), and class probabilities, (rows, classes), without dropout.

    `inputs` are mels, or the output of the blocks before `first`. Leaves the backbone in evaluation mode.
    """
    backbone.eval()
    parts = [backbone(take(inputs, part), first) for part in torch.split(rows, BATCH)]
    z, logits = (torch.cat(tensors) for tensors in zip(*parts, strict=True))
    return z, logits.softmax(dim=1)
