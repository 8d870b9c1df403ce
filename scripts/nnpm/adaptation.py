"""Adaptation: the pretrained backbone meets the unlabelled target corpus (paper, section 2)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn

from nnpm import batches, evaluation, training
from nnpm.methods import METHODS, Method, MethodSettings, Step
from nnpm.model import SNSA
from nnpm.optimizer import Adam
from nnpm.training import Domain


@dataclass(frozen=True)
class AdaptationSettings:
    """How adaptation is run; what the methods themselves leave open is in `MethodSettings`."""

    epochs: int = 50
    batch_size: int = 32  # of the source and of the target each: 64 utterances a step
    learning_rate: float = 1e-3
    weight_decay: float = 1e-5
    freeze: int = 2  # the first convolution blocks, which are not trained
    precision: str = "float32"  # of products: see `training.prepare`


@dataclass(frozen=True)
class Adapted:
    """The end of a run: backbone of the last epoch, history, predictions for every target utterance, metrics."""

    backbone: SNSA
    history: pd.DataFrame
    predictions: pd.DataFrame
    metrics: dict[str, Any]


class Adaptation:
    """The training of one run: everything that its steps need lies on the device, and nothing in an epoch waits for it.

    The domains' inputs are what the frozen blocks made of the mels, or the mels.
    """

    def __init__(
        self,
        backbone: SNSA,
        method: Method,
        source: Domain,
        target: Domain,
        settings: AdaptationSettings,
        seed: int,
    ) -> None:
        self.backbone, self.method, self.settings, self.seed = backbone, method, settings, seed
        self.source, self.target = source.inputs, target.inputs
        self.device = next(backbone.parameters()).device
        self.source_train = batches.split_rows(source.manifest["split"], "train", self.device)
        self.target_train = batches.split_rows(target.manifest["split"], "train", self.device)
        self.labels = torch.as_tensor(evaluation.label_indices(source.manifest["label"]), device=self.device)
        self.slots = torch.zeros_like(self.labels)  # of each source utterance: its number among those of training
        self.slots[self.source_train] = torch.arange(len(self.source_train), device=self.device)
        trained = [weight for part in (backbone, method) for weight in part.parameters() if weight.requires_grad]
        self.optimizer = Adam(trained, settings.learning_rate, settings.weight_decay)
        self.modules = nn.ModuleDict({"backbone": backbone, "method": method, "optimizer": self.optimizer})

    def step(self, source_rows: Tensor, target_rows: Tensor) -> dict[str, Tensor]:
        """Train on one batch of each domain; returns what was measured."""
        # One pass over both domains: the weights are shared, and a batch of 64 is faster than two of 32.
        inputs = torch.cat([batches.take(self.source, source_rows), batches.take(self.target, target_rows)])
        with training.autocast(self.device, self.settings.precision):
            z, logits = self.backbone(inputs, self.settings.freeze)
        z, logits, n = z.float(), logits.float(), len(source_rows)
        step = Step(self.slots[source_rows], self.labels[source_rows], z[:n], logits[:n], z[n:], logits[n:])
        terms = self.method.losses(step)
        loss = torch.stack(list(terms.values())).sum()  # (9)
        self.optimizer.forget_gradients()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self.method.after_step(step)
        measured = {**terms, "loss": loss, **self.method.observe()}
        return {name: value.detach() for name, value in measured.items()}

    def epoch(self, epoch: int) -> dict[str, Tensor]:
        """Pass over the source training utterances once, so that every slot of a memory is refreshed.

        The target training utterances are drawn beside them, in shuffled passes of their own. Returns the means of what
        the steps measured.
        """
        self.modules.train()
        self.method.begin_epoch(epoch, self.settings.epochs)
        size = self.settings.batch_size
        source = batches.one_pass(self.source_train, size, training.stream(self.seed, epoch, purpose=1))
        target = batches.endless(self.target_train, size, len(source), training.stream(self.seed, epoch, purpose=2))
        steps = [self.step(*rows) for rows in zip(source, target, strict=True)]
        return {name: torch.stack([step[name] for step in steps]).mean() for name in steps[0]}


def adapt(
    backbone: SNSA,
    source: Domain,
    target: Domain,
    method: str,
    settings: AdaptationSettings,
    method_settings: MethodSettings,
    *,
    seed: int,
    resume: Path,
    identity: str,
) -> Adapted:
    """Adapt `backbone` in place to the target's "train" rows; the target's labels are read for scores alone.

    Backbone and domains lie on the same device; the domains' inputs are what the frozen blocks made of the mels, or
    the mels. `method` is a key of METHODS. The state after each epoch is kept in the file `resume`; a run of the same
    `identity` goes on from there. An unlabelled target has predictions, and None in place of scores.
    """
    backbone.freeze(settings.freeze)
    create = METHODS[method]
    history: list[training.Row] = []
    if create is not None:
        train = batches.split_rows(source.manifest["split"], "train", source.inputs.device)
        features, _ = evaluation.infer(backbone, source.inputs, train, settings.freeze)
        torch.manual_seed(seed)  # for methods that have weights of their own
        adaptation = Adaptation(
            backbone, create(method_settings, features).to(features.device), source, target, settings, seed
        )
        history = train_epochs(adaptation, target, resume, identity)

    everything = torch.arange(len(target.inputs), device=target.inputs.device)
    _, probabilities = evaluation.infer(backbone, target.inputs, everything, settings.freeze)
    predictions = evaluation.predictions(target.manifest, probabilities)
    metrics = {
        "device": target.inputs.device.type,
        "epoch": len(history),
        "seconds": round(sum(row["seconds"] for row in history), 3),
        "splits": {"test": evaluation.scores(predictions, "test")},
        "oracle": oracle(history),
    }
    log = pd.DataFrame(history, columns=None if history else ["epoch", "seconds"])
    return Adapted(backbone, log, predictions, metrics)


def train_epochs(adaptation: Adaptation, target: Domain, resume: Path, identity: str) -> list[training.Row]:
    """Train from where `resume` left off, and watch the target's test utterances; returns the history."""
    settings = adaptation.settings
    test = batches.split_rows(target.manifest["split"], "test", adaptation.device)
    resumable = training.Resumable(resume, identity, adaptation.modules)

    def run_epoch(epoch: int) -> training.Row:
        means = {name: mean.item() for name, mean in adaptation.epoch(epoch).items()}
        scores = training.watch(adaptation.backbone, target, test, settings.freeze)
        watched = {f"test_{name}": scores[name] for name in ("ua", "wa")} if scores else {}
        return {**means, "learning_rate": settings.learning_rate, **watched}

    return training.fit(resumable, resumable.restore(), settings.epochs, adaptation.seed, run_epoch)


def oracle(history: list[training.Row]) -> dict[str, float] | None:
    """The epoch with the best test UA: nobody may choose by it, it is shown as a bound. None without labels."""
    watched = [row for row in history if "test_ua" in row]
    if not watched:
        return None
    best = max(watched, key=lambda row: row["test_ua"])  # the first of equals
    return {"epoch": best["epoch"], "ua": best["test_ua"], "wa": best["test_wa"]}
