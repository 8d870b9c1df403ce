"""A folder with one sub-folder per emotion, `Happy/1.wav`, perhaps below folders of speakers or splits.

The level whose folders are most often named like an emotion gives the labels; a level of `train` and `test` gives the
splits. Speakers come from the file's path by the pattern `speakers`, if there is one.
"""

from collections import Counter
from pathlib import Path

from nnpm import CLASSES
from nnpm.corpora import labels
from nnpm.corpora.base import is_folder
from nnpm.corpora.folders import tree
from nnpm.corpora.lists.base import SPLITS, Entry, Listed, Row
from nnpm.errors import InputError


def fits(entry: Entry) -> bool:
    """Whether it is a folder with audio in folders named like an emotion."""
    return is_folder(entry.path) and _level(_files(entry), entry) is not None


def read(entry: Entry) -> Listed:
    """One row per audio file; files outside the folders of emotions are unlabelled.

    Raises `InputError` if there is no audio. Without folders of emotions, all are unlabelled: only if the user asks
    for this format.
    """
    files = _files(entry)
    if not files:
        raise InputError(f"{entry.path}: no audio file in it, or in its folders; put the recordings there")
    level = _level(files, entry)
    splits = _splits(files)
    rows = []
    for path in files:
        folders = path.parts[:-1]
        fields = {"path": path.as_posix()}
        if level is not None:
            fields["label"] = folders[level] if len(folders) > level else ""
        if splits is not None:
            fields["split"] = SPLITS[folders[splits].lower()]
        rows.append(Row((entry.path / path).as_posix(), fields))
    how = (
        "no folder is named like an emotion"
        if level is None
        else f"labels from the names of folders, level {level + 1}"
    )
    return Listed(rows, entry.path, how=how)


def _files(entry: Entry) -> list[Path]:
    return sorted(path.relative_to(entry.path) for path in tree(entry.path))


def _level(files: list[Path], entry: Entry) -> int | None:
    """The depth at which most files are in a folder named like an emotion, one of them like a class."""
    chosen = {labels.key(str(word)): label or labels.OTHER for word, label in entry.labels.items()}
    counts, classes = Counter[int](), set[int]()
    for path in files:
        for depth, folder in enumerate(path.parts[:-1]):
            meaning = chosen.get(labels.key(folder)) or labels.meaning(folder)
            counts[depth] += meaning in (*CLASSES, labels.OTHER)
            if meaning in CLASSES:
                classes.add(depth)
    return max(sorted(classes), key=lambda depth: counts[depth], default=None)


def _splits(files: list[Path]) -> int | None:
    """The depth at which every file is in a folder named like a split."""
    for depth in range(min(len(path.parts) for path in files) - 1):
        if all(path.parts[depth].lower() in SPLITS for path in files):
            return depth
    return None
