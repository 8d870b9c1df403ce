"""The backbone: Siamese network with self-attention (SNSA; paper, section 2.1).

"Siamese" means that the same weights encode source and target: there is one backbone, called on both.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nnpm import CLASSES

BLOCKS = 2  # convolution blocks; `freeze` counts them from the input
KERNEL, POOL = 3, 3


@dataclass(frozen=True)
class BackboneSettings:
    """Sizes of the backbone; the defaults give 463,652 parameters, the paper's 0.46 M."""

    n_mels: int = 128
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

    def forward(self, hidden: Tensor) -> Tensor:
        """(batch, steps, width) -> (batch, width)."""
        a = torch.softmax(self.w2(torch.tanh(self.w1(hidden))), dim=1)  # (1)
        return (a.transpose(1, 2) @ hidden).squeeze(1)  # (2)


class SNSA(nn.Module):
    """Encoder of two convolution blocks, 2-layer bidirectional LSTM, self-attention, linear classifier."""

    def __init__(self, settings: BackboneSettings) -> None:
        super().__init__()
        self.settings = settings
        filters, hidden = settings.filters, settings.hidden
        self.blocks = nn.ModuleList([ConvBlock(settings.n_mels, filters), ConvBlock(filters, filters)])
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

    def forward(self, x: Tensor, first: int = 0) -> tuple[Tensor, Tensor]:
        """Embeddings z, shape (batch, 2 hidden), and logits, shape (batch, classes).

        `x` is (batch, frames, mels), or, with `first` > 0, the output of the blocks before `first`.
        """
        hidden, _ = self.lstm(self.encode(x, first))
        z = self.attention(self.dropout(hidden))
        return z, self.classifier(z)

    def channels(self, first: int = 0) -> int:
        """Channels of the input to the blocks from `first` on: mels, or filters."""
        return self.settings.filters if first else self.settings.n_mels

    def freeze(self, blocks: int) -> None:
        """Stop training the first `blocks` convolution blocks (paper, Table 3)."""
        self.blocks[:blocks].requires_grad_(False)


def steps_after(frames: int, blocks: int = BLOCKS) -> int:
    """Time steps that are left after `blocks` convolution blocks: 751 -> 249 -> 82; 0 if an input is too short."""
    for _ in range(blocks):
        frames = max(frames - KERNEL + 1, 0) // POOL
    return frames


def count_parameters(module: nn.Module) -> int:
    """Number of trainable and frozen weights."""
    return sum(parameter.numel() for parameter in module.parameters())
