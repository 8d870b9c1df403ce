"""The state of a study while it runs: running jobs, their progress, and the estimated time left.

Snakemake reports jobs in one thread and another thread draws, so readers copy what they read.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Progress = tuple[int, int, float]


@dataclass(frozen=True)
class Job:
    """A job that runs or waits for its scheduler; `started` in seconds since the epoch."""

    rule: str
    wildcards: Mapping[str, str]
    log: Path | None
    started: float

    def __str__(self) -> str:
        shown = ((key, str(value)) for key, value in self.wildcards.items())
        numbers_named = (f"{key} {value}" if value.replace(".", "").isdigit() else value for key, value in shown)
        return " ".join((self.rule, *numbers_named))

    def progress(self) -> Progress | None:
        """Steps done, of how many, seconds left; None before the first step."""
        said = self._status()
        try:
            return int(said["done"]), int(said["total"]), float(said["left"])
        except (KeyError, TypeError, ValueError):
            return None

    def error(self) -> str | None:
        """The job's error line; None for a bug in the program, which leaves a traceback instead."""
        error = self._status().get("error")
        return error if isinstance(error, str) else None

    def _status(self) -> Mapping[str, Any]:
        """The status that the job wrote beside its log (`nnpm.progress.tell`); empty if it is from an earlier call."""
        if self.log is None:
            return {}
        file = self.log.with_name(f".{self.log.name}.json")
        try:
            if file.stat().st_mtime < self.started - 1:
                return {}
            said = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return said if isinstance(said, dict) else {}


@dataclass(frozen=True)
class Outlook:
    """A study at one moment: its running jobs with their progress, and the estimated seconds left.

    The estimate does not include the `unknown` jobs, whose rules have no finished job and no progress yet.
    """

    jobs: list[tuple[Job, Progress | None]]
    done: int
    total: int
    seconds: float
    unknown: int

    def __str__(self) -> str:
        known = f"about {duration(self.seconds)}"
        if not self.unknown:
            return f"{known} left" if self.done < self.total else "all done"
        if self.seconds < 1:
            return f"{self.total - self.done} to go"
        return f"{known} and {self.unknown} jobs of a new kind left"


@dataclass
class Jobs:
    """The jobs of one call of Snakemake: their number per rule, the running ones, the seconds of the finished ones."""

    counts: dict[str, int] = field(default_factory=dict)
    running: dict[int, Job] = field(default_factory=dict)
    ended: dict[str, list[float]] = field(default_factory=dict)
    begun: float = field(default_factory=time.time)

    def end(self, number: int, now: float) -> tuple[Job, float] | None:
        """Count a job as finished and return it with its seconds; None if it is not known."""
        job = self.running.pop(number, None)
        if job is None:
            return None
        self.ended.setdefault(job.rule, []).append(now - job.started)
        return job, now - job.started

    def outlook(self, now: float) -> Outlook:
        """The study's state and estimated time left.

        A job is assumed to take as long as finished or running jobs of its rule; as many jobs run at once as so far.
        """
        counts, running = dict(self.counts), list(self.running.values())
        ended = {rule: list(seconds) for rule, seconds in list(self.ended.items())}
        jobs = [(job, job.progress()) for job in running]
        known = {rule: list(seconds) for rule, seconds in ended.items()}
        for job, steps in jobs:
            if steps is not None:
                known.setdefault(job.rule, []).append(now - job.started + steps[2])
        means = {rule: sum(seconds) / len(seconds) for rule, seconds in known.items()}
        ahead = [
            max(0.0, means.get(job.rule, 0.0) - (now - job.started)) if steps is None else steps[2]
            for job, steps in jobs
        ]
        waiting = {
            rule: count - len(ended.get(rule, ())) - sum(job.rule == rule for job in running)
            for rule, count in counts.items()
        }
        work = sum(ahead) + sum(max(0, others) * means.get(rule, 0.0) for rule, others in waiting.items())
        spent = sum(map(sum, ended.values())) + sum(now - job.started for job in running)
        at_a_time = max(1.0, spent / max(now - self.begun, 1e-9))
        unknown = sum(job.rule not in means for job in running)
        unknown += sum(max(0, others) for rule, others in waiting.items() if rule not in means)
        return Outlook(
            jobs,
            done=sum(map(len, ended.values())),
            total=sum(counts.values()),
            seconds=max(work / at_a_time, *ahead, 0.0),
            unknown=unknown,
        )


def duration(seconds: float) -> str:
    """Seconds as text: 42 s, 7 min, 3 h 20 min, 2 d 4 h."""
    minutes, hours = round(seconds / 60), round(seconds / 3600)
    if seconds < 100:
        return f"{seconds:.0f} s"
    if minutes < 100:
        return f"{minutes} min"
    if hours < 48:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{hours // 24} d {hours % 24} h"
