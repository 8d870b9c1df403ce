"""A GPU for each training job of a machine that has several and no scheduler to hand them out."""

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
    """The index of the first GPU that no other process has taken; it is given back when this process ends.

    `names` tell the GPUs of this machine apart. Where all are taken, jobs spread over them by their process's number.
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
