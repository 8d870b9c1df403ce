"""A made-up study, as the runs' metrics.json and predictions.csv hold it: noise around a skill a method."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nnpm import CLASSES
from nnpm.evaluation import scoring
from nnpm.reporting import metrics
from nnpm.reporting.evidence import Evidence

SIZES = {
    "urdu": (33, 33, 33, 33),
    "ekorpus": (101, 90, 82, 112),
    "shemo": (350, 66, 148, 340),
    "emodb": (13, 6, 4, 11),
}
#: Speakers of the test sets; EMO-DB's is one, as in the paper's split.
SPEAKERS = {"urdu": 11, "ekorpus": 1, "shemo": 30, "emodb": 1}
METHODS = ("snsa-f", "snsa-wo-sl", "snsa-wo-hl", "nnpm")
SEEDS = (0, 1, 2)
SKILL = {"snsa-f": 0.05, "snsa-wo-sl": 0.08, "snsa-wo-hl": 0.12, "nnpm": 0.18}


def scores(confusion: list[list[int]]) -> dict[str, Any]:
    """UA, WA and recalls of a confusion matrix, rows true."""
    return scoring.of_confusion(np.array(confusion))


def run(
    target: str,
    method: str,
    seed: int,
    confusion: list[list[int]] | None,
    variant: str = "default",
    source: str = "iemocap",
) -> dict[str, Any]:
    """One metrics.json; without a confusion matrix the target is unlabelled."""
    test = scores(confusion) if confusion else None
    return {
        "source": source,
        "target": target,
        "method": method,
        "variant": variant,
        "seed": seed,
        "epoch": 50,
        "seconds": 100.0 + seed,
        "device": "cpu",
        "splits": {"test": test},
        "oracle": test and {"epoch": 30, "ua": min(1.0, test["ua"] + 0.04), "wa": test["wa"]},
    }


def predictions(run: Mapping[str, Any]) -> pd.DataFrame:
    """One predictions.csv that gives the run's confusion matrix; a training row, and unlabelled ones without scores."""
    target, test = run["target"], run["splits"]["test"]
    pairs = [(None, CLASSES[0])] * 5
    if test:
        counts = [(i, j, n) for i, row in enumerate(test["confusion"]) for j, n in enumerate(row)]
        pairs = [(CLASSES[i], CLASSES[j]) for i, j, n in counts for _ in range(n)]
    rows = [
        (f"u{number:03d}", f"{number % SPEAKERS.get(target, 1):02d}", "test", *pair)
        for number, pair in enumerate(pairs)
    ]
    rows.append(("training", "99", "train", "angry", "sad"))
    return pd.DataFrame(rows, columns=["utterance", "speaker", "split", "label", "predicted"])


def write(
    folder: Path,
    run: Mapping[str, Any],
    start: Mapping[str, float | None] | None = None,
    epochs: Sequence[Mapping[str, float | None]] = (),
) -> Path:
    """Write a run's files, with what was measured before the first step and after each epoch; returns metrics.json."""
    path = folder.joinpath(*(str(run[key]) for key in metrics.RUN), "metrics.json")
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({**run, "epoch": len(epochs), "start": start or {}}), encoding="utf-8")
    predictions(run).to_csv(path.with_name("predictions.csv"), index=False)
    history = pd.DataFrame(epochs) if epochs else pd.DataFrame(columns=["epoch", "seconds"])
    history.to_csv(path.with_name("history.csv"), index=False)
    return path


def frames(runs: Iterable[Mapping[str, Any]]) -> tuple[pd.DataFrame, Evidence]:
    """The metrics of some runs and the evidence of their predictions."""
    runs = list(runs)
    return metrics.metrics_frame(runs), Evidence(metrics.predictions_frame(runs, [predictions(run) for run in runs]))


def drawn(target: str, skill: float, generator: np.random.Generator) -> list[list[int]]:
    """A confusion matrix of a model with the given skill and a liking for the first class."""
    rows = []
    for true, size in enumerate(SIZES[target]):
        share = np.array([0.4, 0.15, 0.2, 0.25]) * (1 - skill)
        share[true] += skill
        rows.append(generator.multinomial(size, share).tolist())
    return rows


def runs(source: str = "iemocap") -> Iterator[dict[str, Any]]:
    """4 targets x 4 methods x 3 seeds, freeze 0 and 1 on EMO-DB, five more thresholds on ShEMO and EMO-DB."""
    generator = np.random.default_rng(0)
    for seed in SEEDS:
        for target in SIZES:
            for method in METHODS:
                yield run(target, method, seed, drawn(target, SKILL[method], generator), source=source)
        for freeze in (0, 1):
            variant = f"freeze~{freeze}"
            yield run("emodb", "nnpm", seed, drawn("emodb", 0.1 + 0.03 * freeze, generator), variant, source)
        for target in ("shemo", "emodb"):
            for threshold in (0.4, 0.5, 0.6, 0.7, 0.8):
                skill = 0.18 - 0.25 * (0.9 - threshold)
                yield run(target, "nnpm", seed, drawn(target, skill, generator), f"threshold~{threshold}", source)


#: What the rules give Table 3 and Figure 2: a value, and the variant of its runs.
FROZEN = [(0, "freeze~0"), (1, "freeze~1"), (2, "default")]
THRESHOLDS = [*((value, f"threshold~{value}") for value in (0.4, 0.5, 0.6, 0.7, 0.8)), (0.9, "default")]


SETTINGS = {
    "name": "paper",
    "source": "iemocap",
    "targets": list(SIZES),
    "seeds": list(SEEDS),
    "splits": {"protocol": "paper", "test_size": 0.33, "seed": 0},
    "features": {
        **{"sample_rate": 16000, "duration": 7.5, "window": "hann", "win_length": 400, "n_fft": 512, "hop_length": 160},
        **{"n_mels": 128, "normalisation": "speech", "dynamic_range": 60},
    },
    "backbone": {"filters": 64, "hidden": 100, "attention": 256, "dropout": 0.5},
    "pretraining": {
        **{"epochs": 50, "learning_rate": 1e-3, "weight_decay": 1e-5},
        **{"class_weights": "none", "checkpoint": "last"},
    },
    "adaptation": {
        **{"epochs": 50, "epoch": "source", "batch_size": 32, "learning_rate": 1e-3, "weight_decay": 1e-5},
        **{"freeze": 2, "threshold": 0.9},
    },
    "memory": {"update": "write_rate", "final_rate": 0.4},
    "objective": {"negative_label": -1, "positive_weight": 1, "hard_negative_ratio": 0.01},
}


def pretrained(seed: int) -> dict[str, Any]:
    """One metrics.json of pretraining."""
    return {
        "source": "iemocap",
        "seed": seed,
        "checkpoint_used": "last",
        "last": {"epoch": 50, "validation": {"ua": 0.51}, "test": {"ua": 0.5 + 0.01 * seed}},
        "best": {"epoch": 31, "validation": {"ua": 0.55}, "test": {"ua": 0.52}},
        "parameters": 460_004,
        "seconds": 600.0,
    }
