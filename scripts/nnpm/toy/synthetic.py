"""The mark of sound that was computed: what nnpm.toy writes carries it, and the report plays nothing else.

Recordings of people are licensed to whoever has them, and a report is made to be passed on. The mark holds the hash of
the samples, so it does not vouch for another sound that takes their place in the file.
"""

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy.typing as npt
import soundfile

_WORDS = "Computed by nnpm.toy, nobody speaks here. Samples: "


def write(path: Path, samples: npt.NDArray[Any], sample_rate: int, subtype: str) -> None:
    """Write computed samples (frames, channels), full scale -1..1, with their mark; the suffix names the format."""
    unmarked = BytesIO()
    soundfile.write(unmarked, samples, sample_rate, subtype=subtype, format=path.suffix[1:])
    unmarked.seek(0)
    with soundfile.SoundFile(unmarked) as file:
        mark = _mark(file)
    with soundfile.SoundFile(path, "w", sample_rate, samples.shape[1], subtype) as file:
        file.comment = mark
        file.write(samples)


def is_synthetic(path: Path | str) -> bool:
    """Whether a file carries the mark of the very samples it holds; False for what is no audio."""
    if not Path(path).is_file():  # whoever opens a pipe waits for the other end
        return False
    try:
        with soundfile.SoundFile(path) as file:
            comment = file.copy_metadata().get("comment", "")
            return bool(comment.startswith(_WORDS)) and comment == _mark(file)
    except (OSError, soundfile.LibsndfileError):
        return False


def _mark(file: soundfile.SoundFile) -> str:
    """The mark of the samples of an open file, as they are stored."""
    content = hashlib.sha256(f"{file.samplerate} {file.channels} ".encode())
    for block in file.blocks(1 << 16, dtype="int32", always_2d=True):
        content.update(block.astype("<i4").tobytes())
    return _WORDS + content.hexdigest()
