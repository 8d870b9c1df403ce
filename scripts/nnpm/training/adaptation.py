"""Adaptation of a pretrained backbone to an unlabelled target corpus (paper, section 2)."""

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn

from nnpm.evaluation import inference, scoring
from nnpm.methods.base import Batch, Method, MethodSettings, Start, Step
from nnpm.model.backbone import SNSA
from nnpm.training import batches, checkpoints, devices, epochs, history
from nnpm.training.domain import Domain
from nnpm.training.optimizer import Adam


@dataclass(frozen=True)
class AdaptationSettings:
    """Settings of adaptation; those of single methods are in `MethodSettings`."""

    epochs: int = 50
    epoch: str = "source"  # or "target": an epoch passes over this domain once
    batch_size: int = 32  # per domain: 64 utterances per step
    learning_rate: float = 1e-3
    weight_decay: float = 1e-5
    freeze: int = 2  # number of first convolution blocks that are not trained
    precision: str = "float32"  # of matrix products: see `devices.prepare`


@dataclass(frozen=True)
class Adapted:
    """The result of a run: backbone, history, predictions for every target utterance, metrics."""

    backbone: SNSA
    history: pd.DataFrame
    predictions: pd.DataFrame
    metrics: dict[str, Any]


def adapt(
    backbone: SNSA,
    source: Domain,
    target: Domain,
    create: Callable[[Start], Method] | None,
    settings: AdaptationSettings,
    method_settings: MethodSettings,
    *,
    seed: int,
    resume: Path,
    identity: str,
) -> Adapted:
    """Adapt `backbone` in place to the target's "train" rows; the target's labels are read only for scores.

    Backbone and domains are on the same device. The domains' inputs are frames or the output of the frozen blocks.
    `create` makes the method (`methods.base.load`); with None the backbone is not trained. The state after each epoch
    is kept in the file `resume`; a run with the same `identity` continues from there. For an unlabelled target the
    scores are None.
    """
    backbone.freeze(settings.freeze)
    domains = {
        "source": source.training_utterances(backbone, settings.freeze, labelled=True),
        "target": target.training_utterances(backbone, settings.freeze, labelled=False),
    }
    torch.manual_seed(seed)  # for methods that have weights of their own
    method = (create or Method)(Start(method_settings, backbone, settings.freeze, **domains)).to(source.device)
    adaptation = Adaptation(backbone, method, source, target, settings=settings, seed=seed)

    def run_epoch(epoch: int) -> checkpoints.Row:
        means = {name: mean.item() for name, mean in adaptation.epoch(epoch).items()}
        epochs.check_loss(means["loss"], resume, epoch)
        return {**means, "learning_rate": settings.learning_rate, **adaptation.measure()}

    start = adaptation.measure()
    resumable = checkpoints.Resumable(resume, identity, adaptation.modules)
    count = settings.epochs if create else 0
    rows = epochs.fit(resumable, resumable.restore() if count else [], count, seed=seed, run_epoch=run_epoch)
    _, probabilities = adaptation.predict()
    predictions = scoring.predictions(target.manifest, probabilities.cpu())
    return Adapted(
        backbone=method.predictor(backbone),
        history=pd.DataFrame(rows, columns=None if rows else ["epoch", "seconds"]),
        predictions=predictions,
        metrics={
            "device": target.device.type,
            "epoch": len(rows),
            "seconds": round(sum(row["seconds"] for row in rows), 3),
            "splits": {"test": scoring.scores(predictions, "test")},
            "start": {name: value for name, value in start.items() if not math.isnan(value)},
            "oracle": history.oracle(rows),
        },
    )


class Adaptation:
    """The training of one run. All that a step needs is on the device, so no step waits for a copy."""

    def __init__(
        self,
        backbone: SNSA,
        method: Method,
        source: Domain,
        target: Domain,
        *,
        settings: AdaptationSettings,
        seed: int,
    ) -> None:
        self.backbone, self.method, self.settings, self.seed = backbone, method, settings, seed
        self.source, self.target = source, target
        self.train = {"source": source.rows("train"), "target": target.rows("train")}
        self.numbers = {"source": _numbers(source), "target": _numbers(target)}
        trained = [weight for part in (backbone, method) for weight in part.parameters() if weight.requires_grad]
        self.optimizer = Adam(trained, settings.learning_rate, settings.weight_decay)
        self.modules = nn.ModuleDict({"backbone": backbone, "method": method, "optimizer": self.optimizer})

    def step(self, source_rows: Tensor, target_rows: Tensor, progress: float = 0.0) -> dict[str, Tensor]:
        """Train on one batch of each domain and return the measured values. `progress` is as in `Step`."""
        # One pass over both domains: the weights are shared, and a batch of 64 is faster than two of 32.
        inputs, lengths = inference.together(
            inference.take(self.source.inputs, source_rows), inference.take(self.target.inputs, target_rows)
        )
        with devices.autocast(self.source.device, self.settings.precision):
            z, logits = self.backbone(inputs, self.settings.freeze, lengths)
        z, logits, n = z.float(), logits.float(), len(source_rows)
        step = Step(
            source=Batch(self.numbers["source"][source_rows], z[:n], logits[:n]),
            labels=self.source.labels[source_rows],
            target=Batch(self.numbers["target"][target_rows], z[n:], logits[n:]),
            progress=progress,
        )
        terms = self.method.losses(step)
        loss = torch.stack(list(terms.values())).sum()  # (9)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self.method.after_step(step)
        measured = {**terms, "loss": loss, **self.method.observe()}
        return {name: value.detach() for name, value in measured.items()}

    def epoch(self, epoch: int) -> dict[str, Tensor]:
        """Pass once over one domain's training utterances and return the means of the values that the steps measured.

        By default this is the source, so that every slot of a memory is refreshed. The other domain's utterances are
        drawn beside them, in shuffled passes.
        """
        self.modules.train()
        settings = self.settings
        self.method.begin_epoch(epoch, settings.epochs)
        count = math.ceil(len(self.train[settings.epoch]) / settings.batch_size)
        source, target = (
            batches.one_pass(self.train[name], settings.batch_size, random, lengths)
            if name == settings.epoch
            else batches.endless(self.train[name], settings.batch_size, count, random, lengths)
            for name, random, lengths in (
                ("source", epochs.stream(self.seed, epoch, purpose=1), inference.lengths_of(self.source.inputs)),
                ("target", epochs.stream(self.seed, epoch, purpose=2), inference.lengths_of(self.target.inputs)),
            )
        )
        target = matched(source, target, self.source.inputs, self.target.inputs)
        # Summed in place: keeping a small tensor per step would prevent reuse of the large tensors' memory.
        sums: dict[str, Tensor] = defaultdict(lambda: torch.zeros((), dtype=torch.double, device=self.source.device))
        for done, rows in enumerate(zip(source, target, strict=True)):
            for name, value in self.step(*rows, progress=(epoch + done / count) / settings.epochs).items():
                sums[name] += value
        return {name: total / count for name, total in sums.items()}

    def predict(self) -> tuple[Tensor, Tensor]:
        """Embeddings z, (utterances, width), and predictions, (utterances, classes), for the whole target."""
        predictor = self.method.predictor(self.backbone)
        return inference.infer(predictor, self.target.inputs, self.target.rows(), self.settings.freeze)

    def measure(self) -> checkpoints.Row:
        """The history's columns at this point of the run: see `history`. Leaves the backbone in evaluation mode."""
        z, probabilities = self.predict()
        predictor, train = self.method.predictor(self.backbone), self.train["target"]
        return {
            **history.target_scores(self.target, probabilities),
            **history.source_scores(predictor, self.source, self.settings.freeze),
            **history.label_free(probabilities[train]),
            **history.memory_state(
                self.method, z[train], self.target.labels[train], self.source.labels[self.train["source"]]
            ),
        }


def matched(
    source: tuple[Tensor, ...], target: tuple[Tensor, ...], of_source: inference.Inputs, of_target: inference.Inputs
) -> tuple[Tensor, ...]:
    """The target's batches, rows each, in an order in which the longest go with the source's longest.

    A step pads both to the longest utterance of either. Without lengths of their own they stay as they are.
    """
    longest = []
    for rows, inputs in ((source, of_source), (target, of_target)):
        if (lengths := inference.lengths_of(inputs)) is None:
            return target
        longest.append(torch.stack([lengths[batch].max() for batch in rows]))
    rank = longest[0].argsort(stable=True).argsort()  # of each of the source's batches
    order = longest[1].argsort(stable=True)[rank]
    return tuple(target[place] for place in order.tolist())


def _numbers(domain: Domain) -> Tensor:
    """The index of each utterance among the training utterances, (utterances,); 0 for the others."""
    train = domain.rows("train")
    numbers = torch.zeros(len(domain.inputs), dtype=torch.long, device=domain.device)
    numbers[train] = torch.arange(len(train), device=domain.device)
    return numbers
