"""Mel-spectrograms: the paper's numbers, the normalisation's promises, the cache."""

import librosa
import numpy as np
import pytest
import soundfile

from nnpm.features import FeatureSettings, fingerprint, log_mels, normalise, speech_frames, write_cache
from nnpm.files import open_mels, read_json

RATE = 16000
SETTINGS = FeatureSettings()
SMALL = FeatureSettings(duration=0.5, n_mels=20)


def tone(seconds, frequency=440.0, level=0.1, noise=0.01, seed=0):
    time = np.arange(round(seconds * RATE)) / RATE
    hiss = np.random.default_rng(seed).normal(size=len(time))
    return (level * (np.sin(2 * np.pi * frequency * time) + noise * hiss)).astype(np.float32)


def test_the_papers_numbers():
    assert SETTINGS.samples == 120_000
    assert SETTINGS.frames == 751
    assert log_mels(tone(1), SETTINGS).shape == (751, 128)


def test_long_utterances_are_cut_at_the_end():
    assert np.array_equal(log_mels(tone(9), SETTINGS), log_mels(tone(9)[:120_000], SETTINGS))


def test_padded_normalisation_is_librosas_decibels():
    settings = FeatureSettings(normalisation="padded")
    signal = librosa.util.fix_length(tone(1), size=120_000)
    power = librosa.feature.melspectrogram(y=signal, sr=RATE, n_fft=512, hop_length=160, win_length=400, n_mels=128)
    assert np.allclose(log_mels(tone(1), settings), 10 * np.log10(np.maximum(power, 1e-10)).T, atol=1e-4)


def test_floor_lies_the_dynamic_range_below_the_peak():
    mels = log_mels(tone(1), SETTINGS)
    assert mels.max() == pytest.approx(0, abs=1e-4)
    assert mels.min() == pytest.approx(-60, abs=1e-4)


def test_speech_frames_are_those_with_sound():
    speech = speech_frames(log_mels(tone(1), SETTINGS), SETTINGS)
    assert speech[:100].all()
    assert not speech[103:].any()  # a second is 100 frames, and a window reaches two frames further


def test_loudness_does_not_matter():
    loud, quiet = (np.stack([log_mels(tone(0.4, level=level), SMALL)]) for level in (0.5, 0.0005))
    normalise(loud, SMALL)
    normalise(quiet, SMALL)
    assert np.allclose(loud, quiet, atol=1e-3)


def test_bands_are_standard_over_speech_and_padding_is_zero():
    mels = np.stack(
        [log_mels(tone(0.2 + 0.1 * k, frequency=200 * (k + 1), noise=0.3, seed=k), SMALL) for k in range(4)]
    )
    speech = np.stack([speech_frames(row, SMALL) for row in mels])
    normalise(mels, SMALL)
    assert np.allclose(mels[speech].mean(axis=0), 0, atol=1e-4)
    assert np.allclose(mels[speech].std(axis=0), 1, atol=1e-3)
    assert (mels[~speech] == 0).all() and (~speech).any()


def test_a_band_without_energy_stays_quiet():
    mels = np.full((2, 5, 3), -60, dtype=np.float32)
    mels[:, :3, 0] = [[0, -10, -20], [0, -20, -40]]
    normalise(mels, SMALL)
    assert np.isfinite(mels).all()
    assert np.abs(mels).max() < 10


def write(folder, count=3):
    paths = []
    for k in range(count):
        paths.append(str(folder / f"{k}.wav"))
        soundfile.write(paths[-1], tone(0.3 + 0.2 * k, frequency=300 * (k + 1), seed=k), RATE)
    return paths


def test_cache_holds_every_utterance_in_order(tmp_path):
    paths = write(tmp_path)
    write_cache(paths, ["a", "b", "c"], SMALL, tmp_path / "x.npy", tmp_path / "x.json")
    mels = open_mels(tmp_path / "x.npy")
    assert isinstance(mels, np.memmap)
    assert mels.shape == (3, SMALL.frames, SMALL.n_mels)
    expected = np.stack([log_mels(soundfile.read(path, dtype="float32")[0], SMALL) for path in paths])
    statistics = normalise(expected, SMALL)
    assert np.allclose(mels, expected, atol=2e-3)  # files hold 16 bits
    description = read_json(tmp_path / "x.json")
    assert description["mean"] == pytest.approx(statistics["mean"], abs=1e-3)
    assert description["fingerprint"] == fingerprint(SMALL, ["a", "b", "c"], "")


def test_cache_in_half_precision(tmp_path):
    paths = write(tmp_path)
    half = FeatureSettings(duration=0.5, n_mels=20, dtype="float16")
    write_cache(paths, ["a", "b", "c"], SMALL, tmp_path / "x.npy", tmp_path / "x.json")
    write_cache(paths, ["a", "b", "c"], half, tmp_path / "h.npy", tmp_path / "h.json")
    assert open_mels(tmp_path / "h.npy").dtype == np.float16
    assert np.allclose(open_mels(tmp_path / "h.npy"), open_mels(tmp_path / "x.npy"), atol=1e-2)


def test_a_failure_leaves_no_cache_behind(tmp_path):
    paths = write(tmp_path)
    (tmp_path / "1.wav").write_text("not audio")
    with pytest.raises(Exception, match=r"1\.wav"):
        write_cache(paths, ["a", "b", "c"], SMALL, tmp_path / "x.npy", tmp_path / "x.json")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.wav", "1.wav", "2.wav"]


def test_a_cache_is_remade_when_the_audio_or_a_setting_has_changed_and_only_then(tmp_path):
    array, description = tmp_path / "x.npy", tmp_path / "x.json"
    paths = write(tmp_path)

    def made(hashes, settings, code="1"):
        before = array.stat().st_ino if array.exists() else None
        write_cache(paths, hashes, settings, array, description, code)
        return array.stat().st_ino != before

    other = FeatureSettings(duration=0.5, n_mels=21)
    assert made(["a", "b", "c"], SMALL)
    assert not made(["a", "b", "c"], SMALL)
    assert made(["a", "b", "d"], SMALL)
    assert made(["a", "b", "d"], other)
    assert made(["a", "b", "d"], other, code="2")
    for damaged in (array, description):
        damaged.write_bytes(b"")
        assert made(["a", "b", "d"], other, code="2")
        assert not made(["a", "b", "d"], other, code="2")
