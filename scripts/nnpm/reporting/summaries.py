"""The small frames of the report: what the runs say in brief, confusion matrices, corpora, pretraining, timings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import pandas as pd

from nnpm import CLASSES
from nnpm.errors import InputError
from nnpm.evaluation.uncertainty import RESAMPLES, bootstrap, compare, outcomes
from nnpm.files import PREDICTIONS, read_csv, read_json
from nnpm.reporting import paper
from nnpm.reporting.evidence import Evidence
from nnpm.reporting.metrics import COUNTS
from nnpm.reporting.tables import Study, main_runs, select


@dataclass(frozen=True)
class Brief:
    """NNPM against the model that is not adapted, on one target. All percent or points; NaN where unknown.

    ``differences`` are NNPM minus SNSA-F in UA, one a seed that has both; ``printed`` is the paper's difference.
    ``low`` and ``high`` are the 95 % interval of the difference, which resamples seeds and `unit`; ``p`` is that of the
    paired permutation test.
    """

    target: str
    utterances: int
    before: float
    after: float
    differences: tuple[float, ...]
    printed: float
    low: float
    high: float
    p: float
    unit: str

    @property
    def difference(self) -> float:
        """Mean difference over seeds, points."""
        return sum(self.differences) / len(self.differences)

    @property
    def better(self) -> int:
        """Number of seeds in which NNPM is the better one."""
        return sum(difference > 0 for difference in self.differences)


def brief(metrics: pd.DataFrame, evidence: Evidence, targets: Sequence[str], study: Study) -> list[Brief]:
    """Return one comparison a labelled target that has runs of both methods with the same seed."""
    runs = main_runs(metrics, study).dropna(subset="ua")
    found = []
    for target in targets:
        of_target = runs[runs["target"] == target]
        ua = of_target.pivot(index="seed", columns="method", values="ua").astype(float) * 100
        if not {"snsa-f", "nnpm"} <= set(ua.columns) or (ua := ua[["snsa-f", "nnpm"]].dropna()).empty:
            continue
        before, after = (evidence.of(select(runs, target, method)) for method in ua.columns)
        if before is None or after is None:
            continue
        tested = compare(after, before)
        printed = [paper.TABLE1[method][target].ua for method in ua.columns] if target in _PRINTED else []
        found.append(
            Brief(
                target,
                int(of_target["utterances"].max()),
                float(ua["snsa-f"].mean()),
                float(ua["nnpm"].mean()),
                tuple((ua["nnpm"] - ua["snsa-f"]).tolist()),
                printed[1] - printed[0] if printed else float("nan"),
                100 * tested.interval.low,
                100 * tested.interval.high,
                tested.p,
                after.unit,
            )
        )
    return found


_PRINTED = paper.PRINTED_CORPUS_TITLES


@dataclass(frozen=True)
class Confusion:
    """Test utterances by true (rows) and predicted class, summed over ``seeds`` runs."""

    method: str
    seeds: int
    counts: tuple[tuple[int, ...], ...]

    def share(self, row: int, column: int) -> float:
        """Part of a true class that was predicted as another, 0..1; 0 for a class without utterances."""
        total = sum(self.counts[row])
        return self.counts[row][column] / total if total else 0.0

    @property
    def correct(self) -> float:
        """Part of all utterances that is right, 0..1."""
        return sum(row[i] for i, row in enumerate(self.counts)) / sum(map(sum, self.counts))


def confusions(metrics: pd.DataFrame, target: str, methods: Sequence[str], study: Study) -> list[Confusion]:
    """Return a confusion matrix a method; none for methods without labelled runs."""
    runs = main_runs(metrics, study)
    runs = runs[runs["target"] == target].dropna(subset="ua")
    found = []
    for method in methods:
        chosen = runs[runs["method"] == method]
        if len(chosen):
            sums = [int(chosen[column].sum()) for column in COUNTS]
            size = len(CLASSES)
            rows = tuple(tuple(sums[start : start + size]) for start in range(0, size * size, size))
            found.append(Confusion(method, len(chosen), rows))
    return found


def label_counts(manifest: pd.DataFrame) -> dict[str, int]:
    """Return the utterances in use by class, in the order of CLASSES, then the unlabelled ones if there are any."""
    counts = manifest["label"].fillna("unlabelled").value_counts()
    names = [*CLASSES, *(["unlabelled"] if "unlabelled" in counts else [])]
    return {name: int(counts.get(name, 0)) for name in names}


def pretraining_rows(pretrained: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one row a seed and checkpoint (last, best): seed, checkpoint, epoch, validation and test UA (percent)."""
    return [
        {
            "seed": run["seed"],
            "checkpoint": name,
            "used": run["checkpoint_used"] == name,
            "epoch": run[name]["epoch"],
            **{split: _ua(run[name].get(split)) for split in ("validation", "test")},
        }
        for run in sorted(pretrained, key=lambda run: int(run["seed"]))
        for name in ("last", "best")
    ]


def load_pretrained(path: Path | str, checkpoint: str) -> dict[str, Any]:
    """Return a metrics.json of pretraining, with the checkpoint that the study uses. InputError if it is damaged."""
    run = read_json(path, seed=int, seconds=(int, float), last=dict, best=dict) | {"checkpoint_used": checkpoint}
    try:
        pretraining_rows([run])
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise InputError(f"{path}: not a metrics.json of pretraining ({error!r}): delete it and run again") from None
    return run


def source_frame(pretrained: Iterable[Mapping[str, Any]], predictions: pd.DataFrame, source: str) -> pd.DataFrame:
    """Return `pretraining_rows` as a frame, then the mean over seeds of the last checkpoint, with intervals.

    ``predictions`` are those of the last checkpoints with a column seed. Columns after those of the rows: std (sample
    standard deviation over seeds), low and high (95 % interval of the test UA), unit (what it resamples, beside seeds
    in the mean) and paper (its test UA); percent. Checkpoints whose predictions are not kept have no interval.
    """
    rows = pretraining_rows(pretrained)
    measured = outcomes(predictions, source)
    if measured is not None:
        tests = 100 * measured.scores()
        last = [row for row in rows if row["checkpoint"] == "last"]
        validation = sum(row["validation"] for row in last) / len(last)
        mean = {**last[-1], "seed": "mean", "validation": validation, "test": tests.mean()}
        mean["std"] = tests.std(ddof=1) if len(tests) > 1 else float("nan")
        for row in (*last, mean):
            seeds = measured.seeds if row is mean else [row["seed"]]
            low, high = bootstrap(measured.only(seeds))
            row |= {"low": 100 * low, "high": 100 * high, "unit": measured.unit}
        rows.append(mean)
    columns = ["seed", "checkpoint", "used", "epoch", "validation", "test", "std", "low", "high", "unit"]
    return pd.DataFrame(rows, columns=columns).assign(paper=paper.SOURCE_UA)


def source_predictions(pretrained: Sequence[Mapping[str, Any]], files: Sequence[Path | str]) -> pd.DataFrame:
    """Return the source predictions of the last checkpoints, `files` in the order of the runs, with a column seed."""
    tables = (read_csv(file, PREDICTIONS) for file in files)
    return pd.concat(table.assign(seed=run["seed"]) for run, table in zip(pretrained, tables, strict=True))


def source_interval(rows: pd.DataFrame) -> str:
    """Say what the intervals of `source_frame` resample; "" if there are none."""
    units = [unit for unit in rows["unit"].dropna().unique() if unit]
    if not units:
        return ""
    return (
        f"95 % bootstrap interval of the test UA, {RESAMPLES:,} resamples of {units[0]}, in the mean of seeds as well; "
        "none where the predictions are not kept."
    )


def source_markdown(rows: pd.DataFrame, study: Study) -> str:
    """Return the frame of `source_frame` as Markdown with a caption."""
    caption = f"UA (%) on held-out speakers of the source, {paper.corpus_title(study.source)}."
    if interval := source_interval(rows):
        caption += f" Low and high: {interval}"
    if study.source != paper.SOURCE:
        caption += f" The paper's value is for {paper.corpus_title(paper.SOURCE)}."
    shown = rows.drop(columns="unit").assign(used=rows["used"].map({True: "yes", False: ""}))
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
    known = [method for method in paper.METHOD_TITLES if method in by_method]
    for method in [*known, *(method for method in by_method if method not in known)]:
        seconds[f"training, {paper.method_title(str(method))}"] = by_method[method].astype(float).tolist()
    return [(stage, len(values), median(values), sum(values)) for stage, values in seconds.items() if values]


def _ua(scores: Mapping[str, Any] | None) -> float:
    return float("nan") if not scores else 100 * float(scores["ua"])
