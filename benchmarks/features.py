"""The mel cache against the obvious loop over librosa: speed for each core, and memory at IEMOCAP's size."""

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import librosa
import numpy as np
import soundfile
from threadpoolctl import threadpool_limits

from benchmarks.rows import Row, table
from nnpm.features.cache import write_cache
from nnpm.features.settings import FeatureSettings

SETTINGS = FeatureSettings()
UTTERANCES, MEAN_SECONDS = 5531, 4.1  # IEMOCAP's four emotions
LIMIT = 1024  # MiB


def audio_files(folder: Path, count: int = 200) -> list[Path]:
    """Noise bursts at 16 kHz, 4.1 s each on average, as 16-bit WAV."""
    random = np.random.default_rng(0)
    paths = [folder / f"{k}.wav" for k in range(count)]
    for path, seconds in zip(paths, np.clip(random.gamma(4, MEAN_SECONDS / 4, count), 0.6, 20), strict=True):
        loudness = np.repeat(random.uniform(0.02, 1, round(seconds * 10)), SETTINGS.sample_rate // 10)
        soundfile.write(path, 0.1 * loudness * random.standard_normal(len(loudness)), SETTINGS.sample_rate)
    return paths


def plain(paths: Sequence[Path], array: Path) -> None:
    """One utterance after the other, in one thread, without normalisation."""
    shape = (len(paths), SETTINGS.frames, SETTINGS.n_mels)
    mels = np.lib.format.open_memmap(array, mode="w+", dtype=np.float32, shape=shape)
    for row, path in enumerate(paths):
        signal, _ = soundfile.read(path, dtype="float32")
        power = librosa.feature.melspectrogram(
            y=librosa.util.fix_length(signal, size=SETTINGS.samples),
            sr=SETTINGS.sample_rate,
            n_fft=SETTINGS.n_fft,
            hop_length=SETTINGS.hop_length,
            win_length=SETTINGS.win_length,
            n_mels=SETTINGS.n_mels,
        )
        mels[row] = librosa.power_to_db(power, ref=np.max, amin=1e-30, top_db=SETTINGS.dynamic_range).T


def ours(paths: Sequence[Path], array: Path, workers: int) -> None:
    """The cache of the workflow, normalisation included."""
    write_cache(paths, [""] * len(paths), SETTINGS, array, array.with_suffix(".json"), threads=workers)


def speed(folder: Path, repeats: int = 7) -> Row:
    """Both ways in turn; the best time of each counts, as the rest is what else the machine did."""
    paths, cores = audio_files(folder), len(os.sched_getaffinity(0))
    ours(paths[:2], folder / "ours.npy", 1)
    with threadpool_limits(1):
        plain(paths[:2], folder / "plain.npy")  # librosa has loaded all that it needs
        times = [
            (
                seconds(plain, paths, folder / "plain.npy"),
                seconds(ours, paths, folder / "ours.npy", 1),
                seconds(ours, paths, folder / "ours.npy", cores),
            )
            for _ in range(repeats)
        ]
    before, alone, after = map(min, zip(*times, strict=True))
    return Row(
        "mel cache against one thread of librosa",
        f"{before / after:.2f}x",
        f">= 0.9 x {cores} cores",
        before / after >= 0.9 * cores,
        f"ms an utterance of 4.1 s: plain {1000 * before / len(paths):.1f}, ours with one worker "
        f"{1000 * alone / len(paths):.1f}, with {cores} {1000 * after / len(paths):.1f}",
    )


def seconds(action: Callable[..., None], *arguments: object) -> float:
    """How long a call takes."""
    start = time.perf_counter()
    action(*arguments)
    return time.perf_counter() - start


def memory(folder: Path) -> Row:
    """The most that the cache's process and its workers held together at any time, at IEMOCAP's size."""
    paths = audio_files(folder)
    for k in range(UTTERANCES):
        (folder / f"{k:04d}.link").symlink_to(paths[k % len(paths)])
    # A process of its own: what the benchmark itself has loaded does not count.
    command = [sys.executable, "-m", "benchmarks.features", str(folder)]
    result = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])
    found = json.loads(result.stdout)
    return Row(
        "peak memory of the mel cache at IEMOCAP's size",
        f"{found['held']:.0f} MiB",
        f"< {LIMIT} MiB",
        found["held"] < LIMIT,
        f"all workers; {UTTERANCES} utterances, {found['bytes'] / 2**30:.1f} GiB in {found['seconds']:.0f} s",
    )


def watched(folder: Path) -> dict[str, float]:
    """Write a cache and sample this process's memory and its workers', shared pages once; peak in MiB (Linux)."""
    paths, array = sorted(folder.glob("*.link")), folder / "large.npy"
    held: list[float] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            processes = [os.getpid(), *(child.pid for child in multiprocessing.active_children() if child.pid)]
            held.append(sum(map(proportional, processes)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    duration = seconds(ours, paths, array, len(os.sched_getaffinity(0)))
    done.set()
    watcher.join()
    return {"seconds": duration, "bytes": array.stat().st_size, "held": max(held)}


def proportional(process: int) -> float:
    """A process's memory in MiB, each shared page divided among those that share it."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has just ended
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def measure() -> list[Row]:
    """Row 4."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        return [speed(Path(first)), memory(Path(second))]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(watched(Path(sys.argv[1]))))
    else:
        print(table(measure()))
