"""JSON lines: one object per line, its keys like the columns of a table."""

import json
from pathlib import Path
from typing import Any

from nnpm.corpora.base import is_file
from nnpm.corpora.lists import columns
from nnpm.corpora.lists.base import Entry, Listed, Row, begins, read_text
from nnpm.errors import InputError, one_line


def fits(entry: Entry) -> bool:
    """Whether the first line of the file is a JSON object."""
    return is_file(entry.path) and bool(first_object(entry.path))


def read(entry: Entry) -> Listed:
    """The rows of the file; relative paths start at its folder."""
    return read_file(entry.path, entry)


def first_object(path: Path) -> dict[str, Any]:
    """The first line's object, {} if it is none."""
    lines = [line for line in begins(path).splitlines() if line.strip()]
    try:
        found = json.loads(lines[0]) if lines else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def read_file(path: Path, entry: Entry) -> Listed:
    """The rows of one file. Raises `InputError` for a line that is not a JSON object, or without a path."""
    objects = [
        (number, _object(path, number, line))
        for number, line in enumerate(read_text(path, "JSON lines").split("\n"), start=1)
        if line.strip()
    ]
    if not objects:
        raise InputError(f'{path}: empty; each line is an object such as {{"path": ..., "label": ...}}')
    names = list(dict.fromkeys(name for _, each in objects for name in each))
    fields = columns.matched(names, entry, path)
    rows = [
        Row(
            f"{path}: line {number}",
            {field: _text(path, number, each.get(name)) for field, name in fields.items()},
            path,
        )
        for number, each in objects
    ]
    return Listed(rows, path.parent, (path,), how=columns.told(fields, names))


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: line {number} is not JSON ({error}); one object per line") from error
    if not isinstance(found, dict):
        raise InputError(f"{path}: line {number} is not a JSON object; one object per line, {{...}}")
    return found


def _text(path: Path, number: int, value: object) -> str:
    text = "" if value is None else str(value).strip()
    if isinstance(value, list | dict) or one_line(text) != text:
        raise InputError(f"{path}: line {number}: {text[:40]!r} is not one line of text or a number; correct it")
    return text
