"""Hugging Face's audiofolder: `metadata.csv` or `metadata.jsonl` beside the files, in one folder or one per split.

Each row names its file in `file_name`, relative to the metadata's folder. Folders `train`, `validation`, `test` (or
`dev`, `val`, ...) are splits.
"""

from pathlib import Path

from nnpm.corpora.base import is_folder
from nnpm.corpora.lists import jsonl, table
from nnpm.corpora.lists.base import SPLITS, Entry, Listed, Row
from nnpm.errors import InputError

_NAMES = {"metadata.csv": table.read_file, "metadata.jsonl": jsonl.read_file}


def fits(entry: Entry) -> bool:
    """Whether the folder, or a folder in it, holds metadata."""
    return is_folder(entry.path) and bool(_metadata(entry.path))


def read(entry: Entry) -> Listed:
    """The rows of all metadata, their paths relative to the whole folder; raises `InputError` if there is none."""
    files = _metadata(entry.path) if is_folder(entry.path) else []
    if not files:
        raise InputError(f"{entry.path}: no folder with {' or '.join(_NAMES)}; correct path or format in manifests")
    rows, hows = [], list[str]()
    for path in files:
        listed = _NAMES[path.name](path, entry)
        hows.append(listed.how)
        below = path.parent.relative_to(entry.path)
        split = SPLITS.get(below.as_posix().lower())
        for row in listed.rows:
            fields = {**({"split": split} if split else {}), **row.fields}
            rows.append(Row(row.where, {**fields, "path": (below / row.fields["path"]).as_posix()}, path))
    names = ", ".join(path.relative_to(entry.path).as_posix() for path in files)
    return Listed(rows, entry.root or entry.path, tuple(files), how=f"{names}, {'; '.join(dict.fromkeys(hows))}")


def _metadata(folder: Path) -> list[Path]:
    places = [folder, *sorted(path for path in folder.iterdir() if is_folder(path) and not path.name.startswith("."))]
    return [place / name for place in places for name in _NAMES if (place / name).is_file()]
