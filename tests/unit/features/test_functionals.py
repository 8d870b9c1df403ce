"""What functionals measure of a sound."""

import numpy as np
import pytest

from nnpm.features import base
from nnpm.features.descriptors import descriptors
from nnpm.features.functionals import functionals
from nnpm.features.settings import FeatureSettings

RATE = 16000
COUNT = 37 * 6 + 5 + 6


def tone(frequency, seconds=1.0, rate=RATE):
    """A buzz with a pitch: the first ten harmonics."""
    time = np.arange(round(seconds * rate)) / rate
    return sum(np.sin(2 * np.pi * k * frequency * time) / k for k in range(1, 11)).astype(np.float32)


@pytest.mark.parametrize("rate", [8000, RATE, 44100])
@pytest.mark.parametrize("frequency", [110, 220, 440])
def test_pitch_is_in_semitones_over_27_5_hertz(frequency, rate):
    found = functionals(tone(frequency, rate=rate), rate)
    octaves = {110: 2, 220: 3, 440: 4}[frequency]
    assert found["pitch_p50"] == pytest.approx(12 * octaves, abs=0.3)
    assert found["pitch_p80"] - found["pitch_p20"] < 0.5
    assert len(found) == COUNT


def test_tracks_of_a_tone_and_of_what_follows_it():
    """Half a second of a tone, half a second of the same, a tenth as loud: 20 dB."""
    signal = np.concatenate([tone(200, 0.5), 0.1 * tone(200, 0.5)]).astype(np.float32)
    tracks = descriptors(signal, RATE)
    assert {len(track) for track in tracks.values()} == {101}
    assert tracks["level"].max() == 0
    assert tracks["level"][60:90] == pytest.approx(-20, abs=1)
    assert tracks["centroid"][10:40] == pytest.approx(tracks["centroid"][60:90], rel=0.01)


def test_crossings_of_a_pure_tone():
    time = np.arange(RATE) / RATE
    tracks = descriptors(np.sin(2 * np.pi * 1000 * time + 0.1).astype(np.float32), RATE)
    assert tracks["crossings"][10:90] == pytest.approx(2 * 1000 / RATE, abs=0.005)
    assert tracks["centroid"][10:90] == pytest.approx(1000, abs=10)


def test_statistics_are_those_of_the_speech_frames():
    signal = np.concatenate([tone(150, 0.4), np.zeros(RATE, np.float32), tone(250, 0.3)]).astype(np.float32)
    found, tracks = functionals(signal, RATE), descriptors(signal, RATE)
    speech = tracks["level"] > -60
    assert 60 < speech.sum() < 90, "the silence is left out"
    assert found["mfcc3_mean"] == pytest.approx(sum(tracks["mfcc3"][speech]) / speech.sum(), rel=1e-4)
    ordered = np.sort(tracks["mfcc3"][speech])
    below = round(0.2 * (len(ordered) - 1))
    assert ordered[below - 1] <= found["mfcc3_p20"] <= ordered[below + 1]


def test_the_gain_of_a_recording_changes_nothing():
    signal = tone(180) + np.random.default_rng(0).normal(size=RATE).astype(np.float32) / 50
    loud, quiet = functionals(signal, RATE), functionals((signal / 512).astype(np.float32), RATE)
    assert loud == pytest.approx(quiet, rel=1e-3, abs=1e-3)


def test_the_same_signal_has_the_same_functionals():
    signal = tone(180) + np.random.default_rng(0).normal(size=RATE).astype(np.float32) / 50
    assert functionals(signal, RATE) == functionals(signal.copy(), RATE)


@pytest.mark.parametrize("rate", [8000, 11025, RATE, 48000, 96000])
@pytest.mark.parametrize(
    "signal",
    [
        np.zeros(RATE),
        np.full(RATE, 0.5),
        np.ones(1),
        np.zeros(1),
        tone(200, 0.01),
        np.full(RATE, 1e-30),
        np.eye(1, 4000)[0],
        np.sign(tone(200)),
    ],
    ids=["silence", "constant", "one sample", "one silent sample", "10 ms", "next to silence", "a click", "clipped"],
)
def test_nothing_is_nan(signal, rate):
    found = functionals(signal.astype(np.float32), rate)
    assert len(found) == COUNT and np.isfinite(list(found.values())).all()


def test_the_front_end_has_the_descriptors_as_channels():
    front_end = base.load(FeatureSettings(front_end="descriptors", duration=1.0))
    random = np.random.default_rng(0)
    signal = np.concatenate([random.normal(size=8000), np.zeros(4000)]).astype(np.float32)
    (frames,) = front_end.measure([signal])
    tracks = descriptors(signal, RATE)
    assert frames.shape == (76, front_end.channels) == (76, len(tracks)) and front_end.longest == 101
    np.testing.assert_allclose(frames, np.stack(list(tracks.values()), axis=1), rtol=1e-5, atol=1e-5)
    counted, values = front_end.levelled(frames)
    assert counted[:50].all() and not counted[53:].any() and len(values) == counted.sum()
