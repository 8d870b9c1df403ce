"""Mel-spectrograms of utterances (paper, section 3.2)."""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version

import librosa
import numpy as np

from nnpm.features.base import Array, FrontEnd, Mask, Statistic
from nnpm.features.settings import FeatureSettings


class Mels(FrontEnd):
    """Log-mel power spectrogram.

    With "speech" normalisation, loudness and microphone gain are removed and the floor lies `dynamic_range` below the
    utterance's loudest value. With "padded" it is at -100 dB, and padding counts as frames at the floor.
    """

    flat = 1e-3  # dB

    def __init__(self, settings: FeatureSettings, device: str = "cpu", threads: int | None = None) -> None:
        super().__init__(settings)  # neither GPU nor threads
        self.sample_rate, self.channels, self.longest = settings.sample_rate, settings.n_mels, settings.frames
        self.about = {name: version(name) for name in ("librosa", "soxr")}
        self.fill = floor(settings) if settings.normalisation == "padded" else None
        log_mels(np.zeros(0, dtype=np.float32), settings)  # librosa takes seconds to load: once, before workers start

    def measure(self, signals: Sequence[Array]) -> list[Array]:
        """`log_mels` of each signal."""
        return [log_mels(signal, self.settings) for signal in signals]

    def levelled(self, frames: Array) -> tuple[Mask, Array]:
        """With "speech" normalisation, the speech frames minus their mean over frames and bands, in dB; else all."""
        if self.settings.normalisation == "padded":
            return super().levelled(frames)
        speech = speech_frames(frames, self.settings)
        values = frames[speech]
        return speech, values - values.mean()


@cache
def window_and_filters(settings: FeatureSettings) -> tuple[Statistic, Array]:
    """The window, shape (win_length,), and the transposed mel filters, shape (1 + n_fft / 2, mels)."""
    filters = librosa.filters.mel(sr=settings.sample_rate, n_fft=settings.n_fft, n_mels=settings.n_mels)
    return librosa.filters.get_window(settings.window, settings.win_length), filters.T


def floor(settings: FeatureSettings) -> float:
    """The lowest value in dB; 0 dB is the utterance's loudest value ("speech") or full scale ("padded")."""
    return -100.0 if settings.normalisation == "padded" else -settings.dynamic_range


def log_mels(signal: Array, settings: FeatureSettings) -> Array:
    """Log-mel power spectrogram in dB over its `floor`, (frames, mels), of a mono signal at the settings' rate.

    The signal is cut to `duration`. There is a frame wherever the transform reaches some of it.
    """
    window, filters = window_and_filters(settings)
    length = min(len(signal), settings.samples)
    spectrum = librosa.stft(
        librosa.util.fix_length(signal, size=min(length + settings.n_fft, settings.samples)),
        n_fft=settings.n_fft,
        hop_length=settings.hop_length,
        win_length=settings.win_length,
        window=window,
    )
    # The bound lies below any power that float32 audio can have, so that quiet recordings keep their dynamics.
    decibels = 10 * np.log10(np.maximum(np.abs(spectrum.T) ** 2 @ filters, 1e-30))
    if settings.normalisation == "speech":
        decibels -= decibels.max()
    reached = -(-(length + settings.n_fft // 2) // settings.hop_length)
    mels: Array = np.maximum(decibels[:reached], floor(settings)).astype(np.float32)
    return mels


def speech_frames(mels: Array, settings: FeatureSettings) -> Mask:
    """Mask, shape (frames,), of the frames with any band above the floor: not padding or digital silence."""
    speech: Mask = mels.max(axis=-1) > -settings.dynamic_range
    return speech
