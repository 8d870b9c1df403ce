"""Descriptors of the voice: of its source (harmonicity, jitter, shimmer) and of its filter (formants).

After eGeMAPS (Eyben et al. 2016, IEEE Trans. Affective Computing 7(2), section 3). They are taken from voiced frames
and interpolated linearly between them, so that every track has a value in every frame. All frames are computed at once,
on the signal at 11 kHz: descriptors of recordings at 16 and 48 kHz are the same.
"""

from collections.abc import Sequence

import librosa
import numpy as np
import numpy.typing as npt
from scipy import fft
from scipy.ndimage import map_coordinates, spline_filter
from scipy.signal import get_window, lfilter

Array = npt.NDArray[np.floating]
Mask = npt.NDArray[np.bool_]

_RATE = 11000  # Hz at most: five formants lie below 5.5 kHz (Praat's default)
_WINDOW = 0.064  # seconds; holds 3.8 periods of the lowest pitch, Boersma needs 3
_VOICED = 0.45  # autocorrelation at the pitch lag from which Praat calls a frame voiced
_FAINTEST, _CLEAREST = 0.01, 0.9999  # limits of that autocorrelation: harmonicity lies between -20 and 40 dB
_FORMANT = 1100.0  # Hz between formants in a woman's vocal tract; 1000 in a man's
_WIDE = 700.0  # Hz; a pole of greater bandwidth describes the spectrum's slope rather than a formant
_LOWEST = 90.0  # Hz; no formant is lower
_EMPHASIS = 50.0  # Hz; from here on the spectrum is raised by 6 dB per octave, as in Praat
_BLOCK = 64  # frames that fit a core's cache: linear prediction passes over all of a block once per coefficient
_POINTS = 64  # per pitch period, in which waveforms are compared
_SHIFT = 13  # points by which a neighbouring period is looked for on both sides of where the pitch has it
_LONGER, _LOUDER = 1.3, 1.6  # ratios of neighbouring periods and amplitudes above which Praat takes them for no voice's


def describe(
    signal: Array, sample_rate: int, times: Array, pitch: Array, parts: Sequence[slice], loud: Sequence[Mask]
) -> list[dict[str, Array]]:
    """Return the voice's tracks for parts of a signal, slices of its frames; they may overlap.

    `times` are the centres of all frames (seconds), `pitch` is theirs (Hz); `loud` frames of each part may be voiced.
    `harmonicity` is computed in every frame; the others are those of `periods` and `formants`, from voiced frames.
    """
    rate = min(sample_rate, _RATE)
    signal = librosa.resample(signal, orig_sr=sample_rate, target_sr=rate)
    size = round(_WINDOW * rate)
    window = get_window("hann", size).astype(signal.dtype)
    power, harmonicity = _harmonicity(_frames(signal, times * rate, size), window, rate / pitch)
    chosen = np.zeros((len(parts), len(times)), dtype=bool)
    for row, part, mask in zip(chosen, parts, loud, strict=True):
        row[part] = first_of(voiced(harmonicity[part], mask), mask)
    at = np.flatnonzero(chosen.any(axis=0))
    filtered = np.array([1, -np.exp(-2 * np.pi * _EMPHASIS / rate)], signal.dtype), np.ones(1, signal.dtype)
    emphasised = lfilter(*filtered, signal)
    tracks = periods(signal, times[at] * rate, rate / pitch[at])
    tracks |= formants(_frames(emphasised, times[at] * rate, size) * window, rate, power[at], pitch[at])
    found = []
    for row, part in zip(chosen, parts, strict=True):
        own, frames = row[at], np.arange(len(times))[part]
        filled = {name: _filled(frames, at[own], track[own]) for name, track in tracks.items()}
        found.append({"harmonicity": harmonicity[part]} | filled)
    return found


def voiced(harmonicity: Array, loud: Mask) -> Mask:
    """Which frames are voiced: loud and periodic."""
    found: Mask = loud & (harmonicity > 10 * np.log10(_VOICED / (1 - _VOICED)))
    return found


def first_of(frames: Mask, others: Mask) -> Mask:
    """The frames, or the others if there are none: an utterance without voiced frames has statistics all the same."""
    return frames if frames.any() else others


def periods(signal: Array, centres: Array, period: Array) -> dict[str, Array]:
    """Return jitter and shimmer, (frames,), of the three pitch periods around each frame's centre.

    `centres` and `period` are in samples. The middle period lies around the strongest sample. Each of its neighbours is
    found where it correlates best with the middle one, as openSMILE and Praat match waveforms.

    - jitter: difference of the two distances in between, per cent of their mean
    - shimmer: difference of the peak-to-peak amplitudes of neighbouring periods in dB, the mean of the two

    Both are NaN where they exceed Praat's limits, as where a voice begins. An approximation: eGeMAPS follows every
    period of a voiced segment, here those around one point every 10 ms are used. For a pitch above 100 Hz some are left
    out, below it some are used twice.
    """
    spline = spline_filter(signal, mode="constant")

    def points(start: float, stop: float) -> Array:
        positions = centres[:, None] + period[:, None] * np.arange(round(start), round(stop)) / _POINTS
        found: Array = map_coordinates(spline, positions[None], mode="constant", prefilter=False)
        return found

    centres = centres + period * (np.abs(points(-_POINTS / 2, _POINTS / 2)).argmax(axis=1) / _POINTS - 0.5)
    wave = points(-1.5 * _POINTS - _SHIFT, 1.5 * _POINTS + _SHIFT)
    middle = wave[:, _SHIFT + _POINTS :][:, :_POINTS]
    loudness, shifts = [np.ptp(middle, axis=1)], []
    for side in (wave, wave[:, 2 * _POINTS :]):
        places = np.lib.stride_tricks.sliding_window_view(side[:, : _POINTS + 2 * _SHIFT], _POINTS, axis=1)
        likeness = np.einsum("fsp,fp->fs", places, middle) / (np.linalg.norm(places, axis=2) + 1e-6)
        shifts.append(_summit(likeness)[0] - _SHIFT)
        loudness.append(np.ptp(places[np.arange(len(places)), likeness.argmax(axis=1)], axis=1))
    before, after = _POINTS - shifts[0], _POINTS + shifts[1]
    level = 20 * np.log10(np.maximum(loudness, 1e-5))
    change = np.abs(level[1:] - level[0])
    steady = (change.max(axis=0) < 20 * np.log10(_LOUDER)) & (np.abs(np.log(after / before)) < np.log(_LONGER))
    jitter = 200 * np.abs(after - before) / (after + before)
    return {"jitter": np.where(steady, jitter, np.nan), "shimmer": np.where(steady, change.mean(axis=0), np.nan)}


def formants(frames: Array, rate: int, power: Array, pitch: Array) -> dict[str, Array]:
    """Return formant1 to formant3, their bandwidths and amplitudes, and h1_h2, each (frames,), of windowed frames.

    Formants are the poles of linear prediction (Burg's method: librosa.lpc), with two coefficients per 1100 Hz; they
    are found as the eigenvalues of companion matrices. `power`, (frames, bins), is the spectrum without emphasis.

    - formant, width: frequency and bandwidth of the lowest three poles in Hz; wider ones than 700 Hz come last, and
      the Nyquist frequency stands for what is missing
    - amplitude: strongest bin within half a pitch of the formant over the strongest around the pitch itself, in dB
    - h1_h2: the same of the first harmonic over the second

    An approximation: a formant is not followed from frame to frame.
    """
    order = 2 * round(rate / 2 / _FORMANT)
    blocks = np.split(frames.astype(np.float64), range(_BLOCK, len(frames), _BLOCK))
    prediction = np.concatenate([librosa.lpc(block, order=order, axis=-1) for block in blocks])
    companion = np.zeros((len(frames), order, order))
    companion[:, 0], companion[:, np.arange(1, order), np.arange(order - 1)] = -prediction[:, 1:], 1.0
    poles = np.linalg.eigvals(companion)
    frequency = np.angle(poles) * rate / (2 * np.pi)
    width = -np.log(np.clip(np.abs(poles), 1e-3, 1.0)) * rate / np.pi
    missing = (frequency < _LOWEST) | (frequency > rate / 2 - _LOWEST)
    frequency[missing] = width[missing] = rate / 2
    first = np.argsort(frequency + rate * (width > _WIDE), axis=1)[:, :3]
    frequency, width = (np.take_along_axis(values, first, axis=1) for values in (frequency, width))
    bins, floor = np.linspace(0, rate / 2, power.shape[1]), 1e-6 * power.max(axis=1) + np.finfo(np.float32).tiny

    def strongest(place: Array) -> Array:
        near = np.abs(bins - place[:, None]) <= pitch[:, None] / 2
        found: Array = 10 * np.log10(np.maximum((power * near).max(axis=1), floor))
        return found

    tracks, h1 = {}, strongest(pitch)
    for k in range(3):
        tracks[f"formant{k + 1}"], tracks[f"width{k + 1}"] = frequency[:, k], width[:, k]
        tracks[f"amplitude{k + 1}"] = strongest(frequency[:, k]) - h1
    return tracks | {"h1_h2": h1 - strongest(2 * pitch)}


def _filled(frames: npt.NDArray[np.intp], at: npt.NDArray[np.intp], track: Array) -> Array:
    """Return a track, (frames,), from its values `at` some frames, those between by lines; 0 if all values are NaN."""
    known = np.isfinite(track)
    filled: Array = np.interp(frames, at[known], track[known]) if known.any() else np.zeros(len(frames))
    return filled


def _frames(signal: Array, centres: Array, size: int) -> Array:
    """Cut frames, (frames, size), around `centres` in samples; beyond the signal's ends there is silence."""
    starts = centres.round().astype(int)  # the padding moves the centre by size // 2
    found: Array = np.pad(signal, size)[starts[:, None] + size - size // 2 + np.arange(size)]
    return found


def _harmonicity(frames: Array, window: Array, lag: Array) -> tuple[Array, Array]:
    """Return the power spectra, (frames, bins), and the harmonics-to-noise ratio in dB, (frames,), at `lag` samples.

    Boersma (1993): the autocorrelation of the windowed frame over that of the window; relative to the one without lag
    it is the harmonic part of the power. The spectrum is continued by zeros, which interpolates between samples.
    """
    n_fft = int(fft.next_fast_len(2 * len(window), real=True))
    power = np.abs(fft.rfft((frames - frames.mean(axis=1, keepdims=True)) * window, n_fft)) ** 2
    correlation, own = (fft.irfft(p, 2 * n_fft) for p in (power, np.abs(fft.rfft(window, n_fft)) ** 2))
    near = np.round(2 * lag).astype(int)[:, None] + np.arange(-3, 4)
    likeness = np.take_along_axis(correlation, near, axis=1) / own[near] * own[0]
    likeness = _summit(likeness)[1] / (correlation[:, 0] + np.finfo(np.float32).tiny)
    periodic = np.clip(likeness, _FAINTEST, _CLEAREST)
    return power, 10 * np.log10(periodic / (1 - periodic))


def _summit(values: Array) -> tuple[Array, Array]:
    """Return place and height, (rows,), of each row's maximum: the top of the parabola through its three values."""
    rows, place = np.arange(len(values)), values.argmax(axis=1).clip(1, values.shape[1] - 2)
    left, top, right = values[rows, place - 1], values[rows, place], values[rows, place + 1]
    bend = left - 2 * top + right
    shift = np.where(bend < 0, (left - right) / np.where(bend < 0, 2 * bend, 1.0), 0.0).clip(-1, 1)
    return place + shift, top - (left - right) * shift / 4
