"""Audio files: a full check of a file, and its samples in the form that features need."""

import hashlib
import math
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from nnpm.errors import InputError

_BLOCK = 1 << 18  # samples read at a time, all channels together: no header can ask for more memory
_MARGIN = 0.25  # seconds read past the cut, so that the resampling filter sees no edge there

# libsndfile's log of a header that promises more bytes than the file has: "data : 32000 (should be 15978)".
# Only the size of the sample data is checked; that of the container (RIFF, FORM) is often wrong in whole files.
_SHORT = re.compile(r"^\s*(?:data|SSND|Data Size|riff|Riff size)\s*: (\d+) \(should be (\d+)\)", flags=re.MULTILINE)
_RATES = (4_000, 768_000)  # Hz: lower rates keep no speech, no recorder uses higher ones
_LOUDEST = 1e6  # times full scale: a float file may hold 16-bit numbers, but powers must not overflow
_STREAMED = 0x7FFFF000  # programs that write into a pipe put this or more for a size they cannot know


@dataclass(frozen=True)
class AudioInfo:
    """What a file holds: its duration in seconds, rate in Hz, channel count, and the hash of its bytes."""

    seconds: float
    sample_rate: int
    channels: int
    sha256: str


def inspect(path: Path | str, seconds: float | None = None) -> AudioInfo:
    """Read a whole file, block by block, and describe it.

    Raises `InputError` if it is not a file, empty, not audio, cut short, without samples, of an absurd rate, or has
    values that are not finite or far beyond full scale; also if it is silent (constant after averaging its channels),
    as a whole or in its first `seconds`, if only these are used.
    """
    path = Path(path)
    frames, first, onset = 0, 0.0, None
    with _open(path) as file:
        for match in _SHORT.finditer(file.extra_info):
            promised, there = map(int, match.groups())
            if there < promised < _STREAMED:
                raise InputError(f"{path}: cut short, {there} of {promised} bytes of sound are there; fetch it again")
        for block in _blocks(path, file):
            if not np.isfinite(block).all():
                raise InputError(f"{path}: holds values that are not finite (NaN or infinity); fetch it again")
            if np.abs(block).max() > _LOUDEST:
                raise InputError(f"{path}: holds values a million times above full scale; fetch it again")
            if onset is None:  # the first frame that differs from the very first one
                mono = block.mean(axis=1)
                first = first if frames else float(mono[0])
                different = np.flatnonzero(mono != first)
                onset = frames + int(different[0]) if len(different) else None
            frames += len(block)
        # The length of an MP3 without an index is an estimate; every other format knows its own.
        if file.format != "MP3" and frames < file.frames:
            raise InputError(f"{path}: cut short, {frames} of {file.frames} samples are there; fetch it again")
        if frames == 0:
            raise InputError(f"{path}: no samples in it; fetch it again")
        rate, channels = int(file.samplerate), int(file.channels)
        if frames == 1:
            raise InputError(f"{path}: only one sample in it; fetch it again or leave it out")
        if onset is None:
            raise InputError(f"{path}: silent, every sample is {first:g}; fetch it again or leave it out")
        if seconds is not None and onset >= seconds * rate:
            raise InputError(f"{path}: silent in its first {seconds:g} s, the only part used; trim it or leave it out")
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return AudioInfo(frames / rate, rate, channels, sha256)


def read(path: Path | str, sample_rate: int, seconds: float) -> npt.NDArray[np.float32]:
    """The first `seconds` of a file, shape (samples,), mono, at `sample_rate` Hz, full scale -1..1.

    Channels are averaged, the rate is converted by soxr at high quality; a shorter file stays shorter. Raises
    `InputError` if the file is not audio.
    """
    path = Path(path)
    with _open(path) as file:
        rate = int(file.samplerate)
        parts = [block.mean(axis=1) for block in _blocks(path, file, math.ceil((seconds + _MARGIN) * rate))]
    mono = np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)
    return _converted(mono, rate, sample_rate, seconds)


def convert(
    samples: npt.NDArray[Any], rate: int, sample_rate: int, seconds: float, name: str = "array"
) -> npt.NDArray[np.float32]:
    """Convert samples in memory as `read` does: (samples,) or (samples, channels), floats or integers as in a WAV.

    Raises `InputError`, starting with `name`, for samples in another form or with a fault that `inspect` refuses.
    """
    samples, (lowest, highest) = np.asarray(samples), _RATES
    if samples.ndim not in (1, 2) or samples.dtype.kind not in "fi":
        raise InputError(
            f"{name}: {samples.dtype} of shape {samples.shape}; give floats or signed whole numbers, (samples,) or "
            "(samples, channels)"
        )
    frames = samples if samples.ndim == 2 else samples[:, None]
    if frames.shape[1] > frames.shape[0] > 0:
        raise InputError(f"{name}: {frames.shape[0]} samples of {frames.shape[1]} channels; is it transposed?")
    if not lowest <= rate <= highest:
        raise InputError(f"{name}: {rate} Hz is not a rate of recorded speech ({lowest} to {highest})")
    used = frames[: math.ceil((seconds + _MARGIN) * rate)]
    full = -float(np.iinfo(samples.dtype).min) if samples.dtype.kind == "i" else 1.0
    mono = (used / full).astype(np.float32).mean(axis=1)
    if not np.isfinite(mono).all() or (len(mono) and np.abs(mono).max() > _LOUDEST):
        raise InputError(f"{name}: holds values that are not finite, or a million times above full scale")
    if len(mono) < 2 or (mono[: max(2, math.ceil(seconds * rate))] == mono[0]).all():
        raise InputError(f"{name}: empty or silent, no sample differs from the first; leave it out")
    return _converted(mono, int(rate), sample_rate, seconds)


def _converted(mono: npt.NDArray[np.float32], rate: int, sample_rate: int, seconds: float) -> npt.NDArray[np.float32]:
    if rate != sample_rate:
        mono = soxr.resample(mono, rate, sample_rate, quality="HQ")
    return np.ascontiguousarray(mono[: round(seconds * sample_rate)], dtype=np.float32)


def sound(path: Path | str) -> str:
    """SHA-256 of all samples, channels averaged: equal for the same sound in other containers. Reads block by block."""
    path, digest = Path(path), hashlib.sha256()
    with _open(path) as file:
        for block in _blocks(path, file):
            digest.update(block.mean(axis=1).tobytes())
    return digest.hexdigest()


def _open(path: Path) -> soundfile.SoundFile:
    try:
        status = path.stat()
    except OSError as error:  # a broken link, links in a circle, a folder of another user
        raise InputError(f"{path}: cannot be read ({error.strerror}); fetch it again or remove it") from error
    if not stat.S_ISREG(status.st_mode):  # opening a pipe waits for its other end
        raise InputError(f"{path}: not a file but a folder, pipe, socket or device; remove it")
    if status.st_size == 0:
        raise InputError(f"{path}: empty, 0 bytes; fetch it again")
    try:
        # As bytes: soundfile encodes text strictly, and file names need not be text.
        file = soundfile.SoundFile(os.fsencode(path) if os.name == "posix" else path)
    except soundfile.LibsndfileError as error:
        raise InputError(f"{path}: not audio, or damaged ({_words(error)}); fetch it again or remove it") from error
    lowest, highest = _RATES
    if not lowest <= file.samplerate <= highest:
        file.close()
        raise InputError(
            f"{path}: {file.samplerate} Hz is not a rate of recorded speech ({lowest} to {highest}); fetch it again"
        )
    return file


def _blocks(path: Path, file: soundfile.SoundFile, frames: float = math.inf) -> Iterator[npt.NDArray[np.float32]]:
    """Yield up to `frames` frames of the file, in blocks of shape (some frames, channels)."""
    most = max(1, _BLOCK // file.channels)
    while frames > 0:
        try:
            block = file.read(int(min(most, frames)), dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise InputError(f"{path}: damaged or cut short ({_words(error)}); fetch it again") from error
        if not len(block):
            return
        frames -= len(block)
        yield block


def _words(error: soundfile.LibsndfileError) -> str:
    return str(error.error_string).strip().rstrip(".")
