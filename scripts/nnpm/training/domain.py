"""A corpus as training reads it: inputs and manifest."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from nnpm import CLASSES
from nnpm.errors import REMEDY, InputError
from nnpm.evaluation import inference, scoring
from nnpm.files import label_indices, open_mels, read_csv, read_manifest
from nnpm.methods.base import Utterances
from nnpm.model.backbone import SNSA


@dataclass(frozen=True)
class Domain:
    """A corpus: inputs, (utterances, steps, channels), and the manifest in the same order.

    The inputs are mels or the output of frozen blocks. `natural` is True for spontaneous speech, False for acted
    speech, None if not known. `second_view` holds the class probabilities of another classifier, (utterances,
    classes), for methods that use them.
    """

    inputs: Tensor
    manifest: pd.DataFrame
    natural: bool | None = None
    second_view: Tensor | None = None

    @classmethod
    def load(
        cls,
        inputs: str | Path,
        manifest: str | Path,
        device: torch.device,
        *,
        natural: bool | None = None,
        second_view: str | Path | None = None,
        channels: int | None = None,
        labelled: bool = False,
    ) -> "Domain":
        """Read a corpus's files, which must hold the same utterances.

        `channels` is as in `load_inputs`; `labelled`, True for a source, as in `files.read_manifest`.
        """
        rows = read_manifest(manifest, labelled)
        view = None if second_view is None else load_probabilities(second_view, rows, device)
        values = load_inputs(inputs, device, channels)
        if len(values) != len(rows):
            raise InputError(
                f"{inputs}: {len(values)} utterances, but {manifest} has {len(rows)}: delete it, and the features that "
                "it was made from; the next run makes them again"
            )
        return cls(values, rows, natural, view)

    @property
    def device(self) -> torch.device:
        """The device of the inputs."""
        return self.inputs.device

    def rows(self, split: str | None = None) -> Tensor:
        """Row numbers, (rows,), of one split ("train", "validation", "test") or of all utterances."""
        if split is None:
            return torch.arange(len(self.inputs), device=self.device)
        return torch.as_tensor(np.flatnonzero(np.asarray(self.manifest["split"]) == split), device=self.device)

    @cached_property
    def labels(self) -> Tensor:
        """Indices into CLASSES, (utterances,); -1 where there is no label."""
        return torch.as_tensor(label_indices(self.manifest["label"]), device=self.device)

    def predictions(self, backbone: SNSA, rows: Tensor, first: int = 0) -> pd.DataFrame:
        """The backbone's predictions for some utterances, from the output of the blocks before `first`."""
        _, probabilities = inference.infer(backbone, self.inputs, rows, first)
        return scoring.predictions(self.manifest.iloc[rows.tolist()], probabilities)

    def training_utterances(self, backbone: SNSA, freeze: int, *, labelled: bool) -> Utterances:
        """The training utterances for a method; with labels only if `labelled`."""
        train = self.rows("train")
        z, _ = inference.infer(backbone, self.inputs, train, freeze)
        genders = pd.Categorical(self.manifest["gender"], categories=["f", "m"]).codes.astype("int64")
        return Utterances(
            z=z,
            labels=self.labels[train] if labelled else None,
            genders=torch.as_tensor(genders, device=self.device)[train],
            natural=-1 if self.natural is None else int(self.natural),
            second_view=None if self.second_view is None else self.second_view[train],
        )


def load_probabilities(path: str | Path, manifest: pd.DataFrame, device: torch.device) -> Tensor:
    """Class probabilities, (utterances, classes), from a predictions.csv.

    Raises InputError if its utterances are not the manifest's.
    """
    table = read_csv(path, ("utterance", *CLASSES))
    if table["utterance"].tolist() != manifest["utterance"].tolist():
        raise InputError(f"{path}: not the utterances of the manifest: {REMEDY}")
    return torch.from_numpy(table[list(CLASSES)].to_numpy(dtype="float32")).to(device)


def load_inputs(path: str | Path, device: torch.device, channels: int | None = None) -> Tensor:
    """Inputs of a corpus, (utterances, steps, channels): on a CPU the memory map itself, on a GPU a copy.

    Raises InputError if their number of channels is not `channels`, the number that the backbone takes.
    """
    inputs = torch.from_numpy(open_mels(path)).to(device)
    if channels is not None and inputs.shape[2] != channels:
        raise InputError(f"{path}: has {inputs.shape[2]} channels, the backbone takes {channels}: {REMEDY}")
    return inputs
