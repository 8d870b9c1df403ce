"""What a file holds, and the samples that features get; more of what is refused is in tests/faults."""

import hashlib
import tracemalloc

import numpy as np
import pytest
import soundfile
import soxr

import trees
from nnpm import audio
from nnpm.errors import InputError


def fails(path, seconds=None):
    with pytest.raises(InputError) as caught:
        audio.inspect(path, seconds)
    message = str(caught.value)
    assert message.startswith(f"{path}: ") and "\n" not in message
    return message


def noise(path, *, seconds=1.0, rate=16000, channels=1, subtype=None):
    samples = 0.1 * np.random.default_rng(1).standard_normal((round(seconds * rate), channels))
    soundfile.write(path, samples, rate, subtype=subtype)
    return path


@pytest.mark.parametrize("extension", ["wav", "flac", "ogg", "aiff", "mp3", "au", "caf", "w64"])
def test_every_format_is_described(tmp_path, extension):
    path = noise(tmp_path / f"a.{extension}", rate=44100, channels=2)
    info = audio.inspect(path)
    assert (info.sample_rate, info.channels) == (44100, 2)
    assert info.seconds == pytest.approx(1.0, abs=0.06)
    assert info.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("extension", ["wav", "flac", "aiff", "ogg", "au", "w64"])
def test_a_file_cut_short(tmp_path, extension):
    path = noise(tmp_path / f"a.{extension}")
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    assert "fetch it again" in fails(path)


def test_sound_that_begins_after_the_used_part_is_silence(tmp_path):
    path = tmp_path / "a.wav"
    for offset in (0.0, 0.25):
        samples = np.full(50_000, offset)
        samples[40_000:] += 0.5 * np.sin(np.arange(10_000))
        samples[40_000] = 0.5
        soundfile.write(path, samples, 16000, subtype="FLOAT")
        assert "silent in its first 2.5 s" in fails(path, 2.5)
        assert audio.inspect(path).seconds == audio.inspect(path, 2.6).seconds == 3.125


def test_the_used_part_may_be_longer_than_the_file_or_than_a_block(tmp_path):
    assert audio.inspect(noise(tmp_path / "a.wav"), 7.5).seconds == 1.0
    samples = np.zeros(600_000)
    samples[590_000] = 0.5
    soundfile.write(tmp_path / "b.wav", samples, 16000)
    assert audio.inspect(tmp_path / "b.wav").seconds == audio.inspect(tmp_path / "b.wav", 37.0).seconds == 37.5
    assert "silent in its first 36 s" in fails(tmp_path / "b.wav", 36.0)


def test_read_keeps_samples_at_the_same_rate(tmp_path):
    path = noise(tmp_path / "a.wav", subtype="FLOAT")
    samples = audio.read(path, 16000, 7.5)
    assert samples.dtype == np.float32
    np.testing.assert_array_equal(samples, soundfile.read(path, dtype="float32")[0])


def test_read_averages_channels(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.tile([[0.5, 0.1]], (1600, 1)), 16000, subtype="FLOAT")
    np.testing.assert_allclose(audio.read(tmp_path / "a.wav", 16000, 1.0), 0.3, atol=1e-7)


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
def test_read_converts_the_rate_and_keeps_the_pitch(tmp_path, rate):
    samples = audio.read(trees.tone(tmp_path / "a.wav", seconds=1.0, rate=rate, pitch=1000.0), 16000, 7.5)
    assert len(samples) == 16000
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    assert np.argmax(spectrum) == 1000
    assert np.abs(samples[1000:-1000]).max() == pytest.approx(0.5, abs=0.01)


def test_the_cut_of_a_long_file_is_that_of_the_whole(tmp_path):
    path = noise(tmp_path / "a.wav", seconds=12.0, rate=44100, subtype="FLOAT")
    whole = soxr.resample(soundfile.read(path, dtype="float32")[0], 44100, 16000, quality="HQ")
    samples = audio.read(path, 16000, 7.5)
    assert len(samples) == 120_000
    np.testing.assert_allclose(samples, whole[:120_000], atol=1e-6)


def test_only_the_start_of_a_long_file_is_read(tmp_path, monkeypatch):
    path = noise(tmp_path / "a.wav", seconds=60.0, rate=8000)
    asked = []
    monkeypatch.setattr(
        soundfile.SoundFile,
        "read",
        lambda self, frames=-1, _read=soundfile.SoundFile.read, **rest: (
            asked.append(frames) or _read(self, frames, **rest)
        ),
    )
    audio.read(path, 16000, 2.0)
    assert 0 < sum(asked) < 3 * 8000


def test_a_quarter_of_an_hour_takes_no_more_memory_than_a_block(tmp_path):
    with soundfile.SoundFile(tmp_path / "a.flac", "w", 8000, 2) as file:
        minute = np.zeros((60 * 8000, 2), dtype=np.int16)
        minute[0] = 99
        for _ in range(15):
            file.write(minute)
    tracemalloc.start()
    try:
        assert audio.inspect(tmp_path / "a.flac", 7.5).seconds == 900
        assert len(audio.sound(tmp_path / "a.flac")) == 64
        assert len(audio.read(tmp_path / "a.flac", 16000, 7.5)) == 120_000
        assert tracemalloc.get_traced_memory()[1] < 32 << 20  # all of it would be 58 MB
    finally:
        tracemalloc.stop()


def test_the_same_sound_has_one_hash_in_every_container_and_block_length(tmp_path, monkeypatch):
    samples = np.random.default_rng(1).integers(-999, 999, (5000, 2), dtype=np.int16)
    soundfile.write(tmp_path / "a.wav", samples, 16000)
    soundfile.write(tmp_path / "b.flac", samples, 16000)
    whole = audio.sound(tmp_path / "a.wav")
    monkeypatch.setattr(audio, "_BLOCK", 700)
    assert audio.sound(tmp_path / "a.wav") == audio.sound(tmp_path / "b.flac") == whole
