"""How the jobs of a study read its files: what `finished.py` asks in this process."""

import json
from pathlib import Path

import torch

from nnpm.features.recordings import read_recordings
from nnpm.files import read_json, read_manifest
from nnpm.methods.described import Described
from nnpm.model.backbone import SNSA
from nnpm.reporting import audit, drawing, histories, metrics, summaries
from nnpm.training import checkpoints, domain
from nnpm.training.checkpoints import load_backbone
from nnpm.training.domain import Domain

CPU = torch.device("cpu")
RUN = "runs/iemocap/emodb/nnpm/default/seed~0"
CLASSIFIED = RUN.replace("/nnpm/", "/lda/")
MELS = "features/default/emodb.npy"
FUNCTIONALS = "features/default/emodb.functionals.csv"
PRETRAINED = "pretrained/iemocap/default/seed~0"
ENCODED = "encoded/iemocap/default/seed~0/emodb.npy"
LAST = f"{PRETRAINED}/last.safetensors"
MANIFEST = "corpora/emodb/manifest.csv"
SOURCE = "corpora/iemocap/manifest.csv"


def backbone_of(results: Path) -> SNSA:
    return load_backbone(results / LAST, json.loads((results / "backbone.json").read_text()))


def encode(results: Path) -> object:
    return domain.load_inputs(results / MELS, CPU, backbone=backbone_of(results))


def adapt(results: Path) -> object:
    return Domain.load(results / ENCODED, results / MANIFEST, CPU, backbone=backbone_of(results), blocks=2)


def resumed(results: Path) -> object:
    return checkpoints.Resumable(results / RUN / "resume.safetensors", "this", torch.nn.Linear(2, 2)).restore()


def described(results: Path) -> object:
    return Described.load(results / FUNCTIONALS, results / MANIFEST)


def listed(results: Path) -> object:
    return read_recordings(results / "corpora/emodb/audio.csv", results / "corpora/emodb/paths.csv")


def scores(results: Path) -> object:
    run = results / RUN
    frame = metrics.metrics_frame([run / "metrics.json"])
    return frame, metrics.predictions_frame([run / "metrics.json"], [run / "predictions.csv"])


def epochs(results: Path) -> object:
    return histories.load([results / RUN / "metrics.json"])


def source(results: Path) -> object:
    runs = [summaries.load_pretrained(results / PRETRAINED / "metrics.json", "last")]
    return summaries.source_frame(runs, summaries.source_predictions(runs, [results / PRETRAINED / "predictions.csv"]))


def source_manifest(results: Path) -> object:
    return read_manifest(results / SOURCE, labelled=True)


def report(results: Path) -> object:
    audit.load(results / "tables/audit.csv")
    drawing.load(*(results / f"figures/memory.{kind}" for kind in ("svg", "json", "csv")))
    return read_json(results / "corpora/emodb/check.json", sections=list)
