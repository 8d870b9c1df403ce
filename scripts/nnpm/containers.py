"""What the bytes of an audio file tell, where libsndfile tells too little: what it is, where it ends, what follows."""

import mmap
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nnpm.errors import InputError

#: Notes on a file that is used all the same.
NO_END = "the last Ogg page is not marked as the end: it may be cut short"
JOINED = "another recording follows in the same file: only the first is heard"

# What is often found under the name of an audio file: its first bytes, what it is, and what helps.
_NO_SOUND = (
    (rb"version https://git-lfs", "a Git LFS pointer, not the sound; git lfs pull fetches the sound"),
    (rb"\x00\x05\x16[\x00\x07]", "what macOS notes of a file (AppleDouble), not the sound; remove it"),
    (rb"\s*<(?i:!doctype|html|\?xml|head|script)", "a web page, not the sound; fetch it again with a browser"),
    (rb"PK\x03\x04|Rar!|7z\xbc\xaf|\x1f\x8b|BZh\d", "an archive, not the sound; unpack it"),
)
# What libsndfile does not decode, or not with every codec: MP4 and its kin, Matroska and WebM, ASF (WMA), AMR, AAC,
# AC-3, APE, WavPack, TTA, FLV, AVI, Ogg.
_OTHERS = re.compile(
    rb"....(?:ftyp|moov|mdat|wide|free)|\x1a\x45\xdf\xa3|\x30\x26\xb2\x75|#!AMR|\xff[\xf0\xf1\xf8\xf9]|ADIF"
    rb"|\x0b\x77|MAC |wvpk|TTA1|FLV|RIFF....AVI |OggS",
    flags=re.DOTALL,
)


def needs_ffmpeg(path: Path) -> bool:
    """Whether a file that libsndfile refuses is of a kind that ffmpeg decodes, by its first bytes.

    Raises InputError for what often lies under the name of an audio file without being one.
    """
    with path.open("rb") as stream:
        head = stream.read(64)
    for first, words in _NO_SOUND:
        if re.match(first, head):
            raise InputError(f"{path}: {words}")
    return _OTHERS.match(head) is not None


class _Content(mmap.mmap):
    """Bytes in which one may seek beyond the end, as in a file; one is at the end then."""

    def seek(self, *place: Any) -> None:
        try:
            super().seek(*place)
        except ValueError:
            super().seek(0, os.SEEK_END)


@contextmanager
def mapped(path: Path) -> Iterator[mmap.mmap]:
    """The bytes of a file; changes of them stay in memory."""
    with path.open("rb") as stream, _Content(stream.fileno(), 0, access=mmap.ACCESS_COPY) as content:
        yield content


def size_of_data(content: mmap.mmap) -> int:
    """Where a WAV says that it has no sound although some follows; 0 if none does."""
    place = content.find(b"data\0\0\0\0", 0, 4096) + 4
    behind = content[place + 4 : place + 12]
    if place < 4 or len(behind) < 8:
        return 0
    name, size = behind[:4], int.from_bytes(behind[4:], "little")
    return 0 if name.isalnum() and place + 12 + size <= len(content) else place  # else other chunks, such as LIST


def mpeg_index(content: mmap.mmap) -> tuple[bool, bool]:
    """Whether an MP3 has an index, which holds its length, and whether another MP3 follows after the end told there."""
    first = 0
    if content[:3] == b"ID3":  # the size of this tag has seven bits per byte
        first = 10 + sum(byte << 7 * place for place, byte in enumerate(reversed(content[6:10])))
    head = content[first : first + 256]
    for name in (b"Xing", b"Info"):
        if 0 <= (place := head.find(name)) <= len(head) - 16:  # flags, frames and bytes follow the name
            flags, behind = head[place + 7], place + 8 + 4 * (head[place + 7] & 1)
            end = first + int.from_bytes(head[behind : behind + 4], "big") if flags & 2 else len(content)
            following = content[end : end + 3]
            return True, following == b"ID3" or (len(following) == 3 and following[0] == 255 and following[1] >= 0xE0)
    return b"VBRI" in head, False


def pages(path: Path) -> list[str]:
    """Notes on an Ogg file from its pages; raises InputError if the last one is cut off."""
    notes, place, flags, begun = [], 0, 4, False
    with mapped(path) as content:
        while content[place : place + 4] == b"OggS":
            count = content[place + 26] if place + 27 <= len(content) else len(content)
            end = place + 27 + count + sum(content[place + 27 : place + 27 + count])
            if end > len(content):
                raise InputError(f"{path}: cut short, its last Ogg page is not whole; fetch it again")
            flags, begun = content[place + 5], begun or not content[place + 5] & 2
            if begun and flags & 2 and JOINED not in notes:
                notes.append(JOINED)
            place = end
    return notes if flags & 4 else [*notes, NO_END]
