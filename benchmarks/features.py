"""The mel cache at IEMOCAP's size: time and memory."""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile

from benchmarks.processes import python
from benchmarks.rows import Row
from nnpm.features import base
from nnpm.features.cache import write_cache
from nnpm.features.recordings import Recording
from nnpm.features.settings import FeatureSettings

SETTINGS = FeatureSettings()
UTTERANCES, MEAN_SECONDS = 5531, 4.1  # IEMOCAP's four emotions
LIMIT = 1024  # MiB


def measure() -> list[Row]:
    """What the cache's process and its workers take, and the most memory that they hold together at any time."""
    with TemporaryDirectory() as scratch:
        ended = python(Path(scratch), "-m", "benchmarks.features", ".")
        size = Path(scratch, "mels.npy").stat().st_size / 2**30
    return [
        Row(
            "peak memory of the mel cache at IEMOCAP's size",
            f"{ended.peak} MiB",
            f"< {LIMIT} MiB",
            ended.peak < LIMIT,
            f"all workers; {UTTERANCES} utterances, {size:.1f} GiB in {ended.seconds:.0f} s",
        )
    ]


def cache(folder: Path, files: int = 200) -> None:
    """The cache of noise bursts at 16 kHz, 4.1 s each on average, as 16-bit WAV; each file is there many times."""
    random = np.random.default_rng(0)
    paths = [folder / f"{k}.wav" for k in range(files)]
    for path, seconds in zip(paths, np.clip(random.gamma(4, MEAN_SECONDS / 4, files), 0.6, 20), strict=True):
        loudness = np.repeat(random.uniform(0.02, 1, round(seconds * 10)), SETTINGS.sample_rate // 10)
        soundfile.write(path, 0.1 * loudness * random.standard_normal(len(loudness)), SETTINGS.sample_rate)
    several = [paths[k % files] for k in range(UTTERANCES)]
    cores = len(os.sched_getaffinity(0))
    write_cache(
        [Recording("", "", path) for path in several],
        base.load(SETTINGS),
        folder / "mels.npy",
        folder / "mels.json",
        threads=cores,
    )


if __name__ == "__main__":
    cache(Path(sys.argv[1]))  # what is watched
