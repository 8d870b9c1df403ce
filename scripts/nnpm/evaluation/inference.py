"""The backbone's output for utterances, without dropout and in batches of one fixed size."""

from collections.abc import Iterator, Sequence
from itertools import accumulate

import torch
import torch.nn.functional as F
from torch import Tensor

from nnpm.model.backbone import SNSA, steps_after, within

BATCH = 64  # fixed: another size could change the last bit of a sum, and so a prediction


class Ragged:
    """The inputs of utterances of their own lengths, one after the other in `flat`, (all steps, channels).

    It has what training asks of a tensor, (utterances, steps, channels): a length, a device, and its rows, which are
    padded with zeros to the longest of them. `lengths`, (utterances,), are the numbers of steps.
    """

    def __init__(self, flat: Tensor, lengths: Tensor) -> None:
        self.flat, self.lengths = flat, lengths
        self.starts = lengths.cumsum(dim=0) - lengths

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def device(self) -> torch.device:
        """The device of the inputs."""
        return self.flat.device

    def __getitem__(self, rows: Tensor) -> Tensor:
        """The inputs of some utterances, by their row numbers, (rows,)."""
        lengths = self.lengths[rows]
        is_real = within(lengths, int(lengths.max()))
        place = self.starts[rows][:, None] + torch.arange(is_real.shape[1], device=rows.device)
        taken: Tensor = self.flat[torch.where(is_real, place, 0)]
        return torch.where(is_real[..., None], taken, 0.0)


class Pooled:
    """The inputs of several corpora, one after the other, without a copy: memory maps stay on the disk.

    It has what training asks of a tensor, as `Ragged` has; `lengths` is None if all are of one length.
    """

    def __init__(self, parts: Sequence[Tensor | Ragged]) -> None:
        self.parts = parts
        self.starts = torch.tensor([0, *accumulate(map(len, parts))])
        own = [part.lengths for part in parts if isinstance(part, Ragged)]
        self.lengths = torch.cat(own) if own else None

    def __len__(self) -> int:
        return int(self.starts[-1])

    @property
    def device(self) -> torch.device:
        """The device of the parts."""
        return self.parts[0].device

    def __getitem__(self, rows: Tensor) -> Tensor:
        """The inputs of some utterances, by their row numbers, (rows,)."""
        of_part = torch.searchsorted(self.starts, rows, right=True) - 1
        found = {part: of_part == part for part in set(of_part.tolist())}
        taken = {part: self.parts[part][rows[here] - self.starts[part]] for part, here in found.items()}
        first = next(iter(taken.values()))
        result: Tensor = first.new_zeros(len(rows), max(values.shape[1] for values in taken.values()), first.shape[2])
        for part, values in taken.items():
            result[found[part], : values.shape[1]] = values
        return result


#: The inputs of a domain: a tensor, (utterances, steps, channels), or, on a CPU, those of several corpora.
Inputs = Tensor | Ragged | Pooled


def lengths_of(inputs: Inputs) -> Tensor | None:
    """The number of steps of each utterance, (utterances,); None if padding counts as steps like any other."""
    return None if isinstance(inputs, Tensor) else inputs.lengths


def take(inputs: Inputs, rows: Tensor) -> tuple[Tensor, Tensor | None]:
    """Some utterances' inputs, (rows, steps, channels), as float32 whatever the cache holds, and their lengths."""
    lengths = lengths_of(inputs)
    return inputs[rows].float(), None if lengths is None else lengths[rows]


def together(first: tuple[Tensor, Tensor | None], second: tuple[Tensor, Tensor | None]) -> tuple[Tensor, Tensor | None]:
    """One batch of two that `take` returned."""
    (x, lengths), (y, others) = first, second
    if lengths is None or others is None:
        return torch.cat([x, y]), None
    steps = max(x.shape[1], y.shape[1])
    x, y = (F.pad(part, (0, 0, 0, steps - part.shape[1])) for part in (x, y))
    return torch.cat([x, y]), torch.cat([lengths, others])


@torch.no_grad()
def encode(backbone: SNSA, inputs: Tensor | Ragged, blocks: int) -> Iterator[Tensor]:
    """Yield the output of the first `blocks` blocks for a corpus, in its order: (up to BATCH, steps, filters) each.

    For utterances of their own lengths these are (steps of up to BATCH utterances, filters), one after the other.
    """
    for rows in torch.split(torch.arange(len(inputs), device=inputs.device), BATCH):
        x, lengths = take(inputs, rows)
        encoded = backbone.encode(x, last=blocks)
        yield encoded if lengths is None else encoded[within(steps_after(lengths, blocks), encoded.shape[1])]


@torch.no_grad()
def infer(backbone: SNSA, inputs: Inputs, rows: Tensor, first: int = 0) -> tuple[Tensor, Tensor]:
    """Embeddings z, (rows, width), and class probabilities, (rows, classes), without dropout.

    `inputs` are frames, or the output of the blocks before `first`. Leaves the backbone in evaluation mode.
    """
    backbone.eval()
    lengths = lengths_of(inputs)
    # Utterances of about the same length together, so that little is padded.
    order = torch.arange(len(rows), device=rows.device) if lengths is None else lengths[rows].argsort(stable=True)
    parts = []
    for part in torch.split(rows[order], BATCH):
        x, of_part = take(inputs, part)
        parts.append(backbone(x, first, of_part))
    z, logits = (torch.cat(tensors)[order.argsort()] for tensors in zip(*parts, strict=True))
    return z, logits.softmax(dim=1)
