"""A corpus, or several pooled, as training reads it: inputs and manifest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from nnpm.errors import REMEDY, InputError
from nnpm.evaluation import inference, scoring
from nnpm.evaluation.inference import Inputs, Pooled, Ragged
from nnpm.features.settings import stored
from nnpm.files import label_indices, of_split, open_inputs, pooled, read_lengths, read_manifest
from nnpm.methods.base import Utterances
from nnpm.model.backbone import SNSA, steps_after

_CPU = torch.device("cpu")


@dataclass(frozen=True)
class Domain:
    """A corpus or a pool: inputs, (utterances, steps, channels), and the manifest in the same order.

    The inputs are frames or the output of frozen blocks, each corpus standardised by its own statistics. `natural`,
    (utterances,), is 1 for spontaneous speech, 0 for acted speech, -1 if not known, as it is everywhere by default.
    """

    inputs: Inputs
    manifest: pd.DataFrame
    natural: Tensor | None = None

    @classmethod
    def load(
        cls,
        inputs: str | Path,
        manifest: str | Path,
        device: torch.device = _CPU,
        *,
        description: str | Path | None = None,
        backbone: SNSA | None = None,
        blocks: int = 0,
        natural: bool | None = None,
        labelled: bool = False,
        alone: bool = True,
    ) -> "Domain":
        """Read a corpus's files, which must hold the same utterances.

        `description`, `backbone` and `blocks` are as in `load_inputs`; `labelled` (True for a source) and `alone` as in
        `files.read_manifest`.
        `natural` says whether the corpus is spontaneous speech; None if not known.
        """
        rows = read_manifest(manifest, labelled, alone)
        values = load_inputs(inputs, device, description, backbone, blocks)
        if len(values) != len(rows):
            raise InputError(
                f"{inputs}: {len(values)} utterances, but {manifest} has {len(rows)}: delete it, and the features that "
                "it was made from; the next run makes them again"
            )
        known = torch.full((len(rows),), -1 if natural is None else int(natural), device=device)
        return cls(values, rows, known)

    @classmethod
    def load_source(
        cls,
        corpora: Sequence[str],
        inputs: Sequence[str | Path],
        manifests: Sequence[str | Path],
        device: torch.device,
        *,
        descriptions: Sequence[str | Path],
        backbone: SNSA | None = None,
        blocks: int = 0,
        natural: Mapping[str, bool | None] | None = None,
    ) -> "Domain":
        """Read the corpora of a source, labels included, and join them as `pool` does; a file per corpus, in order."""
        told, alone = natural or {}, len(corpora) == 1
        parts = {
            name: cls.load(
                *(path, manifest),
                description=description,
                backbone=backbone,
                blocks=blocks,
                natural=told.get(name),
                labelled=True,
                alone=alone,
            )
            for name, path, manifest, description in zip(corpora, inputs, manifests, descriptions, strict=True)
        }
        return cls.pool(parts, device)

    @classmethod
    def pool(cls, corpora: Mapping[str, "Domain"], device: torch.device) -> "Domain":
        """Join corpora, by name and on the CPU, and put them on the device of training.

        One corpus stays as it is. Of several, utterances and speakers are told apart by their corpus (`files.pooled`).
        On a CPU the memory maps are read where they are; a GPU gets a copy, one corpus at a time. Raises InputError if
        a pool cannot be trained on (`files.pooled`).
        """
        parts = list(corpora.values())
        inputs = [part.inputs for part in parts if not isinstance(part.inputs, Pooled)]
        manifest = pooled({name: part.manifest for name, part in corpora.items()})
        natural = torch.cat([part.naturalness for part in parts]).to(device)
        if device.type != "cpu":
            return cls(_copied(inputs, device), manifest, natural)
        return cls(inputs[0] if len(inputs) == 1 else Pooled(inputs), manifest, natural)

    @property
    def device(self) -> torch.device:
        """The device of the inputs."""
        return self.inputs.device

    @property
    def channels(self) -> int:
        """Channels of the inputs."""
        return self.inputs[self.rows()[:1]].shape[2]

    def rows(self, split: str | None = None) -> Tensor:
        """Row numbers, (rows,), of one split ("train", "validation", "test") or of all utterances."""
        if split is None:
            return torch.arange(len(self.inputs), device=self.device)
        return torch.as_tensor(np.flatnonzero(of_split(self.manifest, split)), device=self.device)

    @cached_property
    def labels(self) -> Tensor:
        """Indices into CLASSES, (utterances,); -1 where there is no label."""
        return torch.as_tensor(label_indices(self.manifest["label"]), device=self.device)

    @property
    def naturalness(self) -> Tensor:
        """`natural`, (utterances,), where it is not given -1."""
        return torch.full((len(self.manifest),), -1, device=self.device) if self.natural is None else self.natural

    def predictions(self, backbone: SNSA, rows: Tensor, first: int = 0) -> pd.DataFrame:
        """The backbone's predictions for some utterances, from the output of the blocks before `first`."""
        _, probabilities = inference.infer(backbone, self.inputs, rows, first)
        return scoring.predictions(self.manifest.iloc[rows.tolist()], probabilities.cpu())

    def training_utterances(self, backbone: SNSA, freeze: int, *, labelled: bool) -> Utterances:
        """The training utterances for a method; with labels only if `labelled`."""
        train = self.rows("train")
        z, _ = inference.infer(backbone, self.inputs, train, freeze)
        genders = pd.Categorical(self.manifest["gender"], categories=["f", "m"]).codes.astype("int64")
        return Utterances(
            z=z,
            labels=self.labels[train] if labelled else None,
            genders=torch.as_tensor(genders, device=self.device)[train],
            natural=self.naturalness[train],
        )


def _copied(parts: Sequence[Tensor | Ragged], device: torch.device) -> Tensor | Ragged:
    """The inputs of several corpora as those of one on a device, which never holds more than them."""
    flats = [part.flat if isinstance(part, Ragged) else part for part in parts]
    shape = (sum(map(len, flats)), *flats[0].shape[1:])
    copy, start = torch.empty(shape, dtype=flats[0].dtype, device=device), 0
    for flat in flats:
        copy[start : start + len(flat)] = flat
        start += len(flat)
    lengths = [part.lengths for part in parts if isinstance(part, Ragged)]
    return Ragged(copy, torch.cat(lengths).to(device)) if lengths else copy


def load_inputs(
    path: str | Path,
    device: torch.device = _CPU,
    description: str | Path | None = None,
    backbone: SNSA | None = None,
    blocks: int = 0,
) -> Tensor | Ragged:
    """Inputs of a corpus: on a CPU the memory map itself, on a GPU a copy.

    They are frames, or the output of the first `blocks` blocks; `description` is the .json of the frames, which tells
    the lengths of utterances if these are not padded. Raises InputError if it is that of other inputs, or if their
    number of channels is not what `backbone` takes.
    """
    inputs = torch.from_numpy(open_inputs(path)).to(device)
    if backbone is not None and inputs.shape[-1] != (channels := backbone.channels(blocks)):
        raise InputError(f"{path}: has {inputs.shape[-1]} channels, the backbone takes {channels}: {REMEDY}")
    if inputs.ndim == 3:
        return inputs
    if description is None:
        raise InputError(f"{path}: holds utterances of unknown lengths: {REMEDY}")
    frames = torch.tensor([stored(length) for length in read_lengths(description)], device=device)
    lengths = steps_after(frames, blocks)
    if int(lengths.sum()) != len(inputs) or int(lengths.min()) < 1:
        raise InputError(f"{path}: does not hold the utterances of {description}: {REMEDY}")
    return Ragged(inputs, lengths)
