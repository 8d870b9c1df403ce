"""What a file holds, and the samples that features get; more of what is refused is in tests/faults."""

import hashlib
import shutil
import subprocess
import tracemalloc

import numpy as np
import pytest
import soundfile
import soxr

import trees
from nnpm import audio, decoding
from nnpm.errors import InputError


def fails(path, seconds=None):
    with pytest.raises(InputError) as caught:
        audio.inspect(path, seconds)
    message = str(caught.value)
    assert message.startswith(f"{path}: ") and "\n" not in message
    return message


def noise_of(samples):
    return np.float32(0.1) * np.random.default_rng(1).standard_normal(samples, dtype=np.float32)


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


def test_one_sounding_sample_late_in_a_long_file_is_found(tmp_path):
    samples = np.zeros(600_000)
    samples[590_000] = 0.5
    soundfile.write(tmp_path / "a.wav", samples, 16000)
    assert audio.inspect(tmp_path / "a.wav").seconds == 37.5


@pytest.mark.parametrize("offset", [0.0, 0.25])
@pytest.mark.parametrize("onset", [40_000, 300_000, 900_000])
def test_silence_as_long_as_what_is_used_is_skipped(tmp_path, onset, offset):
    samples = np.full(onset + 60_000, offset, dtype=np.float32)
    samples[onset:] += noise_of(60_000)
    path = tmp_path / "a.wav"
    soundfile.write(path, samples, 16000, subtype="FLOAT")
    assert audio.inspect(path, 2.5).notes == (audio.LATE,)
    lead = 1600
    np.testing.assert_array_equal(audio.read(path, 16000, 2.5), samples[onset - lead : onset - lead + 40_000])
    np.testing.assert_array_equal(audio.convert(samples, 16000, 16000, 2.5), audio.read(path, 16000, 2.5))
    assert audio.inspect(path).notes == audio.inspect(path, (onset + 1) / 16000).notes == ()
    np.testing.assert_array_equal(audio.read(path, 16000, (onset + 1) / 16000), samples[: onset + 1])


def test_sound_in_the_margin_alone_is_heard(tmp_path):
    samples = np.r_[np.zeros(40_500), noise_of(500)]
    soundfile.write(tmp_path / "a.wav", samples, 16000, subtype="FLOAT")
    assert audio.inspect(tmp_path / "a.wav", 2.5).notes == (audio.LATE,)
    assert np.ptp(audio.read(tmp_path / "a.wav", 16000, 2.5)) > 0.1


@pytest.mark.parametrize("samples", [noise_of(16000) / 20_000, np.r_[noise_of(50_000) / 20_000, noise_of(9000)]])
def test_hardly_any_sound_is_told(tmp_path, samples):
    soundfile.write(tmp_path / "a.wav", samples, 16000)
    assert audio.inspect(tmp_path / "a.wav", 2.5).notes == (audio.QUIET,)
    soundfile.write(tmp_path / "a.wav", np.r_[np.zeros(50_000), samples], 16000)
    assert audio.inspect(tmp_path / "a.wav", 2.5).notes == (audio.LATE, audio.QUIET)
    soundfile.write(tmp_path / "a.wav", np.r_[noise_of(10) / 20, samples], 16000)
    assert audio.inspect(tmp_path / "a.wav", 2.5).notes == ()


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
    monkeypatch.setattr(decoding, "_BLOCK", 700)
    assert audio.sound(tmp_path / "a.wav") == audio.sound(tmp_path / "b.flac") == whole


# --- What libsndfile does not decode, or does not know the length of --------------------------------------------------

needs_ffmpeg = pytest.mark.skipif(not shutil.which("ffmpeg"), reason="needs ffmpeg")


def by_ffmpeg(path, *options):
    """Three seconds, then as many of half the level, encoded by ffmpeg."""
    whole = noise(path.with_name("whole.wav"), seconds=3.0)
    command = ["ffmpeg", "-v", "error", "-i", str(whole), "-i", str(whole), *options, str(path)]
    subprocess.run([*command[:-1], "-filter_complex", "[1]volume=0.5[b];[0][b]concat=v=0:a=1", path], check=True)
    return path


@needs_ffmpeg
@pytest.mark.parametrize(
    ("name", "options"), [("a.m4a", ()), ("a.webm", ()), ("b.mp3", ("-q:a", "5", "-write_xing", "0")), ("c.mka", ())]
)
def test_segments_are_parts_of_the_whole(tmp_path, name, options):
    path = by_ffmpeg(tmp_path / name, *options)
    info = audio.inspect(path)
    assert info.seconds == pytest.approx(6.0, abs=0.1)
    assert info.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    rate = info.sample_rate
    whole = audio.read(path, rate, 9.0)
    assert len(whole) == round(info.seconds * rate)
    np.testing.assert_allclose(audio.read(path, rate, 9.0, 4.0, 5.5), whole[4 * rate : round(5.5 * rate)], atol=1e-6)
    assert audio.inspect(path, None, 4.0, 5.5).seconds == 1.5
    assert audio.sound(path, 4.0, 5.5) != audio.sound(path, 4.0, 5.4) and audio.sound(path) == audio.sound(path)
    for segment in ((7.0, None), (5.0, 7.0), (2.0, 1.0)):
        with pytest.raises(InputError, match="no segment from"):
            audio.inspect(path, None, *segment)


@needs_ffmpeg
def test_ffmpeg_opens_no_other_files(tmp_path):
    noise(tmp_path / "other.wav")
    (tmp_path / "a.wav").write_text(f"ffconcat version 1.0\nfile {tmp_path}/other.wav\n")
    assert "not audio" in fails(tmp_path / "a.wav")


@pytest.mark.parametrize(
    "head", [b"\0\0\0\x20ftypM4A ", b"\x1a\x45\xdf\xa3", b"#!AMR\n", b"\x30\x26\xb2\x75", b"\xff\xf1"]
)
def test_without_ffmpeg_the_hint_is_to_install_it(tmp_path, monkeypatch, head):
    monkeypatch.setenv("PATH", "")
    (tmp_path / "a.wav").write_bytes(head + bytes(200))
    assert fails(tmp_path / "a.wav").endswith(f": {decoding.INSTALL}")


def test_a_segments_hash_is_that_of_its_sound(tmp_path):
    path = noise(tmp_path / "a.wav")
    assert audio.inspect(path, start=0.25, end=0.5).sha256 == audio.sound(path, 0.25, 0.5)
