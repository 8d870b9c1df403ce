"""Signals whose voice is known: pulse trains of known periods and amplitudes, through known formants."""

import numpy as np
from scipy.signal import lfilter

RATE = 16000
FORMANTS = (500, 1500, 2500)


def pulses(periods, amplitudes=None, rate=RATE):
    """Band-limited pulses, each a period (seconds) after the one before: they need not lie on samples."""
    places = np.cumsum(periods) * rate
    signal = np.zeros(int(places[-1]) + 64)
    for place, amplitude in zip(places, np.ones(len(places)) if amplitudes is None else amplitudes, strict=True):
        around = np.arange(max(0, int(place) - 32), int(place) + 33)
        signal[around] += amplitude * np.sinc(around - place) * np.cos(np.pi * (around - place) / 68) ** 2
    return signal


def vowel(source, formants=FORMANTS, widths=(60, 90, 120), rate=RATE):
    """The source through a resonator per formant; frequencies and bandwidths in Hz."""
    for frequency, width in zip(formants, widths, strict=True):
        radius = np.exp(-np.pi * width / rate)
        poles = [1, -2 * radius * np.cos(2 * np.pi * frequency / rate), radius**2]
        source = lfilter([sum(poles)], poles, source)
    return (0.5 * source / np.abs(source).max()).astype(np.float32)


def steady(pitch=100, seconds=1.0, rate=RATE):
    """Pulses of one period and one amplitude."""
    return pulses(np.full(round(seconds * pitch), 1 / pitch), rate=rate)


def jittered(percent, pitch=100, seconds=2.0):
    """Pulses whose neighbouring periods differ by so much on average."""
    rng = np.random.default_rng(0)
    varied = rng.normal(size=round(seconds * pitch))
    return pulses((1 + varied * percent / 100 / np.abs(np.diff(varied)).mean()) / pitch)


def shimmering(decibels, pitch=100, seconds=2.0):
    """Pulses whose neighbouring amplitudes differ by so much on average."""
    varied = np.random.default_rng(0).normal(size=round(seconds * pitch))
    levels = varied * decibels / np.abs(np.diff(varied)).mean()
    return pulses(np.full(len(levels), 1 / pitch), 10 ** (levels / 20))


def breathy(decibels, pitch=100):
    """A vowel and noise through the same formants, so many dB weaker."""
    clear = vowel(steady(pitch, 2.0))
    noise = vowel(np.random.default_rng(0).normal(size=len(clear)))
    return (clear + noise * clear.std() / noise.std() * 10 ** (-decibels / 20)).astype(np.float32)


def bursts(sound, seconds, pause, times):
    """The beginning of a sound `times` times, with pauses of silence between."""
    silence = np.zeros(round(pause * RATE))
    return np.concatenate([np.append(sound[: round(seconds * RATE)], silence) for _ in range(times)]).astype(np.float32)
