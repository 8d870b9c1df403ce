"""The dynamic external memory and the pseudo-multilabels read from it (paper, sections 2.2 and 2.3)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def memory_rate(epoch: int, epochs: int, final: float) -> float:
    """Alpha of eq. (3): 0 at the first epoch, linear to `final` at the last (`epoch` counts from 0)."""
    return final * epoch / (epochs - 1) if epochs > 1 else 0.0


def positives(scores: Tensor, threshold: float) -> Tensor:
    """Eq. (4): the mask, shape (batch, slots), of P_j = {i : s_ij > threshold}."""
    return scores > threshold


class ExternalMemory(nn.Module):
    """One L2-normalised embedding (slot) per source training utterance; a buffer, so it gets no gradient."""

    slots: Tensor

    def __init__(self, features: Tensor) -> None:
        """Start from the embeddings z of the source training utterances, shape (slots, width)."""
        super().__init__()
        self.register_buffer("slots", F.normalize(features.detach(), dim=1))

    def similarity(self, z: Tensor) -> Tensor:
        """Scores s_ij = M_i . f_j in [-1, 1], shape (batch, slots), of embeddings z, shape (batch, width)."""
        return F.normalize(z, dim=1) @ self.slots.T

    @torch.no_grad()
    def write(self, rows: Tensor, z: Tensor, rate: float, update: str = "write_rate") -> None:
        """Eq. (3) for the source utterances `rows` of a batch, whose embeddings are z, shape (batch, width).

        "write_rate": M_i <- normalise((1 - alpha) M_i + alpha f_i), alpha is the rate of writing, as the paper says.
        "retention_rate": alpha and 1 - alpha exchanged, as in MMCL (Wang & Zhang, CVPR 2020), from which the method
        descends.
        """
        kept = {"write_rate": 1 - rate, "retention_rate": rate}[update]
        f = F.normalize(z, dim=1)
        self.slots[rows] = F.normalize(kept * self.slots[rows] + (1 - kept) * f, dim=1)
