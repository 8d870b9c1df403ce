"""What the descriptors of the voice, of the spectrum's balance and of rhythm measure of signals with known answers."""

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from nnpm.features.descriptors import balance
from nnpm.features.functionals import functionals
from voices import FORMANTS, RATE, breathy, bursts, jittered, pulses, shimmering, steady, vowel


def noise(seconds=1.0, rate=RATE):
    return 0.1 * np.random.default_rng(0).normal(size=round(seconds * rate)).astype(np.float32)


@pytest.mark.parametrize("pitch", [100, 200])
@pytest.mark.parametrize("percent", [0, 0.5, 1])
def test_jitter_of_pulses_whose_periods_differ(percent, pitch):
    found = functionals(vowel(jittered(percent, pitch)), RATE)
    assert found["jitter_mean"] == pytest.approx(percent, rel=0.4, abs=0.02)


def test_strong_jitter_is_underestimated_but_does_not_fall():
    """The pitch, of 64 ms, is lost first: one formant's period may then be taken for it."""
    means = [functionals(vowel(jittered(percent, 200)), RATE)["jitter_mean"] for percent in (1, 2, 4)]
    assert means == sorted(means) and 1.5 < means[-1] < 4


@pytest.mark.parametrize(("pitch", "decibels"), [(100, 0), (100, 0.5), (100, 1), (200, 0), (200, 0.5), (200, 1)])
def test_shimmer_of_pulses_whose_amplitudes_differ(pitch, decibels):
    """At 200 Hz a pulse still sounds when the next one comes, so that the difference grows."""
    found = functionals(vowel(shimmering(decibels, pitch)), RATE)
    assert found["shimmer_mean"] == pytest.approx(decibels, rel=0.7, abs=0.05)
    assert found["jitter_mean"] < 0.05


def test_shimmer_of_two_amplitudes_in_turn():
    amplitudes = np.tile([1.0, 0.9], 100)  # pulses without formants: neighbours do not overlap
    found = functionals(pulses(np.full(200, 0.01), amplitudes).astype(np.float32), RATE)
    assert found["shimmer_p50"] == pytest.approx(20 * np.log10(1 / 0.9), rel=0.05)


@pytest.mark.parametrize("pitch", [100, 200])
@pytest.mark.parametrize("decibels", [5, 10, 20, 30])
def test_harmonicity_is_the_ratio_of_harmonics_to_noise(decibels, pitch):
    found = functionals(breathy(decibels, pitch), RATE)
    assert found["harmonicity_mean"] == pytest.approx(decibels, abs=2)


@pytest.mark.parametrize("rate", [8000, 11025, RATE, 48000])
@pytest.mark.parametrize("formants", [FORMANTS, (730, 1090, 2440), (660, 1720, 2410)])
def test_formants_of_a_vowel(formants, rate):
    found = functionals(vowel(steady(100, rate=rate), formants, rate=rate), rate)
    for k, formant in enumerate(formants, 1):
        assert found[f"formant{k}_mean"] == pytest.approx(formant, rel=0.1)
        assert found[f"formant{k}_deviation"] < 0.05 * formant


def test_a_wider_formant_has_a_wider_bandwidth_and_a_lower_peak():
    narrow, wide = (functionals(vowel(steady(), widths=(60, width, 120)), RATE) for width in (60, 250))
    assert 30 < narrow["width2_mean"] < 90 and 150 < wide["width2_mean"] < 300, "linear prediction finds narrower ones"
    assert narrow["amplitude2_mean"] - wide["amplitude2_mean"] > 5


def test_amplitudes_of_harmonics():
    """Harmonics 1, 2 and 5 at 0, -6 and -20 dB; the formant lies on the fifth."""
    time = np.arange(RATE) / RATE
    parts = [a * np.sin(2 * np.pi * k * 150 * time) for k, a in ((1, 1.0), (2, 0.5), (5, 0.1))]
    found = functionals(sum(parts).astype(np.float32), RATE)
    assert found["h1_h2_p50"] == pytest.approx(6, abs=0.3)
    nearest = min((1, 2, 3), key=lambda k: abs(found[f"formant{k}_p50"] - 750))
    assert found[f"formant{nearest}_p50"] == pytest.approx(750, rel=0.05)
    assert found[f"amplitude{nearest}_p50"] == pytest.approx(-20, abs=0.5)


def test_balance_of_shaped_spectra():
    """A flat spectrum, and one that falls by 12 dB per kHz: the answers follow from the bands."""
    frequencies = np.linspace(0, 8000, 257)
    flat, falling = np.ones((257, 3)), np.repeat(10 ** (-12 * frequencies[:, None] / 1000 / 20), 3, axis=1)
    tracks = balance(flat, frequencies)
    assert tracks["alpha"] == pytest.approx(10 * np.log10(950 / 4000), abs=0.2)
    for name in ("hammarberg", "tilt_low", "tilt_high", "flux"):
        assert tracks[name] == pytest.approx(0, abs=1e-6)
    tracks = balance(falling, frequencies)
    assert tracks["tilt_low"] == pytest.approx(-12) and tracks["tilt_high"] == pytest.approx(-12)
    assert tracks["hammarberg"] == pytest.approx(24), "from 0 to 2 kHz"
    low, high = (np.exp(-1.2 * np.log(10) * np.array(band)) for band in ((0.05, 1), (1, 5)))
    assert tracks["alpha"] == pytest.approx(10 * np.log10(np.diff(low) / np.diff(high)).item(), abs=0.3)
    assert tracks["flux"] == pytest.approx(0, abs=1e-6)


def test_flux_of_a_spectrum_that_moves_and_of_silence():
    spectrum = np.repeat([[1.0, 1, 0, 0, 0], [0, 0, 2, 0, 0]], 20, axis=0)
    assert balance(spectrum, np.linspace(0, 4000, 40))["flux"] == pytest.approx([0, 0, np.sqrt(2), 0, 0])


def test_alpha_and_tilt_of_noise_through_a_filter():
    """A first-order low-pass at 200 Hz falls by 6 dB per octave, so the spectrum is steeper where octaves are short."""
    white = functionals(noise(3.0), RATE)
    dark = functionals(sosfilt(butter(1, 200, fs=RATE, output="sos"), noise(3.0)).astype(np.float32), RATE)
    assert dark["alpha_mean"] - white["alpha_mean"] > 10
    assert white["tilt_high_mean"] == pytest.approx(0, abs=1.5)
    assert dark["tilt_high_mean"] == pytest.approx(20 * np.log10(500 / 1500), abs=2), "over 1 kHz"
    assert dark["alpha_unvoiced"] - white["alpha_unvoiced"] > 10


@pytest.mark.parametrize("name", ["alpha", "hammarberg", "tilt_low", "tilt_high", "formant1", "width1", "harmonicity"])
def test_the_sample_rate_changes_little(name):
    """Formants and balance end at 5.5 and 5 kHz, below both Nyquist frequencies."""
    values = [functionals(vowel(steady(rate=rate), rate=rate), rate)[f"{name}_mean"] for rate in (RATE, 48000)]
    assert values[0] == pytest.approx(values[1], rel=0.15, abs=2.5)


def test_timing_of_voiced_bursts():
    """Five vowels of 200 ms, 150 ms apart: the speech is 1.6 s long, whatever silence is around it."""
    signal = bursts(vowel(steady(150)), 0.2, 0.15, 5)
    found = functionals(signal, RATE)
    assert found["voiced_rate"] == pytest.approx(5 / 1.6, rel=0.05)
    assert found["peaks_rate"] == pytest.approx(5 / 1.6, rel=0.05)
    assert found["voiced_mean"] == pytest.approx(0.2, abs=0.03) and found["voiced_deviation"] < 0.02
    assert found["unvoiced_mean"] == pytest.approx(0.15, abs=0.03) and found["unvoiced_deviation"] < 0.02
    padded = functionals(np.pad(signal, (RATE, 2 * RATE)), RATE)
    names = ("voiced_rate", "voiced_mean", "unvoiced_mean", "peaks_rate")
    assert [padded[name] for name in names] == pytest.approx([found[name] for name in names], rel=0.05)


def test_timing_of_noise_bursts():
    """They are peaks of the level, but not voiced."""
    found = functionals(bursts(noise(), 0.2, 0.2, 5), RATE)
    assert found["peaks_rate"] == pytest.approx(5 / 1.8, rel=0.05)
    assert found["voiced_rate"] == found["voiced_mean"] == 0
    assert found["unvoiced_mean"] == pytest.approx(1.8, abs=0.05)


def test_voiced_frames_are_those_of_the_vowel():
    """Half a second of a vowel, half a second of noise as loud: `harmonicity` tells them apart."""
    clear = vowel(steady(120, 0.5))
    hiss = noise(0.5) * np.float32(clear.std() / noise(0.5).std())
    found = functionals(np.concatenate([clear, hiss]), RATE)
    assert found["harmonicity_mean"] > 15
    assert found["voiced_mean"] == pytest.approx(0.5, abs=0.1)
    assert found["alpha_mean"] - found["alpha_unvoiced"] > 5


def test_a_clipped_recording_changes_its_voice_little():
    clear = vowel(steady(120))
    plain, clipped = functionals(clear, RATE), functionals(np.clip(clear, -0.25, 0.25), RATE)
    assert clipped["formant1_mean"] == pytest.approx(plain["formant1_mean"], rel=0.1)
    assert clipped["jitter_mean"] < 0.1 and clipped["harmonicity_mean"] > 20
    assert clipped["voiced_rate"] == plain["voiced_rate"]
