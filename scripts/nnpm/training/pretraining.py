"""Source pretraining: training of the backbone on the labelled source corpus."""

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn

from nnpm import CLASSES
from nnpm.evaluation import inference, scoring
from nnpm.model.backbone import SNSA, BackboneSettings, count_parameters
from nnpm.model.objectives import source_loss
from nnpm.training import batches, checkpoints, devices, epochs
from nnpm.training.domain import Domain
from nnpm.training.optimizer import Adam


@dataclass(frozen=True)
class PretrainingSettings:
    """Settings of pretraining. `class_weights` is "none" or "balanced" (inverse class frequency)."""

    epochs: int = 50
    batch_size: int = 32
    learning_rate: float = 1e-3
    weight_decay: float = 1e-5
    class_weights: str = "none"
    precision: str = "float32"  # of matrix products: see `devices.prepare`


@dataclass(frozen=True)
class Pretrained:
    """The backbone after the last epoch and after the epoch with the best validation UA, with metrics and history."""

    last: SNSA
    best: SNSA
    history: pd.DataFrame
    metrics: dict[str, Any]
    predictions: pd.DataFrame  # of the last epoch, for every source utterance


def class_weights(labels: Tensor, kind: str) -> Tensor | None:
    """Weights of the classes in the loss, (classes,): the inverse of their frequency in labels, (utterances,).

    None, for equal weights, if `kind` is "none".
    """
    if kind == "none":
        return None
    return len(labels) / (len(CLASSES) * torch.bincount(labels, minlength=len(CLASSES)).float())


def pretrain(
    source: Domain,
    settings: PretrainingSettings,
    backbone_settings: BackboneSettings,
    *,
    seed: int,
    resume: Path,
    identity: str,
) -> Pretrained:
    """Train on the source's "train" rows, select on "validation", report "test", on the device of its inputs.

    The state after each epoch is kept in the file `resume`; a run with the same `identity` continues from there.
    """
    device, train = source.device, source.rows("train")
    weights = class_weights(source.labels[train], settings.class_weights)

    torch.manual_seed(seed)
    last = SNSA(backbone_settings).to(device)
    best = copy.deepcopy(last)
    optimizer = Adam(last.parameters(), settings.learning_rate, settings.weight_decay)
    everything = nn.ModuleDict({"last": last, "best": best, "optimizer": optimizer})
    resumable = checkpoints.Resumable(resume, identity, everything)
    history = resumable.restore()

    def run_epoch(epoch: int) -> checkpoints.Row:
        last.train()
        total = torch.zeros((), device=device)
        random = epochs.stream(seed, epoch, purpose=1)
        for rows in batches.one_pass(train, settings.batch_size, random, inference.lengths_of(source.inputs)):
            inputs, lengths = inference.take(source.inputs, rows)
            with devices.autocast(device, settings.precision):
                _, logits = last(inputs, lengths=lengths)
            loss = source_loss(logits.float(), source.labels[rows], weights)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += loss.detach() * len(rows)
        epochs.check_loss(total.item(), resume, epoch)
        scores = scoring.scores(source.predictions(last, source.rows("validation")), "validation")
        assert scores is not None  # reading the manifest refuses a source without labels
        if scores["ua"] > max((row["validation_ua"] for row in history), default=-1.0):
            best.load_state_dict(last.state_dict())
        return {
            "source_loss": total.item() / len(train),
            "learning_rate": settings.learning_rate,
            "validation_ua": scores["ua"],
            "validation_wa": scores["wa"],
        }

    epochs.fit(resumable, history, settings.epochs, seed=seed, run_epoch=run_epoch)

    best_row = max(history, key=lambda row: row["validation_ua"])  # the earliest on a tie
    metrics: dict[str, Any] = {
        "seed": seed,
        "parameters": count_parameters(last),
        "device": device.type,
        "seconds": round(sum(row["seconds"] for row in history), 3),
    }
    for name, backbone, epoch in (("best", best, best_row["epoch"]), ("last", last, settings.epochs)):
        table = source.predictions(backbone, source.rows())
        metrics[name] = {"epoch": epoch} | {split: scoring.scores(table, split) for split in ("validation", "test")}
    return Pretrained(last, best, pd.DataFrame(history), metrics, table)
