"""What may be given to be labelled in Python: paths, open files, bytes, samples in memory."""

import io
import math
import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from numbers import Real
from typing import IO, Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from nnpm import audio
from nnpm.errors import InputError
from nnpm.prediction.notes import Note, cut

#: A path, a file opened with "rb" or its bytes, or samples in memory and their rate in Hz. Samples are floats of full
#: scale -1..1 or whole numbers as in a WAV, of shape (samples,) or (samples, channels).
Sound = str | os.PathLike[str] | IO[bytes] | bytes | tuple[npt.ArrayLike, float]
#: Samples, (samples,), of which slices are taken.
Samples = npt.NDArray[np.float32] | audio.Spooled


def listed(sounds: Sound | Iterable[Sound] | pd.DataFrame) -> list[Sound]:
    """The sounds one by one; a single array, which lacks its rate, is one too. Of a pandas frame, its column path."""
    if isinstance(sounds, pd.DataFrame):
        if "path" not in sounds:
            raise InputError(f"no column path among {', '.join(map(str, sounds)) or 'none'}; give the frame with one")
        sounds = sounds["path"]
    if isinstance(sounds, tuple):  # of samples and rate, or of several sounds
        one = not all(path_of(sound) or isinstance(sound, tuple | bytes) or hasattr(sound, "read") for sound in sounds)
    else:
        one = isinstance(sounds, str | os.PathLike | bytes | np.ndarray | Real) or hasattr(sounds, "read")
    return [cast("Sound", sounds)] if one else list(cast("Iterable[Sound]", sounds))


def path_of(sound: object) -> str | None:
    """The path of a file; None for samples, and for open files without a name."""
    name = getattr(sound, "name", None) if hasattr(sound, "read") else sound
    return os.fspath(name) if isinstance(name, str | os.PathLike) else None


def hear(
    sound: object, number: int, sample_rate: int, duration: float, whole: bool = False
) -> tuple[Samples, Sequence[Note]]:
    """The samples of a sound that are used, as `audio.read` returns them, and the notes on it.

    `number` counts the given sounds; it stands for those without a name in the InputError that a fault raises. Of
    sounds longer than `duration` seconds only these are heard, unless they are to be heard `whole`.
    """
    if isinstance(sound, str) and "://" in sound and not os.path.exists(sound):  # noqa: PTH110 (a Path drops a slash)
        raise InputError(f"{sound}: an address, not a file; download it first")
    if isinstance(sound, str | os.PathLike) and os.path.isdir(sound):  # noqa: PTH112
        raise InputError(f"{sound}: a folder; give the files in it")
    if isinstance(sound, str | os.PathLike):
        info, name = audio.inspect(sound, None if whole else duration), os.fspath(sound)
        told = [Note(name, note, note) for note in info.notes]
        if whole and info.seconds > duration:
            return audio.spooled(sound, sample_rate), told
        return audio.read(sound, sample_rate, duration), [*told, *cut(name, duration, info.seconds)]
    if isinstance(sound, tuple) and len(sound) == 2:
        (samples, rate), name = sound, f"array {number}"
        converted = audio.convert(samples, rate, sample_rate, math.inf if whole else duration, name)
        return converted, [] if whole else cut(name, duration, len(samples) / rate)
    if isinstance(sound, bytes):
        sound = io.BytesIO(sound)
    if not hasattr(sound, "read") or isinstance(sound, io.TextIOBase):
        what = f"array {number}: its rate is missing" if np.ndim(sound) else f"sound {number}: {type(sound).__name__}"  # type: ignore[arg-type]
        raise InputError(f"{what}; give (samples, rate in Hz), a path, or a file opened with 'rb'")
    with tempfile.NamedTemporaryFile() as copy:
        name = path_of(sound) or f"file {number}"
        _copy(sound, copy, name)
        try:
            signal, notes = hear(copy.name, number, sample_rate, duration, whole)
        except InputError as error:
            raise InputError(str(error).replace(copy.name, name)) from error
    return signal, [note._replace(sound=name) for note in notes]


def _copy(file: Any, copy: IO[bytes], name: str) -> None:
    """Copy a file that is open, from its beginning, wherever it was read to."""
    try:
        if file.seekable():
            file.seek(0)
        shutil.copyfileobj(file, copy)
        copy.flush()
    except (AttributeError, OSError, TypeError, ValueError) as error:
        raise InputError(f"{name}: cannot be read ({error}); open it anew, with 'rb'") from error
