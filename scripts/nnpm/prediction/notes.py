"""Notes on sounds that are labelled although something is odd about them."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

#: The kind of notes on what may be no speech.
SPEECH = "speech"

_FEW = 3  # so many of one kind are named one by one


class Note(NamedTuple):
    """`sound` is its path, or words such as "array 1"; `kind` is what notes are counted by, `text` what is told."""

    sound: str
    kind: str
    text: str


def cut(sound: str, duration: float, seconds: float) -> list[Note]:
    """A note if a sound of `seconds` is longer than `duration`, the length that is heard."""
    if seconds <= duration:
        return []
    return [Note(sound, "long", f"heard {duration:g} of {seconds:.4g} s; cut long recordings into utterances")]


def lines(notes: Iterable[Note], total: int) -> Iterator[str]:
    """Yield a line per note, or one line per kind where there are many; `total` is the number of all sounds."""
    kinds: dict[str, list[Note]] = {}
    for note in notes:
        kinds.setdefault(note.kind, []).append(note)
    for alike in kinds.values():
        first = f"{alike[0].sound}: {alike[0].text}"
        if len(alike) > _FEW:
            yield f"{len(alike)} of {total} sounds, first {first}"
        else:
            yield from (f"{note.sound}: {note.text}" for note in alike)
