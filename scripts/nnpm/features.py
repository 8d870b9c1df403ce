"""Mel-spectrograms and their normalisation (paper, section 3.2): one memory-mapped array a corpus."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import librosa
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from nnpm import audio
from nnpm.errors import InputError
from nnpm.files import open_mels, read_json, replacing, write_json

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class FeatureSettings:
    """What a mel-spectrogram is; the defaults are the paper's where it names one.

    `normalisation` is "speech" (relative to the utterance and the corpus, see `normalise`) or "padded" (decibels
    over a fixed floor, standardised over all frames, padding included: the plainest reading of the paper).
    """

    sample_rate: int = 16000  # Hz
    duration: float = 7.5  # seconds, cut or zero-padded at the end
    window: str = "hann"
    win_length: int = 400  # samples
    n_fft: int = 512  # samples
    hop_length: int = 160  # samples
    n_mels: int = 128
    normalisation: str = "speech"
    dynamic_range: float = 60.0  # dB below the utterance's loudest mel value where the floor lies
    dtype: str = "float32"

    @property
    def samples(self) -> int:
        """Samples of an utterance after cutting or padding (120,000)."""
        return round(self.duration * self.sample_rate)

    @property
    def frames(self) -> int:
        """Centred frames of an utterance (751)."""
        return 1 + self.samples // self.hop_length


def log_mels(signal: Array, settings: FeatureSettings) -> Array:
    """Log-mel power spectrogram in dB, shape (frames, mels), of a mono signal at the settings' rate.

    The signal is cut or zero-padded at its end. With "speech" normalisation 0 dB is the utterance's loudest value
    and the floor lies `dynamic_range` below; with "padded" 0 dB is full scale and the floor is at -100 dB.
    """
    power = librosa.feature.melspectrogram(
        y=librosa.util.fix_length(signal, size=settings.samples),
        sr=settings.sample_rate,
        n_fft=settings.n_fft,
        hop_length=settings.hop_length,
        win_length=settings.win_length,
        window=settings.window,
        n_mels=settings.n_mels,
    )
    if settings.normalisation == "padded":
        decibels = librosa.power_to_db(power, ref=1.0, amin=1e-10, top_db=None)
    else:
        # amin lies below any power that float32 audio can have, so that quiet recordings keep their dynamics.
        decibels = librosa.power_to_db(power, ref=np.max, amin=1e-30, top_db=settings.dynamic_range)
    return np.ascontiguousarray(decibels.T, dtype=np.float32)


def speech_frames(mels: Array, settings: FeatureSettings) -> npt.NDArray[np.bool_]:
    """Frames, shape (frames,), in which any band rises above the floor: padding and digital silence do not."""
    speech: npt.NDArray[np.bool_] = mels.max(axis=-1) > -settings.dynamic_range
    return speech


def remove_level(mels: Array, settings: FeatureSettings) -> Array:
    """Subtract the utterance's mean over its speech frames and bands: loudness and microphone gain go."""
    level: np.float32 = mels[speech_frames(mels, settings)].mean()
    return mels - level


def normalise(mels: Array, settings: FeatureSettings) -> dict[str, list[float]]:
    """Normalise a corpus in place; returns the mean and the standard deviation of each band, shape (mels,), in dB.

    `mels`, shape (utterances, frames, mels), holds `log_mels` of every utterance. With "speech": each utterance's
    level is removed, each band is standardised over the speech frames of the whole corpus, and all other frames
    become 0, the mean. Only unlabelled statistics of the corpus itself are used.
    """
    bands = mels.shape[-1]
    total, squares, count = np.zeros(bands), np.zeros(bands), 0
    for row in mels:  # first pass: the moments, one utterance in memory at a time
        frames = (
            remove_level(row, settings)[speech_frames(row, settings)] if settings.normalisation == "speech" else row
        )
        frames = frames.astype(np.float64)
        total += frames.sum(axis=0)
        squares += np.square(frames).sum(axis=0)
        count += len(frames)
    mean = total / count
    deviation = np.sqrt(np.maximum(squares / count - mean**2, 0))
    scale = np.where(deviation > 1e-3, deviation, 1.0)  # a band without energy stays at 0, not at noise
    for row in mels:
        if settings.normalisation == "speech":
            speech = speech_frames(row, settings)
            row[:] = np.where(speech[:, None], (remove_level(row, settings) - mean) / scale, 0)
        else:
            row[:] = (row - mean) / scale
    return {"mean": mean.tolist(), "deviation": deviation.tolist()}


def fingerprint(settings: FeatureSettings, hashes: Iterable[str], code: str) -> str:
    """SHA-256 of what decides a cache's content: the settings, the audio in row order, the code, the libraries."""
    content = json.dumps([asdict(settings), list(hashes), code, *map(version, ("librosa", "soxr"))], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def write_cache(
    paths: Sequence[str | Path],
    hashes: Sequence[str],
    settings: FeatureSettings,
    array: str | Path,
    description: str | Path,
    code: str = "",
) -> None:
    """Write the normalised mels of the audio at `paths` to `array` (.npy) and what they are to `description` (.json).

    Rows are in the order of `paths`; `hashes` are the files' SHA-256, `code` changes with the code that made them. If
    both files are already what would be written, they are only given a new time. At most two utterances are in
    memory at once (beside the file cache of the memory map). Raises InputError if a file cannot be read.
    """
    array, description = Path(array), Path(description)
    shape = (len(paths), settings.frames, settings.n_mels)
    wanted = fingerprint(settings, hashes, code)
    if _is_current(array, description, wanted):
        array.touch()
        description.touch()
        return
    description.unlink(missing_ok=True)  # it must never stand beside an array that it does not describe
    with replacing(array) as temporary:
        mels = np.lib.format.open_memmap(temporary, mode="w+", dtype=np.float32, shape=shape)
        for row, path in enumerate(tqdm(paths, disable=None, leave=False)):
            mels[row] = log_mels(audio.read(Path(path), settings.sample_rate, settings.duration), settings)
        statistics = normalise(mels, settings)
        mels.flush()
        if settings.dtype != "float32":
            with replacing(temporary) as smaller:
                narrow = np.lib.format.open_memmap(smaller, mode="w+", dtype=settings.dtype, shape=shape)
                for row, values in enumerate(mels):
                    narrow[row] = values
                narrow.flush()
    write_json(
        description,
        {
            "shape": list(shape),
            "settings": asdict(settings),
            "fingerprint": wanted,
            "librosa": version("librosa"),
            **statistics,
        },
    )


def _is_current(array: Path, description: Path, wanted: str) -> bool:
    """Whether the two files are whole and of that fingerprint."""
    try:
        described = read_json(description)
        return described.get("fingerprint") == wanted and list(open_mels(array).shape) == described.get("shape")
    except (OSError, InputError):
        return False
