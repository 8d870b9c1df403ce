"""What a self-supervised front end takes on a CPU, and what training takes where the backbone sees no padding."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import soundfile
import torch

from benchmarks.processes import python
from benchmarks.rows import Row
from benchmarks.side_by_side import Contender, in_turn
from nnpm import CLASSES
from nnpm.evaluation import inference
from nnpm.features import base
from nnpm.features.cache import write_cache
from nnpm.features.recordings import Recording
from nnpm.features.settings import FeatureSettings
from nnpm.methods.base import MethodSettings, Start
from nnpm.methods.pseudo_multilabel import PseudoMultilabel
from nnpm.model.backbone import BLOCKS, SNSA, BackboneSettings, steps_after
from nnpm.training import devices
from nnpm.training.adaptation import Adaptation, AdaptationSettings
from nnpm.training.domain import Domain

RATE, MEAN_SECONDS = 16000, 4.1  # of IEMOCAP's utterances
RECORDINGS = 96
UTTERANCES = 512  # per domain of an epoch


def measure() -> list[Row]:
    """The time of both, and the memory and the disk that the front end takes."""
    with TemporaryDirectory() as scratch:
        python(Path(scratch), "-m", "benchmarks.front_ends", "model", ".")
        ended = python(Path(scratch), "-m", "benchmarks.front_ends", "extract", ".")
        size = Path(scratch, "x.npy").stat().st_size
    speech = float(_seconds(RECORDINGS).sum())
    timing = in_turn({name: Contender(epoch, name) for name in ("paper", "masked")}, rounds=3, calls=1)
    real = steps_after(torch.from_numpy(100 * _seconds(UTTERANCES)).long()).sum() / (82 * UTTERANCES)
    return [
        Row(
            "an hour of speech through a model of wav2vec2-base's size",
            f"{float(ended.text) / speech:.2f} h",
            "",
            None,
            f"{len(os.sched_getaffinity(0))} cores, random weights, {speech:.0f} s measured; memory {ended.peak} MiB, "
            f"{3600 / speech * size / 2**20:.0f} MiB on disk in float16",
        ),
        Row(
            "an epoch of adaptation, padded against masked",
            f"{timing.ratio('paper', 'masked'):.2f} times",
            ">= 2 times",
            timing.ratio("paper", "masked") >= 2,
            f"utterances as long as IEMOCAP's; {real:.0%} of the steps are real ones",
        ),
    ]


def _seconds(count: int) -> np.ndarray:
    """Durations like those of IEMOCAP's utterances, cut at 7.5 s."""
    return np.clip(np.random.default_rng(0).gamma(4, MEAN_SECONDS / 4, count), 0.6, 7.5)


def epoch(padding: str) -> Callable[[], Any]:
    """An epoch of NNPM on the output of the frozen blocks, with one CPU thread, without tracking."""
    devices.prepare("cpu", 1)
    torch.manual_seed(0)
    backbone = SNSA(BackboneSettings())
    backbone.freeze(BLOCKS)
    lengths = steps_after(torch.from_numpy(100 * _seconds(UTTERANCES)).long())
    steps = 82 * UTTERANCES if padding == "paper" else int(lengths.sum())
    flat, rows = torch.randn(steps, backbone.settings.filters), np.arange(UTTERANCES)
    manifest = pd.DataFrame(
        {"utterance": rows.astype(str), "gender": "f", "split": "train", "label": [CLASSES[row % 4] for row in rows]}
    )
    inputs = flat.reshape(UTTERANCES, 82, -1) if padding == "paper" else inference.Ragged(flat, lengths)
    domain = Domain(inputs, manifest)
    seen = [domain.training_utterances(backbone, BLOCKS, labelled=labelled) for labelled in (True, False)]
    method = PseudoMultilabel(Start(MethodSettings(), backbone, BLOCKS, *seen))
    adaptation = Adaptation(backbone, method, domain, domain, settings=AdaptationSettings(freeze=BLOCKS), seed=0)
    return lambda: adaptation.epoch(1)


def model(folder: Path) -> None:
    """Save a model of wav2vec2-base's size with random weights, and recordings of noise."""
    import transformers

    transformers.Wav2Vec2Model(transformers.Wav2Vec2Config()).save_pretrained(folder / "model")
    transformers.Wav2Vec2FeatureExtractor().save_pretrained(folder / "model")
    random = np.random.default_rng(0)
    for number, seconds in enumerate(_seconds(RECORDINGS)):
        soundfile.write(folder / f"{number}.wav", 0.1 * random.standard_normal(round(seconds * RATE)), RATE)


def extract(folder: Path) -> None:
    """Make the cache of the recordings and print how many seconds it takes."""
    import time

    devices.prepare("cpu", 1)
    settings = FeatureSettings(front_end="base", model=str(folder / "model"), padding="masked", dtype="float16")
    front_end, started = base.load(settings, threads=1), time.perf_counter()
    recordings = [Recording("", str(number), folder / f"{number}.wav") for number in range(RECORDINGS)]
    cores = len(os.sched_getaffinity(0))
    write_cache(recordings, front_end, folder / "x.npy", folder / "x.json", threads=cores)
    print(time.perf_counter() - started)


if __name__ == "__main__":
    {"model": model, "extract": extract}[sys.argv[1]](Path(sys.argv[2]))
