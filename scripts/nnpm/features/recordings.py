"""Where the audio of each utterance is: what `check` found, joined with where the corpus lies now."""

from pathlib import Path
from typing import NamedTuple

from nnpm.audio import bounds
from nnpm.errors import REMEDY, InputError
from nnpm.files import read_csv


class Recording(NamedTuple):
    """The audio of one utterance: a file, or the segment from `start` to `end` seconds of it (None: up to its end)."""

    utterance: str
    sha256: str
    path: Path
    start: float = 0.0
    end: float | None = None


def read_recordings(audio: Path | str, paths: Path | str) -> list[Recording]:
    """Return the recordings of a corpus in the order of `audio` (utterance, start, end, sha256).

    `paths` (utterance, path) is a file of its own, because features depend on what a recording holds and not on where
    it lies. Raises InputError if a file is damaged, or if the two do not name the same utterances.
    """
    held, lying = read_csv(audio, ("utterance", "sha256")), read_csv(paths, ("utterance", "path"))
    if list(held["utterance"]) != list(lying["utterance"]):
        raise InputError(f"{paths}: does not name the utterances of {audio}: {REMEDY}")
    for name in {"start", "end"} - set(held):
        raise InputError(f"{audio}: no column {name!r}: {REMEDY}")
    return [
        Recording(utterance, sha256, Path(path), *bounds(start, end))
        for utterance, start, end, sha256, path in zip(
            held["utterance"], held["start"], held["end"], held["sha256"], lying["path"], strict=True
        )
    ]
