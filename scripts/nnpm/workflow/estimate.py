"""How much training a plan holds, and about how long it takes.

Imported while the workflow is planned, so it stays light: no torch, no pandas.
"""

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sized
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from nnpm.corpora import Corpus, pools
from nnpm.features.table import FRONT_ENDS
from nnpm.methods.table import METHODS
from nnpm.workflow.plan import Plan, Run

#: Seconds on one CPU core per epoch and training utterance of 7.5 s, with the paper's backbone, where the rehearsal of
#: docs/speed.md was made: 167 ms for a pretraining step of 32 utterances, 22 s for an epoch of a run over 3,259.
PRETRAINING = 0.167 / 32
ADAPTATION = 22 / 3259
#: How much longer an epoch of a run takes by its number of frozen blocks, timed in turn on a busy server.
UNFROZEN = {2: 1.0, 1: 1.1, 0: 1.4}
#: Seconds per epoch, training utterance and slot of a memory: a step of 32 utterances takes 2,262 ms with 10^6 slots.
MEMORY = 2.262 / 32 / 1e6
DURATION, RATE = 7.5, 100.0  # seconds, and frames per second
#: Frames per second of a self-supervised model, whatever it is.
SELF_SUPERVISED_RATE = 50.0
#: The time of an epoch without padding beside one with it, for utterances as long as IEMOCAP's (benchmarks.front_ends).
MASKED = 0.6
#: The share of a source that is in training. It varies with the speakers: 0.59 of IEMOCAP.
SHARE = 0.7


@dataclass(frozen=True)
class Estimate:
    """What a plan holds.

    `remaining` counts the pretrainings and runs that have not finished. `hours` is the time of their epochs, one
    training at a time: on one CPU core, or, if `measured`, as fast as the study's finished trainings were. `unknown`
    counts the corpora that it leaves out, since nothing says how large they are.
    """

    pairs: int
    pretrainings: int
    runs: int
    remaining: int
    hours: float
    measured: bool = False
    unknown: int = 0


@dataclass(frozen=True)
class _Training:
    """A training: its metrics.json, and the seconds that it should take."""

    metrics: Path
    seconds: float


def of_plan(
    plan: Plan,
    results: Path,
    corpora: Mapping[str, Corpus],
    files: Callable[[str], Sized] | None = None,
) -> Estimate:
    """Return the estimate of a plan.

    `results` is the folder of the study, where finished trainings are looked for; `corpora` are those of the plan.
    `files` returns the files of a corpus by its name. It is asked for corpora without a manifest, since one's own
    recordings, or a part of a published corpus, have no published counts.
    """
    sizes = _Sizes(results, corpora, files)
    pretrainings = [_pretraining(plan, results, folder, sizes) for folder in plan.pretrained]
    trainings = [*pretrainings, *(_run(plan, results, run, sizes) for run in plan.runs)]
    remaining = [each for each in trainings if not each.metrics.exists()]
    taken = [(each.seconds, _seconds(each.metrics)) for each in trainings if each.seconds and each.metrics.exists()]
    expected, measured = (sum(column) for column in zip(*taken, strict=True)) if taken else (0.0, 0.0)
    pace = measured / expected if measured else 1.0
    return Estimate(
        pairs=len({(learned, target) for source in plan.sources for target, learned in plan.pairs(source).items()}),
        pretrainings=len(pretrainings),
        runs=len(plan.runs),
        remaining=len(remaining),
        hours=pace * sum(each.seconds for each in remaining) / 3600,
        measured=measured > 0,
        unknown=len(sizes.unknown),
    )


def sentence(name: str, estimate: Estimate) -> str:
    """Return the estimate of the study `name` as one line."""
    about = f"{_count(estimate.pairs, 'pair')} of source and target, {_count(estimate.pretrainings, 'pretraining')} "
    about = f"study {name!r}: {about}and {_count(estimate.runs, 'run')}"
    if not estimate.remaining:
        return f"{about}, all done: nothing left to train"
    everything = estimate.remaining == estimate.pretrainings + estimate.runs
    about += ", all still to do" if everything else f", {estimate.remaining:,} of them still to do"
    unknown = f"{_count(estimate.unknown, 'corpus', 'corpora')} of unknown size"
    if estimate.unknown and not estimate.hours:
        return f"{about}; how long they take is known when the corpora are checked ({unknown})"
    alone = " on one CPU core (less with more cores or a GPU)"
    how = ", one job at a time, at the speed of the finished ones" if estimate.measured else alone
    return f"{about}: {_time(estimate.hours)} of training{how}" + f", without {unknown}" * bool(estimate.unknown)


class _Sizes:
    """The number of utterances of each corpus; `unknown` gathers the corpora whose number is not known."""

    def __init__(self, results: Path, corpora: Mapping[str, Corpus], files: Callable[[str], Sized] | None) -> None:
        self._results, self._corpora, self._files = results, corpora, files
        self.unknown: set[str] = set()
        self.of: Callable[[str], int] = cache(self._of)

    def together(self, names: Iterable[str]) -> int:
        """The utterances of several corpora."""
        return sum(map(self.of, names))

    def _of(self, name: str) -> int:
        manifest = self._results / "corpora" / name / "manifest.csv"
        if manifest.exists():
            with manifest.open(encoding="utf-8", newline="") as lines:
                return max(sum(1 for _ in csv.reader(lines)) - 1, 0)
        published = sum(self._corpora[name].published.values())
        there = len(self._files(name)) if self._files else 0
        size = min(published, there) if published and there else published or there
        if not size:
            self.unknown.add(name)
        return size


def _pretraining(plan: Plan, results: Path, folder: str, sizes: _Sizes) -> _Training:
    *_, source, variant, _ = PurePosixPath(folder).parts
    config = plan.settings(variant)
    utterances = SHARE * sizes.together(pools.members(source))
    seconds = config["pretraining"]["epochs"] * utterances * _length(config) * PRETRAINING
    return _Training(results / folder.removeprefix(plan.root) / "metrics.json", seconds)


def _run(plan: Plan, results: Path, run: Run, sizes: _Sizes) -> _Training:
    method, metrics = METHODS[run.method], results / run.folder / "metrics.json"
    if method.reads != "frames" or not method.place:
        return _Training(metrics, 0.0)  # no epochs
    config = plan.settings(run.variant)
    section = config["adaptation"]
    utterances = slots = SHARE * sizes.together(pools.members(run.source))
    if section["epoch"] == "target":
        drawn = 0 if config["splits"]["protocol"] == "all" else config["splits"]["test_size"]
        utterances = (1 - drawn) * sizes.of(run.target)
    each = UNFROZEN[section["freeze"]] * _length(config) * ADAPTATION
    each += slots * MEMORY if "memory" in method.settings else 0.0
    return _Training(metrics, section["epochs"] * utterances * each)


def _length(config: Mapping[str, Any]) -> float:
    """How many frames an utterance has, in those of the ones that were timed."""
    section = config["features"]
    is_named = section["front_end"] in FRONT_ENDS
    rate = section["sample_rate"] / section["hop_length"] if is_named else SELF_SUPERVISED_RATE
    length = float(section["duration"]) / DURATION * rate / RATE
    return length * MASKED if section["padding"] == "masked" else length


def _seconds(metrics: Path) -> float:
    """The seconds that a finished training took; 0 if its file does not say so."""
    try:
        found = json.loads(metrics.read_text(encoding="utf-8"))
        return float(found["seconds"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0.0


def _count(number: int, one: str, several: str = "") -> str:
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def _time(hours: float) -> str:
    """Hours with two digits, or minutes."""
    minutes = round(60 * hours)
    if not minutes:
        return "less than a minute"
    return f"about {minutes} min" if minutes < 60 else f"about {float(f'{hours:.2g}'):,.15g} h"
