"""The files of training: the final weights, and the state after each epoch, so that a killed run can resume."""

import hashlib
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn

from nnpm.errors import REMEDY, InputError, is_of_the_machine, one_line
from nnpm.files import replacing
from nnpm.model.backbone import SNSA, BackboneSettings
from nnpm.training.header import Header

Row = dict[str, float]

log = logging.getLogger(__name__)


def save_backbone(path: str | Path, backbone: SNSA, header: Header) -> None:
    """Write the weights as safetensors, and the header as JSON beside them.

    The JSON is one entry, since safetensors writes several in any order and the file's bytes would change.
    """
    _save(path, backbone, {"settings": json.dumps(header.content(), sort_keys=True)})


def _save(path: str | Path, module: nn.Module, metadata: dict[str, str]) -> None:
    """Write a module's tensors. They go through bytes in memory, since safetensors' own writing hides system errors."""
    content = save({name: tensor.contiguous() for name, tensor in module.state_dict().items()}, metadata)
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def load_backbone(path: str | Path, sizes: Mapping[str, Any] | None = None) -> SNSA:
    """Return the backbone that `save_backbone` wrote.

    Raises InputError if the file is damaged, or if the backbone's settings are not the configured `sizes`.
    """
    try:
        with safe_open(path, framework="pt") as file:
            written = json.loads(file.metadata()["settings"])
        settings = BackboneSettings(**written["backbone"])
        for name, value in (sizes or {}).items():
            if (found := getattr(settings, name)) != value:
                raise InputError(
                    f"{path}: of another backbone, with {name} {found}, not {value} as configured: {REMEDY}"
                )
        tensors = load_file(path)
        with torch.device("meta"):  # takes no memory: the settings are not trusted yet
            wanted = SNSA(settings).state_dict()
        if fault := _difference(tensors, wanted):
            raise ValueError(fault)
        backbone = SNSA(settings)
        backbone.load_state_dict(tensors)
    except Exception as error:  # JSON, safetensors and PyTorch raise many types
        if isinstance(error, InputError) or is_of_the_machine(error):
            raise
        reason = one_line(" ".join(str(error).split()))[:200]
        raise InputError(f"{path}: no checkpoint of this backbone ({reason}): {REMEDY}") from None
    return backbone


def _difference(tensors: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> str:
    """Why the tensors cannot be loaded in place of the wanted ones; "" if they can."""
    if odd := sorted(tensors.keys() ^ wanted.keys()):
        return f"{odd[0]} is {'not wanted' if odd[0] in tensors else 'missing'}"
    for name, tensor in wanted.items():
        found = tensors[name]
        if (found.shape, found.dtype) != (tensor.shape, tensor.dtype):
            return f"{name} is {list(found.shape)} {found.dtype}, not {list(tensor.shape)} {tensor.dtype}"
    return ""


def identity(*parts: Any) -> str:
    """SHA-256 of settings (JSON-able) and files (as paths); a run resumes only if it is unchanged."""
    digest = hashlib.sha256()
    for part in parts:
        content = part.read_bytes() if isinstance(part, Path) else json.dumps(part, sort_keys=True).encode()
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()


class Resumable:
    """The state of training after its last whole epoch, in one safetensors file that is deleted at the end.

    `module` holds everything that training changes: weights, memory, the optimizer's moments.
    """

    def __init__(self, path: Path, identity: str, module: nn.Module) -> None:
        self.path, self.identity, self.module = path, identity, module

    def save(self, history: list[Row]) -> None:
        """Write the module's tensors and the history."""
        _save(self.path, self.module, {"identity": self.identity, "history": json.dumps(history)})

    def restore(self) -> list[Row]:
        """Load what `save` wrote and return the history; empty if there is no file, or only another run's.

        Nothing is loaded from a damaged file: training starts again.
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
            if is_of_the_machine(error):  # such as a full memory: hours of training are not discarded for it
                raise
            log.warning("%s: damaged (%s), training starts again", self.path, error)
            return []
        if (fault := _difference(tensors, self.module.state_dict())) or not numbered:
            log.warning("%s: damaged (%s), training starts again", self.path, fault or "its epochs are not in order")
            return []
        self.module.load_state_dict(tensors)
        return history
