"""The runs' histories as one frame: one row per run and epoch. Epoch 0 is the state before the first step."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from nnpm import CLASSES
from nnpm.errors import InputError
from nnpm.files import read_history
from nnpm.methods import table
from nnpm.reporting.metrics import RUN, load_run

SHARES = [f"share_{name}" for name in CLASSES]


def load(runs: Iterable[Path | str], needed: str = "") -> pd.DataFrame:
    """Return the histories of runs in the order given, from their metrics.json and the history.csv beside it.

    Columns: source, target, method, variant, seed, epoch, and the columns of the histories. A method that is not
    trained has one row, epoch 0; a method without a backbone has its test UA there.
    Raises InputError if a file is not a run's metrics.json, or if a run has no column `needed`.
    """
    frames = []
    for path in map(Path, runs):
        run = load_run(path)
        start = dict(run.get("start", {}))
        if not run["epoch"] and (test := run["splits"]["test"]):
            start = {"test_ua": test["ua"], "test_wa": test["wa"]} | start
        rows, history = pd.DataFrame([{"epoch": 0, **start}]), path.with_name("history.csv")
        epochs = read_history(history) if history.exists() else rows[:0]
        if needed and (needed not in rows or (len(epochs) and needed not in epochs)):
            raise InputError(f"{history}: has no column {needed!r}; delete the run, the next call makes it again")
        frame = pd.concat([rows, epochs], ignore_index=True) if len(epochs) else rows
        # Six decimals, as in a history, since epoch 0 is compared with the others.
        frames.append(frame.round(6).assign(**{key: run[key] for key in RUN}))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=[*RUN, "epoch"])


def predicted_classes(rows: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Return the effective number of predicted classes per row, 1 to 4: the exponential of the shares' entropy.

    4 means that all classes are predicted equally often, 1 that only one is. NaN where no shares are known.
    """
    shares = rows.reindex(columns=SHARES).to_numpy(dtype=float)
    effective: npt.NDArray[np.float64] = np.exp(special.entr(shares).sum(axis=1))
    return effective


def over_seeds(rows: pd.DataFrame, target: str, columns: Sequence[str]) -> pd.DataFrame:
    """Return one row per method, measure and epoch of one target, in the order of methods and `columns`.

    Columns: target, method, measure, epoch; mean, low and high over seeds (NaN left out); seeds that have a value.
    """
    present = [name for name in columns if name in rows]
    long = rows.melt(id_vars=["method", "epoch"], value_vars=present, var_name="measure").dropna(subset="value")
    grouped = long.astype({"value": float}).groupby(["method", "measure", "epoch"])["value"]
    found = grouped.agg(mean="mean", low="min", high="max", seeds="count").reset_index()
    found.insert(0, "target", target)
    order: Mapping[str, Sequence[str]] = {"method": table.ordered(found["method"]), "measure": columns}
    return found.sort_values(
        ["method", "measure", "epoch"],
        key=lambda column: column.map(list(order[str(column.name)]).index) if column.name in order else column,
        ignore_index=True,
    )
