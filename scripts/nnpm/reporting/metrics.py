"""A study's runs as two frames: metrics, one row per run, and predictions, one row per run and test utterance.

Every table, figure and report can be made from them. They are stored in two small CSV files.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from nnpm import CLASSES
from nnpm.errors import InputError
from nnpm.files import PREDICTIONS, of_split, read_csv

#: The columns that identify a run.
RUN = ("source", "target", "method", "variant", "seed")

#: The confusion matrix, one column per cell: true class, then predicted class.
COUNTS = tuple(f"count_{true}_{predicted}" for true in CLASSES for predicted in CLASSES)
SCORES = ("ua", "wa", *(f"recall_{label}" for label in CLASSES), "utterances")
ORACLE = ("oracle_epoch", "oracle_ua", "oracle_wa")

#: Columns of whole numbers.
WHOLE = ("seed", "utterances", "epoch", "oracle_epoch", *COUNTS)

#: Columns of the predictions after those of the run; only test utterances are kept.
_TESTED = tuple(name for name in PREDICTIONS if name != "split")
TEST_PREDICTIONS = (*RUN, *_TESTED)


def metrics_frame(runs: Iterable[Mapping[str, Any] | Path | str]) -> pd.DataFrame:
    """Return one row per run, sorted by source, target, method, variant and seed.

    `runs` are loaded metrics.json files or their paths. Columns: source, target, method, variant, seed; ua, wa and
    recall_{class} of the test set (fractions in 0..1); utterances (of the test set); epoch; oracle_epoch, oracle_ua,
    oracle_wa; seconds; device; count_{true}_{predicted} (the confusion matrix). Missing values, such as the
    scores of an unlabelled target, are NaN.
    Raises InputError if a file cannot be read or lacks a key, and if two files describe the same run.
    """
    frame = pd.DataFrame(
        [_row(run) for run in runs], columns=[*RUN, *SCORES, "epoch", *ORACLE, "seconds", "device", *COUNTS]
    )
    twice = frame[frame.duplicated(list(RUN))]
    if len(twice):
        run = ", ".join(f"{key} {twice.iloc[0][key]}" for key in RUN)
        raise InputError(f"metrics: the run {run} is given twice; pass each run's metrics.json once")
    return frame.astype(dict.fromkeys(WHOLE, "Int64")).sort_values(list(RUN), ignore_index=True)


def predictions_frame(
    runs: Sequence[Mapping[str, Any] | Path | str], predictions: Sequence[pd.DataFrame | Path | str]
) -> pd.DataFrame:
    """Return the runs' predictions for the target's test utterances, sorted by run and utterance.

    `runs` are as for `metrics_frame`, `predictions` the predictions.csv of each, in the same order. Columns: source,
    target, method, variant, seed, utterance, speaker, label (NaN if there is none), predicted.
    """
    parts = []
    for run, table in zip(map(_row, runs), predictions, strict=True):
        rows = table if isinstance(table, pd.DataFrame) else read_csv(table, PREDICTIONS)
        tested = rows.loc[of_split(rows, "test"), list(_TESTED)]
        parts.append(tested.assign(**{key: run[key] for key in RUN}))
    frame = pd.concat(parts) if parts else pd.DataFrame(columns=list(TEST_PREDICTIONS))
    return frame[list(TEST_PREDICTIONS)].sort_values([*RUN, "utterance"], ignore_index=True)


def confusion(runs: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return the confusion matrix of some rows of the metrics, summed: (true, predicted), in the order of CLASSES."""
    return runs[list(COUNTS)].sum().to_numpy(np.int64).reshape(len(CLASSES), -1)


def to_csv(metrics: pd.DataFrame) -> str:
    """Return metrics, predictions or plotted numbers as CSV text; fractions with six digits."""
    return str(metrics.to_csv(index=False, float_format="%.6g", lineterminator="\n"))


def _row(run: Mapping[str, Any] | Path | str) -> dict[str, Any]:
    """Return one run as a row."""
    return _flat(run if isinstance(run, Mapping) else load_run(run))


def load_run(path: Path | str) -> dict[str, Any]:
    """Return what a run's metrics.json holds. Raises InputError if that lacks a key or has a value of another type."""
    try:
        content: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
        for key, value in _flat(content).items():
            kind: Any = str if key in (*RUN[:-1], "device") else int if key in WHOLE else (int, float)
            if isinstance(value, bool) or (not isinstance(value, kind) and (value is not None or key in RUN)):
                raise ValueError(f"{key} is {value!r}")
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError(f"{key} is {value!r}")
        if not isinstance(content.get("start", {}), Mapping):
            raise ValueError(f"start is {content['start']!r}")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); run the adaptation again") from error
    except KeyError as error:
        raise InputError(f"{path}: not a run's metrics.json, it lacks {error}: delete it and run again") from error
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{path}: not a run's metrics.json ({error!r}): delete it and run again") from error
    return content


def _flat(run: Mapping[str, Any]) -> dict[str, Any]:
    """Return the nested metrics of one run as one level."""
    row: dict[str, Any] = {key: run[key] for key in RUN} | {"epoch": run["epoch"], "seconds": run["seconds"]}
    row["device"] = run.get("device", "")
    if test := run["splits"]["test"]:
        row |= {key: test[key] for key in ("ua", "wa", "utterances")}
        row |= {f"recall_{label}": test["recall"][label] for label in CLASSES}
        row |= dict(zip(COUNTS, (count for counts in test["confusion"] for count in counts), strict=True))
    if oracle := run.get("oracle"):
        row |= {f"oracle_{key}": oracle[key] for key in ("epoch", "ua", "wa")}
    return row
