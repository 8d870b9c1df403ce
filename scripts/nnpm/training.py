"""What pretraining and adaptation share: devices, batches, epochs that survive a kill, checkpoints."""

import hashlib
import json
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from tqdm import tqdm

from nnpm import evaluation
from nnpm.batches import Inputs, Rows
from nnpm.errors import InputError
from nnpm.files import replacing
from nnpm.model import SNSA

Row = dict[str, float]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Domain:
    """A corpus as training sees it: mels, (utterances, frames, mels), and the manifest in the same order."""

    mels: Inputs
    manifest: pd.DataFrame


def prepare(device: str, threads: int) -> torch.device:
    """Choose the device ("auto", "cpu" or "cuda"), cap the CPU threads and ask for deterministic algorithms."""
    torch.set_num_threads(threads)
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("config: device: 'cuda' asked for, but PyTorch sees no GPU here: use 'auto' or 'cpu'")
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":16:8")  # what cuBLAS and the LSTM need to be deterministic
    torch.use_deterministic_algorithms(True, warn_only=True)  # an operation without one is named in the log
    return torch.device("cuda" if device != "cpu" and torch.cuda.is_available() else "cpu")


def stream(seed: int, epoch: int, purpose: int) -> np.random.Generator:
    """Random numbers of one epoch and purpose: a resumed run draws what an undisturbed one would have drawn."""
    return np.random.default_rng([seed, epoch, purpose])


def save_model(path: str | Path, module: nn.Module, settings: Mapping[str, Any]) -> None:
    """Write a module's weights as safetensors, with its settings as JSON in the header."""
    tensors = {name: tensor.contiguous() for name, tensor in module.state_dict().items()}
    with replacing(path) as temporary:
        save_file(tensors, temporary, metadata={"settings": json.dumps(dict(settings), sort_keys=True)})


def load_model(path: str | Path, module: nn.Module) -> None:
    """Load weights that `save_model` wrote. Raises InputError if the file is damaged or of another model."""
    try:
        module.load_state_dict(load_file(path))
    except (SafetensorError, RuntimeError, OSError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: no checkpoint of this backbone ({reason}): delete it and run again") from None


def fingerprint(*parts: Any) -> str:
    """SHA-256 of settings (JSON-able) and files (as paths): what a resumed run must have in common with its start."""
    digest = hashlib.sha256()
    for part in parts:
        content = part.read_bytes() if isinstance(part, Path) else json.dumps(part, sort_keys=True).encode()
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()


class Resumable:
    """The state of training after its last whole epoch, in one safetensors file that is deleted at the end."""

    def __init__(self, path: Path, identity: str, module: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        self.path, self.identity, self.module, self.optimizer = path, identity, module, optimizer

    def save(self, history: list[Row]) -> None:
        """Write weights, buffers, optimiser moments and history."""
        tensors = {f"module.{name}": tensor.contiguous() for name, tensor in self.module.state_dict().items()}
        for index, moments in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{index}.{name}": tensor for name, tensor in moments.items()}
        with replacing(self.path) as temporary:
            save_file(tensors, temporary, metadata={"identity": self.identity, "history": json.dumps(history)})

    def restore(self) -> list[Row]:
        """Load what `save` wrote and return the history; empty if there is nothing, or nothing of this very run."""
        try:
            with safe_open(self.path, framework="pt") as file:
                metadata = file.metadata() or {}
            if metadata.get("identity") != self.identity:
                return []
            tensors = load_file(self.path)
        except (FileNotFoundError, SafetensorError):
            return []
        self.module.load_state_dict(
            {n.removeprefix("module."): t for n, t in tensors.items() if n.startswith("module.")}
        )
        state: dict[int, dict[str, Tensor]] = {}
        for name, tensor in tensors.items():
            if name.startswith("optimizer."):
                _, index, moment = name.split(".")
                state.setdefault(int(index), {})[moment] = tensor
        self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": state})
        history: list[Row] = json.loads(metadata["history"])
        return history


def watch(backbone: SNSA, domain: Domain, rows: Rows, first: int = 0) -> dict[str, Any] | None:
    """Scores of the backbone on some utterances of one split; None if they have no labels."""
    _, probabilities = evaluation.infer(backbone, domain.mels, rows, first)
    table = evaluation.predictions(domain.manifest.iloc[rows], probabilities)
    return evaluation.scores(table, table["split"].iloc[0])


def fit(resumable: Resumable, history: list[Row], epochs: int, seed: int, run_epoch: Callable[[int], Row]) -> list[Row]:
    """Append the epochs that `history` still misses, a row each: epoch (from 1), what was measured, seconds.

    An epoch's random numbers depend on the seed and the epoch alone, so that a run resumed after a kill ends in the
    same weights as an undisturbed one.
    """
    if history:
        log.info("resuming after epoch %d of %d", len(history), epochs)
    # A bar on the terminal; nothing where the output goes to a file.
    remaining = tqdm(range(len(history), epochs), initial=len(history), total=epochs, disable=None, leave=False)
    for epoch in remaining:
        started = time.perf_counter()
        torch.manual_seed(int(stream(seed, epoch, purpose=0).integers(2**62)))  # dropout
        measured = run_epoch(epoch)
        seconds = time.perf_counter() - started
        history.append({"epoch": epoch + 1, **measured, "seconds": seconds})
        left = (epochs - epoch - 1) * sum(row["seconds"] for row in history) / len(history)
        log.info(
            "epoch %d/%d  %s  %.1f s, %.0f s left",
            epoch + 1,
            epochs,
            "  ".join(f"{name} {value:.4g}" for name, value in measured.items()),
            seconds,
            left,
        )
        resumable.save(history)
    return history
