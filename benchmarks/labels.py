"""Labels by the model that comes with the package: time to the first one, clips per minute, an hour in one file."""

import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile

from benchmarks.processes import python
from benchmarks.rows import Row
from nnpm.toy.languages import LANGUAGES
from nnpm.toy.voice import EMOTIONS, person, speak

RATE = 16_000
CLIPS, SECONDS = 200, 3.0
#: One thread in all: Predictor's own and those of the numerical libraries.
ONE = "import os; os.environ |= dict.fromkeys(('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS'), '1'); import time; "
TIMED = ONE + (
    "from nnpm import Predictor; labeller = Predictor.default(threads=1); labeller.predict({warm!r}); "
    "start = time.perf_counter(); rows = labeller.predict({sounds!r}); print('took', time.perf_counter() - start)"
)


def measure() -> list[Row]:
    """Cold and warm starts of the command, then clips and a long recording in one process each, on one core."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        clips = [folder / f"{number}.wav" for number in range(CLIPS)]
        for number, path in enumerate(clips):
            soundfile.write(path, sentence(number), RATE)
        command = ("-m", "nnpm", "predict", str(clips[0]))
        before = os.environ.get("NUMBA_CACHE_DIR")
        os.environ["NUMBA_CACHE_DIR"] = str(folder / "cache")
        first, later = python(folder, *command).seconds, min(python(folder, *command).seconds for _ in range(3))
        if before is None:
            del os.environ["NUMBA_CACHE_DIR"]
        else:
            os.environ["NUMBA_CACHE_DIR"] = before
        code = TIMED.format(warm=str(clips[0]), sounds=[str(path) for path in clips])
        minute = 60 * CLIPS / _took(python(folder, "-c", code).text)
        hours = {}
        for minutes in (10, 60):
            path = folder / f"{minutes}.flac"
            talk(path, minutes)
            ended = python(folder, "-c", TIMED.format(warm=str(clips[0]), sounds=str(path)))
            hours[minutes] = 60 * minutes / _took(ended.text), ended.peak
    speed, peak = hours[60]
    return [
        Row(
            "nnpm predict, start to the first label", f"{later:.1f} s", "< 3 s", later < 3, "one clip, of three starts"
        ),
        Row("the first start after installing", f"{first:.0f} s", "", None, "numba compiles for librosa, once"),
        Row("clips of 3 s labelled per minute, one core", f"{minute:.0f}", ">= 1000", minute >= 1000, f"{CLIPS} clips"),
        Row(
            "an hour in one file, one core",
            f"{speed:.0f} times real time",
            ">= 50 times",
            speed >= 50,
            "synthetic speech with pauses of 0.2 to 2 s, FLAC; windows of 7.5 s every 2.5 s",
        ),
        Row("memory for it", f"{peak} MiB", "bounded", peak < 1.2 * hours[10][1], f"{hours[10][1]} MiB for 10 minutes"),
    ]


def sentence(seed: int) -> np.ndarray:
    """Synthetic speech, 3 s."""
    random = np.random.default_rng(seed)
    language = LANGUAGES["emodb"]
    emotion = sorted(EMOTIONS)[seed % len(EMOTIONS)]
    sound = speak(language, person(language, seed % 2 == 0, random), emotion, 16, RATE, random)[0]
    return 0.1 * np.resize(sound, round(SECONDS * RATE)) / sound.std()


def talk(path: Path, minutes: float) -> None:
    """Write sentences with pauses between them, of 0.2 to 2 s."""
    random, said, left = np.random.default_rng(0), [sentence(seed) for seed in range(40)], minutes * 60 * RATE
    with soundfile.SoundFile(path, "w", RATE, 1) as file:
        while left > 0:
            pause = 1e-3 * random.standard_normal(round(random.uniform(0.2, 2) * RATE))
            part = np.concatenate([said[random.integers(len(said))], pause])
            file.write(part)
            left -= len(part)


def _took(text: str) -> float:
    found = re.search(r"took ([\d.]+)", text)
    assert found, text
    return float(found[1])
