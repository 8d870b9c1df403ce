"""A folder with one sub-folder per emotion, `Happy/1.wav`, perhaps below folders of speakers or splits.

The level whose folders are most often named like an emotion gives the labels, if two of them are classes, or all are
emotions; a level of `train` and `test` gives the splits. Speakers come from the file's path by the pattern `speakers`,
if there is one.
"""

from collections import Counter
from collections.abc import Collection
from pathlib import Path

from nnpm import CLASSES
from nnpm.corpora import labels
from nnpm.corpora.base import is_folder
from nnpm.corpora.folders import tree, without_films
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
    return [path.relative_to(entry.path) for path in without_films(sorted(tree(entry.path)))]


def _level(files: list[Path], entry: Entry) -> int | None:
    """The depth at which most files are in a folder named like an emotion, if the names there are no chance."""
    depths: dict[int, Counter[str]] = {}
    for path in files:
        for depth, folder in enumerate(path.parts[:-1]):
            depths.setdefault(depth, Counter())[folder] += 1
    known = {depth: _known(names, entry) for depth, names in depths.items()}
    counts = {depth: sum(depths[depth][name] for name in names) for depth, names in known.items() if names}
    return max(sorted(counts), key=lambda depth: counts[depth], default=None)


def _known(names: Collection[str], entry: Entry) -> list[str]:
    """The folders named like an emotion; none if that may be chance, as for the speaker Joy beside Anna and Ben.

    It is no chance if two classes are there, if all folders are such words, or if the user's own map names one.
    """
    own = {labels.key(word): label or labels.OTHER for word, label in entry.labels.items()}
    meanings = labels.meanings(names) | {name: own[labels.key(name)] for name in names if labels.key(name) in own}
    found = [name for name in names if meanings[name] in (*CLASSES, labels.OTHER)]
    classes = set(CLASSES) & {meanings[name] for name in found}
    mapped = any(labels.key(name) in own for name in found)
    certain = len(classes) > 1 or mapped or len(found) == len(names) > 1
    return found if classes and certain else []


def _splits(files: list[Path]) -> int | None:
    """The depth at which every file is in a folder named like a split."""
    for depth in range(min(len(path.parts) for path in files) - 1):
        if all(path.parts[depth].lower() in SPLITS for path in files):
            return depth
    return None
