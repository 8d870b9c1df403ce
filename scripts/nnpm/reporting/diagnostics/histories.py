"""What the runs' histories hold, as one frame: a row a run and epoch, epoch 0 being the state before the first step."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from nnpm import CLASSES
from nnpm.files import read_history
from nnpm.reporting.metrics import RUN, load_run
from nnpm.reporting.tables import Study, main_runs

SHARES = [f"share_{name}" for name in CLASSES]


def load(runs: Iterable[Path | str]) -> pd.DataFrame:
    """Return the histories of runs, given their metrics.json, beside which history.csv lies.

    Columns: target, method, freeze, threshold, seed, epoch, and whatever the histories hold. A method that is not
    trained has one row, epoch 0; one without a backbone, which has no history at all, has its test UA there.
    Raises InputError if a file is not a run's metrics.json.
    """
    frames = []
    for path in map(Path, runs):
        run = load_run(path)
        start = dict(run.get("start", {}))
        if not run["epoch"] and (test := run["splits"]["test"]):
            start = {"test_ua": test["ua"], "test_wa": test["wa"]} | start
        rows = [pd.DataFrame([{"epoch": 0, **start}])]
        history = path.with_name("history.csv")
        if history.exists():
            rows.append(read_history(history))
        frames.append(
            pd.concat([part for part in rows if len(part)], ignore_index=True).assign(**{key: run[key] for key in RUN})
        )
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=[*RUN, "epoch"])


def of_target(histories: pd.DataFrame, target: str, study: Study) -> pd.DataFrame:
    """Return the rows of one target in the study's main setting."""
    runs = main_runs(histories, study)
    return runs[runs["target"] == target]


def predicted_classes(rows: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Return the effective number of predicted classes, 1 to 4, of each row: the exponential of the shares' entropy.

    4 means that all classes are predicted equally often, 1 that one alone is. NaN where no shares are known.
    """
    p = rows.reindex(columns=SHARES).to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(p > 0, p * np.log(p), 0 * p)  # 0 log 0 is 0; NaN stays NaN
    effective: npt.NDArray[np.float64] = np.exp(-terms.sum(axis=1))
    return effective


def over_seeds(rows: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Return one row a method, epoch and measure: mean, low, high over seeds (NaN left out) and seeds that have it."""
    present = [name for name in columns if name in rows]
    long = rows.melt(id_vars=["method", "epoch"], value_vars=present, var_name="measure").dropna(subset="value")
    grouped = long.astype({"value": float}).groupby(["method", "measure", "epoch"])["value"]
    return grouped.agg(mean="mean", low="min", high="max", seeds="count").reset_index()
