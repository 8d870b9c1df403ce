"""Which files are to be labelled: those named, those named on stdin, and all audio in folders."""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from nnpm.corpora.base import is_audio, is_file, is_folder
from nnpm.errors import InputError


def names(given: Sequence[str], note: Callable[[str], object]) -> list[str]:
    """The files to label, in the order given; "-" stands for those named on stdin, a folder for all audio in it.

    `note` gets a line on what is left out of a folder.
    """
    found = [name for each in given for name in (_listed() if each == "-" else [each])]
    if not found:
        raise InputError("stdin: names no files; give one per line")
    return [name for each in found for name in (_within(each, note) if is_folder(Path(each)) else [each])]


def _listed() -> list[str]:
    """Names on stdin, one per line or each ended by NUL, as `find -print0` writes them."""
    text = sys.stdin.buffer.read()
    lines = text.split(b"\0") if b"\0" in text else text.splitlines()
    return [os.fsdecode(line) for line in lines if line.strip()]


def _within(folder: str, note: Callable[[str], object]) -> list[str]:
    """All audio in the folder, sorted; raises InputError if there is none."""
    left_out = Counter[str]()
    found = sorted(str(path) for path in _audio(Path(folder), set(), left_out))
    if not found:
        raise InputError(f"{folder}: a folder without audio files (.wav, .flac, .ogg, .mp3, .m4a, ...)")
    if left_out:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(left_out.items()))
        note(f"{folder}: left out, hidden or not named like audio: {kinds}")
    return found


def _audio(folder: Path, seen: set[Path], left_out: Counter[str]) -> Iterator[Path]:
    """Yield the audio in the folder and below, through links too, each folder once; counts all other files by kind.

    Raises InputError if a folder cannot be read.
    """
    seen.add(folder.resolve())
    try:
        children = sorted(folder.iterdir(), key=lambda path: (path.is_symlink(), path))
    except OSError as error:
        raise InputError(f"{folder}: cannot be read ({error.strerror}); change its rights") from error
    for path in children:
        if path.name.startswith("."):
            left_out["hidden"] += 1
        elif is_folder(path):
            if path.resolve() not in seen:
                yield from _audio(path, seen, left_out)
        elif is_audio(path) and is_file(path):
            yield path
        else:
            left_out[path.suffix.lower() or "without an ending"] += 1
