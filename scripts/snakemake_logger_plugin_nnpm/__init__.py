"""`snakemake --logger nnpm`: shows each job's progress and the estimated time left.

On a terminal it draws progress bars, with errors and notes above them. Elsewhere, such as in a file, it prints one line
per finished job. It is a Snakemake plugin, which Snakemake finds by its name once the package is installed.

Snakemake imports every plugin before it reads a workflow. So this one must not need more than Snakemake itself, nor
import nnpm, which may come from another clone than the workflow.
"""

import logging
import os
import sys
import time
from pathlib import Path
from typing import Any

from snakemake.exceptions import WorkflowError
from snakemake.logging import DefaultFilter, DefaultFormatter
from snakemake.settings.enums import Quietness
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_nnpm.jobs import Job, Jobs, duration

#: An environment variable that tells jobs (`nnpm.workflow.job`) not to write to the terminal.
DISPLAY = "NNPM_DISPLAY"

#: Events that the display shows, so that Snakemake's own messages about them are dropped.
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
    """Shows Snakemake's events as progress bars or lines of text."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False

    def __post_init__(self) -> None:
        """See `LogHandlerBase`."""
        try:
            from snakemake_logger_plugin_nnpm.display import Display
        except ImportError as error:
            raise WorkflowError(f"--logger nnpm needs the package {error.name}: pip install {error.name}") from None
        settings = self.common_settings
        self.jobs = Jobs()
        self.reasons: list[logging.LogRecord] = []
        self.passed = DefaultFilter(
            settings.quiet, settings.debug_dag, settings.verbose, settings.dryrun, settings.printshellcmds
        )
        self.setFormatter(DefaultFormatter(settings.quiet, settings.show_failed_logs))
        self.display = Display(self.jobs, sys.stdout if settings.stdout else sys.stderr, settings.nocolor)
        self.silent = settings.dryrun or Quietness.ALL in (settings.quiet or ())
        self.drawn = self.display.on_terminal and not self.silent
        if not self.silent:
            os.environ[DISPLAY] = "1"

    def emit(self, record: logging.LogRecord) -> None:
        """Handle one of Snakemake's log records."""
        try:
            event = getattr(record, "event", None)
            if self.common_settings.dryrun or not self._count(event, record):
                self._print(record)
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Remove the progress bars; printed lines stay."""
        self.display.stop()
        if self.drawn and self.jobs.counts:
            now = time.time()
            outlook = self.jobs.outlook(now)
            self.display.say(f"{outlook.done} of {outlook.total} jobs in {duration(now - self.jobs.begun)}")
        super().close()

    def _print(self, record: logging.LogRecord) -> None:
        """Print the text that Snakemake itself would print."""
        text = self.format(record) if self.passed.filter(record) else ""
        if text.strip() and text not in _NOTHING:
            self.display.say(text, record.levelno >= logging.ERROR)

    def _count(self, event: LogEvent | None, record: Any) -> bool:
        """Count an event; returns whether nothing more has to be printed for it."""
        now = time.time()
        if event == LogEvent.RUN_INFO:
            self.jobs.counts = {rule: count for rule, count in record.stats.items() if rule != "total"}
            if self.drawn:
                self.display.start()
        elif event == LogEvent.JOB_INFO:
            log = Path(record.log[0]) if record.log else None
            self.jobs.running[record.jobid] = Job(record.rule_name, dict(record.wildcards or {}), log, now)
        elif event == LogEvent.JOB_FINISHED:
            self._ended(self.jobs.end(record.job_id, now), now)
        elif event == LogEvent.ERROR and record.exception == "RuleException":
            self.reasons.append(record)  # it comes before the job's own error
            return True
        elif event == LogEvent.JOB_ERROR:
            return self._failed(self.jobs.running.pop(record.jobid, None))
        return event in _SHOWN

    def _ended(self, ended: tuple[Job, float] | None, now: float) -> None:
        """Print a line for a finished job if nothing is drawn."""
        if ended is not None and not self.drawn and not self.silent:
            job, seconds = ended
            outlook = self.jobs.outlook(now)
            self.display.say(f"{outlook.done}/{outlook.total}  {job}: {duration(seconds)}; {outlook}")

    def _failed(self, job: Job | None) -> bool:
        """Print which job failed and why, if its log says why; returns whether it does."""
        error = job.error() if job is not None else None
        if job is not None and error is not None:
            self.display.say(f"{job}: {error} ({job.log})", error=True)
        else:
            for reason in self.reasons:
                self._print(reason)
        self.reasons.clear()
        return error is not None
