"""Progress of a long step: a bar on the terminal, lines in the log, and a small file for `--logger nnpm`."""

import json
import logging
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tqdm import tqdm

#: Set by a display that draws on the terminal: jobs then do not.
DISPLAY = "NNPM_DISPLAY"
#: Seconds between two lines of a log.
INTERVAL = 5.0

_status: Path | None = None


def status_file(log: Path) -> Path:
    """The JSON file where a job with this log writes its progress: done, total, left (seconds); or error."""
    return log.with_name(f".{log.name}.json")


def begin(log: Path | None) -> None:
    """Let `tell` write beside this log, or not at all if None. Removes what an earlier call wrote there."""
    global _status
    _status = None if log is None else status_file(log)
    if _status is not None:
        _status.unlink(missing_ok=True)


def tell(**status: object) -> None:
    """Write the job's progress for the display; does nothing on a full disk or without a log."""
    if _status is not None:
        with suppress(OSError):
            part = _status.with_name(f"{_status.name}.part")
            part.write_text(json.dumps(status), encoding="utf-8")
            part.replace(_status)


def bar(iterable: Iterable[Any] | None = None, *, lines: bool = True, **options: Any) -> "tqdm[Any]":
    """A tqdm bar on a terminal that no other process draws on; elsewhere, if `lines`, a line in the log now and then.

    The options are tqdm's; `total` has to be among them.
    """
    shown = tqdm(iterable, disable=DISPLAY in os.environ or None, leave=False, **options)
    if shown.disable and lines:
        return _Lines(iterable, mininterval=INTERVAL, miniters=1, **options)
    return shown


def log(done: int, total: int, left: float, said: str = "") -> None:
    """Write a step's progress, with `left` seconds to go, to the log and for the display."""
    logging.info("%d/%d  %s%.0f s left", done, total, said, left)
    tell(done=done, total=total, left=left)


class _Lines(tqdm):  # type: ignore[type-arg]
    """Writes lines to the log where tqdm would draw."""

    def display(self, msg: str | None = None, pos: int | None = None) -> None:
        """As `tqdm.display`: called at most every `mininterval` seconds."""
        rate, done = self.format_dict["rate"], self.n
        if rate and self.total and done > self.initial:
            log(int(done), int(self.total), (self.total - done) / rate)

    def clear(self, nolock: bool = False) -> None:
        """Do nothing, since nothing is drawn."""

    def close(self) -> None:
        """Only disable the bar, since nothing is drawn."""
        self.disable = True
