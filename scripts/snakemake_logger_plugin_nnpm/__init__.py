"""`snakemake --logger nnpm`: what runs, how far each job is, and when the study will end.

On a terminal, a table that is drawn anew twice a second, with errors and notes above it; elsewhere, such as in a file,
a line for each job that has ended. A plugin of Snakemake's, found by its name once the package is installed.
"""

import logging
import os
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text
from snakemake.logging import DefaultFilter, DefaultFormatter
from snakemake.settings.enums import Quietness
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from nnpm.job import DISPLAY
from snakemake_logger_plugin_nnpm.study import Job, Study, duration

#: What the table or the lines say instead of Snakemake.
_SHOWN = {
    LogEvent.JOB_INFO,
    LogEvent.JOB_STARTED,
    LogEvent.JOB_FINISHED,
    LogEvent.PROGRESS,
    LogEvent.RESOURCES_INFO,
    LogEvent.SHELLCMD,
    LogEvent.WORKFLOW_STARTED,
}
_NOTHING = ("None", "Select jobs to execute...")


class LogHandler(LogHandlerBase):
    """Snakemake's events in, a terminal's picture or lines of text out."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False

    def __post_init__(self) -> None:
        """See `LogHandlerBase`."""
        settings = self.common_settings
        self.study = Study()
        self.reasons: list[logging.LogRecord] = []
        self.passed = DefaultFilter(
            settings.quiet, settings.debug_dag, settings.verbose, settings.dryrun, settings.printshellcmds
        )
        self.setFormatter(DefaultFormatter(settings.quiet, settings.show_failed_logs))
        stream = sys.stdout if settings.stdout else sys.stderr
        self.console = Console(file=stream, no_color=settings.nocolor or None, highlight=False, soft_wrap=True)
        self.live: Live | None = None
        self.drawn = self.console.is_terminal and not settings.dryrun and Quietness.ALL not in (settings.quiet or ())
        if self.drawn:
            os.environ[DISPLAY] = "1"  # jobs leave the terminal to the table

    def emit(self, record: logging.LogRecord) -> None:
        """Take up one of Snakemake's records."""
        try:
            event = getattr(record, "event", None)
            if self.common_settings.dryrun or not self._count(event, record):
                self._print(record)
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Take the table away; what was printed stays."""
        self._stop()
        super().close()

    def _print(self, record: logging.LogRecord) -> None:
        """What Snakemake itself would print, in its words."""
        text = self.format(record) if self.passed.filter(record) else ""
        if text.strip() and text not in _NOTHING:
            self.console.print(Text(text, "red" if record.levelno >= logging.ERROR else ""))

    def _count(self, event: LogEvent | None, record: Any) -> bool:
        """Take note of what happened; returns whether nothing more is to be said of it."""
        now = time.time()
        if event == LogEvent.RUN_INFO:
            self.study.counts = {rule: count for rule, count in record.stats.items() if rule != "total"}
            self._start()
        elif event == LogEvent.JOB_INFO:
            log = Path(record.log[0]) if record.log else None
            self.study.running[record.jobid] = Job(record.rule_name, dict(record.wildcards or {}), log, now)
        elif event == LogEvent.JOB_FINISHED:
            ended = self.study.end(record.job_id, now)
            if ended is not None and self.live is None and Quietness.ALL not in (self.common_settings.quiet or ()):
                self._line(*ended, now)
        elif event == LogEvent.ERROR and record.exception == "RuleException":
            self.reasons.append(record)  # it comes before the job's own word
            return True
        elif event == LogEvent.JOB_ERROR:
            return self._failed(self.study.running.pop(record.jobid, None))
        return event in _SHOWN

    def _failed(self, job: Job | None) -> bool:
        """Say in a line which job failed and why, if it told so; returns whether it did."""
        error = job.error() if job is not None else None
        if job is not None and error is not None:
            self.console.print(Text(f"{job}: {error} ({job.log})", "red"))
        else:
            for reason in self.reasons:
                self._print(reason)
        self.reasons.clear()
        return error is not None

    def _line(self, job: Job, seconds: float, now: float) -> None:
        """A job that has ended, where there is no terminal to draw on."""
        share = f"{self.study.done}/{self.study.total}"
        self.console.print(Text(f"{share}  {job}: {duration(seconds)}; {self._left(now)}"))

    def _left(self, now: float) -> str:
        (seconds, whole), others = self.study.left(now), self.study.total - self.study.done
        if whole:
            return f"about {duration(seconds)} left" if others else "all done"
        return f"more than {duration(seconds)} left" if seconds >= 1 else f"{others} to go"

    def _start(self) -> None:
        if self.drawn and self.live is None:
            self.live = Live(console=self.console, get_renderable=self._table, refresh_per_second=2, transient=True)
            self.live.start()

    def _stop(self) -> None:
        if self.live is not None:
            self.live.stop()
            self.live = None

    def _table(self) -> Group:
        """The running jobs, a line each, and below them the study."""
        now, jobs = time.time(), Table.grid(padding=(0, 2))
        jobs.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        jobs.add_column(width=20)
        jobs.add_column(justify="right")
        jobs.add_column(justify="right")
        jobs.expand = True
        running = sorted(self.study.running.values(), key=lambda job: job.started)
        room = max(3, self.console.height - 4)
        for job in running[:room]:
            done, total, left = job.progress() or (0, 0, 0.0)
            if total:
                share = f"{done}/{total}" if total < 1e6 else f"{done / total:.0%}"  # of bytes
                jobs.add_row(str(job), ProgressBar(total, done), share, f"{duration(left)} left")
            else:
                jobs.add_row(str(job))
        if len(running) > room:
            jobs.add_row(f"and {len(running) - room} more")
        study = Table.grid(padding=(0, 2), expand=True)
        study.add_column(ratio=1)
        study.add_column(justify="right", no_wrap=True)
        done, total = self.study.done, self.study.total
        said = f"{done} of {total} jobs, {duration(now - self.study.begun)} so far, {self._left(now)}"
        study.add_row(ProgressBar(max(total, 1), done), Text(said, "bold"))
        return Group(jobs, study)
