"""Mel-spectrograms: the paper's numbers, the normalisation's promises."""

import librosa
import numpy as np
import pytest

from nnpm.features.base import mean_and_deviation, moments, standardised
from nnpm.features.mels import Mels, log_mels, speech_frames
from nnpm.features.settings import FeatureSettings

RATE = 16000
SETTINGS = FeatureSettings()
SMALL = FeatureSettings(duration=0.5, n_mels=20)


def tone(seconds, frequency=440.0, level=0.1, noise=0.01, seed=0):
    time = np.arange(round(seconds * RATE)) / RATE
    hiss = np.random.default_rng(seed).normal(size=len(time))
    return (level * (np.sin(2 * np.pi * frequency * time) + noise * hiss)).astype(np.float32)


def normalised(mels, settings):
    """A corpus in memory, (utterances, longest, bands); `mels` are the frames of each utterance."""
    front_end = Mels(settings)
    mean, deviation = mean_and_deviation(sum(moments(front_end, row) for row in mels))
    return np.stack([standardised(front_end, row, mean, deviation) for row in mels])


def test_the_papers_numbers():
    assert SETTINGS.samples == 120_000
    assert SETTINGS.frames == 751
    assert log_mels(tone(7.5), SETTINGS).shape == (751, 128)
    assert normalised([log_mels(tone(1), SETTINGS)], SETTINGS).shape == (1, 751, 128)


def test_long_utterances_are_cut_at_the_end():
    assert np.array_equal(log_mels(tone(9), SETTINGS), log_mels(tone(9)[:120_000], SETTINGS))


@pytest.mark.parametrize("seconds", [0.01, 1, 5, 7.49, 9])
@pytest.mark.parametrize("noise", [0, 1e-4, 1])
def test_decibels_are_librosas(seconds, noise):
    signal = tone(seconds, level=0.5, noise=noise)
    padded = librosa.util.fix_length(signal, size=120_000)
    power = librosa.feature.melspectrogram(y=padded, sr=RATE, n_fft=512, hop_length=160, win_length=400, n_mels=128)
    relative = librosa.power_to_db(power, ref=np.max, amin=1e-30, top_db=60).T
    absolute = librosa.power_to_db(power, ref=1.0, amin=1e-10, top_db=None).T
    for settings, expected in ((SETTINGS, relative), (FeatureSettings(normalisation="padded"), absolute)):
        mels = log_mels(signal, settings)
        np.testing.assert_allclose(mels, expected[: len(mels)], atol=1e-4, rtol=0)
        assert (expected[len(mels) :] == expected.min()).all(), "what is left out holds no sound"


def test_floor_lies_the_dynamic_range_below_the_peak():
    mels = log_mels(tone(1), SETTINGS)
    assert mels.max() == pytest.approx(0, abs=1e-4)
    assert mels.min() == pytest.approx(-60, abs=1e-4)


def test_speech_frames_are_those_with_sound():
    speech = speech_frames(log_mels(tone(1), SETTINGS), SETTINGS)
    assert speech[:100].all()
    assert not speech[103:].any()  # a second is 100 frames, and a window reaches two frames further


def test_loudness_does_not_matter():
    loud, quiet = (normalised([log_mels(tone(0.4, level=level), SMALL)], SMALL) for level in (0.5, 0.0005))
    assert np.allclose(loud, quiet, atol=1e-3)


def test_bands_are_standard_over_speech_and_padding_is_zero():
    mels = [log_mels(tone(0.2 + 0.1 * k, frequency=200 * (k + 1), noise=0.3, seed=k), SMALL) for k in range(4)]
    speech = np.stack([np.pad(speech_frames(row, SMALL), (0, SMALL.frames - len(row))) for row in mels])
    mels = normalised(mels, SMALL)
    assert np.allclose(mels[speech].mean(axis=0), 0, atol=1e-4)
    assert np.allclose(mels[speech].std(axis=0), 1, atol=1e-3)
    assert (mels[~speech] == 0).all() and (~speech).any()


def test_a_band_without_energy_stays_quiet():
    mels = np.full((2, 5, 20), -60, dtype=np.float32)
    mels[:, :3, 0] = [[0, -10, -20], [0, -20, -40]]
    mels = normalised(mels, SMALL)
    assert np.isfinite(mels).all()
    assert np.abs(mels).max() < 10
