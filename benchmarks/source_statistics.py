"""Scores of methods that are not adapted, if a target is standardised by the source's statistics instead of its own.

`python -m benchmarks.source_statistics config/open.yaml --into FOLDER` writes source_statistics.csv for the first
source of a finished study, all its targets and seeds. Each method is trained on the source as in the study; only the
target's frames or functionals change. A source must be one corpus: a pool has no statistics of its own.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from benchmarks import finished
from nnpm.errors import InputError
from nnpm.evaluation import inference, scoring, uncertainty
from nnpm.evaluation.outcomes import outcomes
from nnpm.features.base import Statistic
from nnpm.features.mels import Mels
from nnpm.files import read_json, write_text
from nnpm.methods import table
from nnpm.methods.base import load
from nnpm.methods.described import Described
from nnpm.reporting.metrics import to_csv
from nnpm.training import checkpoints, devices
from nnpm.training.domain import Domain
from nnpm.workflow.plan import Plan, Run

OWN, SOURCE = "own", "source"


class Restated:
    """Inputs whose frames are standardised by other statistics; it has what inference asks of a tensor.

    `before` and `after` are (mean, deviation) of each channel, (channels,) each. Frames that are 0 in all channels are
    padding or silence, which standardisation leaves at 0 under any statistics.
    """

    def __init__(self, inputs: inference.Inputs, before: list[Statistic], after: list[Statistic]) -> None:
        (mean, deviation), (other_mean, other_deviation) = before, after
        if min(deviation.min(), other_deviation.min()) <= Mels.flat:
            raise InputError("statistics: a channel does not vary, and cannot be restated")
        self.inputs, self.device, self.lengths = inputs, inputs.device, inference.lengths_of(inputs)
        self.scale = torch.from_numpy(deviation / other_deviation).float()
        self.shift = torch.from_numpy((mean - other_mean) / other_deviation).float()

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, rows: Tensor) -> Tensor:
        """The inputs of some utterances, by their row numbers, (rows,)."""
        frames = self.inputs[rows].float()
        return torch.where(frames.any(dim=2, keepdim=True), frames * self.scale + self.shift, 0.0)


def restated(target: Described, source: Described) -> Described:
    """The target's functionals standardised by the source's statistics."""
    deviation = np.where(np.isinf(target.deviation), 0.0, target.deviation)  # infinite for a constant functional
    measured = target.mean + deviation * target.values
    values = (measured - source.mean) / source.deviation
    return replace(target, values=values, mean=source.mean, deviation=source.deviation)


def of_backbone(study: Plan, run: Run) -> Iterator[tuple[str, pd.DataFrame]]:
    """The pretrained backbone's predictions for the target, under each kind of statistics."""
    checkpoint = study.checkpoint(run.source, run.variant, run.seed)
    backbone = checkpoints.load_backbone(checkpoint)
    file, description, source = (
        study.features_file(name, run.variant, kind)
        for name, kind in ((run.target, "npy"), (run.target, "json"), (run.source, "json"))
    )
    target = Domain.load(file, study.manifest(run.target), description=description, backbone=backbone)
    own, of_source = (statistics(path) for path in (description, source))
    for name, inputs in ((OWN, target.inputs), (SOURCE, Restated(target.inputs, own, of_source))):
        yield name, replace(target, inputs=inputs).predictions(backbone, target.rows())


def statistics(description: str) -> list[Statistic]:
    """Mean and deviation of each channel, (channels,) each, of a corpus's frames."""
    found = read_json(description, mean=list, deviation=list)
    return [np.array(found[name]) for name in ("mean", "deviation")]


def of_functionals(study: Plan, run: Run) -> Iterator[tuple[str, pd.DataFrame]]:
    """The predictions of a classifier of functionals for the target, under each kind of statistics."""
    classify = load(table.METHODS[run.method].place)
    source, target = (
        Described.load(study.functionals_file(name, run.variant), study.manifest(name), labelled=name == run.source)
        for name in (run.source, run.target)
    )
    for name, given in ((OWN, target), (SOURCE, restated(target, source))):
        yield name, scoring.predictions(target.manifest, classify(source, given).probabilities)


def row(method: str, target: str, predictions: dict[str, pd.DataFrame]) -> dict[str, object]:
    """UA under both kinds of statistics and their paired difference, in percent, with p of its test."""
    found = {name: outcomes(part, target, table.METHODS[method].seeded) for name, part in predictions.items()}
    ua = {name: 100 * measured.scores() for name, measured in found.items() if measured}
    difference = uncertainty.compare(found[SOURCE], found[OWN])
    scores = {name: scores.mean() for name, scores in ua.items()}
    spread = {f"{name}_std": scores.std(ddof=1) if len(scores) > 1 else np.nan for name, scores in ua.items()}
    low, high = (100 * bound for bound in difference.interval)
    compared = {"difference": 100 * difference.mean, "low": low, "high": high, "p": difference.p}
    return {"method": method, "target": target, "seeds": len(ua[OWN])} | scores | spread | compared


def main(study: Plan, into: Path) -> None:
    """Write source_statistics.csv, one row per method and target."""
    devices.prepare("cpu", study.config["threads"])
    methods = [table.UNADAPTED, *table.that_read("functionals")]
    rows = []
    for method in methods:
        measure = of_functionals if table.METHODS[method].reads == "functionals" else of_backbone
        for target in study.targets:
            found: dict[str, list[pd.DataFrame]] = {OWN: [], SOURCE: []}
            for run in study.of(study.sources[0], [target], [method]):
                for name, predictions in measure(study, run):
                    found[name].append(predictions.assign(seed=run.seed))
            rows.append(row(method, target, {name: pd.concat(parts) for name, parts in found.items()}))
    measured = pd.DataFrame(rows)
    write_text(into / "source_statistics.csv", to_csv(measured.assign(corrected=uncertainty.holm(measured["p"]))))


if __name__ == "__main__":
    main(*finished.asked(__doc__))
