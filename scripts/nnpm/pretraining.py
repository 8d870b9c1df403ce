"""Source pretraining: the backbone learns the four emotions from the labelled source corpus."""

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from sklearn.utils.class_weight import compute_class_weight
from torch import Tensor, nn

from nnpm import CLASSES, batches, evaluation, training
from nnpm.model import SNSA, BackboneSettings, count_parameters
from nnpm.objectives import source_loss


@dataclass(frozen=True)
class PretrainingSettings:
    """How the source is learned. `class_weights` is "none" or "balanced" (inverse class frequency)."""

    epochs: int = 50
    batch_size: int = 32
    learning_rate: float = 1e-3
    weight_decay: float = 1e-5
    class_weights: str = "none"


@dataclass(frozen=True)
class Pretrained:
    """The backbone after the last epoch and after the one of the best validation UA, with what was measured."""

    last: SNSA
    best: SNSA
    history: pd.DataFrame
    metrics: dict[str, Any]
    predictions: pd.DataFrame  # of the last epoch, for every source utterance


def class_weights(labels: np.ndarray, kind: str) -> Tensor | None:
    """Weights of the classes in the loss, shape (classes,); None for equal ones."""
    if kind == "none":
        return None
    weights = compute_class_weight("balanced", classes=np.arange(len(CLASSES)), y=labels)
    return torch.tensor(weights, dtype=torch.float32)


def pretrain(
    source: training.Domain,
    settings: PretrainingSettings,
    backbone_settings: BackboneSettings,
    *,
    seed: int,
    device: torch.device,
    resume: Path,
    identity: str,
) -> Pretrained:
    """Train on the source's "train" rows, watch "validation", report "test".

    The state after each epoch is kept in the file `resume`; a run of the same `identity` goes on from there.
    """
    split = source.manifest["split"]
    train, validation = batches.split_rows(split, "train"), batches.split_rows(split, "validation")
    indices = evaluation.label_indices(source.manifest["label"])
    labels = torch.as_tensor(indices, device=device)
    weights = class_weights(indices[train], settings.class_weights)
    weights = None if weights is None else weights.to(device)

    torch.manual_seed(seed)
    last = SNSA(backbone_settings).to(device)
    best = copy.deepcopy(last)
    optimizer = torch.optim.Adam(last.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
    resumable = training.Resumable(resume, identity, nn.ModuleDict({"last": last, "best": best}), optimizer)
    history = resumable.restore()

    def run_epoch(epoch: int) -> training.Row:
        last.train()
        total = torch.zeros((), device=device)
        for rows in batches.one_pass(train, settings.batch_size, training.stream(seed, epoch, purpose=1)):
            _, logits = last(batches.take(source.mels, rows, device))
            loss = source_loss(logits, labels[torch.as_tensor(rows, device=device)], weights)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += loss.detach() * len(rows)
        scores = training.watch(last, source, validation)
        assert scores is not None  # a source without labels has no manifest
        if scores["ua"] > max((row["validation_ua"] for row in history), default=-1.0):
            best.load_state_dict(last.state_dict())
        return {
            "source_loss": total.item() / len(train),
            "learning_rate": settings.learning_rate,
            "validation_ua": scores["ua"],
            "validation_wa": scores["wa"],
        }

    training.fit(resumable, history, settings.epochs, seed, run_epoch)

    best_row = max(history, key=lambda row: row["validation_ua"])  # the first of equals
    epochs = {"last": settings.epochs, "best": best_row["epoch"]}
    metrics: dict[str, Any] = {
        "seed": seed,
        "parameters": count_parameters(last),
        "device": device.type,
        "seconds": round(sum(row["seconds"] for row in history), 3),
    }
    everything = np.arange(len(source.manifest))
    tables = {}
    for name, backbone in (("best", best), ("last", last)):
        _, probabilities = evaluation.infer(backbone, source.mels, everything)
        tables[name] = evaluation.predictions(source.manifest, probabilities)
        metrics[name] = {
            "epoch": epochs[name],
            "validation": evaluation.scores(tables[name], "validation"),
            "test": evaluation.scores(tables[name], "test"),
        }
    return Pretrained(last, best, pd.DataFrame(history), metrics, tables["last"])
