"""The files of a study that `finished.py` spoils, made in this process, small, by what makes them in a study."""

from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure

from nnpm import CLASSES
from nnpm.evaluation import inference, scoring
from nnpm.features import base
from nnpm.features.cache import write_cache
from nnpm.features.recordings import read_recordings
from nnpm.features.settings import FeatureSettings
from nnpm.files import write_csv, write_inputs, write_json
from nnpm.model.backbone import SNSA, BackboneSettings
from nnpm.reporting import audit, drawing
from nnpm.training.checkpoints import Resumable, save_backbone
from nnpm.training.header import Header
from tests.faults.reading import CLASSIFIED, ENCODED, FUNCTIONALS, LAST, MANIFEST, MELS, PRETRAINED, RUN, SOURCE
from tests.faults.valid import tone

SETTINGS = FeatureSettings(duration=0.3, n_mels=12)
BACKBONE = BackboneSettings(channels=12, filters=8, hidden=4, attention=4)


def make_results(results: Path) -> None:
    """Write them; one more, backbone.json, says what the configuration says in a study."""
    torch.manual_seed(0)
    backbone = SNSA(BACKBONE)
    sounds = [results / f"{number}.wav" for number in range(8)]
    for number, path in enumerate(sounds):
        tone(path, number)
    manifest = pd.DataFrame(
        {
            "utterance": [path.stem for path in sounds],
            "path": list(map(str, sounds)),
            "speaker": [f"0{number % 2}" for number in range(8)],
            "gender": "f",
            "label": list(CLASSES) * 2,
            "emotion": list(CLASSES) * 2,
            "split": ["train", "train", "validation", "test"] * 2,
            "seconds": 0.1,
            "sha256": [f"{number}" for number in range(8)],
        }
    )
    for place in (MANIFEST, SOURCE):
        write_csv(results / place, manifest)
    write_csv(results / "corpora/emodb/audio.csv", manifest[["utterance", "sha256"]].assign(start=None, end=None))
    write_csv(results / "corpora/emodb/paths.csv", manifest[["utterance", "path"]])
    write_json(results / "corpora/emodb/check.json", {"warnings": [], "sections": []})
    array = results / MELS
    array.parent.mkdir(parents=True)
    recordings = read_recordings(results / "corpora/emodb/audio.csv", results / "corpora/emodb/paths.csv")
    write_cache(recordings, base.load(SETTINGS), array, array.with_suffix(".json"), threads=1)
    named = {"source": "iemocap", "target": "emodb", "method": "nnpm", "variant": "default", "seed": 0}
    header = Header.compose(BACKBONE, [array.with_suffix(".json")], corpus="emodb", run=named)
    save_backbone(results / LAST, backbone, header)
    sizes = {name: value for name, value in asdict(BACKBONE).items() if name != "channels"}  # that is the frames'
    write_json(results / "backbone.json", sizes)
    mels = torch.from_numpy(np.load(array, allow_pickle=False))
    write_inputs(results / ENCODED, 8, (part.numpy() for part in inference.encode(backbone, mels, blocks=2)))
    write_csv(results / FUNCTIONALS, manifest[["utterance"]].assign(pitch_mean=np.arange(8.0), level_mean=1.5))
    _, p = inference.infer(backbone, mels, torch.arange(8))
    predictions = scoring.predictions(manifest, p)
    for folder in (RUN, CLASSIFIED, PRETRAINED):
        write_csv(results / folder / "predictions.csv", predictions)
    _, scores = scoring.without_epochs(predictions, seconds=1.0)
    write_csv(results / RUN / "history.csv", pd.DataFrame({"epoch": [1.0, 2.0], "seconds": [0.5, 0.5]}))
    write_json(results / RUN / "metrics.json", named | scores)
    epoch = {"epoch": 2, **{part: scoring.scores(predictions, part) for part in ("validation", "test")}}
    write_json(results / PRETRAINED / "metrics.json", {**named, "seconds": 1.0, "last": epoch, "best": epoch})
    Resumable(results / RUN / "resume.safetensors", "this", torch.nn.Linear(2, 2)).save([{"epoch": 1, "seconds": 1.0}])
    write_csv(results / "tables/audit.csv", audit.audit())
    (results / "figures").mkdir()
    files = SimpleNamespace(**{kind: results / f"figures/memory.{kind}" for kind in ("png", "svg", "csv", "json")})
    drawing.publish(Figure((1, 1)), manifest[["seconds"]], drawing.Words("memory", "title", "what it shows"), files)
