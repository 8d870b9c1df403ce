"""The small tables of the report: results in brief, confusion matrices, corpora, pretraining, timings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from nnpm import CLASSES
from nnpm.errors import InputError
from nnpm.evaluation.outcomes import common_seeds, outcomes
from nnpm.evaluation.uncertainty import compare, interval
from nnpm.files import PREDICTIONS, read_csv, read_json
from nnpm.methods.table import PROPOSED, UNADAPTED, ordered, title
from nnpm.reporting import paper
from nnpm.reporting.evidence import Evidence
from nnpm.reporting.metrics import confusion
from nnpm.reporting.study import Study
from nnpm.reporting.tables import select


@dataclass(frozen=True)
class Brief:
    """The paper's method against the unadapted model on one target, in percent or points of UA; NaN where unknown.

    `difference` is the paper's method minus the other, mean over `seeds`, with its 95 % interval `low` to `high` and
    the p of the paired test; `better` counts the seeds in which the paper's method is better. p is NaN
    for fewer than three seeds. `printed` is the paper's difference; `unit` is the kind of the clusters.
    """

    target: str
    utterances: int
    before: float
    after: float
    difference: float
    low: float
    high: float
    p: float
    better: int
    seeds: int
    printed: float
    unit: str


def brief(metrics: pd.DataFrame, evidence: Evidence, targets: Sequence[str], study: Study) -> list[Brief]:
    """Return one comparison per labelled target that has runs of both methods with the same seed."""
    runs = study.runs(metrics).dropna(subset="ua")
    found = []
    for target in targets:
        before, after = (evidence.of(select(runs, target, method)) for method in (UNADAPTED, PROPOSED))
        if before is None or after is None or not (seeds := common_seeds([before, after])):
            continue
        rows = [paper.TABLE1[method].get(target) for method in (UNADAPTED, PROPOSED)]
        tested = compare(after, before)
        found.append(
            Brief(
                target,
                utterances=int(runs.loc[runs["target"] == target, "utterances"].max()),
                before=100 * before.only(seeds).scores().mean(),
                after=100 * after.only(seeds).scores().mean(),
                difference=100 * tested.mean,
                low=100 * tested.interval.low,
                high=100 * tested.interval.high,
                p=tested.p,
                better=tested.better or 0,  # not None: both methods draw random numbers
                seeds=tested.seeds,
                printed=rows[1].ua - rows[0].ua if rows[0] and rows[1] else float("nan"),
                unit=after.unit,
            )
        )
    return found


@dataclass(frozen=True)
class Confusion:
    """Test utterances by true (rows) and predicted class, summed over `seeds` runs."""

    method: str
    seeds: int
    counts: npt.NDArray[np.int64]

    def share(self, row: int, column: int) -> float:
        """Share of true class `row` predicted as `column`, 0..1; 0 for a class without utterances."""
        total = self.counts[row].sum()
        return float(self.counts[row, column] / total) if total else 0.0

    @property
    def correct(self) -> float:
        """Share of correct utterances, 0..1."""
        return float(self.counts.trace() / self.counts.sum())


def confusions(metrics: pd.DataFrame, target: str, methods: Sequence[str], study: Study) -> list[Confusion]:
    """Return one confusion matrix per method that has labelled runs."""
    runs = study.runs(metrics).dropna(subset="ua")
    chosen = {method: select(runs, target, method) for method in methods}
    return [Confusion(method, len(rows), confusion(rows)) for method, rows in chosen.items() if len(rows)]


def label_counts(manifest: pd.DataFrame) -> dict[str, int]:
    """Return the number of utterances per class, in the order of CLASSES, then of unlabelled ones if there are any."""
    counts = manifest["label"].fillna("unlabelled").value_counts()
    names = [*CLASSES, *(["unlabelled"] if "unlabelled" in counts else [])]
    return {name: int(counts.get(name, 0)) for name in names}


def pretraining_rows(pretrained: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one row per source, seed and checkpoint (last, best): also its epoch, validation and test UA, percent."""
    return [
        {
            "source": run["source"],
            "seed": run["seed"],
            "checkpoint": name,
            "used": run["checkpoint_used"] == name,
            "epoch": run[name]["epoch"],
            **{split: _ua(run[name].get(split)) for split in ("validation", "test")},
        }
        for run in sorted(pretrained, key=lambda run: (run["source"], int(run["seed"])))
        for name in ("last", "best")
    ]


def load_pretrained(path: Path | str, checkpoint: str) -> dict[str, Any]:
    """Return a metrics.json of pretraining, with the checkpoint that the study uses. InputError if it is damaged."""
    run = read_json(path, source=str, seed=int, seconds=(int, float), last=dict, best=dict)
    run |= {"checkpoint_used": checkpoint}
    try:
        pretraining_rows([run])
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise InputError(f"{path}: not a metrics.json of pretraining ({error!r}): delete it and run again") from None
    return run


def source_frame(pretrained: Iterable[Mapping[str, Any]], predictions: pd.DataFrame) -> pd.DataFrame:
    """Return `pretraining_rows` as a frame; after each source, the mean over seeds of the last checkpoint.

    `predictions` are those of the last checkpoints (`source_predictions`). Columns after those of the rows: std (sample
    standard deviation over seeds), low and high (95 % interval of the test UA), unit (what it is over, beside seeds in
    the mean) and paper (its test UA); percent. Checkpoints whose predictions are not kept have no interval.
    """
    rows = []
    for source, found in groupby(pretraining_rows(pretrained), key=itemgetter("source")):
        of_source = list(found)
        measured = outcomes(predictions[predictions["source"] == source], source)
        if measured is not None:
            tests = 100 * measured.scores()
            last = [row for row in of_source if row["checkpoint"] == "last"]
            validation = sum(row["validation"] for row in last) / len(last)
            mean = {**last[-1], "seed": "mean", "validation": validation, "test": tests.mean()}
            mean["std"] = tests.std(ddof=1) if len(tests) > 1 else float("nan")
            for row in (*last, mean):
                seeds = measured.seeds if row is mean else [row["seed"]]
                low, high = interval(measured.only(seeds))
                row |= {"low": 100 * low, "high": 100 * high, "unit": measured.unit}
            of_source.append(mean)
        rows += of_source
    columns = ["source", "seed", "checkpoint", "used", "epoch", "validation", "test", "std", "low", "high", "unit"]
    return pd.DataFrame(rows, columns=columns).assign(paper=paper.SOURCE_UA)


def source_predictions(pretrained: Sequence[Mapping[str, Any]], files: Sequence[Path | str]) -> pd.DataFrame:
    """Return the predictions of the last checkpoints for their sources, with the columns source and seed.

    `files` are in the order of the runs.
    """
    tables = (read_csv(file, PREDICTIONS) for file in files)
    pairs = zip(pretrained, tables, strict=True)
    return pd.concat(table.assign(source=run["source"], seed=run["seed"]) for run, table in pairs)


def source_interval(rows: pd.DataFrame) -> str:
    """Say what the intervals of `source_frame` are over; "" if there are none."""
    units = [unit for unit in rows["unit"].dropna().unique() if unit]
    if not units:
        return ""
    return (
        f"95 % interval of the test UA over {' or '.join(units)}, in the mean over seeds as well; none where the "
        "predictions are not kept."
    )


def source_markdown(rows: pd.DataFrame, study: Study) -> str:
    """Return the frame of `source_frame` as Markdown with a caption."""
    caption = f"UA (%) on held-out utterances of the source, {study.title(study.source)}."
    if interval := source_interval(rows):
        caption += f" Low and high: {interval}"
    if study.source != paper.SOURCE:
        caption += f" The paper's value is for {study.title(paper.SOURCE)}."
    shown = rows.drop(columns="unit").assign(
        source=rows["source"].map(study.title), used=rows["used"].map({True: "yes", False: ""})
    )
    numbers = ["validation", "test", "std", "low", "high", "paper"]
    shown[numbers] = shown[numbers].map("{:.1f}".format, na_action="ignore").astype(object).fillna("—")
    table = shown.to_markdown(index=False, disable_numparse=True)
    return f"{' '.join(filter(None, [caption, study.note]))}\n\n{table}\n"


def timings(
    metrics: pd.DataFrame,
    pretrained: Iterable[Mapping[str, Any]],
) -> list[tuple[str, int, float, float]]:
    """Return (stage, runs, median seconds, summed seconds): pretraining, then each method."""
    seconds = {"source pretraining": [float(run["seconds"]) for run in pretrained]}
    by_method = dict(list(metrics.groupby("method")["seconds"]))
    for method in ordered(map(str, by_method)):
        seconds[f"training, {title(method)}"] = by_method[method].astype(float).tolist()
    return [(stage, len(values), median(values), sum(values)) for stage, values in seconds.items() if values]


def _ua(scores: Mapping[str, Any] | None) -> float:
    return float("nan") if not scores else 100 * float(scores["ua"])
