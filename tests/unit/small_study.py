"""A target of a few sounds, and a checkpoint with the predictions that its run would have written for them."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile
import torch

from nnpm.evaluation import inference, scoring
from nnpm.features import base
from nnpm.features.cache import write_cache
from nnpm.features.recordings import Recording
from nnpm.features.settings import FeatureSettings
from nnpm.files import write_csv
from nnpm.model.backbone import SNSA, BackboneSettings, steps_after
from nnpm.training import checkpoints, domain
from nnpm.training.header import Header

SIZES = BackboneSettings(channels=12, filters=8, hidden=8, attention=8)
RUN = {"source": "iemocap", "target": "emodb", "method": "nnpm", "variant": "default", "seed": 0}
RATES = (16000, 44100, 8000, 22050, 48000)


@dataclass(frozen=True)
class SmallStudy:
    """Sounds of mixed rates and channels, a checkpoint, and its predictions of them."""

    folder: Path
    paths: list[str]
    checkpoint: Path
    predictions: pd.DataFrame


def make(folder: Path, run: dict[str, object] | None = None, **changes: object) -> SmallStudy:
    """Write one, by what writes a study; `changes` are of the settings of features."""
    settings = FeatureSettings(**({"duration": 0.5, "n_mels": 12} | changes))
    random, paths = np.random.default_rng(0), []
    for number in range(11):
        rate = RATES[number % len(RATES)]
        time = np.arange(round((0.2 + 0.06 * number) * rate)) / rate
        sound = 0.3 * np.sin(2 * np.pi * (150 + 40 * number) * time) + random.normal(0, 0.02, len(time))
        paths.append(str(folder / f"{number:02d}.{'flac' if number % 3 else 'wav'}"))
        soundfile.write(paths[-1], np.stack([sound, 0.5 * sound], axis=1) if number % 2 else sound, rate)
    recordings = [Recording(path, "0", Path(path)) for path in paths]
    front_end = base.load(settings)
    write_cache(recordings, front_end, folder / "mels.npy", folder / "mels.json")
    torch.manual_seed(0)
    sizes = replace(SIZES, channels=front_end.channels)
    backbone = SNSA(sizes)
    with torch.no_grad():
        backbone.classifier.weight.mul_(100)  # else every utterance would have nearly the same probabilities
    mels = domain.load_inputs(folder / "mels.npy", description=folder / "mels.json")
    encoded: inference.Inputs = torch.cat(list(inference.encode(backbone, mels, blocks=2)))
    if isinstance(mels, inference.Ragged):
        encoded = inference.Ragged(encoded, steps_after(mels.lengths))
    _, probabilities = inference.infer(backbone, encoded, torch.arange(len(paths)), first=2)
    manifest = pd.DataFrame({"utterance": [Path(path).stem for path in paths], "speaker": "a", "split": "test"})
    predictions = scoring.predictions(manifest.assign(label="sad"), probabilities)
    write_csv(folder / "predictions.csv", predictions)
    checkpoint = folder / "backbone.safetensors"
    header = Header.compose(sizes, [folder / "mels.json"], corpus="emodb", run=run or RUN)
    checkpoints.save_backbone(checkpoint, backbone, header)
    return SmallStudy(folder, paths, checkpoint, predictions)
