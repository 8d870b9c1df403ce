"""audformat databases (audeering.github.io/audformat): `db.yaml` and its tables, read by the library `audformat`.

The labels are those of the scheme or column that is named like a label (`emotion`); speakers and genders are looked up
in all tables and in the scheme of speakers; a table's split counts if it says so for every utterance.
"""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nnpm.corpora.base import is_folder
from nnpm.corpora.lists import columns
from nnpm.corpora.lists.base import SPLITS, Entry, Listed, Row
from nnpm.errors import InputError

_HEADER = "db.yaml"


def fits(entry: Entry) -> bool:
    """Whether it is `db.yaml`, or a folder that holds it."""
    return entry.path.name == _HEADER or (is_folder(entry.path) and (entry.path / _HEADER).is_file())


def read(entry: Entry) -> Listed:
    """One row per labelled file or segment. Raises `InputError` without the library, or if the database is faulty."""
    folder = entry.path if is_folder(entry.path) else entry.path.parent
    if importlib.util.find_spec("audformat") is None:
        raise InputError(
            f"{folder / _HEADER}: an audformat database needs the package audformat, which is not installed; "
            "pip install audformat"
        )
    import audformat

    try:
        database = audformat.Database.load(str(folder))
        names = list(_names(database))
        fields = columns.matched(["file", *names], entry, folder / _HEADER)
        shown = _table(database, fields)
    except InputError:
        raise
    except Exception as error:  # whatever the library meets in files that others wrote
        raise InputError(f"{folder / _HEADER}: audformat cannot read it ({error}); repair the database") from error
    rows = list(_rows(shown, fields, folder / _HEADER))
    splits = _splits(database)
    if rows and "split" not in fields and all(row.fields["path"] in splits for row in rows):
        rows = [Row(row.where, {**row.fields, "split": splits[row.fields["path"]]}, row.file) for row in rows]
    files = [folder / _HEADER, *(path for path in sorted(folder.glob("db.*")) if path.suffix in (".csv", ".parquet"))]
    return Listed(rows, folder, tuple(files), how=columns.told(fields, ["file", *names]))


def _names(database: Any) -> Iterator[str]:
    """Everything that can be looked up: columns, schemes, and what schemes say of their labels."""
    found = dict.fromkeys(str(name) for name in database.schemes)
    for identifier in [*database.tables, *database.misc_tables]:
        found |= dict.fromkeys(map(str, database[identifier].columns))
    for scheme in database.schemes.values():
        if isinstance(scheme.labels, dict):
            found |= {str(name): None for about in scheme.labels.values() if isinstance(about, dict) for name in about}
        elif isinstance(scheme.labels, str) and scheme.labels in database.misc_tables:
            found |= dict.fromkeys(map(str, database.misc_tables[scheme.labels].columns))
    yield from found


def _table(database: Any, fields: dict[str, str]) -> Any:
    """A frame with a column per field, indexed by file or by file, start and end."""
    wanted = [name for field, name in fields.items() if field != "path"]
    if "label" not in fields:
        raise InputError(
            f"{database.name}: the database has no scheme or column named like an emotion; choose by "
            "columns: {label: THEIRS} in manifests"
        )
    return database.get(fields["label"], [name for name in wanted if name != fields["label"]], strict=False)


def _rows(shown: Any, fields: dict[str, str], header: Path) -> Iterator[Row]:
    names = {field: name for field, name in fields.items() if field not in ("path", "start", "end")}
    for index, values in zip(shown.index, shown[list(names.values())].itertuples(index=False), strict=True):
        file, *bounds = index if isinstance(index, tuple) else (index,)
        found = {"path": str(file)} | {
            field: "" if _missing(value) else str(value) for field, value in zip(names, values, strict=True)
        }
        found |= {
            field: "" if _missing(bound) else str(bound.total_seconds())
            for field, bound in zip(("start", "end"), bounds, strict=False)
        }
        yield Row(f"{header}: {file}", found, header)


def _missing(value: Any) -> bool:
    return value is None or value != value or str(value) == "<NA>"


def _splits(database: Any) -> dict[str, str]:
    """The split of each file that only tables of one split list."""
    found: dict[str, set[str]] = {}
    for table in database.tables.values():
        split = SPLITS.get(str(table.split.type).lower()) if table.split is not None else None
        for file in map(str, table.files) if split else ():
            found.setdefault(file, set()).add(str(split))
    return {file: splits.pop() for file, splits in found.items() if len(splits) == 1}
