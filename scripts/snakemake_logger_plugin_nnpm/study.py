"""What is known of a study while it runs: which jobs run, how far each is, and when all will have ended."""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

#: A line of a log that tells how far a step is: `nnpm.progress.line` writes it.
_LINE = re.compile(r"(\d+)/(\d+)\b.*?([\d.]+) s left")
_TAIL = 2000  # bytes at the end of a log, more than the line of an epoch has


@dataclass
class Job:
    """A job that runs or waits for its scheduler; `started` in seconds since the epoch."""

    rule: str
    wildcards: Mapping[str, str]
    log: Path | None
    started: float

    def __str__(self) -> str:
        values = (value if not value.replace(".", "").isdigit() else f"{key} {value}" for key, value in self._shown())
        return " ".join((self.rule, *values))

    def _shown(self) -> Iterator[tuple[str, str]]:
        return ((key, str(value)) for key, value in self.wildcards.items())

    def progress(self) -> tuple[int, int, float] | None:
        """Steps done, of how many, seconds left, as its log says; None before the first step."""
        found = list(_LINE.finditer(self._tail()))
        return (int(found[-1][1]), int(found[-1][2]), float(found[-1][3])) if found else None

    def error(self) -> str | None:
        """The line in which it told what was wrong."""
        lines = [text for text in self._tail().splitlines() if "Error: " in text]
        return lines[-1][lines[-1].index("Error: ") :] if lines else None

    def _tail(self) -> str:
        """The end of its log; "" while that is still an earlier call's."""
        try:
            if self.log is None or self.log.stat().st_mtime < self.started - 1:
                return ""
            with self.log.open("rb") as file:
                file.seek(max(0, self.log.stat().st_size - _TAIL))
                return file.read().decode(errors="replace")
        except OSError:
            return ""


@dataclass
class Study:
    """The jobs of one call of Snakemake: how many of each rule there are, which ended after how long, which run."""

    counts: dict[str, int] = field(default_factory=dict)
    running: dict[int, Job] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    begun: float = field(default_factory=time.time)

    @property
    def total(self) -> int:
        """How many jobs the call has."""
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        """How many of them have ended well."""
        return sum(map(len, self.seconds.values()))

    def end(self, number: int, now: float) -> tuple[Job, float] | None:
        """Count a job as done; returns it with its seconds, None if it is not known."""
        job = self.running.pop(number, None)
        if job is None:
            return None
        seconds = now - job.started
        self.seconds.setdefault(job.rule, []).append(seconds)
        return job, seconds

    def left(self, now: float) -> tuple[float, bool]:
        """Seconds until the study ends, and whether that holds for all of it.

        A job takes as long as those of its rule did, or say that they will. Rules of which nothing is known yet
        count nothing: then it takes longer. As many jobs are taken to run at a time as did so far.
        """
        known, ahead = {rule: list(seconds) for rule, seconds in self.seconds.items()}, []
        for job in self.running.values():
            if (so_far := job.progress()) is not None:
                ahead.append(so_far[2])
                known.setdefault(job.rule, []).append(now - job.started + so_far[2])
        means = {rule: sum(seconds) / len(seconds) for rule, seconds in known.items()}
        whole = True
        for job in self.running.values():
            if job.progress() is None:
                whole &= job.rule in means
                ahead.append(max(0.0, means.get(job.rule, 0.0) - (now - job.started)))
        waiting = 0.0
        for rule, count in self.counts.items():
            others = count - len(self.seconds.get(rule, ())) - sum(job.rule == rule for job in self.running.values())
            whole &= others <= 0 or rule in means
            waiting += max(0, others) * means.get(rule, 0.0)
        spent = sum(map(sum, self.seconds.values())) + sum(now - job.started for job in self.running.values())
        at_a_time = max(1.0, spent / max(now - self.begun, 1e-9))
        return max((sum(ahead) + waiting) / at_a_time, max(ahead, default=0.0)), whole

    def outlook(self, now: float) -> str:
        """When it ends, in words."""
        (seconds, whole), others = self.left(now), self.total - self.done
        if whole:
            return f"about {duration(seconds)} left" if others else "all done"
        return f"more than {duration(seconds)} left" if seconds >= 1 else f"{others} to go"


def duration(seconds: float) -> str:
    """Seconds as people say them: 42 s, 7 min, 3 h 20 min, 2 d 4 h."""
    minutes, hours = round(seconds / 60), round(seconds / 3600)
    if seconds < 100:
        return f"{seconds:.0f} s"
    if minutes < 100:
        return f"{minutes} min"
    if hours < 48:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{hours // 24} d {hours % 24} h"
