"""The cache of a corpus's mels: what it holds, when it is remade, and what a failure leaves."""

import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from nnpm.errors import InputError
from nnpm.features import base, cache
from nnpm.features.cache import fingerprint
from nnpm.features.mels import Mels, log_mels, speech_frames
from nnpm.features.recordings import Recording
from nnpm.features.settings import SHORTEST, FeatureSettings
from nnpm.features.vectors import frames_of
from nnpm.files import open_inputs, read_json
from test_features import RATE, SMALL, normalised, tone


def write_cache(recordings, settings, *files, **options):
    cache.write_cache(recordings, base.load(settings), *files, **options)


def write(folder, count=3):
    paths = []
    for k in range(count):
        paths.append(str(folder / f"{k}.wav"))
        soundfile.write(paths[-1], tone(0.3 + 0.2 * (k % 3), frequency=300 * (k % 20 + 1), seed=k), RATE)
    return paths


def visible(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def recordings(paths, hashes):
    return [Recording(path, sha256, Path(path)) for path, sha256 in zip(paths, hashes, strict=True)]


@pytest.mark.parametrize("normalisation", ["speech", "padded"])
def test_cache_holds_every_utterance_in_order(tmp_path, normalisation):
    settings = FeatureSettings(duration=0.5, n_mels=20, normalisation=normalisation)
    paths = write(tmp_path)
    write_cache(recordings(paths, ["a", "b", "c"]), settings, tmp_path / "x.npy", tmp_path / "x.json", "code")
    mels = open_inputs(tmp_path / "x.npy")
    assert isinstance(mels, np.memmap)
    assert mels.shape == (3, SMALL.frames, SMALL.n_mels)
    raw = [log_mels(soundfile.read(path, dtype="float32")[0], settings) for path in paths]
    lengths = [len(row) for row in raw]
    if normalisation == "padded":
        raw = [np.pad(row, ((0, settings.frames - len(row)), (0, 0)), constant_values=-100) for row in raw]
    # The moments of all counted frames at once, in double precision: what the sums by utterance must come to.
    counted = [row[speech_frames(row, settings)] if normalisation == "speech" else row for row in raw]
    counted = [row - row.mean() if normalisation == "speech" else row for row in counted]
    together = np.concatenate(counted).astype(np.float64)
    np.testing.assert_allclose(mels, normalised(raw, settings), atol=1e-5)
    description = read_json(tmp_path / "x.json")
    np.testing.assert_allclose(description["mean"], together.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(description["deviation"], together.std(axis=0), atol=1e-6)
    assert description["fingerprint"] == fingerprint(base.load(settings), ["a", "b", "c"], "code")
    assert description["lengths"] == lengths
    assert list(description) == ["shape", "settings", "fingerprint", "front_end", "mean", "deviation", "lengths"]


def test_every_number_and_kind_of_workers_writes_the_same_bytes(tmp_path, monkeypatch):
    paths = write(tmp_path, count=40)  # three parts, the last of them short
    for dtype in ("float32", "float16"):
        settings = FeatureSettings(duration=0.5, n_mels=20, dtype=dtype)
        written = set()
        for platform, threads in (("linux", 1), ("linux", 3), ("elsewhere", 3)):
            monkeypatch.setattr("nnpm.features.workers.sys.platform", platform)
            array, description = (tmp_path / f"{dtype}{platform}{threads}.{kind}" for kind in ("npy", "json"))
            write_cache(recordings(paths, paths), settings, array, description, threads=threads)
            written.add((array.read_bytes(), description.read_bytes()))
            assert not multiprocessing.active_children()
        assert len(written) == 1
    mels = open_inputs(array)
    for row in (0, 17, 39):
        alone = log_mels(soundfile.read(paths[row], dtype="float32")[0], settings)
        assert np.corrcoef(mels[row, : len(alone)].ravel(), alone.ravel())[0, 1] > 0.5


def test_cache_in_half_precision(tmp_path):
    paths = write(tmp_path)
    half = FeatureSettings(duration=0.5, n_mels=20, dtype="float16")
    write_cache(recordings(paths, ["a", "b", "c"]), SMALL, tmp_path / "x.npy", tmp_path / "x.json")
    write_cache(recordings(paths, ["a", "b", "c"]), half, tmp_path / "h.npy", tmp_path / "h.json")
    assert open_inputs(tmp_path / "h.npy").dtype == np.float16
    assert np.allclose(open_inputs(tmp_path / "h.npy"), open_inputs(tmp_path / "x.npy"), atol=1e-2)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_a_failure_names_the_first_bad_file_and_leaves_nothing_behind(tmp_path, dtype):
    paths = write(tmp_path, count=40)
    for bad in (20, 25, 39):
        (tmp_path / f"{bad}.wav").write_text("not audio")
    before = visible(tmp_path)
    settings = FeatureSettings(duration=0.5, n_mels=20, dtype=dtype)
    with pytest.raises(InputError, match=r"/20\.wav: not audio") as caught:
        write_cache(recordings(paths, paths), settings, tmp_path / "x.npy", tmp_path / "x.json", threads=3)
    assert "\n" not in str(caught.value)
    assert visible(tmp_path) == before, "what was measured is kept, hidden, for the next call"
    assert not multiprocessing.active_children()


STUCK = """
import os, sys, time
from nnpm.features import workers
def stuck(number):
    os.write(1, f"{os.getpid()}\\n".encode())  # in one piece: two workers write at a time
    time.sleep(60)
with workers.started(2, None, None) as pool:
    list(workers.by_parts(pool, stuck, workers.parts_of(17, 16)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="threads end with their process")
def test_a_killed_parent_takes_its_workers_along():
    with subprocess.Popen([sys.executable, "-c", STUCK], stdout=subprocess.PIPE, text=True) as parent:
        workers = {int(parent.stdout.readline()) for _ in range(2)}
        parent.kill()
    deadline = time.monotonic() + 10
    while any(running(worker) for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(workers) == 2 and not any(map(running, workers))


def running(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_fingerprint_tells_audio_settings_and_code():
    """Whoever trains on a cache knows by it whether the cache is still the one that training began with."""
    small = base.load(SMALL)
    first, again = (fingerprint(small, ["a", "b", "c"], "1") for _ in range(2))
    others = [
        fingerprint(small, ["a", "b", "d"], "1"),
        fingerprint(base.load(FeatureSettings(duration=0.5, n_mels=21)), ["a", "b", "c"], "1"),
        fingerprint(small, ["a", "b", "c"], "2"),
    ]
    assert first == again and len({first, *others}) == 4


@pytest.mark.skipif(sys.platform != "linux", reason="threads cannot be killed")
def test_a_killed_worker_is_one_line_and_leaves_nothing_behind(tmp_path, monkeypatch):
    paths = write(tmp_path)
    monkeypatch.setattr("nnpm.features.mels.Mels.measure", lambda *_: os._exit(9))
    with pytest.raises(InputError, match=r"x\.npy: a process that wrote it was killed"):
        write_cache(recordings(paths, ["a", "b", "c"]), SMALL, tmp_path / "x.npy", tmp_path / "x.json", threads=2)
    assert visible(tmp_path) == ["0.wav", "1.wav", "2.wav"]


def test_a_full_disk_leaves_nothing_half_written(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nnpm.files.os.posix_fallocate", full)
    with pytest.raises(OSError, match="No space left"):
        write_cache(recordings(write(tmp_path), ["a", "b", "c"]), SMALL, tmp_path / "x.npy", tmp_path / "x.json")
    assert visible(tmp_path) == ["0.wav", "1.wav", "2.wav"]


MASKED = FeatureSettings(duration=0.5, n_mels=20, padding="masked")


def test_a_masked_cache_holds_real_frames_alone(tmp_path):
    paths = write(tmp_path, count=20)
    write_cache(recordings(paths, paths), MASKED, tmp_path / "x.npy", tmp_path / "x.json", threads=2)
    write_cache(recordings(paths, paths), SMALL, tmp_path / "y.npy", tmp_path / "y.json")
    masked, padded = (list(frames_of(tmp_path / f"{name}.npy", tmp_path / f"{name}.json")) for name in "xy")
    assert [len(row) for row in masked] == read_json(tmp_path / "x.json")["lengths"] == [len(row) for row in padded]
    assert open_inputs(tmp_path / "x.npy").shape == (sum(map(len, masked)), 20)
    assert all(np.array_equal(*pair) for pair in zip(masked, padded, strict=True))
    assert all((row[len(real) :] == 0).all() for row, real in zip(open_inputs(tmp_path / "y.npy"), masked, strict=True))


def test_a_recording_too_short_for_the_backbone_is_padded_for_it(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(0.05), RATE)
    write_cache(recordings([str(tmp_path / "a.wav")], ["a"]), MASKED, tmp_path / "x.npy", tmp_path / "x.json")
    assert open_inputs(tmp_path / "x.npy").shape == (SHORTEST, 20) and not open_inputs(tmp_path / "x.npy")[-1].any()


def test_what_was_measured_before_a_kill_is_not_measured_again(tmp_path, monkeypatch):
    paths = write(tmp_path, count=40)
    monkeypatch.setattr("nnpm.features.workers.sys.platform", "elsewhere")  # threads, which see the counting
    measured, whole = [], Mels.measure

    def counting(self, signals):
        measured.append(len(signals))
        if len(measured) == 2:
            raise KeyboardInterrupt
        return whole(self, signals)

    monkeypatch.setattr("nnpm.features.mels.Mels.measure", counting)
    files = tmp_path / "x.npy", tmp_path / "x.json"
    with pytest.raises(KeyboardInterrupt):
        write_cache(recordings(paths, paths), SMALL, *files)
    write_cache(recordings(paths, paths), SMALL, *files)
    assert sorted(measured) == [8, 16, 16, 16], "only the part that failed twice"
    once = [path.read_bytes() for path in files]
    write_cache(recordings(paths, paths), SMALL, *files)
    assert len(measured) == 7 and [path.read_bytes() for path in files] == once
    with pytest.raises(InputError, match="not audio"):
        (tmp_path / "39.wav").write_text("not audio")
        write_cache(recordings(paths, paths), SMALL, *files)
    write_cache(recordings(paths[:39], paths[:39]), SMALL, *files)
    assert len(measured) == 12 and not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_value_that_is_not_finite_names_the_file(tmp_path, monkeypatch):
    paths = write(tmp_path)
    monkeypatch.setattr("nnpm.features.mels.Mels.measure", lambda self, signals: [np.full((20, 20), np.nan)] * 3)
    with pytest.raises(InputError, match=r"/0\.wav: front end 'mels' gives values that are not finite"):
        write_cache(recordings(paths, paths), SMALL, tmp_path / "x.npy", tmp_path / "x.json")
