"""Batches of a corpus's utterances; `rows` are always row numbers of the manifest, and so of the inputs.

Inputs are mels or the output of frozen blocks: one tensor per corpus, (utterances, steps, channels). On a CPU it is
the memory map itself. A GPU holds inputs and rows for the whole run, so that a step copies nothing from the host.
"""

import math

import numpy as np
import torch
from torch import Tensor


def one_pass(rows: Tensor, size: int, random: np.random.Generator) -> tuple[Tensor, ...]:
    """Each row once, shuffled, `size` at a time; the last batch may be smaller."""
    return torch.split(rows[_permutation(rows, random)], size)


def endless(rows: Tensor, size: int, count: int, random: np.random.Generator) -> tuple[Tensor, ...]:
    """`count` batches of `size`, from passes over `rows` that are shuffled anew each time."""
    passes = math.ceil(size * count / len(rows))
    order = torch.cat([_permutation(rows, random) for _ in range(passes)])
    return torch.split(rows[order[: size * count]], size)


def _permutation(rows: Tensor, random: np.random.Generator) -> Tensor:
    return torch.as_tensor(random.permutation(len(rows)), device=rows.device)
