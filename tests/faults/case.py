"""What a case is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class OfCorpus:
    """A corpus is spoilt and checked; `own` is a user's list, mine.csv, with its audio beside it.

    `entry` is what the config says of an own list, paths relative to the corpus's folder. `words` must all be in the
    message; without any the corpus works, and has `utterances` in use, and `warns` must be in a warning. `changes` are
    of the configuration. `needs` is a program that makes or reads the input.
    """

    name: str
    corpus: str
    spoil: Callable[[Path], object]
    words: tuple[str, ...] = ()
    utterances: int = 8
    role: str = "target"
    changes: Mapping[str, Any] = field(default_factory=dict)
    warns: str = ""
    needs: str = ""
    entry: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class OfConfig:
    """The paper's configuration with dotted keys replaced; without `words` it is valid."""

    name: str
    changes: Mapping[str, Any]
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class OfResults:
    """A file of a finished study is spoilt, and what is made from it is asked for again.

    `file` and `makes` are below the study's results; `read` reads the file as the job does that makes `makes`.
    Without `words` the job makes good what is spoilt.
    """

    name: str
    file: str
    spoil: Callable[[Path], object]
    makes: str
    read: Callable[[Path], object]
    words: tuple[str, ...] = ()
