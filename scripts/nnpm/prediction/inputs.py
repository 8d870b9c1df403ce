"""Which files are to be labelled: those named, those named on stdin, and all audio in folders."""

import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from nnpm.corpora.base import is_file, is_folder
from nnpm.corpora.folders import tree
from nnpm.errors import InputError


def names(given: Sequence[str], note: Callable[[str], object]) -> list[str]:
    """The files to label, in the order given; "-" stands for those named on stdin, a folder for all audio in it.

    `note` gets a line on what is left out of a folder.
    """
    found = [name for each in given for name in (_from_stdin() if each == "-" else [each])]
    if not found:
        raise InputError("stdin: names no files; give one per line")
    return [name for each in found for name in (_within(each, note) if is_folder(Path(each)) else [each])]


def _from_stdin() -> list[str]:
    """Names on stdin, one per line or each ended by NUL, as `find -print0` writes them."""
    if sys.stdin is None:
        raise InputError("stdin: closed; give the names of files instead of -")
    text = sys.stdin.buffer.read()
    lines = text.split(b"\0") if b"\0" in text else text.splitlines()
    return [os.fsdecode(line) for line in lines if line.strip()]


def _within(folder: str, note: Callable[[str], object]) -> list[str]:
    """All audio in the folder, sorted; raises InputError if there is none."""
    left_out = Counter[str]()
    found = sorted(str(path) for path in tree(Path(folder), lambda kind: left_out.update([kind])) if is_file(path))
    if not found:
        raise InputError(f"{folder}: a folder without audio files (.wav, .flac, .ogg, .mp3, .m4a, ...)")
    if left_out:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(left_out.items()))
        note(f"{folder}: left out, hidden or not named like audio: {kinds}")
    return found
