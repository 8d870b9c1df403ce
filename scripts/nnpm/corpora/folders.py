"""The search for a corpus's audio files, however deep they lie.

The case of folders' names does not matter, as systems and archives change it.
"""

import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from nnpm.corpora.base import FILMS, check_name, is_audio, is_folder
from nnpm.errors import InputError


def audio_files(folder: Path, levels: Sequence[str] | None, example: str) -> list[Path]:
    """Return all audio files exactly `levels` below `folder`, sorted by path; at any depth if `levels` is None.

    `levels` are regular expressions for the folder names, outermost first (`["Session[1-5]", "sentences", "wav",
    ".*"]`); `example` is one file, shown if none is found. Folders named like audio files are skipped, and so are
    films beside sound, as corpora with video have them. Raises
    `InputError` if the folder is missing, if it has no such file (the message says if the files are one or two folders
    deeper, or too high), or if a file name cannot stand in a table.
    """
    if not is_folder(folder):
        raise InputError(f"{folder}: no such folder; expected files like {example} in it")
    files = sorted(tree(folder)) if levels is None else _listing(folder, levels)
    if not files:
        raise InputError(f"{folder}: no files like {example}; {_elsewhere(folder, levels or (), example)}")
    files = without_films(files)
    for path in files:
        check_name(path)
    return files


def without_films(files: list[Path]) -> list[Path]:
    """Return the files without films, as corpora with video have them beside the sound; all if there are only films."""
    return [path for path in files if path.suffix.lower() not in FILMS] or files


def tree(folder: Path, skipped: Callable[[str], object] = lambda kind: None) -> Iterator[Path]:
    """Yield every audio file below a folder, sorted, through links too; each folder is visited once.

    Hidden files and folders are left out. `skipped` gets the kind of each file that is none of these. Raises
    `InputError` if a folder cannot be read.
    """
    seen: set[Path] = set()

    def visit(place: Path) -> Iterator[Path]:
        seen.add(place.resolve())
        try:
            children = sorted(place.iterdir(), key=lambda path: (path.is_symlink(), path))
        except OSError as error:
            raise InputError(f"{place}: cannot be read ({error.strerror}); change its rights") from error
        for path in children:
            if path.name.startswith("."):
                skipped("hidden")
            elif is_folder(path):
                if path.resolve() not in seen:
                    yield from visit(path)
            elif is_audio(path):
                yield path
            else:
                skipped(path.suffix.lower() or "without an ending")

    return visit(folder)


def lookalike(path: Path) -> Path | None:
    """Return what lies beside `path` with the same name except for case or Unicode form (NFC, NFD); None if nothing."""

    def seen(name: str) -> str:
        return unicodedata.normalize("NFC", name).casefold()

    try:
        others = sorted(path.parent.iterdir())
    except (OSError, ValueError):
        return None
    return next((other for other in others if other.name != path.name and seen(other.name) == seen(path.name)), None)


def _listing(folder: Path, levels: Sequence[str]) -> list[Path]:
    folders = [folder]
    for level in levels:
        pattern = re.compile(level, re.IGNORECASE)
        folders = [
            child
            for parent in folders
            for child in parent.iterdir()
            if pattern.fullmatch(child.name) and not child.name.startswith(".") and is_folder(child)
        ]
    return [path for last in sorted(folders) for path in _files_in(last) if is_audio(path)]


def _files_in(folder: Path) -> list[Path]:
    """Return the files by name; a scan is faster than asking for each whether it is a folder."""
    with os.scandir(folder) as entries:
        return [folder / name for name in sorted(entry.name for entry in entries if not is_folder(entry))]


def _elsewhere(folder: Path, levels: Sequence[str], example: str) -> str:
    """Return the end of the message: where the files are instead, if they were unpacked at a wrong level."""
    for depth, words in ((1, "one folder"), (2, "two folders")):
        for child in sorted(path for path in folder.glob("*/" * depth) if is_folder(path)):
            if _listing(child, levels):
                return f"found them {words} deeper in {child}: move them up"
    for skipped in range(1, len(levels) + 1):
        if _listing(folder, levels[skipped:]):
            way = "/".join(Path(example).parts[:skipped])
            return f"found them too high, not in {way}: move them into it"
    return "put the corpus there as its owner lays it out"
