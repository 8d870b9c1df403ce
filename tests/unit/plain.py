"""The method written plainly: what a reader of the paper would write first, and what the library is compared with.

The encoder runs in every step, each domain passes through the network by itself, and the target loss sorts the scores
of one utterance after the other, as MMCL's code does (Wang & Zhang, CVPR 2020).
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from nnpm.methods.base import MethodSettings
from nnpm.model.backbone import SNSA


def target_loss(scores: Tensor, settings: MethodSettings) -> Tensor:
    """Eq. (6) to (8), one utterance after the other."""
    losses = []
    for row in scores:
        positive = row > settings.threshold
        negatives, _ = torch.sort(row[~positive], descending=True)
        hard = negatives[: max(1, math.ceil(settings.hard_negative_ratio * len(negatives) - 1e-9))]
        loss = torch.mean((hard - settings.negative_label) ** 2) if len(hard) else row.new_zeros(())
        if positive.any():
            loss = loss + settings.positive_weight * torch.mean((row[positive] - 1) ** 2)
        losses.append(loss)
    return torch.stack(losses).mean()


class PlainAdaptation:
    """NNPM on mels; the blocks are frozen, and yet computed in every step."""

    def __init__(
        self, backbone: SNSA, features: Tensor, labels: Tensor, settings: MethodSettings, learning_rate: float
    ) -> None:
        self.backbone, self.labels, self.settings = backbone, labels, settings
        backbone.freeze(2)
        self.memory = F.normalize(features, dim=1)
        trained = [parameter for parameter in self.backbone.parameters() if parameter.requires_grad]
        self.optimizer = torch.optim.Adam(trained, lr=learning_rate, weight_decay=1e-5)

    def step(self, source: Tensor, slots: Tensor, target: Tensor, rate: float) -> float:
        """One step on the mels of two batches; returns the loss."""
        source_z, logits = self.backbone(source)
        target_z, _ = self.backbone(target)
        scores = F.normalize(target_z, dim=1) @ self.memory.T
        loss = F.cross_entropy(logits, self.labels[slots]) + target_loss(scores, self.settings)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        with torch.no_grad():
            for feature, slot in zip(F.normalize(source_z, dim=1), slots, strict=True):
                mixed = (1 - rate) * self.memory[slot] + rate * feature
                self.memory[slot] = mixed / mixed.norm()
        return loss.item()
