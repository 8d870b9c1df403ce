"""How far a long step is: a bar on the terminal, or lines in the log, from which `--logger nnpm` draws bars."""

import logging
import os
from collections.abc import Iterable
from typing import Any

from tqdm import tqdm

#: Set by a display that draws the terminal by itself: jobs then leave the terminal alone.
DISPLAY = "NNPM_DISPLAY"
#: Seconds between two lines of a log.
INTERVAL = 5.0


def bar(iterable: Iterable[Any] | None = None, *, lines: bool = True, **options: Any) -> "tqdm[Any]":
    """A tqdm bar on a terminal that no other process draws on; elsewhere, if `lines`, a line in the log now and then.

    The options are tqdm's; `total` has to be among them.
    """
    shown = tqdm(iterable, disable=DISPLAY in os.environ or None, leave=False, **options)
    if shown.disable and lines:
        return _Lines(iterable, mininterval=INTERVAL, miniters=1, **options)
    return shown


def line(done: int, total: int, left: float, said: str = "") -> str:
    """What a log says of a step that is so far, with `left` seconds to go: the plugin `--logger nnpm` reads it."""
    return f"{done}/{total}  {said}{left:.0f} s left"


class _Lines(tqdm):  # type: ignore[type-arg]
    """Writes lines to the log where tqdm would draw."""

    def display(self, msg: str | None = None, pos: int | None = None) -> None:
        """As `tqdm.display`: called at most every `mininterval` seconds."""
        rate, done = self.format_dict["rate"], self.n
        if rate and self.total and done > self.initial:
            logging.info(line(int(done), int(self.total), (self.total - done) / rate))

    def clear(self, nolock: bool = False) -> None:
        """Nothing is drawn that could be cleared."""

    def close(self) -> None:
        """Nothing is drawn, so that nothing is to be moved past."""
        self.disable = True
