"""Adaptation: the pretrained backbone meets the unlabelled target corpus (paper, section 2)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from nnpm import batches, evaluation, training
from nnpm.methods import METHODS, Method, MethodSettings, Step
from nnpm.model import SNSA
from nnpm.training import Domain


@dataclass(frozen=True)
class AdaptationSettings:
    """How adaptation is run; what the methods themselves leave open is in `MethodSettings`."""

    epochs: int = 50
    batch_size: int = 32  # of the source and of the target each: 64 utterances a step
    learning_rate: float = 1e-3
    weight_decay: float = 1e-5
    freeze: int = 2  # the first convolution blocks, which are not trained


@dataclass(frozen=True)
class Adapted:
    """The end of a run: backbone of the last epoch, history, predictions for every target utterance, metrics."""

    backbone: SNSA
    history: pd.DataFrame
    predictions: pd.DataFrame
    metrics: dict[str, Any]


def adapt(
    backbone: SNSA,
    source: Domain,
    target: Domain,
    method: str,
    settings: AdaptationSettings,
    method_settings: MethodSettings,
    *,
    seed: int,
    device: torch.device,
    resume: Path,
    identity: str,
) -> Adapted:
    """Adapt `backbone` in place to the target's "train" rows; the target's labels are read for scores alone.

    `method` is a key of METHODS. The state after each epoch is kept in the file `resume`; a run of the same
    `identity` goes on from there. An unlabelled target has predictions, and None in place of scores.
    """
    backbone.to(device).freeze(settings.freeze)
    # What is frozen is computed once, not once a step; it holds the whole corpus, so rows stay the manifest's.
    target = Domain(evaluation.encode(backbone, target.mels, settings.freeze), target.manifest)

    create = METHODS[method]
    history: list[training.Row] = []
    if create is not None:
        source = Domain(evaluation.encode(backbone, source.mels, settings.freeze), source.manifest)
        train = batches.split_rows(source.manifest["split"], "train")
        features, _ = evaluation.infer(backbone, source.mels, train, settings.freeze)
        torch.manual_seed(seed)  # for methods that have weights of their own
        history = train_epochs(
            backbone,
            create(method_settings, features).to(device),
            source,
            target,
            settings,
            seed=seed,
            resume=resume,
            identity=identity,
        )

    _, probabilities = evaluation.infer(backbone, target.mels, np.arange(len(target.manifest)), settings.freeze)
    predictions = evaluation.predictions(target.manifest, probabilities)
    metrics = {
        "device": device.type,
        "epoch": len(history),
        "seconds": round(sum(row["seconds"] for row in history), 3),
        "splits": {"test": evaluation.scores(predictions, "test")},
        "oracle": oracle(history),
    }
    log = pd.DataFrame(history, columns=None if history else ["epoch", "seconds"])
    return Adapted(backbone, log, predictions, metrics)


def train_epochs(
    backbone: SNSA,
    method: Method,
    source: Domain,
    target: Domain,
    settings: AdaptationSettings,
    *,
    seed: int,
    resume: Path,
    identity: str,
) -> list[training.Row]:
    """Train `backbone` and `method` in place; both domains' mels are already encoded by the frozen blocks.

    An epoch passes over the source training utterances once, so that every slot of a memory is refreshed; the target
    training utterances are drawn beside it, in shuffled passes of their own. Returns the history.
    """
    device = next(backbone.parameters()).device
    source_train = batches.split_rows(source.manifest["split"], "train")
    target_train = batches.split_rows(target.manifest["split"], "train")
    test = batches.split_rows(target.manifest["split"], "test")
    labels = torch.as_tensor(evaluation.label_indices(source.manifest["label"]), device=device)
    slots = torch.as_tensor(np.searchsorted(source_train, np.arange(len(source.manifest))), device=device)

    everything = nn.ModuleDict({"backbone": backbone, "method": method})
    trained = [parameter for parameter in everything.parameters() if parameter.requires_grad]
    optimizer = torch.optim.Adam(trained, lr=settings.learning_rate, weight_decay=settings.weight_decay)
    resumable = training.Resumable(resume, identity, everything, optimizer)

    def run_step(source_rows: batches.Rows, target_rows: batches.Rows) -> dict[str, Tensor]:
        # One pass over both domains: the weights are shared, and a batch of 64 is faster than two of 32.
        domains = ((source, source_rows), (target, target_rows))
        inputs = torch.cat([batches.take(domain.mels, rows, device) for domain, rows in domains])
        z, logits = backbone(inputs, settings.freeze)
        n, rows = len(source_rows), torch.as_tensor(source_rows, device=device)
        step = Step(slots[rows], labels[rows], z[:n], logits[:n], z[n:], logits[n:])
        terms = method.losses(step)
        loss = torch.stack(list(terms.values())).sum()  # (9)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        method.after_step(step)
        return {**terms, "loss": loss.detach(), **method.observe()}

    def run_epoch(epoch: int) -> training.Row:
        everything.train()
        method.begin_epoch(epoch, settings.epochs)
        source_batches = batches.one_pass(source_train, settings.batch_size, training.stream(seed, epoch, purpose=1))
        target_batches = batches.endless(target_train, settings.batch_size, training.stream(seed, epoch, purpose=2))
        steps = [run_step(*rows) for rows in zip(source_batches, target_batches, strict=False)]
        means = {name: torch.stack([step[name].detach() for step in steps]).mean().item() for name in steps[0]}
        scores = training.watch(backbone, target, test, settings.freeze)
        watched = {f"test_{name}": scores[name] for name in ("ua", "wa")} if scores else {}
        return {**means, "learning_rate": settings.learning_rate, **watched}

    return training.fit(resumable, resumable.restore(), settings.epochs, seed, run_epoch)


def oracle(history: list[training.Row]) -> dict[str, float] | None:
    """The epoch with the best test UA: nobody may choose by it, it is shown as a bound. None without labels."""
    watched = [row for row in history if "test_ua" in row]
    if not watched:
        return None
    best = max(watched, key=lambda row: row["test_ua"])  # the first of equals
    return {"epoch": best["epoch"], "ua": best["test_ua"], "wa": best["test_wa"]}
