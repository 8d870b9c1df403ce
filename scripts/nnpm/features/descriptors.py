"""Descriptors of level, pitch and spectrum: one number per frame, the tracks of which functionals are the statistics.

Zero crossings, level, pitch and MFCC 1-12 are those of the INTERSPEECH 2009 Emotion Challenge (Schuller, Steidl &
Batliner 2009), with shape measures of the spectrum added. The balance of the spectrum follows eGeMAPS (Eyben et al.
2016, IEEE Trans. Affective Computing 7(2), section 3). What needs the pitch period is in `voice`. All are computed by
librosa, NumPy and SciPy.
"""

from collections.abc import Mapping, Sequence
from importlib.metadata import version

import librosa
import numpy as np
import numpy.typing as npt

from nnpm.features import voice
from nnpm.features.base import FrontEnd, Mask
from nnpm.features.settings import FeatureSettings

Array = npt.NDArray[np.floating]

#: Limits of the level in dB relative to the loudest frame: quieter frames than SPEECH are ignored, and what needs a
#: voice is taken from frames louder than LOUD, where vowels are.
SPEECH, LOUD = -60.0, -25.0

_WINDOW, _HOP, _PITCH_WINDOW = 0.025, 0.010, 0.064  # seconds
_PITCH = (60.0, 500.0)  # Hz, of adult speech; the window holds enough periods of the lowest pitch
_BANDS, _COEFFICIENTS = 26, 12  # of the MFCC, as in openSMILE
_TINY = 1e-10  # power, of a signal whose peak is 1: keeps logarithms of digital silence finite


class Descriptors(FrontEnd):
    """The tracks of `descriptors` as channels, 100 frames per second; quieter frames than SPEECH do not count."""

    def __init__(self, settings: FeatureSettings, device: str = "cpu", threads: int | None = None) -> None:
        super().__init__(settings)  # neither GPU nor threads
        self.sample_rate, self.longest = (
            settings.sample_rate,
            1 + settings.samples // round(_HOP * settings.sample_rate),
        )
        self.about = {name: version(name) for name in ("librosa", "scipy", "soxr")}
        names = list(descriptors(np.zeros(1, dtype=np.float32), settings.sample_rate))
        self.channels, self._level = len(names), names.index("level")

    def measure(self, signals: Sequence[npt.NDArray[np.float32]]) -> list[npt.NDArray[np.float32]]:
        """The tracks of each signal, (frames, descriptors)."""
        tracks = (descriptors(signal, self.sample_rate).values() for signal in signals)
        return [np.stack(list(values), axis=1).astype(np.float32) for values in tracks]

    def levelled(self, frames: npt.NDArray[np.float32]) -> tuple[Mask, npt.NDArray[np.float32]]:
        """The frames of speech."""
        speech: Mask = frames[:, self._level] > SPEECH
        return speech, frames[speech]


def descriptors(signal: npt.NDArray[np.float32], sample_rate: int) -> Mapping[str, Array]:
    """Return tracks of shape (frames,), one frame per 10 ms, of a mono signal at `sample_rate` Hz, 8000 or more.

    They are pitch (semitones over 27.5 Hz), level (dB, 0 is the loudest frame), crossings (of zero, a fraction of the
    samples), centroid, bandwidth and rolloff of the spectrum (Hz), its flatness (dB), mfcc1 to mfcc12, then those of
    `balance` and of `voice.describe`.
    """
    return of_parts(signal, sample_rate, [slice(None)])[0]


def of_parts(
    signal: npt.NDArray[np.float32], sample_rate: int, parts: Sequence[slice]
) -> Sequence[Mapping[str, Array]]:
    """Return the `descriptors` of parts of a signal, slices of its frames, which may overlap.

    Level and voice are relative to a part's own loudest sound, as if it were cut out. What takes long is measured once,
    and only a part's first and last frames see the sound around it.
    """
    window, hop, pitch_window = (round(seconds * sample_rate) for seconds in (_WINDOW, _HOP, _PITCH_WINDOW))
    n_fft = 1 << (window - 1).bit_length()
    signal = librosa.util.fix_length(signal, size=max(len(signal), n_fft))
    signal = signal / max(np.abs(signal).max(), np.finfo(np.float32).tiny)  # librosa's floors are relative to 1
    low, high = _PITCH
    pitch = librosa.yin(signal, fmin=low, fmax=high, sr=sample_rate, frame_length=pitch_window, hop_length=hop)
    spectrum = np.abs(librosa.stft(signal, n_fft=n_fft, hop_length=hop, win_length=window))
    shape = {
        "crossings": librosa.feature.zero_crossing_rate(signal, frame_length=window, hop_length=hop)[0],
        "centroid": librosa.feature.spectral_centroid(S=spectrum, sr=sample_rate)[0],
        "bandwidth": librosa.feature.spectral_bandwidth(S=spectrum, sr=sample_rate)[0],
        "rolloff": librosa.feature.spectral_rolloff(S=spectrum, sr=sample_rate)[0],
    }
    tracks = []
    for part in parts:
        first, last, _ = part.indices(len(pitch))
        peak = max(np.abs(signal[first * hop : last * hop]).max(), np.finfo(np.float32).tiny)
        scaled = _of_spectrum(spectrum[:, part] / peak, sample_rate, n_fft)
        first_two = {"pitch": 12 * np.log2(pitch[part] / 27.5), "level": scaled.pop("level")}
        tracks.append(first_two | {name: track[part] for name, track in shape.items()} | scaled)
    loud = [track["level"] > LOUD for track in tracks]
    voices = voice.describe(signal, sample_rate, np.arange(len(pitch)) * hop / sample_rate, pitch, parts, loud)
    return [one | other for one, other in zip(tracks, voices, strict=True)]


def _of_spectrum(spectrum: Array, sample_rate: int, n_fft: int) -> dict[str, Array]:
    """The tracks that depend on a part's loudest sound, which is 1: of its spectrum, (bins, frames)."""
    rms = librosa.feature.rms(S=spectrum, frame_length=n_fft)
    mels = librosa.feature.melspectrogram(S=spectrum**2, sr=sample_rate, n_mels=_BANDS)
    mfcc = librosa.feature.mfcc(S=librosa.power_to_db(mels, ref=np.max, top_db=-SPEECH), n_mfcc=1 + _COEFFICIENTS)
    return {
        "level": librosa.amplitude_to_db(rms, ref=np.max, top_db=None)[0],
        "flatness": librosa.power_to_db(librosa.feature.spectral_flatness(S=spectrum), top_db=None)[0],
        **{f"mfcc{k}": mfcc[k] for k in range(1, 1 + _COEFFICIENTS)},  # mfcc0, the level, is left out
        **balance(spectrum, librosa.fft_frequencies(sr=sample_rate, n_fft=n_fft)),
    }


def balance(spectrum: Array, frequencies: Array) -> dict[str, Array]:
    """Return what eGeMAPS says of the spectrum's balance, as tracks: `spectrum` (bins, frames), `frequencies` in Hz.

    - alpha: energy of 50-1000 Hz over that of 1-5 kHz, in dB (openSMILE has the inverse ratio)
    - hammarberg: strongest peak of 0-2 kHz over that of 2-5 kHz, in dB (Hammarberg et al. 1980)
    - tilt_low, tilt_high: slope of the regression line through the spectrum in dB, 0-500 and 500-1500 Hz, dB per kHz
    - flux: Euclidean distance to the frame before, both spectra of length 1; 0 for the first frame and for silence

    Bands end at the Nyquist frequency if that is lower. eGeMAPS uses the same bands; its spectra are those of 20 ms.
    """
    power = spectrum**2
    decibels = 10 * np.log10(np.maximum(power, _TINY))

    def band(low: float, high: float) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = (frequencies >= low) & (frequencies < high)
        return found

    def energy(low: float, high: float) -> Array:
        found: Array = 10 * np.log10(power[band(low, high)].sum(axis=0) + _TINY)
        return found

    def slope(low: float, high: float) -> Array:
        kilohertz = frequencies[band(low, high)] / 1000
        weights = kilohertz - kilohertz.mean()
        found: Array = weights @ decibels[band(low, high)] / (weights @ weights)
        return found

    length = np.linalg.norm(spectrum, axis=0)
    shape = spectrum / np.maximum(length, np.finfo(np.float32).tiny)
    change = np.linalg.norm(np.diff(shape), axis=0)
    return {
        "alpha": energy(50, 1000) - energy(1000, 5000),
        "hammarberg": decibels[band(0, 2000)].max(axis=0) - decibels[band(2000, 5000)].max(axis=0),
        "tilt_low": slope(0, 500),
        "tilt_high": slope(500, 1500),
        "flux": np.append(0.0, np.where((length[1:] > 0) & (length[:-1] > 0), change, 0.0)),
    }
