"""Sound becomes numbers: front ends, functionals, and the cache of a corpus's frames."""

import atexit
import importlib.util
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path


def _writable(folder: Path) -> bool:
    """Whether the folder can be written, or made."""
    with suppress(OSError):
        place = next((place for place in (folder, *folder.parents) if place.exists()), folder)
        return os.access(place, os.W_OK | os.X_OK)
    return False


def _let_numba_cache() -> None:
    """Give numba, which librosa uses, a temporary folder if it may write neither beside librosa nor at home.

    It keeps compiled code, and does not start without a place for it. The folder is this process's own: what lies in
    one of a known name could be another user's.
    """
    caches = "~/Library/Caches" if sys.platform == "darwin" else os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    with suppress(RuntimeError):  # no home
        if "NUMBA_CACHE_DIR" in os.environ or _writable(Path(caches).expanduser() / "numba"):
            return
    librosa = importlib.util.find_spec("librosa")
    if librosa is not None and librosa.origin and _writable(Path(librosa.origin).parent / "util" / "__pycache__"):
        return
    os.environ["NUMBA_CACHE_DIR"] = folder = tempfile.mkdtemp(prefix="nnpm-numba-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)


_let_numba_cache()
