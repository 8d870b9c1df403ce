"""A parser under test, and the loop that feeds it."""

import faulthandler
import math
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from nnpm.errors import InputError, one_line

HANG = 10  # seconds that no example may take, though the machine be busy
MEMORY = 6 << 30  # bytes of address space, of which PyTorch and its libraries take two thirds


@dataclass(frozen=True)
class Parser:
    """`read` writes one of the `inputs` into an empty folder and reads it; it raises if what it gets is not right."""

    name: str
    inputs: SearchStrategy[Any]
    read: Callable[[Path, Any], None]


class Hang(BaseException):
    """An example takes too long; no Exception, so that no reader takes it for damage."""


class Enough(BaseException):
    """The time is over; no Exception, so that hypothesis does not take it for a finding."""


@contextmanager
def refused_or_right(*names: Path | str) -> Iterator[None]:
    """The block may raise an InputError if it is of one line and holds one of these names."""
    try:
        yield
    except InputError as error:
        message = str(error)
        assert message.splitlines() == [message] and one_line(message) == message, f"not one line: {message!r}"
        assert any(one_line(str(name)) in message for name in names), f"names none of {names}: {message!r}"


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise AssertionError if Python code takes longer; end the process if a library does not come back."""

    def stop(*_: object) -> None:
        raise Hang

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    faulthandler.dump_traceback_later(10 * seconds, exit=True, file=sys.__stdout__)
    try:
        yield
    except Hang:
        raise AssertionError(f"took longer than {seconds:g} s") from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()


def limit_memory() -> None:
    """Let an allocation fail that no input of ours needs."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def clear(folder: Path) -> None:
    """Remove what an example left; links are not followed."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            clear(path)
            path.rmdir()
        else:
            path.unlink()


def feed(
    parser: Parser,
    folder: Path,
    examples: int,
    random_seed: int,
    tried: Counter[str],
    until: float = math.inf,
) -> None:
    """Try so many examples, fewer if the time `until` comes, and count them. Raises what a bad one raises."""

    @seed(random_seed)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )
    @given(parser.inputs)
    def one(content: Any) -> None:
        if time.monotonic() > until:
            raise Enough
        tried[parser.name] += 1
        clear(folder)
        with within(HANG):
            parser.read(folder, content)

    with suppress(Enough):
        one()
