"""Functionals: statistics over an utterance's frames, one row of numbers for a classical classifier.

After openSMILE's sets, computed by librosa. Descriptors are those of the INTERSPEECH 2009 Emotion Challenge (Schuller,
Steidl & Batliner 2009): zero crossings, level, pitch, MFCC 1-12; with shape measures of the spectrum in place of its
harmonics-to-noise ratio, which librosa lacks. Statistics are after GeMAPS (Eyben et al. 2016), which has the mean and
the coefficient of variation of each descriptor, and percentiles 20, 50 and 80 of pitch and loudness alone, pitch in
semitones over 27.5 Hz. Here each descriptor has its mean, its deviation, these percentiles and its slope's deviation.
"""

from collections.abc import Mapping

import librosa
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]

_WINDOW, _HOP, _PITCH_WINDOW = 0.025, 0.010, 0.064  # seconds
_PITCH = (60.0, 500.0)  # Hz, of adult speech; the window holds enough periods of the lowest pitch
_SPEECH = -60.0  # dB relative to the loudest frame; quieter frames are ignored
_LOUD = -25.0  # dB; pitch is taken from louder frames only, where vowels are
_BANDS, _COEFFICIENTS = 26, 12  # of the MFCC, as in openSMILE
_PERCENTILES = (20, 50, 80)


def functionals(signal: npt.NDArray[np.float32], sample_rate: int) -> dict[str, float]:
    """Return the functionals of a mono signal at `sample_rate` Hz, by name: 19 descriptors x 6 statistics.

    They do not depend on the recording's gain. All are finite, even for silence or a signal of one sample.
    """
    values = descriptors(signal, sample_rate)
    speech, loud = values["level"] > _SPEECH, values["level"] > _LOUD
    found: dict[str, np.floating] = {}
    for name, track in values.items():
        kept = loud if name == "pitch" else speech
        slope = librosa.feature.delta(track, mode="nearest")[kept]
        track = track[kept]
        found |= {f"{name}_mean": track.mean(), f"{name}_deviation": track.std(), f"{name}_slope": slope.std()}
        found |= {f"{name}_p{p}": np.percentile(track, p) for p in _PERCENTILES}
    return {name: float(value) for name, value in found.items()}


def descriptors(signal: npt.NDArray[np.float32], sample_rate: int) -> Mapping[str, Array]:
    """Return tracks of shape (frames,), one frame per 10 ms: pitch (semitones over 27.5 Hz), level (dB, 0 is the
    loudest frame), crossings (of zero, a fraction of the samples), centroid, bandwidth and rolloff of the spectrum
    (Hz), its flatness (dB), and mfcc1 to mfcc12.
    """
    window, hop, pitch_window = (round(seconds * sample_rate) for seconds in (_WINDOW, _HOP, _PITCH_WINDOW))
    n_fft = 1 << (window - 1).bit_length()
    signal = librosa.util.fix_length(signal, size=max(len(signal), n_fft))
    signal = signal / max(np.abs(signal).max(), np.finfo(np.float32).tiny)  # librosa's floors are relative to 1
    low, high = _PITCH
    pitch = librosa.yin(signal, fmin=low, fmax=high, sr=sample_rate, frame_length=pitch_window, hop_length=hop)
    crossings = librosa.feature.zero_crossing_rate(signal, frame_length=window, hop_length=hop)
    spectrum = np.abs(librosa.stft(signal, n_fft=n_fft, hop_length=hop, win_length=window))
    level = librosa.amplitude_to_db(librosa.feature.rms(S=spectrum, frame_length=n_fft), ref=np.max, top_db=None)
    mels = librosa.feature.melspectrogram(S=spectrum**2, sr=sample_rate, n_mels=_BANDS)
    mfcc = librosa.feature.mfcc(S=librosa.power_to_db(mels, ref=np.max, top_db=-_SPEECH), n_mfcc=1 + _COEFFICIENTS)
    return {
        "pitch": 12 * np.log2(pitch / 27.5),
        "level": level[0],
        "crossings": crossings[0],
        "centroid": librosa.feature.spectral_centroid(S=spectrum, sr=sample_rate)[0],
        "bandwidth": librosa.feature.spectral_bandwidth(S=spectrum, sr=sample_rate)[0],
        "rolloff": librosa.feature.spectral_rolloff(S=spectrum, sr=sample_rate)[0],
        "flatness": librosa.power_to_db(librosa.feature.spectral_flatness(S=spectrum), top_db=None)[0],
        **{f"mfcc{k}": mfcc[k] for k in range(1, 1 + _COEFFICIENTS)},  # mfcc0, the level, is left out
    }
