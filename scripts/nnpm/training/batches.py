"""Batches of a corpus's utterances; `rows` are always row numbers of the manifest, and so of the inputs.

On a CPU the inputs are the memory map itself. A GPU holds inputs and rows for the whole run, so that a step copies
nothing from the host.
"""

import math

import numpy as np
import torch
from torch import Tensor

#: How many batches are drawn together and divided by length, where utterances have their own.
_WINDOW = 8


def one_pass(rows: Tensor, size: int, random: np.random.Generator, lengths: Tensor | None = None) -> tuple[Tensor, ...]:
    """Each row once, shuffled, `size` at a time; one batch may be smaller.

    With `lengths`, (utterances,), a batch has utterances of about the same length, so that little is padded: so many
    batches as in `_WINDOW` are drawn together, sorted by length, and shuffled again.
    """
    return _split(rows[_permutation(rows, random)], size, random, lengths)


def endless(
    rows: Tensor, size: int, count: int, random: np.random.Generator, lengths: Tensor | None = None
) -> tuple[Tensor, ...]:
    """`count` batches of `size`, from passes over `rows` shuffled anew each time; `lengths` as in `one_pass`."""
    passes = math.ceil(size * count / len(rows))
    order = torch.cat([_permutation(rows, random) for _ in range(passes)])
    return _split(rows[order[: size * count]], size, random, lengths)


def _split(rows: Tensor, size: int, random: np.random.Generator, lengths: Tensor | None) -> tuple[Tensor, ...]:
    if lengths is None:
        return torch.split(rows, size)
    found: list[Tensor] = []
    for window in torch.split(rows, size * _WINDOW):
        batches = torch.split(window[lengths[window].argsort(stable=True)], size)
        found += [batches[place] for place in random.permutation(len(batches))]
    return tuple(found)


def _permutation(rows: Tensor, random: np.random.Generator) -> Tensor:
    return torch.as_tensor(random.permutation(len(rows)), device=rows.device)
