"""What a process of its own does in a test: a module that loads at once, as such a process imports it anew."""

import os
from collections.abc import Callable
from pathlib import Path


def note_process(folder: Path) -> Callable[[], None]:
    return lambda: (folder / str(os.getpid())).touch()
