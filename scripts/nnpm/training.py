"""What pretraining and adaptation share: a corpus as they see it, and the loop over epochs."""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from nnpm import CLASSES, evaluation, progress, tensorboard
from nnpm.checkpoints import Resumable, Row
from nnpm.errors import REMEDY, InputError
from nnpm.files import open_mels, read_csv, read_manifest
from nnpm.model import SNSA

log = logging.getLogger(__name__)


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


def stream(seed: int, epoch: int, purpose: int) -> np.random.Generator:
    """Random numbers of one epoch and purpose: a resumed run draws what an undisturbed one would have drawn."""
    return np.random.default_rng([seed, epoch, purpose])


def watch(backbone: SNSA, domain: Domain, rows: Tensor, first: int = 0) -> dict[str, Any] | None:
    """Scores of the backbone on some utterances of one split; None if they have no labels."""
    _, probabilities = evaluation.infer(backbone, domain.inputs, rows, first)
    table = evaluation.predictions(domain.manifest.iloc[rows.tolist()], probabilities)
    return evaluation.scores(table, table["split"].iloc[0])


def check_loss(loss: float, resume: Path, epoch: int) -> None:
    """Raise InputError if an epoch's loss is no number: what comes of such weights would be one class for all."""
    if not math.isfinite(loss):
        raise InputError(
            f"{resume.parent}: the loss is {loss} in epoch {epoch + 1}, training diverged; lower its learning_rate"
        )


def fit(resumable: Resumable, history: list[Row], epochs: int, seed: int, run_epoch: Callable[[int], Row]) -> list[Row]:
    """Append the epochs that `history` still misses, a row each: epoch (from 1), what was measured, seconds.

    An epoch's random numbers depend on the seed and the epoch alone, so that a run resumed after a kill ends in the
    same weights as an undisturbed one.
    """
    if history:
        log.info("resuming after epoch %d of %d", len(history), epochs)
    remaining = range(len(history), epochs)
    with tensorboard.curves(resumable.path.parent, history) as draw:
        for epoch in progress.bar(remaining, initial=len(history), total=epochs, lines=False):
            started = time.perf_counter()
            torch.manual_seed(int(stream(seed, epoch, purpose=0).integers(2**62)))  # dropout
            measured = run_epoch(epoch)
            seconds = time.perf_counter() - started
            history.append({"epoch": epoch + 1, **measured, "seconds": seconds})
            left = (epochs - epoch - 1) * sum(row["seconds"] for row in history) / len(history)
            said = "  ".join(f"{name} {value:.4g}" for name, value in measured.items())
            log.info("epoch %s", progress.line(epoch + 1, epochs, left, f"{said}  {seconds:.1f} s, "))
            resumable.save(history)
            draw(history[-1])
    return history
