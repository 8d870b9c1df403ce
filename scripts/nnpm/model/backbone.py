"""The backbone: Siamese network with self-attention (SNSA; paper, section 2.1).

"Siamese" means that the same weights encode source and target: there is one backbone, called on both.
"""

from dataclasses import dataclass
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nnpm import CLASSES

BLOCKS = 2  # convolution blocks; `freeze` counts them from the input
KERNEL, POOL = 3, 3


@dataclass(frozen=True)
class BackboneSettings:
    """Sizes of the backbone; the defaults give 463,652 parameters, the paper's 0.46 M."""

    channels: int = 128  # of the front end: mel bands
    filters: int = 64
    hidden: int = 100  # LSTM units per direction
    attention: int = 256  # rows of W1
    dropout: float = 0.5  # after each LSTM layer


class ConvBlock(nn.Sequential):
    """Convolution over time, max-pooling, ReLU: (batch, channels, steps) -> (batch, filters, (steps - 2) // 3)."""

    def __init__(self, channels: int, filters: int) -> None:
        super().__init__(nn.Conv1d(channels, filters, KERNEL), nn.MaxPool1d(POOL), nn.ReLU())


class SelfAttention(nn.Module):
    """Eq. (1) and (2): the weighted sum of the hidden states, with learned weights over time."""

    def __init__(self, width: int, attention: int) -> None:
        super().__init__()
        self.w1 = nn.Linear(width, attention, bias=False)
        self.w2 = nn.Linear(attention, 1, bias=False)

    def forward(self, hidden: Tensor, lengths: Tensor | None = None) -> Tensor:
        """(batch, steps, width) -> (batch, width); steps from `lengths`, (batch,), on are not seen."""
        scores = self.w2(torch.tanh(self.w1(hidden)))
        if lengths is not None:
            scores = scores.masked_fill(~within(lengths, hidden.shape[1])[..., None], -torch.inf)
        a = torch.softmax(scores, dim=1)  # (1)
        return (a.transpose(1, 2) @ hidden).squeeze(1)  # (2)


class SNSA(nn.Module):
    """Encoder of two convolution blocks, 2-layer bidirectional LSTM, self-attention, linear classifier."""

    def __init__(self, settings: BackboneSettings) -> None:
        super().__init__()
        self.settings = settings
        filters, hidden = settings.filters, settings.hidden
        self.blocks = nn.ModuleList([ConvBlock(settings.channels, filters), ConvBlock(filters, filters)])
        self.lstm = nn.LSTM(
            filters, hidden, num_layers=2, bidirectional=True, batch_first=True, dropout=settings.dropout
        )
        self.dropout = nn.Dropout(settings.dropout)  # nn.LSTM has none after its last layer
        self.attention = SelfAttention(2 * hidden, settings.attention)
        self.classifier = nn.Linear(2 * hidden, len(CLASSES))

    def encode(self, x: Tensor, first: int = 0, last: int = BLOCKS) -> Tensor:
        """Apply the convolution blocks first..last-1: (batch, steps, channels) -> (batch, fewer steps, filters)."""
        x = x.transpose(1, 2)
        for block in self.blocks[first:last]:
            x = block(x)
        return x.transpose(1, 2)

    def forward(self, x: Tensor, first: int = 0, lengths: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Embeddings z, shape (batch, 2 hidden), and logits, shape (batch, classes).

        `x` is (batch, frames, channels), or, with `first` > 0, the output of the blocks before `first`. With `lengths`,
        (batch,), the steps of x from there on are padding that nothing is computed from; else all of x is.
        """
        hidden = self.encode(x, first)
        if lengths is None:
            hidden, _ = self.lstm(hidden)
        else:
            lengths = steps_after(lengths, BLOCKS - first)
            hidden = masked_lstm(self.lstm, hidden, lengths)
        z = self.attention(self.dropout(hidden), lengths)
        return z, self.classifier(z)

    def channels(self, first: int = 0) -> int:
        """Channels of the input to the blocks from `first` on: the front end's, or filters."""
        return self.settings.filters if first else self.settings.channels

    def freeze(self, blocks: int) -> None:
        """Stop training the first `blocks` convolution blocks (paper, Table 3)."""
        self.blocks[:blocks].requires_grad_(False)


def masked_lstm(lstm: nn.LSTM, x: Tensor, lengths: Tensor) -> Tensor:
    """The output of a bidirectional LSTM, (batch, steps, 2 hidden), whose backward direction starts at `lengths`.

    `x` is (batch, steps, channels). What is after the lengths, (batch,), is arbitrary and affects nothing before them.
    Packed sequences would give the same; on a CPU they take three times as long where lengths differ.
    """
    steps = torch.arange(x.shape[1], device=x.device)
    ends = lengths[:, None]
    order = torch.where(steps < ends, ends - 1 - steps, steps)[..., None]  # each utterance reversed in place
    start = x.new_zeros(1, len(x), lstm.hidden_size)
    for layer in range(lstm.num_layers):
        if layer:
            x = F.dropout(x, lstm.dropout, lstm.training)
        reversed_x = x.gather(1, order.expand_as(x))
        forward, backward = (
            torch.lstm(given, (start, start), [*weights], True, 1, 0.0, lstm.training, False, True)[0]
            for given, weights in zip((x, reversed_x), lstm.all_weights[2 * layer : 2 * layer + 2], strict=True)
        )
        x = torch.cat([forward, backward.gather(1, order.expand_as(backward))], dim=2)
    return x


def within(lengths: Tensor, steps: int) -> Tensor:
    """Mask, (batch, steps), of the steps before each of `lengths`, (batch,)."""
    return torch.arange(steps, device=lengths.device) < lengths[:, None]


Count = TypeVar("Count", int, Tensor)


def steps_after(frames: Count, blocks: int = BLOCKS) -> Count:
    """Time steps that are left after `blocks` convolution blocks: 751 -> 249 -> 82; < 1 if an input is too short."""
    for _ in range(blocks):
        frames = (frames - KERNEL + 1) // POOL
    return frames


def count_parameters(module: nn.Module) -> int:
    """Number of trainable and frozen weights."""
    return sum(parameter.numel() for parameter in module.parameters())
