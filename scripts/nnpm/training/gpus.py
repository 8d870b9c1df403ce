"""Distribution of training jobs over the GPUs of one machine that has no scheduler."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

_taken: list[IO[bytes]] = []


def take(names: Sequence[str], folder: Path | None = None) -> int:
    """The index of the first free GPU, reserved until this process ends.

    `names` identify the GPUs of this machine. If all are taken, the process number decides, so that jobs spread.
    """
    place = Path(tempfile.gettempdir()) if folder is None else folder
    if fcntl is not None:
        for index, name in enumerate(names):
            try:
                lock = (place / f"nnpm-{os.getuid()}-gpu-{name}.lock").open("ab")
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            _taken.append(lock)
            return index
    return os.getpid() % len(names)
