"""What happens to files of a finished study."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from safetensors.torch import load_file, save_file

from nnpm.model.backbone import SNSA
from nnpm.training.checkpoints import load_backbone, save_backbone
from nnpm.training.header import Header

Spoil = Callable[[Path], object]

#: A pickle that makes a file called pwned where it is loaded.
PICKLE = b"cos\nsystem\n(S'touch pwned'\ntR."


def cut(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])


def garbage(path: Path) -> None:
    path.write_bytes(np.random.default_rng(0).bytes(999))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def pickled(path: Path) -> None:
    path.write_bytes(PICKLE)


def pickled_array(path: Path) -> None:
    """An array of objects, as it must never be read."""
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "|O", "fortran_order": False, "shape": (1,)})
        file.write(PICKLE)


def array(change: Callable[[Any], Any]) -> Spoil:
    return lambda path: np.save(path, change(np.load(path, allow_pickle=False)), allow_pickle=False)


def archive(path: Path) -> None:
    path.write_bytes(b"PK\x05\x06" + bytes(18))  # of nothing, which numpy opens as several arrays


def table(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Spoil:
    """Text in all cells, so that nothing else changes."""
    return lambda path: change(pd.read_csv(path, dtype=str, keep_default_na=False)).to_csv(path, index=False)


def cell(column: str, value: str, row: int = 1) -> Spoil:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[row, column] = value
        return frame

    return table(change)


def twice(path: Path) -> None:
    """The second utterance has the name of the first."""
    names = pd.read_csv(path, dtype=str)["utterance"]
    cell("utterance", names[0])(path)


def too_many(path: Path) -> None:
    """A value more than there are columns, in all rows."""
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([head, *(f"{row},x" for row in rows)]), encoding="utf-8")


def content(change: Callable[[Any], Any]) -> Spoil:
    return lambda path: path.write_text(json.dumps(change(json.loads(path.read_text(encoding="utf-8")))))


def set_to(**values: Any) -> Spoil:
    return content(lambda found: found | values)


def other_model(**sizes: int) -> Spoil:
    def spoil(path: Path) -> None:
        backbone = SNSA(replace(load_backbone(path).settings, **sizes))
        save_backbone(path, backbone, replace(Header.read(path), backbone=asdict(backbone.settings)))

    return spoil


def tensors(change: Callable[[dict[str, torch.Tensor]], Mapping[str, torch.Tensor]]) -> Spoil:
    """Other tensors, under the header that the file has."""

    def spoil(path: Path) -> None:
        header = json.dumps(Header.read(path).content())
        save_file(dict(change(load_file(path))), path, {"settings": header})

    return spoil


def renamed(found: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {f"x.{name}": tensor for name, tensor in found.items()}


def one_less(found: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return dict(sorted(found.items())[1:])


def halved(found: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: tensor.half() for name, tensor in found.items()}


def nameless(path: Path) -> None:
    save_file(load_file(path), path)


def resume_of(identity: str) -> Spoil:
    return lambda path: save_file({"x": torch.zeros(3)}, path, {"identity": identity, "history": "[]"})


def history_of(content: str) -> Spoil:
    """The tensors as they are, another history."""

    def spoil(path: Path) -> None:
        found = load_file(path) if path.exists() else {"x": torch.zeros(3)}
        save_file(found, path, {"identity": "this", "history": content})

    return spoil
