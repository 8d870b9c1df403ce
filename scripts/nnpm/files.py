"""Files that appear whole or not at all."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from nnpm.errors import InputError

TEXT_COLUMNS = ("utterance", "path", "speaker", "gender", "label", "emotion", "split", "predicted")
OPTIONAL_COLUMNS = ("gender", "label", "emotion")


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a temporary sibling of `path`; it takes the final name only if the block ends without an exception.

    What a killed process leaves under the temporary name is overwritten by the next one. An OSError names `path`.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    try:
        yield temporary
        with temporary.open("r+b") as file:
            os.fsync(file.fileno())  # else a power cut could leave an empty file under the final name
        temporary.replace(path)
    except OSError as error:
        if error.filename is None or str(error.filename) == str(temporary):  # a write that fails names no file
            error.filename = str(path)
        raise
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def reserve(path: Path, size: int) -> None:
    """Take the disk's space now: on a full disk a write into a memory map would kill its process."""
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, size)


def write_text(path: str | Path, text: str) -> None:
    """Write UTF-8 text with Unix line ends."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: str | Path, content: Mapping[str, Any]) -> None:
    """Write indented JSON; a NaN is refused, since JSON has none."""
    write_text(path, json.dumps(content, indent=1, allow_nan=False) + "\n")


def read_json(path: str | Path) -> dict[str, Any]:
    """Read a JSON object."""
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise InputError(f"{path}: holds no JSON object: delete it, the next run makes it anew")
    return content


def write_csv(path: str | Path, frame: pd.DataFrame) -> None:
    """Write a CSV whose bytes depend on the values alone: no index, six decimals."""
    with replacing(path) as temporary:
        frame.to_csv(temporary, index=False, float_format="%.6f", lineterminator="\n")


def read_csv(path: str | Path) -> pd.DataFrame:
    """Read a CSV of ours; names such as speaker "03" or "NA" stay text, a missing label is NaN."""
    text = dict.fromkeys(TEXT_COLUMNS, str)
    return pd.read_csv(path, dtype=text, keep_default_na=False, na_values={name: [""] for name in OPTIONAL_COLUMNS})


def write_mels(path: str | Path, utterances: int, parts: Iterable[npt.NDArray[np.float32]]) -> None:
    """Write what `open_mels` opens; the parts, (some utterances, steps, channels), follow each other, one in memory."""
    with replacing(path) as temporary:
        row, mels = 0, None
        for part in parts:
            if mels is None:
                shape = (utterances, *part.shape[1:])
                mels = np.lib.format.open_memmap(temporary, mode="w+", dtype=np.float32, shape=shape)
                reserve(temporary, mels.offset + mels.nbytes)
            mels[row : row + len(part)] = part
            row += len(part)
        if row != utterances:
            raise ValueError(f"{path}: {row} of {utterances} utterances came")


def open_mels(path: str | Path) -> npt.NDArray[np.float32]:
    """Memory-map a corpus's mels, shape (utterances, frames, mels), or what an encoder made of them.

    Nothing is unpickled. What is written into the array stays in this process: the file is not touched.
    """
    try:
        mels: npt.NDArray[np.float32] = np.load(path, mmap_mode="c", allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise InputError(f"{path}: is no feature cache ({error}): delete it, the next run makes it anew") from None
    return mels
