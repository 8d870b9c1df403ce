"""Folders list their files in a random order: on PYTHONPATH, where every Python process imports it as it starts.

DISORDER_LOG names a file to which each process that did so adds a line.
"""

import os
import random
import sys
from collections.abc import Iterator

_listdir, _scandir = os.listdir, os.scandir


def _shuffled_names(path: str = ".") -> list[str]:
    names = _listdir(path)
    random.shuffle(names)
    return names


class _Shuffled:
    def __init__(self, path: str = ".") -> None:
        with _scandir(path) as entries:
            self.entries = list(entries)
        random.shuffle(self.entries)

    def __enter__(self) -> "_Shuffled":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __iter__(self) -> Iterator[os.DirEntry[str]]:
        return iter(self.entries)

    def __next__(self) -> os.DirEntry[str]:
        if not self.entries:
            raise StopIteration
        return self.entries.pop()

    def close(self) -> None:
        pass


with open(os.environ["DISORDER_LOG"], "a") as _log:  # noqa: PTH123 (no more imports than needed)
    print(*sys.orig_argv, file=_log)
os.listdir, os.scandir = _shuffled_names, _Shuffled  # type: ignore[assignment, misc]
