"""Utterances of a corpus, batch by batch; `rows` are always row numbers of the manifest, and so of the mels."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Rows = npt.NDArray[np.int64]
Inputs = npt.NDArray[np.float32] | Tensor  # (utterances, steps, channels): mels, or what frozen blocks made of them


def take(inputs: Inputs, rows: Rows, device: torch.device) -> Tensor:
    """The inputs of some utterances, (rows, steps, channels), float32, on the device."""
    if isinstance(inputs, Tensor):
        return inputs[torch.as_tensor(rows, device=inputs.device)].to(device)
    return torch.from_numpy(inputs[rows].astype(np.float32, copy=False)).to(device)


def split_rows(split: "npt.ArrayLike", name: str) -> Rows:
    """Row numbers of one split, given the manifest's column."""
    return np.flatnonzero(np.asarray(split) == name)


def in_order(rows: Rows, size: int) -> Iterator[Rows]:
    """Yield `rows` as they are, `size` at a time."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def one_pass(rows: Rows, size: int, random: np.random.Generator) -> Iterator[Rows]:
    """Yield each row once, shuffled, `size` at a time; the last batch may be smaller."""
    return in_order(random.permutation(rows), size)


def endless(rows: Rows, size: int, random: np.random.Generator) -> Iterator[Rows]:
    """Pass over `rows` again and again, shuffled anew each time, always `size` at a time."""
    order = random.permutation(rows)
    while True:
        while len(order) < size:
            order = np.concatenate([order, random.permutation(rows)])
        yield order[:size]
        order = order[size:]
