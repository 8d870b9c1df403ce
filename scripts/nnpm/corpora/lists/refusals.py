"""What is refused in the rows of a list as a whole, whatever its format: one line that names the row and the remedy."""

import math
import os
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from nnpm import CLASSES
from nnpm.corpora import labels
from nnpm.corpora.base import Clip, is_file, is_folder
from nnpm.corpora.folders import lookalike
from nnpm.corpora.lists.base import Entry, Row
from nnpm.errors import InputError

_NAMED = 5  # words that a message names


def repeated(rows: Sequence[Row], clips: Sequence[Clip]) -> None:
    """Raise `InputError` if two rows are the same file, or segments of it that overlap, of one speaker."""
    keys = [(os.path.normpath(clip.path), clip.speaker, clip.start or 0.0) for clip in clips]
    for one, two in pairwise(sorted(range(len(clips)), key=keys.__getitem__)):
        if keys[one][:2] == keys[two][:2] and _end(clips[one]) > keys[two][2]:
            again = (clips[one].start, clips[one].end) == (clips[two].start, clips[two].end)
            first, second = (rows[number] for number in sorted((one, two)))
            raise InputError(
                f"{second.where} lists {second.fields['path']} {'again' if again else 'overlapping'}, after "
                f"{first.where.removeprefix(f'{second.file}: ')}; remove one of them"
                + ("" if again else ", or correct start and end")
            )


def same_name(rows: Sequence[Row], clips: Sequence[Clip]) -> None:
    """Raise `InputError` if two rows are the same utterance: one file of two speakers, or files named alike."""
    seen: dict[str, int] = {}
    for number, (second, clip) in enumerate(zip(rows, clips, strict=True)):
        if (before := seen.setdefault(clip.utterance, number)) == number:
            continue
        first, other = rows[before], clips[before]
        place = first.where.removeprefix(f"{second.file}: ")
        if os.path.normpath(clip.path) == os.path.normpath(other.path):
            raise InputError(
                f"{second.where} lists {second.fields['path']} for speaker {clip.speaker}, {place} for speaker "
                f"{other.speaker}; correct the speaker, remove one of them, or give each its start and end"
            )
        raise InputError(
            f"{second.where}: {second.fields['path']} has the same utterance name as {first.fields['path']}, {place}, "
            "but for the extension; remove or rename one of them"
        )


def _end(clip: Clip) -> float:
    return math.inf if clip.end is None else clip.end


def absent(entry: Entry, root: Path, clips: Sequence[Clip]) -> None:
    """Raise `InputError` if files are not there; the message says so if one is there under a name that looks alike."""
    paths = dict.fromkeys(clip.path for clip in clips)
    gone = [path for path in paths if not is_file(path)]
    if gone:
        raise InputError(
            f"{entry.path}: {len(gone)} of {len(paths)} audio files do not exist, or are no files, first {gone[0]}; "
            + (_lookalike(gone[0]) or f"relative paths start at {root}, or where root: in manifests says")
        )


def _lookalike(path: Path) -> str:
    """A hint if a file is there under a name that differs in case, Unicode form or backslashes, else ""."""
    if "\\" in path.name and is_file(path.parent / path.name.replace("\\", "/")):
        return "it is there with / instead of \\: write it like that"
    place = next(each for each in (path, *path.parents) if is_folder(each.parent))
    if (other := lookalike(place)) and is_file(other / path.relative_to(place)):
        return f"found {other.name!a}, which differs in case or Unicode form (NFC, NFD): write it like that"
    if "\\" in str(path):
        return "write paths with / instead of \\"
    return ""


def partly_split(entry: Entry, clips: Sequence[Clip]) -> None:
    """Raise `InputError` if some rows have a split and others none."""
    unsplit = [clip for clip in clips if clip.split is None]
    if 0 < len(unsplit) < len(clips):
        raise InputError(
            f"{entry.path}: {len(unsplit)} of {len(clips)} rows have no split (first {unsplit[0].path}); "
            "give it for all rows or for none"
        )


def no_class(entry: Entry, words: Sequence[tuple[str, str, int]], meanings: Mapping[str, str]) -> None:
    """Raise `InputError` if nothing is left to use, since every label is another emotion."""
    if not {*CLASSES, labels.UNLABELLED} & set(meanings.values()):
        raise InputError(
            f"{entry.path}: no utterance is {', '.join(CLASSES)}; its labels are "
            f"{', '.join(word for word, _, _ in words[:_NAMED])}: say which of them are classes by "
            f"labels: {{{words[0][0]}: angry, ...}} in manifests"
        )
