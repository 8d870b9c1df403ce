"""A corpus as training sees it."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from nnpm import CLASSES
from nnpm.errors import REMEDY, InputError
from nnpm.files import open_mels, read_csv, read_manifest


@dataclass(frozen=True)
class Domain:
    """A corpus as training sees it: inputs, (utterances, steps, channels), and the manifest in the same order.

    The inputs are mels or, for a frozen encoder, what its blocks made of them. `natural` says whether the speech is
    spontaneous (True) or acted, None if nobody says. `second_view` holds the class probabilities of a classifier of
    other features, (utterances, classes), for the method that asks for them.
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
        natural: bool | None = None,
        second_view: str | Path | None = None,
        channels: int | None = None,
        labelled: bool = False,
    ) -> "Domain":
        """Read a corpus's files, which must be of the same utterances.

        `channels` are as for `load_inputs`, `labelled`, which a source is, as for `files.read_manifest`.
        """
        rows = read_manifest(manifest, labelled)
        view = None if second_view is None else load_second_view(second_view, rows, device)
        values = load_inputs(inputs, device, channels)
        if len(values) != len(rows):
            raise InputError(
                f"{inputs}: {len(values)} utterances, but {manifest} has {len(rows)}: delete it, and the features that "
                "it may be made of; the next run makes them anew"
            )
        return cls(values, rows, natural, view)


def load_second_view(path: str | Path, manifest: pd.DataFrame, device: torch.device) -> Tensor:
    """Class probabilities, (utterances, classes). Raises InputError if they are not of the manifest's utterances."""
    table = read_csv(path, ("utterance", *CLASSES))
    if table["utterance"].tolist() != manifest["utterance"].tolist():
        raise InputError(f"{path}: not the utterances of the manifest: {REMEDY}")
    return torch.from_numpy(table[list(CLASSES)].to_numpy(dtype="float32")).to(device)


def load_inputs(path: str | Path, device: torch.device, channels: int | None = None) -> Tensor:
    """Inputs of a corpus, (utterances, steps, channels): on a CPU the memory map itself, on a GPU a copy of it all.

    Raises InputError if there are not so many `channels`, those that a backbone takes.
    """
    inputs = torch.from_numpy(open_mels(path)).to(device)
    if channels is not None and inputs.shape[2] != channels:
        raise InputError(f"{path}: has {inputs.shape[2]} channels, the backbone takes {channels}: {REMEDY}")
    return inputs
