"""What pretraining and adaptation share: devices, epochs that survive a kill, checkpoints."""

import ctypes
import hashlib
import json
import logging
import math
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn

from nnpm import CLASSES, evaluation, gpus, progress, tensorboard
from nnpm.errors import REMEDY, InputError, is_of_the_machine, one_line
from nnpm.files import open_mels, read_csv, read_manifest, replacing
from nnpm.model import SNSA, BackboneSettings

Row = dict[str, float]

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


def prepare(device: str, threads: int, precision: str = "float32") -> torch.device:
    """Choose the device ("auto", "cpu" or "cuda"), and make this process fast and its results repeatable.

    `threads` caps the CPU threads. `precision` is that of products on a GPU: "float32", or "tf32", which rounds
    their operands to 10 bits of mantissa ("bfloat16" is for `autocast`). Raises InputError if there is no GPU.
    """
    torch.set_num_threads(threads)
    chosen = choose_device(device)
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":16:8")  # what cuBLAS and the LSTM need to be deterministic
    # Deterministic algorithms; an operation that has none is named in the log. Not by `use_deterministic_algorithms`,
    # which imports PyTorch's compiler: seconds of a job's start.
    torch.set_deterministic_debug_mode("warn")
    # That finds errors in PyTorch itself, changes no result, and takes a fifth of a step.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    for products in _backends():
        products.fp32_precision = "tf32" if precision == "tf32" else "ieee"
    _keep_freed_memory()
    if chosen.type == "cuda" and (count := torch.cuda.device_count()) > 1:
        names = [str(torch.cuda.get_device_properties(index).uuid) for index in range(count)]
        torch.cuda.set_device(gpus.take(names))
    return chosen


def choose_device(device: str) -> torch.device:
    """The device that "auto", "cpu" or "cuda" means here. Raises InputError if there is no GPU, or for another word."""
    if device not in ("auto", "cpu", "cuda"):
        raise InputError(f"device: {device!r} is none of 'auto', 'cpu' and 'cuda'")
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("device: 'cuda' asked for, but PyTorch sees no GPU here: use 'auto' or 'cpu'")
    return torch.device("cuda" if device != "cpu" and torch.cuda.is_available() else "cpu")


def _backends() -> tuple[Any, ...]:
    return (torch.backends.cuda.matmul, torch.backends.cudnn.conv, torch.backends.cudnn.rnn)  # type: ignore[attr-defined]


@contextmanager
def products_in(precision: str) -> Iterator[None]:
    """Products on a GPU in "ieee" (float32) or "tf32", in a process that is not ours to `prepare`; then as before."""
    before = [products.fp32_precision for products in _backends()]
    try:
        for products in _backends():
            products.fp32_precision = precision
        yield
    finally:
        for products, each in zip(_backends(), before, strict=True):
            products.fp32_precision = each


def autocast(device: torch.device, precision: str) -> AbstractContextManager[Any]:
    """The context of a training step's forward pass; with "bfloat16" products round operands to 7 bits of mantissa."""
    return torch.autocast(device.type, torch.bfloat16) if precision == "bfloat16" else nullcontext()


def _keep_freed_memory() -> None:
    """Ask glibc to reuse what a step frees; else each step's pages are mapped and cleared anew, a sixth of its time."""
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)):  # musl has none
        m_trim_threshold, m_mmap_max = -1, -4
        mallopt(m_mmap_max, 0)
        mallopt(m_trim_threshold, -1)


def stream(seed: int, epoch: int, purpose: int) -> np.random.Generator:
    """Random numbers of one epoch and purpose: a resumed run draws what an undisturbed one would have drawn."""
    return np.random.default_rng([seed, epoch, purpose])


def save_backbone(path: str | Path, backbone: SNSA, about: Mapping[str, Any] | None = None) -> None:
    """Write the weights as safetensors, and in their header, as JSON, the backbone's sizes and what `about` says.

    Without what `provenance.about` says the checkpoint predicts nothing by itself. The header is one entry: of several,
    safetensors writes whichever it likes first, and the file's bytes would change.
    """
    settings = {"backbone": asdict(backbone.settings), **(about or {})}
    _save(path, backbone, {"settings": json.dumps(settings, sort_keys=True)})


def _save(path: str | Path, module: nn.Module, metadata: dict[str, str]) -> None:
    """Write what a module holds; by way of its bytes, since the library's own writing hides the system's errors."""
    content = save({name: tensor.contiguous() for name, tensor in module.state_dict().items()}, metadata)
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def load_backbone(path: str | Path, sizes: Mapping[str, Any] | None = None) -> SNSA:
    """Make the backbone that `save_backbone` wrote.

    Raises InputError if the file is damaged or of another model: one whose settings are not the configured `sizes`.
    """
    try:
        with safe_open(path, framework="pt") as file:
            written = json.loads(file.metadata()["settings"])
        settings = BackboneSettings(**written.get("backbone", written))  # once there was nothing but the sizes
        for name, value in (sizes or {}).items():
            if (found := getattr(settings, name)) != value:
                raise InputError(
                    f"{path}: of another backbone, with {name} {found}, not {value} as configured: {REMEDY}"
                )
        tensors = load_file(path)
        with torch.device("meta"):  # takes no memory: what the settings say is not believed yet
            wanted = SNSA(settings).state_dict()
        if fault := _difference(tensors, wanted):
            raise ValueError(fault)
        backbone = SNSA(settings)
        backbone.load_state_dict(tensors)
    except Exception as error:  # JSON, safetensors and PyTorch raise many, as the damage is
        if isinstance(error, InputError) or is_of_the_machine(error):
            raise
        reason = one_line(" ".join(str(error).split()))[:200]
        raise InputError(f"{path}: no checkpoint of this backbone ({reason}): {REMEDY}") from None
    return backbone


def _difference(tensors: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> str:
    """What keeps tensors from being loaded in the place of the wanted ones; "" if nothing does."""
    if odd := sorted(tensors.keys() ^ wanted.keys()):
        return f"{odd[0]} is {'not wanted' if odd[0] in tensors else 'missing'}"
    for name, tensor in wanted.items():
        found = tensors[name]
        if (found.shape, found.dtype) != (tensor.shape, tensor.dtype):
            return f"{name} is {list(found.shape)} {found.dtype}, not {list(tensor.shape)} {tensor.dtype}"
    return ""


def fingerprint(*parts: Any) -> str:
    """SHA-256 of settings (JSON-able) and files (as paths): what a resumed run must have in common with its start."""
    digest = hashlib.sha256()
    for part in parts:
        content = part.read_bytes() if isinstance(part, Path) else json.dumps(part, sort_keys=True).encode()
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()


class Resumable:
    """The state of training after its last whole epoch, in one safetensors file that is deleted at the end.

    `module` holds all that training changes: weights, memory, the optimizer's moments.
    """

    def __init__(self, path: Path, identity: str, module: nn.Module) -> None:
        self.path, self.identity, self.module = path, identity, module

    def save(self, history: list[Row]) -> None:
        """Write the module's tensors and the history."""
        _save(self.path, self.module, {"identity": self.identity, "history": json.dumps(history)})

    def restore(self) -> list[Row]:
        """Load what `save` wrote and return the history; empty if there is nothing, or nothing of this very run.

        Of a damaged file nothing is loaded: training starts again.
        """
        try:
            with safe_open(self.path, framework="pt") as file:
                metadata = file.metadata() or {}
            if metadata.get("identity") != self.identity:
                return []
            tensors = load_file(self.path)
            history: list[Row] = json.loads(metadata["history"])
            numbered = isinstance(history, list) and [row["epoch"] for row in history if row["seconds"] >= 0] == [
                *range(1, len(history) + 1)
            ]
        except FileNotFoundError:
            return []
        except Exception as error:  # as in `load_backbone`
            if is_of_the_machine(error):  # what took hours is not given up for it
                raise
            log.warning("%s: damaged (%s), training starts again", self.path, error)
            return []
        if (fault := _difference(tensors, self.module.state_dict())) or not numbered:
            log.warning("%s: damaged (%s), training starts again", self.path, fault or "its epochs are not in order")
            return []
        self.module.load_state_dict(tensors)
        return history


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
