"""A trained backbone as the predictor uses it: the only part of prediction that needs PyTorch, export aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import torch

from nnpm.evaluation import inference
from nnpm.features.base import Array
from nnpm.model.backbone import SNSA
from nnpm.precision import products_in
from nnpm.training import checkpoints, devices


@dataclass(frozen=True)
class Backbone:
    """A backbone on its device, ready to predict."""

    network: SNSA
    device: torch.device

    @classmethod
    def load(cls, checkpoint: str | Path, device: str) -> Self:
        """Read a checkpoint to a device: "auto", "cpu" or "cuda"; raises InputError if one of them is of no use."""
        chosen = devices.choose_device(device)
        with devices.checked(chosen):
            return cls(checkpoints.load_backbone(checkpoint).to(chosen).eval(), chosen)

    def probabilities(self, utterances: Sequence[Array], masked: bool) -> npt.NDArray[np.float32]:
        """Class probabilities, (utterances, classes), from standardised frames, (frames, channels) each.

        They are as long as each other unless `masked`.
        """
        flat = torch.from_numpy(np.concatenate(utterances)).to(self.device)
        lengths = torch.tensor([len(each) for each in utterances], device=self.device)
        inputs = inference.Ragged(flat, lengths) if masked else flat.reshape(len(utterances), -1, flat.shape[1])
        with products_in("ieee"):
            _, found = inference.infer(self.network, inputs, torch.arange(len(utterances), device=self.device))
        return found.cpu().numpy()
