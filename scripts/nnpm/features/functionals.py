"""Functionals: statistics over an utterance's frames, one row of numbers for a classical classifier.

After openSMILE's sets, computed by librosa, NumPy and SciPy from `descriptors`. Statistics are after eGeMAPS (Eyben et
al. 2016, IEEE Trans. Affective Computing 7(2)), which has the mean and the coefficient of variation of each descriptor,
and percentiles 20, 50 and 80 of pitch and loudness alone, pitch in semitones over 27.5 Hz. Here each descriptor has its
mean, its deviation, these percentiles and its slope's deviation.
"""

from collections.abc import Mapping, Sequence

import librosa
import numpy as np
import numpy.typing as npt
from scipy.ndimage import median_filter, uniform_filter1d
from scipy.signal import find_peaks

from nnpm.features.descriptors import LOUD, SPEECH, descriptors
from nnpm.features.descriptors import of_parts as descriptors_of_parts
from nnpm.features.voice import first_of, voiced

Array = npt.NDArray[np.floating]
Mask = npt.NDArray[np.bool_]

_PERCENTILES = (20, 50, 80)
_KINDS = ("mean", "deviation", "slope", *(f"p{p}" for p in _PERCENTILES))
_SECONDS = 0.010  # per frame
_SMOOTH = 5  # frames, of the median and the mean before segments and peaks are counted
_DIP = 2.0  # dB between two peaks of the level (de Jong & Wempe 2009, of syllables)

#: Descriptors of the spectrum's balance: eGeMAPS has them of voiced frames, and their mean over the others.
_BALANCE = ("alpha", "hammarberg", "tilt_low", "tilt_high", "flux")
#: Descriptors with a meaning in voiced frames alone.
_VOICE = (
    *("harmonicity", "jitter", "shimmer", "h1_h2"),
    *(f"{name}{k}" for k in (1, 2, 3) for name in ("formant", "width", "amplitude")),
)
#: The frames that a descriptor's statistics are over, if not those of all speech.
_OVER = {"pitch": "loud"} | dict.fromkeys((*_BALANCE, *_VOICE), "voice")


def functionals(signal: npt.NDArray[np.float32], sample_rate: int) -> dict[str, float]:
    """Return the functionals of a mono signal at `sample_rate` Hz, 8000 or more, by name.

    These are 37 descriptors x 6 statistics, the mean of five descriptors over unvoiced frames, and the six of `timing`.
    Statistics of voice and balance are over voiced frames (loud ones if none is voiced), of pitch over loud ones, of
    the rest over all speech. They do not depend on the recording's gain. All are finite, even for silence or a signal
    of one sample.
    """
    return _statistics(descriptors(signal, sample_rate))


def of_parts(
    signal: npt.NDArray[np.float32], sample_rate: int, parts: Sequence[tuple[float, float]]
) -> list[dict[str, float]]:
    """Return the `functionals` of parts of a signal, (start, end) in seconds, which may overlap.

    Nearly those of the parts cut out, and faster: see `descriptors.of_parts`.
    """
    frames = [slice(round(start / _SECONDS), round(end / _SECONDS) + 1) for start, end in parts]
    return [_statistics(tracks) for tracks in descriptors_of_parts(signal, sample_rate, frames)]


def _statistics(values: Mapping[str, Array]) -> dict[str, float]:
    """The functionals of descriptors."""
    speech, loud = values["level"] > SPEECH, values["level"] > LOUD
    voice = voiced(values["harmonicity"], loud)
    others = first_of(speech & ~voice, speech)
    frames = {"speech": speech, "loud": loud, "voice": first_of(voice, loud)}
    slopes = dict(zip(values, librosa.feature.delta(np.stack(list(values.values())), mode="nearest"), strict=True))
    alike: dict[tuple[str, object], list[str]] = {}  # tracks whose statistics are computed in one array
    for name, track in values.items():
        alike.setdefault((_OVER.get(name, "speech"), track.dtype), []).append(name)
    rows: dict[str, tuple[np.floating, ...]] = {}
    for (over, _), names in alike.items():
        track, slope = (np.stack([source[name][frames[over]] for name in names]) for source in (values, slopes))
        statistics = (track.mean(axis=1), track.std(axis=1), slope.std(axis=1))
        rows |= zip(names, zip(*statistics, *np.percentile(track, _PERCENTILES, axis=1), strict=True), strict=True)
    found = {f"{name}_{kind}": float(value) for name in values for kind, value in zip(_KINDS, rows[name], strict=True)}
    found |= {f"{name}_unvoiced": float(values[name][others].mean()) for name in _BALANCE}
    return found | timing(values["level"], voice)


def timing(level: Array, voice: Mask) -> dict[str, float]:
    """Return the rhythm of speech from its level in dB and its voiced frames, both (frames,).

    - voiced_rate: voiced segments per second
    - voiced_mean, voiced_deviation, unvoiced_mean, unvoiced_deviation: lengths of the segments in seconds; 0 if there
      are none
    - peaks_rate: peaks of the level per second, which stand for syllables

    After eGeMAPS, with the level in place of its loudness. Speech is counted from its first to its last loud frame, so
    that silence around it changes nothing. A median over 50 ms removes segments below 30 ms. Peaks are those of
    the level's mean over 50 ms; between two of them it must fall by 2 dB (de Jong & Wempe 2009), and what is not loud
    has none.
    """
    loud = np.flatnonzero(level > LOUD)
    span = slice(loud[0], loud[-1] + 1)
    voice, level = voice[span], np.maximum(level[span], LOUD)
    voice = median_filter(voice, size=_SMOOTH, mode="nearest")
    ends = np.concatenate([[0], np.flatnonzero(voice[1:] != voice[:-1]) + 1, [len(voice)]])
    lengths = np.diff(ends) * _SECONDS
    parts = {"voiced": lengths[voice[ends[:-1]]], "unvoiced": lengths[~voice[ends[:-1]]]}
    smooth = np.pad(uniform_filter1d(level, _SMOOTH, mode="nearest"), 1, constant_values=LOUD - _DIP)
    seconds = len(voice) * _SECONDS
    found = {"voiced_rate": len(parts["voiced"]) / seconds, "peaks_rate": 0.0}
    for name, part in parts.items():
        found |= {f"{name}_mean": float(part.mean()) if len(part) else 0.0}
        found |= {f"{name}_deviation": float(part.std()) if len(part) else 0.0}
    return found | {"peaks_rate": len(find_peaks(smooth, prominence=_DIP)[0]) / seconds}
