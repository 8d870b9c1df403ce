"""Adaptation: the pretrained backbone meets the unlabelled target corpus (paper, section 2)."""

import math
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn

from nnpm import files, methods
from nnpm.evaluation import inference, scoring
from nnpm.methods.base import Batch, Method, MethodSettings, Start, Step, Utterances
from nnpm.model.backbone import SNSA
from nnpm.training import batches, checkpoints, devices, epochs
from nnpm.training.domain import Domain
from nnpm.training.optimizer import Adam
from nnpm.training.tracking import predict, track


@dataclass(frozen=True)
class AdaptationSettings:
    """How adaptation is run; what the methods themselves leave open is in `MethodSettings`."""

    epochs: int = 50
    epoch: str = "source"  # the domain that an epoch passes over once: or "target"
    batch_size: int = 32  # of the source and of the target each: 64 utterances a step
    learning_rate: float = 1e-3
    weight_decay: float = 1e-5
    freeze: int = 2  # the first convolution blocks, which are not trained
    precision: str = "float32"  # of products: see `devices.prepare`


@dataclass(frozen=True)
class Adapted:
    """The end of a run: the backbone that predicts, history, predictions for every target utterance, metrics."""

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
        self.labels = torch.as_tensor(files.label_indices(source.manifest["label"]), device=self.device)
        self.numbers = {"source": _numbers(source, self.source_train), "target": _numbers(target, self.target_train)}
        trained = [weight for part in (backbone, method) for weight in part.parameters() if weight.requires_grad]
        self.optimizer = Adam(trained, settings.learning_rate, settings.weight_decay)
        self.modules = nn.ModuleDict({"backbone": backbone, "method": method, "optimizer": self.optimizer})

    def step(self, source_rows: Tensor, target_rows: Tensor, progress: float = 0.0) -> dict[str, Tensor]:
        """Train on one batch of each domain; returns what was measured. `progress` is as in `Step`."""
        # One pass over both domains: the weights are shared, and a batch of 64 is faster than two of 32.
        inputs = torch.cat([inference.take(self.source, source_rows), inference.take(self.target, target_rows)])
        with devices.autocast(self.device, self.settings.precision):
            z, logits = self.backbone(self.method.augment(inputs), self.settings.freeze)
        z, logits, n = z.float(), logits.float(), len(source_rows)
        step = Step(
            source=Batch(self.numbers["source"][source_rows], z[:n], logits[:n]),
            labels=self.labels[source_rows],
            target=Batch(self.numbers["target"][target_rows], z[n:], logits[n:]),
            progress=progress,
        )
        terms = self.method.losses(step)
        loss = torch.stack(list(terms.values())).sum()  # (9)
        self.optimizer.forget_gradients()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self.method.after_step(step)
        measured = {**terms, "loss": loss, **self.method.observe()}
        return {name: value.detach() for name, value in measured.items()}

    def epoch(self, epoch: int) -> dict[str, Tensor]:
        """Pass over one domain's training utterances once: the source's, so that every slot of a memory is refreshed.

        The other domain's are drawn beside them, in shuffled passes of their own. Returns the means of what the steps
        measured.
        """
        self.modules.train()
        settings = self.settings
        self.method.begin_epoch(epoch, settings.epochs)
        passed = self.source_train if settings.epoch == "source" else self.target_train
        count = math.ceil(len(passed) / settings.batch_size)
        source, target = (
            batches.one_pass(rows, settings.batch_size, random)
            if rows is passed
            else batches.endless(rows, settings.batch_size, count, random)
            for rows, random in (
                (self.source_train, epochs.stream(self.seed, epoch, purpose=1)),
                (self.target_train, epochs.stream(self.seed, epoch, purpose=2)),
            )
        )
        # Summed in place: a small tensor kept from each step would keep the large ones' memory from being used again.
        sums: dict[str, Tensor] = defaultdict(lambda: torch.zeros((), dtype=torch.double, device=self.device))
        for done, rows in enumerate(zip(source, target, strict=True)):
            for name, value in self.step(*rows, progress=(epoch + done / count) / settings.epochs).items():
                sums[name] += value
        return {name: total / count for name, total in sums.items()}


def _numbers(domain: Domain, train: Tensor) -> Tensor:
    """Of each utterance of a corpus: its number among those of training."""
    numbers = torch.zeros(len(domain.inputs), dtype=torch.long, device=train.device)
    numbers[train] = torch.arange(len(train), device=train.device)
    return numbers


def utterances(backbone: SNSA, domain: Domain, freeze: int, *, labelled: bool) -> Utterances:
    """The training utterances of a domain as a method may see them; labels only if `labelled`."""
    train = batches.split_rows(domain.manifest["split"], "train", domain.inputs.device)
    z, _ = inference.infer(backbone, domain.inputs, train, freeze)
    of_training = domain.manifest[domain.manifest["split"] == "train"]
    genders = pd.Categorical(of_training["gender"], categories=["f", "m"]).codes.astype("int64")
    labels = files.label_indices(of_training["label"]) if labelled else None
    return Utterances(
        z=z,
        labels=None if labels is None else torch.as_tensor(labels, device=z.device),
        genders=torch.as_tensor(genders, device=z.device),
        natural=-1 if domain.natural is None else int(domain.natural),
        second_view=None if domain.second_view is None else domain.second_view[train],
    )


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
    the mels. `method` is a key of `methods.METHODS`. The state after each epoch is kept in the file `resume`; a run of
    the same `identity` goes on from there. An unlabelled target has predictions, and None in place of scores.
    """
    backbone.freeze(settings.freeze)
    create = methods.get(method)
    history: list[checkpoints.Row] = []
    made, predictor = None, backbone
    if create is None:
        start = track(backbone, None, source, target, settings.freeze)
    else:
        domains = [
            utterances(backbone, domain, settings.freeze, labelled=domain is source) for domain in (source, target)
        ]
        torch.manual_seed(seed)  # for methods that have weights of their own
        made = create(Start(method_settings, backbone, settings.freeze, *domains)).to(domains[0].z.device)
        start = track(made.predictor(backbone), made, source, target, settings.freeze)
        history = train_epochs(
            Adaptation(backbone, made, source, target, settings, seed), source, target, resume, identity
        )
        predictor = made.predictor(backbone)

    _, probabilities = predict(predictor, made, target, settings.freeze)
    predictions = scoring.predictions(target.manifest, probabilities)
    metrics = {
        "device": target.inputs.device.type,
        "epoch": len(history),
        "seconds": round(sum(row["seconds"] for row in history), 3),
        "splits": {"test": scoring.scores(predictions, "test")},
        "start": {name: value for name, value in start.items() if not math.isnan(value)},
        "oracle": oracle(history),
    }
    log = pd.DataFrame(history, columns=None if history else ["epoch", "seconds"])
    return Adapted(predictor, log, predictions, metrics)


def train_epochs(
    adaptation: Adaptation, source: Domain, target: Domain, resume: Path, identity: str
) -> list[checkpoints.Row]:
    """Train from where `resume` left off, and look at both domains after each epoch; returns the history."""
    settings, method = adaptation.settings, adaptation.method
    resumable = checkpoints.Resumable(resume, identity, adaptation.modules)

    def run_epoch(epoch: int) -> checkpoints.Row:
        means = {name: mean.item() for name, mean in adaptation.epoch(epoch).items()}
        epochs.check_loss(means["loss"], resume, epoch)
        tracked = track(method.predictor(adaptation.backbone), method, source, target, settings.freeze)
        return {**means, "learning_rate": settings.learning_rate, **tracked}

    return epochs.fit(resumable, resumable.restore(), settings.epochs, adaptation.seed, run_epoch)


def oracle(history: list[checkpoints.Row]) -> dict[str, float] | None:
    """The epoch with the best test UA: nobody may choose by it, it is shown as a bound. None without labels."""
    watched = [row for row in history if "test_ua" in row]
    if not watched:
        return None
    best = max(watched, key=lambda row: row["test_ua"])  # the first of equals
    return {"epoch": best["epoch"], "ua": best["test_ua"], "wa": best["test_wa"]}
