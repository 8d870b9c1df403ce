"""Progress bars on the terminal: one line per running job, below them the study, above them printed messages."""

import time
from typing import TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from snakemake_logger_plugin_nnpm.jobs import Jobs, duration


class Display:
    """Draws progress bars if the stream is a terminal; prints lines on any stream."""

    def __init__(self, jobs: Jobs, stream: TextIO, no_color: bool) -> None:
        self.jobs = jobs
        self.console = Console(file=stream, no_color=no_color or None, highlight=False, soft_wrap=True)
        self._live: Live | None = None

    @property
    def on_terminal(self) -> bool:
        """Whether the stream is a terminal that can be drawn on."""
        return self.console.is_terminal

    def say(self, text: str, error: bool = False) -> None:
        """Print a text above the progress bars."""
        self.console.print(Text(text, "red" if error else ""))

    def start(self) -> None:
        """Start drawing, twice per second."""
        if self._live is None:
            self._live = Live(console=self.console, get_renderable=self._picture, refresh_per_second=2, transient=True)
            self._live.start()

    def stop(self) -> None:
        """Remove the progress bars."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _picture(self) -> Group:
        now = time.time()
        outlook = self.jobs.outlook(now)
        jobs = Table.grid(padding=(0, 2), expand=True)
        jobs.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        jobs.add_column(width=20)
        jobs.add_column(justify="right")
        jobs.add_column(justify="right")
        running = sorted(outlook.jobs, key=lambda each: each[0].started)
        room = max(3, self.console.height - 4)
        for job, steps in running[:room]:
            if steps is None:
                jobs.add_row(str(job))
                continue
            done, total, left = steps
            share = f"{done}/{total}" if total < 1e6 else f"{done / total:.0%}"  # of bytes
            jobs.add_row(str(job), ProgressBar(max(total, 1), done), share, f"{duration(left)} left")
        if len(running) > room:
            jobs.add_row(f"and {len(running) - room} more")
        study = Table.grid(padding=(0, 2), expand=True)
        study.add_column(ratio=1)
        study.add_column(justify="right", no_wrap=True)
        said = f"{outlook.done} of {outlook.total} jobs, {duration(now - self.jobs.begun)} so far, {outlook}"
        study.add_row(ProgressBar(max(outlook.total, 1), outlook.done), Text(said, "bold"))
        return Group(jobs, study)
