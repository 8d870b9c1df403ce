"""The numbers of the cross-corpus matrix: one row per method, source and target."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from nnpm.corpora import pools
from nnpm.evaluation.outcomes import Outcomes, outcomes
from nnpm.evaluation.uncertainty import interval
from nnpm.reporting.evidence import Evidence, is_seeded
from nnpm.reporting.study import Study
from nnpm.reporting.tables import select

#: Values of the column `kind`. A pair without a run, or a diagonal without a score, has "".
ACROSS, WITHIN = "across", "within"

COLUMNS = ("method", "source", "target", "kind", "ua", "std", "low", "high", "wa", "seeds", "unit", "clusters")

#: Pools of more corpora are named by their number.
_NAMED = 3


def numbers(
    metrics: pd.DataFrame,
    evidence: Evidence,
    within: Mapping[tuple[str, str], pd.DataFrame],
    methods: Sequence[str],
    sources: Sequence[str],
    targets: Sequence[str],
    study: Study,
) -> pd.DataFrame:
    """Return one row per method, source and target, for every combination.

    `metrics` and `evidence` cover all runs. `sources` are entries of the configuration, as `pools.listed` names them.
    `study.titles` must hold all corpora of the study, since `pools.OTHERS` chooses from them. `within` maps (method,
    corpus) to predictions of models trained on this corpus; it fills the diagonal, where the source is the target. The
    frames have the columns seed, utterance, speaker, split, label and predicted; only rows of the split "test" count.

    Columns: method, source (the entry), target, kind ("across", "within" on the diagonal, "" where nothing is known);
    ua, std, low, high and wa in percent: mean and sample standard deviation of UA over seeds, its 95 % interval, mean
    of WA; seeds (count); unit ("speakers" or "utterances") and clusters, the kind and number of what is random.
    Scores are NaN for an unlabelled target and where nothing is known; std is NaN for one seed.
    """
    rows = []
    for source in sources:
        runs = replace(study, source=source).runs(metrics)
        for target in targets:
            for method in methods:
                own = within.get((method, source)) if source == target else None
                row = {"method": method, "source": source, "target": target}
                chosen = select(runs, target, method)
                rows.append(row | (_within(method, source, own) if own is not None else _across(chosen, evidence)))
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    order = {method: place for place, method in enumerate(methods)}
    return frame.sort_values("method", key=lambda names: names.map(order), kind="stable", ignore_index=True)


def titles(sources: Iterable[str], study: Study) -> dict[str, str]:
    """Return the short title of each source; a pool of more than three corpora is named by their number.

    Pools of the same number are counted: "4 corpora pooled (1)", "4 corpora pooled (2)".
    """
    of_size: dict[int, list[str]] = {}
    for source in dict.fromkeys(sources):
        of_size.setdefault(len(pools.members(source)), []).append(source)
    found = {}
    for size, names in of_size.items():
        for place, source in enumerate(names, start=1):
            short = f"{size} corpora pooled" + (f" ({place})" if len(names) > 1 else "")
            found[source] = short if is_counted(source) else study.title(source)
    return found


def is_counted(source: str) -> bool:
    """Whether a source is a pool that `titles` names by the number of its corpora."""
    return len(pools.members(source)) > _NAMED


def _across(runs: pd.DataFrame, evidence: Evidence) -> dict[str, Any]:
    """Return the scores of the runs of one cell, which differ only in the seed."""
    if runs.empty:
        return _nothing("")
    measured = evidence.of(runs)
    return _scores(ACROSS, measured) if measured else _nothing(ACROSS) | {"seeds": len(runs)}


def _within(method: str, corpus: str, predictions: pd.DataFrame) -> dict[str, Any]:
    """Return the scores on held-out speakers of the corpus that was trained on."""
    measured = outcomes(predictions, corpus, is_seeded(method))
    return _scores(WITHIN, measured) if measured else _nothing("")


def _scores(kind: str, measured: Outcomes) -> dict[str, Any]:
    ua = pd.Series(100 * measured.scores())
    low, high = interval(measured)
    return {
        **{"kind": kind, "ua": ua.mean(), "std": ua.std(ddof=1), "low": 100 * low, "high": 100 * high},
        **{"wa": 100 * measured.scores("wa").mean(), "seeds": len(measured.seeds)},
        **{"unit": measured.unit, "clusters": measured.clusters},
    }


def _nothing(kind: str) -> dict[str, Any]:
    scores = dict.fromkeys(("ua", "std", "low", "high", "wa"), math.nan)
    return {"kind": kind, **scores, "seeds": 0, "unit": "", "clusters": 0}
