"""Audio files: a full check of a file, and its samples in the form that features need."""

import hashlib
import math
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr

from nnpm.decoding import RATES, Source, opened
from nnpm.errors import InputError

#: Notes on a sound that is used all the same, beside those of `decoding`.
LATE = "nothing but digital silence in the length that is used: heard from its first sound on"
QUIET = "hardly any sound in the length that is used: it stays 60 dB below full scale"

_MARGIN = 0.25  # seconds read past the cut, so that the resampling filter sees no edge there
_LEAD = 0.1  # seconds of silence that are kept before the first sound
_LOUDEST = 1e6  # times full scale: a float file may hold 16-bit numbers, but powers must not overflow
_QUIETEST = 1e-3  # of full scale: 16-bit dither stays below, a whisper does not
_CANCELLING = (
    "silent, its channels cancel each other (one is inverted); keep one of them: "
    "ffmpeg -i IN -af 'pan=mono|c0=c0' OUT.wav"
)


@dataclass(frozen=True)
class AudioInfo:
    """What a file holds: its duration in seconds, rate in Hz, channel count, and the hash of its bytes.

    `notes` say what a user should know of a file that is used all the same; each is the same text for every file.
    """

    seconds: float
    sample_rate: int
    channels: int
    sha256: str
    notes: tuple[str, ...] = ()


def inspect(
    path: str | os.PathLike[str], seconds: float | None = None, start: float = 0.0, end: float | None = None
) -> AudioInfo:
    """Read a whole file, or the segment from `start` to `end` seconds of it, block by block, and describe it.

    A segment's hash is that of its samples, so that segments of one file differ. `seconds` is the length that is used,
    as by `read`; None for all.

    Raises `InputError` if it is not a file, empty, not audio, cut short, without samples, of an absurd rate, or has
    values that are not finite or far beyond full scale; also if it is silent (constant after averaging its channels).
    """
    path, segment = Path(path), start > 0 or end is not None
    frames, first, begin, several = 0, 0.0, 0, False
    onset: int | None = None
    digest = hashlib.sha256()  # of a segment's samples, as by `sound`
    with opened(path) as source:
        rate = source.rate
        used, lead = math.inf if seconds is None else math.ceil(seconds * rate), round(_LEAD * rate)
        lowest = highest = first
        for block in source.blocks(start, end):
            if not np.isfinite(block).all():
                raise InputError(f"{path}: holds values that are not finite (NaN or infinity); fetch it again")
            if np.abs(block).max() > _LOUDEST:
                raise InputError(f"{path}: holds values a million times above full scale; fetch it again")
            if segment:
                digest.update(block.mean(axis=1).tobytes())
            if onset is None or frames < begin + used:
                mono = block.mean(axis=1)
                if not frames:
                    first = lowest = highest = float(mono[0])
                if onset is None and (place := _first(mono != first)) is not None:  # it differs from the very first one
                    onset = frames + place
                    begin = _begin(onset, used, lead)
                several = several or (onset is None and bool((block != block[0]).any()))
                if onset is not None:
                    heard = mono[max(0, begin - frames) : int(max(0, min(len(mono), begin + used - frames)))]
                    lowest, highest = min(lowest, heard.min(initial=lowest)), max(highest, heard.max(initial=highest))
            frames += len(block)
        if not segment:
            source.finish(frames)
        if frames == 0:
            raise InputError(f"{path}: no samples in it; fetch it again")
        if frames == 1:
            raise InputError(f"{path}: only one sample in it; fetch it again or leave it out")
        if onset is None:
            raise InputError(
                f"{path}: " + (_CANCELLING if several else f"silent, every sample is {first:g}; fetch it again")
            )
        notes, channels = list(source.notes), int(source.file.channels)
    if onset >= used:
        notes.append(LATE)
    if highest - lowest < 2 * _QUIETEST:
        notes.append(QUIET)
    if segment:
        return AudioInfo(frames / rate, rate, channels, digest.hexdigest(), tuple(notes))
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return AudioInfo(frames / rate, rate, channels, sha256, tuple(notes))


def read(
    path: str | os.PathLike[str], sample_rate: int, seconds: float, start: float = 0.0, end: float | None = None
) -> npt.NDArray[np.float32]:
    """The first `seconds` of a file, or of its segment from `start` to `end` seconds.

    Shape (samples,), mono, at `sample_rate` Hz, full scale -1..1.

    Channels are averaged, the rate is converted by soxr at high quality; a shorter file stays shorter. If the first
    `seconds` are nothing but digital silence, it begins 0.1 s before the first sound instead. Raises `InputError` if
    the file is not audio.
    """
    with opened(Path(path)) as source:
        size = _size(seconds, source.rate)
        mono = _used(source.blocks(start, end, size), source.rate, seconds)
    return _converted(mono, source.rate, sample_rate, seconds)


class Spooled:
    """Samples, (samples,) float32, in a temporary file that vanishes with this object; slices are read as arrays."""

    def __init__(self, blocks: Iterable[npt.NDArray[np.float32]], name: object) -> None:
        """Write blocks of samples; raises InputError, starting with `name`, if there is no room for them."""
        self._size = 0
        with _room(name):
            self._file = tempfile.TemporaryFile()  # noqa: SIM115
        for block in blocks:
            with _room(name):
                self._file.write(np.ascontiguousarray(block, dtype=np.float32).tobytes())
                self._file.flush()
            self._size += len(block)

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, part: slice) -> npt.NDArray[np.float32]:
        start, stop, _ = part.indices(self._size)
        self._file.seek(4 * start)
        return np.frombuffer(self._file.read(4 * max(0, stop - start)), dtype=np.float32)


def spooled(path: str | os.PathLike[str], sample_rate: int) -> Spooled:
    """All of a file, as `read` returns its beginning, decoded in blocks: 230 MB of disk per hour at 16 kHz.

    Raises `InputError` if there is no room for it.
    """
    with opened(Path(path)) as source:
        return Spooled(_resampled(source, sample_rate), path)


@contextmanager
def _room(name: object) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"{name}: no room for its sound in the temporary folder ({error})") from error


def _resampled(source: Source, sample_rate: int) -> Iterator[npt.NDArray[np.float32]]:
    """The file in blocks, (some samples,), mono, at another rate."""
    stream = soxr.ResampleStream(source.rate, sample_rate, 1, dtype="float32", quality="HQ")
    for block in source.blocks():
        yield stream.resample_chunk(block.mean(axis=1))
    yield stream.resample_chunk(np.zeros(0, dtype=np.float32), last=True)


def convert(
    samples: npt.NDArray[Any], rate: int, sample_rate: int, seconds: float, name: str = "array"
) -> npt.NDArray[np.float32]:
    """Convert samples in memory as `read` does: (samples,) or (samples, channels), floats or integers as in a WAV.

    All of them if `seconds` is infinite.

    Raises `InputError`, starting with `name`, for samples in another form or with a fault that `inspect` refuses.
    """
    lowest, highest = RATES
    if isinstance(samples, Real):
        raise InputError(f"{name}: the rate comes first, as in SciPy; give (samples, rate)")
    try:
        samples = np.asarray(samples)
    except (TypeError, ValueError, RuntimeError) as error:  # lists of unequal lengths, a tensor on a GPU
        raise InputError(f"{name}: no array of numbers ({error}); give samples in memory and their rate") from error
    if samples.ndim not in (1, 2) or not (samples.dtype.kind in "fi" or samples.dtype == np.uint8):
        raise InputError(
            f"{name}: {samples.dtype} of shape {samples.shape}; give floats or signed whole numbers, (samples,) or "
            "(samples, channels)"
        )
    frames = samples if samples.ndim == 2 else samples[:, None]
    if frames.shape[1] > frames.shape[0] > 0:
        raise InputError(f"{name}: {frames.shape[0]} samples of {frames.shape[1]} channels; is it transposed?")
    if not isinstance(rate, Real) or not lowest <= rate <= highest:
        raise InputError(
            f"{name}: {rate} Hz is not a rate of recorded speech ({lowest} to {highest}); give (samples, rate)"
        )
    rate, scale = int(rate), _scale(samples, name)
    if math.isinf(seconds):
        seconds = len(frames) / rate + 1
    size = _size(seconds, rate)
    blocks = (frames[place : place + size] for place in range(0, len(frames), size))
    mono = _used((((block - scale[0]) / scale[1]).astype(np.float32) for block in blocks), rate, seconds)
    if not np.isfinite(mono).all() or (len(mono) and np.abs(mono).max() > _LOUDEST):
        raise InputError(f"{name}: holds values that are not finite, or a million times above full scale")
    if len(mono) < 2 or (mono == mono[0]).all():
        cancelling = len(mono) > 1 and bool((frames != frames[0]).any())
        raise InputError(
            f"{name}: "
            + (_CANCELLING if cancelling else "empty or silent, no sample differs from the first; leave it out")
        )
    return _converted(mono, rate, sample_rate, seconds)


def sound(path: str | os.PathLike[str], start: float = 0.0, end: float | None = None) -> str:
    """SHA-256 of all samples of a file or segment, channels averaged: equal for the same sound in other containers."""
    digest = hashlib.sha256()
    with opened(Path(path)) as source:
        for block in source.blocks(start, end):
            digest.update(block.mean(axis=1).tobytes())
    return digest.hexdigest()


def bounds(start: float, end: float) -> tuple[float, float | None]:
    """Return start and end of a segment as a table holds them; NaN stands for the file's own start and end."""
    return 0.0 if math.isnan(start) else start, None if math.isnan(end) else end


def _scale(samples: npt.NDArray[Any], name: str) -> tuple[float, float]:
    """The middle and the full scale of samples; raises InputError for whole numbers of more bits than they use."""
    if samples.dtype == np.uint8:  # as in a WAV of 8 bits
        return 128.0, 128.0
    if samples.dtype.kind == "f":
        return 0.0, 1.0
    full = -float(np.iinfo(samples.dtype).min)
    peak = max(map(abs, map(float, (samples.min(), samples.max())))) if samples.any() else full
    for bits in (16, 32):
        if peak <= 2 ** (bits - 1) < full:
            raise InputError(
                f"{name}: {samples.dtype} whose values have {bits} bits at most; give samples.astype('int{bits}'), or "
                "floats from -1 to 1"
            )
    return 0.0, full


def _size(seconds: float, rate: int) -> int:
    """The number of frames that are read for the first `seconds`."""
    return math.ceil((seconds + _MARGIN) * rate)


def _first(true: npt.NDArray[np.bool_]) -> int | None:
    """Where the first True is; None without any."""
    place = int(true.argmax())
    return place if true[place] else None


def _begin(onset: int, used: float, lead: int) -> int:
    """The frame that is heard first, if the first frame that differs from digital silence is `onset`."""
    return 0 if onset < used else max(0, onset - lead)


def _used(blocks: Iterator[npt.NDArray[np.float32]], rate: int, seconds: float) -> npt.NDArray[np.float32]:
    """The frames that are used, and a margin: channels averaged, from the frame on that `_begin` tells."""
    wanted, used, lead = _size(seconds, rate), math.ceil(seconds * rate), round(_LEAD * rate)
    mono, late = np.zeros(0, dtype=np.float32), False
    for block in blocks:
        mono = np.concatenate([mono, block.mean(axis=1)])
        onset = _first(mono != mono[0])
        onset = len(mono) if onset is None else onset
        late = late or onset >= used
        if late:
            mono = mono[_begin(onset, 0, lead) :]
        if len(mono) >= wanted:
            break
    return mono[:wanted]


def _converted(mono: npt.NDArray[np.float32], rate: int, sample_rate: int, seconds: float) -> npt.NDArray[np.float32]:
    if rate != sample_rate:
        mono = soxr.resample(mono, rate, sample_rate, quality="HQ")
    return np.ascontiguousarray(mono[: round(seconds * sample_rate)], dtype=np.float32)
