"""Why NNPM collapses: its first epoch, repeated step by step from each pretrained backbone of a finished study.

`python -m benchmarks.collapse config/open.yaml --into FOLDER` writes collapse.csv and collapse.png for the first source
of the study, all its targets and seeds.
"""

from pathlib import Path
from typing import Any

import matplotlib
import pandas as pd
import torch
from matplotlib.figure import Figure
from torch import Tensor

from benchmarks import finished
from nnpm import CLASSES, corpora
from nnpm.evaluation import inference
from nnpm.files import write_text
from nnpm.methods.base import MethodSettings, Start
from nnpm.methods.pseudo_multilabel import PseudoMultilabel
from nnpm.methods.table import PROPOSED
from nnpm.model.objectives import masked_mean
from nnpm.reporting import drawing, palette
from nnpm.reporting.metrics import to_csv
from nnpm.training import devices, epochs
from nnpm.training.adaptation import Adaptation, AdaptationSettings
from nnpm.workflow.plan import Plan, Run, adaptation_settings, method_settings


class Watched(Adaptation):
    """The training of a run of NNPM whose state is kept before its first step and after each one, in `rows`."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.rows = [self.state()]

    def step(self, *arguments: Any, **progress: Any) -> dict[str, Tensor]:
        """Train on one batch of each domain; to look at the state draws no random number."""
        measured = super().step(*arguments, **progress)
        self.rows.append(self.state())
        self.modules.train()
        return measured

    def state(self) -> dict[str, float]:
        """`matches` of the target's training utterances, without dropout."""
        z, _ = inference.infer(self.backbone, self.target.inputs, self.train["target"], self.settings.freeze)
        labels = self.source.labels[self.train["source"]]
        return matches(*self.method.pseudo_multilabels(z), labels, self.method.settings.negative_label)


def matches(scores: Tensor, positive: Tensor, negative: Tensor, labels: Tensor, label: float) -> dict[str, float]:
    """What pulls and pushes target utterances: means over those that have any, given (utterances, slots) each.

    `labels`, (slots,), are the slots' classes, `label` that of negatives in eq. (6). The slopes of the squared errors
    are 2 (1 - s) and 2 (s - label). `class_positives` and `class_negatives` are the shares of positives and of hard
    negatives that have the class of most positives.
    """
    has = positive.any(dim=1)
    near, far = masked_mean(scores, positive), masked_mean(scores, negative)
    of_class = torch.stack([positive[:, labels == each].sum(dim=1) for each in range(len(CLASSES))], dim=1)
    own = labels == of_class.argmax(dim=1)[:, None]
    values = {
        "positives": positive.sum(dim=1).float(),
        "with_positives": has.float(),
        "similarity_positives": near[has],
        "similarity_negatives": far[negative.any(dim=1)],
        "slope_positives": 2 * (1 - near[has]),
        "slope_negatives": 2 * (far[negative.any(dim=1)] - label),
        "class_positives": masked_mean(own.float(), positive)[has],
        "class_negatives": masked_mean(own.float(), negative)[has],
    }
    return {name: value.mean().item() for name, value in values.items()}  # NaN where no utterance has any


def first_epoch(study: Plan, run: Run) -> list[dict[str, float]]:
    """`Watched.rows` of the first epoch of a run of NNPM, from the study's backbone, frames and settings."""
    config = study.settings(run.variant)
    settings = AdaptationSettings(**adaptation_settings(config))
    backbone, source, target = finished.opened(study, run)
    backbone.freeze(settings.freeze)
    seen = [
        domain.training_utterances(backbone, settings.freeze, labelled=domain is source) for domain in (source, target)
    ]
    method = PseudoMultilabel(
        Start(MethodSettings(**method_settings(PROPOSED, config)), backbone, settings.freeze, *seen)
    )
    watched = Watched(backbone, method, source, target, settings=settings, seed=run.seed)
    torch.manual_seed(int(epochs.stream(run.seed, 0, purpose=0).integers(2**62)))  # dropout, as in `epochs.fit`
    watched.epoch(0)
    return watched.rows


def draw(steps: pd.DataFrame) -> Figure:
    """Positives per utterance above, slopes below, one column per target: thin lines per seed, thick their mean."""
    targets = list(dict.fromkeys(steps["target"]))
    lines = (
        {"positives": (palette.GREY, "positives per utterance")},
        {
            "slope_negatives": (palette.VERMILLION, "hard negatives: push, 2 (s + 1)"),
            "slope_positives": (palette.CLASS_COLOURS["sad"], "positives: pull, 2 (1 − s)"),
        },
    )
    with matplotlib.rc_context(drawing.FONT):
        figure = Figure(figsize=(drawing.WIDTH, 4.6), layout="constrained")
        grid = figure.subplots(2, len(targets), squeeze=False, sharex=True, sharey="row")
        for column, target in enumerate(targets):
            rows = steps[steps["target"] == target]
            for axes, shown in zip(grid[:, column], lines, strict=True):
                drawing.plain(axes)
                for measure, (colour, label) in shown.items():
                    seeds = rows.pivot(index="step", columns="seed", values=measure)
                    axes.plot(seeds, color=colour, linewidth=0.6, alpha=0.5)
                    axes.plot(seeds.mean(axis=1), color=colour, linewidth=2, label=label)
            grid[0, column].set_title(corpora.title(target))
            grid[1, column].set_xlabel("step of the first epoch")
        grid[0, 0].set_ylabel("positives\nper utterance")
        grid[1, 0].set_ylabel("slope of the\nsquared error")
        for axes in grid[:, 0]:
            axes.set_ylim(bottom=0)
        drawing.remark(figure, "On target training utterances, without dropout; thin: one seed, thick: mean over seeds")
        drawing.legend_below(figure, drawing.legend_entries(grid[1, 0]), columns=2)
    return figure


def main(study: Plan, into: Path) -> None:
    """Write collapse.csv, one row per target, seed and step, and collapse.png."""
    devices.prepare("cpu", study.config["threads"])
    found = [
        {"target": run.target, "seed": run.seed, "step": step, **state}
        for run in study.of(study.sources[0], study.targets, [PROPOSED])
        for step, state in enumerate(first_epoch(study, run))
    ]
    steps = pd.DataFrame(found)
    write_text(into / "collapse.csv", to_csv(steps))
    drawing.save(draw(steps), into / "collapse.png", "png", "Why NNPM collapses")


if __name__ == "__main__":
    main(*finished.asked(__doc__))
