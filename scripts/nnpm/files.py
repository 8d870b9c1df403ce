"""Reading and writing the study's files. A written file appears complete or not at all."""

import errno
import json
import math
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.errors import ParserWarning

from nnpm import CLASSES
from nnpm.errors import REMEDY, InputError, is_of_the_machine

TEXT_COLUMNS = (
    "source",
    "target",
    "method",
    "variant",
    "utterance",
    "path",
    "speaker",
    "gender",
    "label",
    "emotion",
    "split",
    "source_split",
    "predicted",
    "sha256",
)
#: The column of a manifest with the split as a source, of a corpus whose column `split` is that as a target.
SOURCE_SPLIT = "source_split"
OPTIONAL_COLUMNS = ("gender", "label", "emotion", "start", "end")
#: The only values that these columns may have.
WORDS = {"split": ("train", "validation", "test", "all"), "label": CLASSES, "predicted": CLASSES}
#: The columns from which scores are computed.
PREDICTIONS = ("utterance", "speaker", "split", "label", "predicted")


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


def create_array(path: Path, dtype: str, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """Make a .npy file for writing by memory map, and reserve its space on the disk.

    Without the reservation, a write into the map on a full disk would kill the process.
    """
    array = np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=shape)
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            try:
                os.posix_fallocate(file.fileno(), 0, array.offset + array.nbytes)
            except OSError as error:  # glibc writes zeros where the file system cannot; musl leaves it at that
                if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS):
                    raise
    return array


def write_text(path: str | Path, text: str) -> None:
    """Write UTF-8 text with Unix line ends."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: str | Path, content: Mapping[str, Any]) -> None:
    """Write indented JSON; a NaN is refused, since JSON has none."""
    write_text(path, json.dumps(content, indent=1, allow_nan=False) + "\n")


def read_text(path: str | Path) -> str:
    """Read UTF-8 text that the study wrote."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not text ({error.reason}): {REMEDY}") from None


def read_json(path: str | Path, **kinds: type | tuple[type, ...]) -> dict[str, Any]:
    """Read a JSON object; `kinds` are keys that it must have, and the types of their values."""
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise InputError(f"{path}: holds no JSON object: {REMEDY}")
    for key, kind in kinds.items():
        if not isinstance(content.get(key), kind) or isinstance(content[key], bool):
            raise InputError(f"{path}: {key} is {content.get(key)!r}: {REMEDY}")
    return content


def write_csv(path: str | Path, frame: pd.DataFrame) -> None:
    """Write a CSV whose bytes depend on the values alone: no index, six decimals."""
    with replacing(path) as temporary:
        frame.to_csv(temporary, index=False, float_format="%.6f", lineterminator="\n")


def read_csv(path: str | Path, columns: Iterable[str] = (), text: Iterable[str] = TEXT_COLUMNS) -> pd.DataFrame:
    """Read a CSV that the study wrote; `text` columns stay text (speaker "03" or "NA"), a missing label is NaN.

    Raises InputError if it is damaged: if it is not a table, lacks one of the `columns`, or has in one of them a gap,
    an unknown word (`WORDS`) or, where numbers belong, a value that is not a finite number.
    """
    table = parsed(
        path, dtype=dict.fromkeys(text, str), keep_default_na=False, na_values={name: [""] for name in OPTIONAL_COLUMNS}
    )
    for name in columns:
        if name not in table:
            raise InputError(f"{path}: no column {name!r}: {REMEDY}")
        if (row := _first_fault(table[name], name in text)) is not None:
            raise InputError(f"{path}: row {row + 1} has {name} {str(table[name].iloc[row])!r}: {REMEDY}")
    return table


def of_split(rows: pd.DataFrame, split: str) -> npt.NDArray[np.bool_]:
    """Which rows are of a split, (rows,): "train", "validation" or "test"; "all" is training and test at once."""
    held: npt.NDArray[np.bool_] = rows["split"].isin([split, *(["all"] if split != "validation" else [])]).to_numpy()
    return held


def read_manifest(path: str | Path, labelled: bool = False, alone: bool = True) -> pd.DataFrame:
    """Read a manifest that `check` wrote. Raises InputError if it is damaged.

    A `labelled` manifest, a source's, needs a label in every row and all three splits (training, if it is not `alone`
    but pooled); any other needs training and test utterances. The column `split` is that of the corpus as a source if
    `labelled`, else as a target.
    """
    rows = read_csv(path, ("utterance", "speaker", "label", "split"))
    if SOURCE_SPLIT in rows:
        own = rows.pop(SOURCE_SPLIT)
        rows["split"] = own if labelled else rows["split"]
    if len(twice := rows[rows["utterance"].duplicated()]):
        raise InputError(f"{path}: utterance {twice['utterance'].iloc[0]!r} is listed twice: {REMEDY}")
    needed = ("train", "test") if not labelled else ("train", "validation", "test") if alone else ("train",)
    if absent := [split for split in needed if not of_split(rows, split).any()]:
        raise InputError(f"{path}: no utterance has the split {absent[0]}: {REMEDY}")
    if labelled and rows["label"].isna().any():
        raise InputError(
            f"{path}: utterance {rows['utterance'][rows['label'].isna()].iloc[0]!r} has no label: {REMEDY}"
        )
    return rows


def pooled(manifests: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Join manifests of several corpora, by name, in their order; that of one stays as it is.

    Utterances and speakers get their corpus's name in front, as in "ravdess/01": two corpora may have the same names.
    Raises InputError if several corpora together lack a split, or a class in training.
    """
    if len(manifests) == 1:
        return next(iter(manifests.values()))
    parts = [
        rows.assign(**{column: f"{name}/" + rows[column] for column in ("utterance", "speaker")})
        for name, rows in manifests.items()
    ]
    joined = pd.concat(parts, ignore_index=True)
    if absent := [split for split in ("train", "validation", "test") if not of_split(joined, split).any()]:
        raise InputError(
            f"{' + '.join(manifests)}: no speaker is held out for {absent[0]}, as each corpus has fewer than three; "
            "add a corpus of three speakers or more"
        )
    known = set(joined.loc[of_split(joined, "train"), "label"])
    if lacking := [label for label in CLASSES if label not in known]:
        raise InputError(
            f"{' + '.join(manifests)}: no training utterance is {' or '.join(lacking)}; a pool needs all four classes "
            f"({', '.join(CLASSES)}): add a corpus that has them"
        )
    return joined


def read_history(path: str | Path) -> pd.DataFrame:
    """Read a run's history.csv: numbers, one row per epoch; what was not measured is NaN."""
    table = parsed(path)
    text = [name for name, column in table.items() if not pd.api.types.is_numeric_dtype(column)]
    if "epoch" not in table or (len(table) and text):
        fault = f"{text[0]} is not a number" if text else "no column of epochs"
        raise InputError(f"{path}: is not a history ({fault}): {REMEDY}")
    return table


def parsed(path: str | Path, **options: Any) -> pd.DataFrame:
    """Read a CSV with pandas; raises InputError if it is damaged or a row has too many values."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ParserWarning)  # extra values would be dropped, or become row names
            table: pd.DataFrame = pd.read_csv(path, index_col=False, **options)
    except (ValueError, ParserWarning) as error:  # pandas's own errors and UnicodeDecodeError are ValueErrors
        raise InputError(f"{path}: not a table ({' '.join(str(error).split())}): {REMEDY}") from None
    return table


def _first_fault(column: "pd.Series[Any]", is_text: bool) -> int | None:
    """The first row with a value that its column may not have; None if there is none."""
    name = str(column.name)
    if not is_text:
        good = pd.to_numeric(column, errors="coerce").abs() < math.inf
    else:
        missing = column.isna() | (column == "")
        good = ~missing if name not in WORDS else column.isin(WORDS[name])
        good |= missing & (name in OPTIONAL_COLUMNS)
    return None if good.all() else int(np.argmin(good.to_numpy()))


def label_indices(labels: pd.Series) -> npt.NDArray[np.int64]:
    """Indices into CLASSES; -1 where there is no label."""
    indices: npt.NDArray[np.int64] = pd.Categorical(labels, categories=list(CLASSES)).codes.astype(np.int64)
    return indices


def write_inputs(path: str | Path, rows: int, parts: Iterable[npt.NDArray[np.float32]]) -> None:
    """Write the file that `open_inputs` opens, part by part, along its first axis of `rows`, with one in memory."""
    with replacing(path) as temporary:
        row, array = 0, None
        for part in parts:
            if array is None:
                array = create_array(temporary, "float32", (rows, *part.shape[1:]))
            array[row : row + len(part)] = part
            row += len(part)
        if row != rows:
            raise ValueError(f"{path}: {row} of {rows} rows came")


def open_inputs(path: str | Path) -> npt.NDArray[np.float32]:
    """Memory-map a corpus's frames, or an encoder's output: (utterances, steps, channels) or (steps, channels).

    Two dimensions are those of utterances of their own lengths, one after the other (`features.cache`). Nothing is
    unpickled. Writing into the array does not change the file. Raises InputError if it is not an array of two or three
    dimensions and 16 or 32 bit floats, or if a part is missing.
    """
    try:
        array: npt.NDArray[np.float32] = np.lib.format.open_memmap(path, mode="c")
    except Exception as error:  # NumPy raises SyntaxError, OverflowError and more, by the damage
        if is_of_the_machine(error):
            raise
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: is not a feature cache ({reason}): {REMEDY}") from None
    if array.ndim not in (2, 3) or array.dtype not in (np.float16, np.float32) or not array.flags.c_contiguous:
        kind = f"{array.dtype} of shape {array.shape}" + ("" if array.flags.c_contiguous else ", transposed")
        raise InputError(f"{path}: is not a feature cache ({kind}): {REMEDY}")
    return array


def read_lengths(description: str | Path) -> list[int]:
    """The number of frames of each utterance of a cache, from its description; raises InputError if it is damaged."""
    lengths: list[int] = read_json(description, lengths=list)["lengths"]
    if not all(isinstance(length, int) and length > 0 for length in lengths):
        raise InputError(f"{description}: its lengths are not numbers of frames: {REMEDY}")
    return lengths
