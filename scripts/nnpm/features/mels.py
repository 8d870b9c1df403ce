"""Mel-spectrograms of utterances, and their normalisation by corpus (paper, section 3.2)."""

from functools import cache

import librosa
import numpy as np
import numpy.typing as npt

from nnpm.features.settings import FeatureSettings

Array = npt.NDArray[np.float32]
Statistic = npt.NDArray[np.float64]


@cache
def window_and_filters(settings: FeatureSettings) -> tuple[Statistic, Array]:
    """The window, shape (win_length,), and the transposed mel filters, shape (1 + n_fft / 2, mels)."""
    filters = librosa.filters.mel(sr=settings.sample_rate, n_fft=settings.n_fft, n_mels=settings.n_mels)
    return librosa.filters.get_window(settings.window, settings.win_length), filters.T


def log_mels(signal: Array, settings: FeatureSettings) -> Array:
    """Log-mel power spectrogram in dB, shape (frames, mels), of a mono signal at the settings' rate.

    The signal is cut or zero-padded at its end. With "speech" normalisation 0 dB is the utterance's loudest value
    and the floor lies `dynamic_range` below; with "padded" 0 dB is full scale and the floor is at -100 dB.
    """
    window, filters = window_and_filters(settings)
    # Frames entirely in the padding are at the floor, and need no transform.
    sounding = min(len(signal) + settings.n_fft, settings.samples)
    spectrum = librosa.stft(
        librosa.util.fix_length(signal, size=sounding),
        n_fft=settings.n_fft,
        hop_length=settings.hop_length,
        win_length=settings.win_length,
        window=window,
    )
    # The bound lies below any power that float32 audio can have, so that quiet recordings keep their dynamics.
    decibels = 10 * np.log10(np.maximum(np.abs(spectrum.T) ** 2 @ filters, 1e-30))
    if settings.normalisation == "padded":
        floor = -100.0
    else:
        floor = -settings.dynamic_range
        decibels -= decibels.max()
    mels = np.full((settings.frames, settings.n_mels), floor, dtype=np.float32)
    np.maximum(decibels, floor, out=mels[: len(decibels)])
    return mels


def speech_frames(mels: Array, settings: FeatureSettings) -> npt.NDArray[np.bool_]:
    """Mask, shape (frames,), of the frames with any band above the floor: not padding or digital silence."""
    speech: npt.NDArray[np.bool_] = mels.max(axis=-1) > -settings.dynamic_range
    return speech


def levelled(mels: Array, settings: FeatureSettings) -> tuple[npt.NDArray[np.bool_], Array]:
    """Return the mask of the frames that count, shape (frames,), and their values in dB, (counted frames, mels).

    With "speech" normalisation these are the speech frames minus their mean over frames and bands, which removes
    loudness and microphone gain. With "padded" these are all frames, unchanged.
    """
    if settings.normalisation == "padded":
        return np.ones(len(mels), dtype=np.bool_), mels
    speech = speech_frames(mels, settings)
    values = mels[speech]
    return speech, values - values.mean()


def moments(mels: Array, settings: FeatureSettings) -> Statistic:
    """Count, sum and sum of squares of each band over an utterance's `levelled` frames, shape (3, mels)."""
    values = levelled(mels, settings)[1].astype(np.float64)
    return np.stack([np.full(mels.shape[-1], len(values)), values.sum(axis=0), np.square(values).sum(axis=0)])


def mean_and_deviation(moments: Statistic) -> tuple[Statistic, Statistic]:
    """Mean and standard deviation of each band, shape (mels,), in dB, from a corpus's summed `moments`."""
    count, total, squares = moments
    mean = total / count
    return mean, np.sqrt(np.maximum(squares / count - mean**2, 0))


def standardised(mels: Array, mean: Statistic, deviation: Statistic, settings: FeatureSettings) -> Array:
    """An utterance's `levelled` frames with each band standardised; all other frames are 0, the mean.

    `mean` and `deviation` are those of the utterance's own corpus: only its unlabelled statistics are used.
    """
    scale = np.where(deviation > 1e-3, deviation, 1.0)  # a band without energy stays at 0, not at noise
    counted, values = levelled(mels, settings)
    result = np.zeros_like(mels)
    result[counted] = (values - mean.astype(np.float32)) / scale.astype(np.float32)
    return result
