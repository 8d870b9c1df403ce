"""EmoBox's lists (github.com/emo-box/EmoBox): a folder per corpus with `*.jsonl`, and a folder per official fold.

`data/emodb/fold_1/emodb_train_fold_1.jsonl` and `..._test_fold_1.jsonl`, for some corpora `..._valid_fold_1.jsonl`, are
the splits of fold 1; `data/emodb/emodb.jsonl` lists all. `label_map.json` maps codes to words. A row is
{"key": ..., "wav": "downloads/emodb/wav/03a01Wa.wav", "emo": "anger"}, a few lists write "audio" and "label" instead.
Speakers are not listed.
"""

import json
import re
from pathlib import Path, PurePosixPath

from nnpm.corpora.base import is_folder
from nnpm.corpora.lists import jsonl
from nnpm.corpora.lists.base import SPLITS, Entry, Listed, Row, read_text
from nnpm.errors import InputError

_FOLD = re.compile(r"fold_(\d+)")
_PARTS = ("train", "valid", "test")
_MAPS = ("label_map.json", "label_dict.json")
_DOWNLOADS = "downloads"


def fits(entry: Entry) -> bool:
    """Whether it is a folder with folds, or a file of such rows."""
    if is_folder(entry.path):
        return bool(_folds(entry.path))
    return {"key", "dataset"} <= jsonl.first_object(entry.path).keys()


def read(entry: Entry) -> Listed:
    """The rows of a fold, or of a file if no fold is asked for.

    Without `root`, paths start above the folder `data`; with it, at `root`, whether that holds `downloads` or the
    corpus itself. Raises `InputError` if the fold is not there.
    """
    folder = entry.path if is_folder(entry.path) else entry.path.parent
    folder = folder.parent if _FOLD.fullmatch(folder.name) else folder
    if folder == entry.path or entry.fold is not None:
        fold = entry.fold or 1
        if fold not in (folds := _folds(folder)):
            raise InputError(f"{folder}: no fold {fold}; its folds are {', '.join(map(str, folds)) or 'none'}")
        lists, what = _lists(folder, fold), f"fold {fold} of {len(folds)}"
    else:
        lists, what = {entry.path: None}, "without folds"
    rows = []
    for path, split in lists.items():
        for row in jsonl.read_file(path, entry).rows:
            rows.append(Row(row.where, {**row.fields, **({"split": split} if split else {})}, path))
    maps = [path for name in _MAPS if (path := folder / name).is_file()]
    codes = _codes(maps[0]) if maps else {}
    agreed = _agreed(rows)
    left = len(rows) - len(agreed)
    rows, root = _located(agreed, entry, folder)
    return Listed(
        rows,
        root,
        (*lists, *maps[:1]),
        codes,
        f"{what}, labels by {maps[0].name}" if maps else what,
        (f"{left} entries are left out, which list the same recording with different labels",) if left else (),
    )


def _folds(folder: Path) -> list[int]:
    if not is_folder(folder):
        return []
    matches = ((path, _FOLD.fullmatch(path.name)) for path in folder.iterdir())
    return sorted(int(match[1]) for path, match in matches if match and any(path.glob("*_train_fold*.jsonl")))


def _lists(folder: Path, fold: int) -> dict[Path, str | None]:
    """The files of a fold and their splits; raises `InputError` without a training or a test list."""
    place, found = folder / f"fold_{fold}", dict[Path, str | None]()
    for part in _PARTS:
        files = sorted(place.glob(f"*_{part}_fold_{fold}.jsonl"))
        if files:
            found[files[0]] = SPLITS[part]
        elif part != "valid":
            raise InputError(f"{place}: no *_{part}_fold_{fold}.jsonl; get the list again, all files of the fold")
    return found


def _codes(path: Path) -> dict[str, str]:
    try:
        found = json.loads(read_text(path, "JSON"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not JSON ({error}); get the list again") from error
    if not isinstance(found, dict):
        raise InputError(f"{path}: not a map of codes to words; get the list again")
    return {str(code): str(word) for code, word in found.items()}


def _agreed(rows: list[Row]) -> list[Row]:
    """The rows without the recordings that are listed with several labels, as PAVOQUE's outtakes are."""

    def recording(row: Row) -> tuple[str | None, ...]:
        return tuple(map(row.fields.get, ("path", "start", "end")))

    labels: dict[tuple[str | None, ...], set[str | None]] = {}
    for row in rows:
        labels.setdefault(recording(row), set()).add(row.fields.get("label"))
    return [row for row in rows if len(labels[recording(row)]) == 1]


def _located(rows: list[Row], entry: Entry, folder: Path) -> tuple[list[Row], Path]:
    """The rows and where their paths start; below a corpus's own root, without `downloads/{corpus}`."""
    if entry.root is None:
        return rows, folder.parent.parent
    if is_folder(entry.root / _DOWNLOADS) or not all(_is_download(row) for row in rows):
        return rows, entry.root
    short = [PurePosixPath(*_parts(row)[2:]).as_posix() for row in rows]
    return [
        Row(row.where, {**row.fields, "path": path}, row.file) for row, path in zip(rows, short, strict=True)
    ], entry.root


def _is_download(row: Row) -> bool:
    return len(_parts(row)) > 2 and _parts(row)[0] == _DOWNLOADS


def _parts(row: Row) -> tuple[str, ...]:
    return PurePosixPath(row.fields["path"]).parts
