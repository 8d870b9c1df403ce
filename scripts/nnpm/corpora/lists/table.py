"""A table with column names: CSV, TSV, or separated by semicolons or bars; nkululeko's lists are such tables."""

import csv
import io
from pathlib import Path

from nnpm.corpora.base import is_file
from nnpm.corpora.lists import columns
from nnpm.corpora.lists.base import Entry, Listed, Row, begins, read_text
from nnpm.errors import InputError, one_line

_SEPARATORS = ",;\t|"


def fits(entry: Entry) -> bool:
    """Whether it is a file that is not named like JSON or YAML; `read` looks into it."""
    return is_file(entry.path) and entry.path.suffix.lower() not in (".jsonl", ".json", ".yaml")


def read(entry: Entry) -> Listed:
    """The rows of the table; relative paths start at its folder."""
    return read_file(entry.path, entry)


def read_file(path: Path, entry: Entry) -> Listed:
    """The rows of one table. Raises `InputError` if it is not a table, or a row has other columns than the first."""
    text = read_text(path, "CSV")
    separator = _separator(begins(path), entry)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        lines = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise InputError(f"{path}: not a CSV file, line {reader.line_num}: {error}") from error
    if not lines:
        raise InputError(f"{path}: empty; the first line is path,label,speaker")
    names = [cell.strip() for cell in lines[0][1]]
    fields = columns.matched(names, entry, path)
    if len(lines) == 1:
        raise InputError(f"{path}: no rows below the column names; list one audio file per row")
    places = {field: names.index(name) for field, name in fields.items()}
    for number, row in lines[1:]:
        if len(row) != len(names):
            raise InputError(
                f"{path}: line {number} has {len(row)} values for {len(names)} columns; put text with "
                f'{ {",": "commas", ";": "semicolons"}.get(separator, "separators") } into double quotes, "like, this"'
            )
        if odd := next((row[place] for place in places.values() if one_line(row[place]) != row[place]), None):
            raise InputError(f"{path}: line {number}: a line break or control character in {odd[:40]!r}; remove it")
    rows = [
        Row(f"{path}: line {number}", {field: row[place].strip() for field, place in places.items()}, path)
        for number, row in lines[1:]
    ]
    return Listed(rows, path.parent, (path,), how=columns.told(fields, names))


def _separator(text: str, entry: Entry) -> str:
    """The separator with which the first line names a column for the path; else the most frequent one there."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    for separator in _SEPARATORS:
        if columns.has_path((cell.strip(' "') for cell in first.split(separator)), entry) and separator in first:
            return separator
    return max(_SEPARATORS, key=first.count)
