"""The epoch of each run and the method for each target that each criterion would have chosen, and how reliable it is.

Test labels are read here to score a choice, never to make one, except for the oracle, which is named as such.
`nnpm.evaluation.criteria` says which criterion the project uses, and why.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from nnpm import pages
from nnpm.methods.table import UNADAPTED
from nnpm.methods.table import title as method_title
from nnpm.reporting import histories
from nnpm.reporting.cells import all_scored
from nnpm.reporting.evidence import spread_sentence
from nnpm.reporting.study import Study

#: The criteria that choose an epoch, each with the column whose highest value it takes.
CRITERIA: Mapping[str, str] = {
    "last": "epoch",
    "im": "im",
    "snd": "snd",
    "source validation": "source_validation_ua",
    "oracle": "test_ua",
}
LABEL_FREE = ("im", "snd", "source validation")  # of the target's labels
TITLES: Mapping[str, str] = {
    "last": "Last epoch",
    "im": "IM",
    "snd": "SND",
    "source validation": "Source validation",
    "oracle": "Oracle: best test epoch, needs labels",
}

_RUN = ["target", "method", "seed"]
_TRACKED = ["im", "snd", "source_validation_ua", "test_ua"]


def epochs_frame(runs: Iterable[Path | str]) -> pd.DataFrame:
    """Return one row per epoch of each run: target, method, seed, epoch, im, snd, source_validation_ua, test_ua.

    `runs` are metrics.json files, with the histories beside them. Epoch 0 is the model before the first step, and the
    only epoch of a method that trains nothing. Values that were not measured are NaN, such as the test UA of an
    unlabelled target. The order of runs sets the order of targets and methods in all results. Raises InputError if a
    run's history lacks the criteria.
    """
    frame = histories.load(runs, needed="im").reindex(columns=[*_RUN, "epoch", *_TRACKED])
    return frame.astype(dict.fromkeys(_TRACKED, float))


def choices(epochs: pd.DataFrame) -> pd.DataFrame:
    """Return one row per run and criterion: target, method, seed, criterion, epoch, value (of the criterion), ua.

    The epoch with the highest value is chosen, on a tie the earliest. A criterion that was never measured chooses
    nothing: NaN.
    """
    rows = []
    for run, watched in epochs.groupby(_RUN, sort=False):
        for criterion, column in CRITERIA.items():
            best = watched[watched[column] == watched[column].max()]
            found = best[["epoch", column, "test_ua"]].iloc[0].tolist() if len(best) else [math.nan] * 3
            rows.append([*run, criterion, *found])
    return pd.DataFrame(rows, columns=[*_RUN, "criterion", "epoch", "value", "ua"])


def summarise(chosen: pd.DataFrame) -> pd.DataFrame:
    """Return one row per target, method and criterion: seeds (count), and means over them: ua, epoch, value.

    `chosen` comes from :func:`choices`. ua is a fraction, 0..1, and std its sample standard deviation (NaN for one
    seed). A mean is NaN if one seed has no value.
    """
    rows = []
    for key, runs in chosen.groupby(["target", "method", "criterion"], sort=False):
        means = [runs[column].mean(skipna=False) for column in ("ua", "epoch", "value")]
        rows.append([*key, len(runs), means[0], runs["ua"].std(ddof=1), *means[1:]])
    return pd.DataFrame(rows, columns=["target", "method", "criterion", "seeds", "ua", "std", "epoch", "value"])


def methods_frame(epochs: pd.DataFrame) -> pd.DataFrame:
    """Return one row per target, criterion and kind of candidates: the method that the criterion takes, and its score.

    Candidates: the "last epoch" of every method, or its "chosen epoch" by the same criterion. The
    method with the highest mean over seeds is chosen, on a tie the first. Columns: target,
    criterion, candidates, method (missing if nothing was measured), ua and std over seeds (fractions, 0..1).
    """
    last = epochs.loc[epochs.groupby(_RUN, sort=False)["epoch"].idxmax()]
    rows = []
    for candidates, chosen in (("last epoch", choices(last)), ("chosen epoch", choices(epochs))):
        means = summarise(chosen)
        for target in means["target"].unique():
            for criterion in (*LABEL_FREE, "oracle"):
                known = means[(means["target"] == target) & (means["criterion"] == criterion)]
                best = known[known["value"] == known["value"].max()]
                taken = best[["method", "ua", "std"]].iloc[0].tolist() if len(best) else [None, math.nan, math.nan]
                rows.append([target, criterion, candidates, *taken])
    return pd.DataFrame(rows, columns=["target", "criterion", "candidates", "method", "ua", "std"])


def agreement(epochs: pd.DataFrame) -> pd.DataFrame:
    """Return Spearman's rank correlation of each criterion with test UA, one row per target and criterion.

    Columns: across (over the last epochs of all runs) with the count of runs, and within (over the epochs of a run,
    mean over the runs in which both vary) with their count, curves. NaN where values are constant or missing.
    """
    rows = []
    for target, watched in epochs.groupby("target", sort=False):
        runs = [run for _, run in watched.groupby(_RUN, sort=False)]
        ends = pd.concat([run.tail(1) for run in runs])
        for criterion in LABEL_FREE:
            column = CRITERIA[criterion]
            within = pd.Series([_spearman(run, column) for run in runs], dtype=float).dropna()
            rows.append([target, criterion, _spearman(ends, column), len(ends), within.mean(), len(within)])
    return pd.DataFrame(rows, columns=["target", "criterion", "across", "runs", "within", "curves"])


def _spearman(rows: pd.DataFrame, column: str) -> float:
    """Return the rank correlation of a column with test UA; NaN if one of them is constant."""
    pairs = rows[[column, "test_ua"]].dropna().rank()
    if (pairs.nunique() < 2).any():
        return math.nan
    return float(pairs[column].corr(pairs["test_ua"]))


EXPLANATION = (
    "IM is information maximisation: predictions are sure, yet spread over all classes. SND is soft neighbourhood "
    "density: an utterance has many others that are predicted alike; it is highest where everything gets the same "
    "label. Both are measured on the target's training utterances without their labels. Source validation is UA on "
    "held-out utterances of the source. This project goes by IM, fixed for what it rewards and not for how it ranks "
    "here. It flatters a method that trains on what it measures, as entropy minimisation does, and a method that takes "
    "the classes to be equally frequent, as NNPM-plus does."
)


def page(epochs: pd.DataFrame, targets: Sequence[str], study: Study) -> list[pages.Section]:
    """Return the page: the chosen epochs and methods with UA in percent, and the agreement with test UA."""
    means = summarise(choices(epochs))
    spread = spread_sentence(means["seeds"])
    names = {target: study.title(target) for target in targets}
    parts = (
        "UA (%) on the test utterances after the epoch that each criterion chooses for each run; in brackets the mean "
        "epoch chosen. Candidates are all epochs and epoch 0, the model before its first step: not to adapt is a "
        f"choice too. Of equals the earliest is taken. Source: {study.title(study.source)}. {spread} There is "
        f"no interval over utterances, since predictions are kept of the last epoch alone. {EXPLANATION}",
        all_scored(study),
        pages.Table.of(_epochs_table(means, names)),
        "The method that each criterion takes on each target, by its mean over seeds, and UA (%) of that method: first "
        "when every method is run to its last epoch, then when the criterion chooses the epochs as well. "
        f"{method_title(UNADAPTED)}, the model that is not adapted, is among the candidates where it was run. The "
        "oracle takes the best test UA, which needs labels.",
        pages.Table.of(_methods_table(methods_frame(epochs), names)),
        "Spearman's correlation with test UA, for evaluation only: over the last epochs of all runs (how many), "
        "methods and seeds together, and over the epochs of a run (mean over how many runs). At 1 a criterion ranks "
        "as the labels do, at 0 it says nothing, below 0 it misleads.",
        pages.Table.of(_agreement_table(epochs, names)),
        study.note,
    )
    return [pages.Section("", tuple(part for part in parts if part))]


def _epochs_table(means: pd.DataFrame, targets: Mapping[str, str]) -> list[dict[str, str]]:
    """Return one row per target and method, one column per criterion."""
    rows = []
    for target, corpus in targets.items():
        for method, of_method in means[means["target"] == target].groupby("method", sort=False):
            row = {"Target": corpus, "Method": method_title(str(method))}
            for criterion, mean in of_method.set_index("criterion").iterrows():
                epoch = "" if criterion == "last" or math.isnan(mean["epoch"]) else f" ({_count(mean['epoch'])})"
                row[TITLES[str(criterion)]] = _percent(mean["ua"], mean["std"]) + epoch
            rows.append(row)
    return rows


def _methods_table(taken: pd.DataFrame, targets: Mapping[str, str]) -> list[dict[str, str]]:
    """Return one row per target and criterion, two columns per kind of candidates."""
    rows = []
    for target, corpus in targets.items():
        for criterion, pair in taken[taken["target"] == target].groupby("criterion", sort=False):
            title = "Oracle: best test UA, needs labels" if criterion == "oracle" else TITLES[str(criterion)]
            row = {"Target": corpus, "Criterion": title}
            for _, one in pair.iterrows():
                method = "—" if pd.isna(one["method"]) else method_title(one["method"])
                row[f"Method, {one['candidates']}"] = method
                row[f"UA, {one['candidates']}"] = _percent(one["ua"], one["std"])
            rows.append(row)
    return rows


def _agreement_table(epochs: pd.DataFrame, targets: Mapping[str, str]) -> list[dict[str, str]]:
    """Return one row per target, two columns per criterion."""
    found = agreement(epochs)
    rows = []
    for target, corpus in targets.items():
        row = {"Target": corpus}
        for _, one in found[found["target"] == target].iterrows():
            title = TITLES[one["criterion"]]
            row[f"{title}, runs"] = _correlation(one["across"], one["runs"])
            row[f"{title}, epochs"] = _correlation(one["within"], one["curves"])
        rows.append(row)
    return rows


def _percent(mean: float, std: float) -> str:
    if math.isnan(mean):
        return "—"
    return f"{100 * mean:.1f}" + ("" if math.isnan(std) else f" ± {100 * std:.1f}")


def _count(epoch: float) -> str:
    return f"{epoch:.1f}".removesuffix(".0")


def _correlation(value: float, count: float) -> str:
    return "—" if math.isnan(value) else f"{round(value, 2) + 0:+.2f} ({count:.0f})".replace("-", "−")
