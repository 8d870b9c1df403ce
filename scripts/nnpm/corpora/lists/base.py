"""What all formats share: a user's entry under `manifests`, and the rows that a format reads."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nnpm.corpora.base import is_file
from nnpm.errors import InputError

#: Parts of a file's or folder's name that say in which split it is.
SPLITS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev", "devel", "development"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}


@dataclass(frozen=True)
class Entry:
    """What the config says of one list; paths have `~` expanded.

    `root` is where relative names start, None for the place that the format says. `columns` maps our fields to the
    list's, None for a field that it lacks. `labels` maps its words, codes or numbers, as text, to classes, None to
    leave them out. `speakers` finds the speaker in a file's name as listed. `fold` is the number of an official fold.
    """

    name: str
    path: Path
    root: Path | None = None
    format: str | None = None
    columns: Mapping[str, str | None] = field(default_factory=dict)
    labels: Mapping[str, str | None] = field(default_factory=dict)
    speakers: re.Pattern[str] | None = None
    fold: int | None = None
    language: str = ""
    natural: bool | None = None

    @classmethod
    def of(cls, name: str, given: Mapping[str, Any] | Path | str) -> "Entry":
        """The entry from a path, or from a mapping that the config's schema describes."""
        values: dict[str, Any] = dict(given) if isinstance(given, Mapping) else {"path": given}
        values |= {key: Path(expanded(str(values[key]))) for key in ("path", "root") if key in values}
        values["labels"] = {str(word): label for word, label in values.get("labels", {}).items()}
        if "speakers" in values:
            values["speakers"] = re.compile(values["speakers"])
        return cls(name, **values)


@dataclass(frozen=True)
class Row:
    """One utterance as a list has it: the file that lists it, the place there for messages, and a text per field.

    The fields are those of `columns.FIELDS`; `path` is always there.
    """

    where: str
    fields: Mapping[str, str]
    file: Path | None = None


@dataclass(frozen=True)
class Listed:
    """A list as its format reads it: the rows, and the folder in which relative paths start.

    `files` are all that were read beside audio, `codes` is a map that came with the list, of its labels to words. `how`
    says in a few words how it was read, `warnings` are lines that a user should read.
    """

    rows: list[Row]
    root: Path
    files: tuple[Path, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)
    how: str = ""
    warnings: tuple[str, ...] = ()


def expanded(path: str) -> str:
    """The path with a leading `~` as the home folder; unlike pathlib's, it leaves a name such as `~1.wav` alone."""
    return os.path.expanduser(path)  # noqa: PTH111


def read_text(path: Path, kind: str) -> str:
    """The text of a list in UTF-8; raises `InputError`, which names the `kind` of file to save it as."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path under manifests") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8; save it as {kind} in UTF-8") from error


def begins(path: Path, size: int = 1 << 16) -> str:
    """The beginning of a text file, "" if it is no file; bytes that are not UTF-8 are replaced."""
    if not is_file(path):
        return ""
    try:
        with path.open("rb") as stream:
            return stream.read(size).decode("utf-8-sig", errors="replace")
    except OSError:
        return ""
