"""Contenders measured in turn, round after round, so that a busy machine slows all of them alike."""

import statistics
import timeit
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

Work = Callable[[], Any]


@dataclass(frozen=True)
class Timing:
    """Seconds of each contender in each round."""

    seconds: Mapping[str, Sequence[float]]

    def median(self, name: str) -> float:
        """Seconds a call, median over the rounds."""
        return statistics.median(self.seconds[name])

    def ratio(self, slow: str, fast: str) -> float:
        """How many times faster `fast` is: the median over the rounds of the ratio within a round."""
        pairs = zip(self.seconds[slow], self.seconds[fast], strict=True)
        return statistics.median(one / other for one, other in pairs)


class Contender:
    """A process that does one thing again and again: what it asks of the allocator or of PyTorch is its own affair.

    `setup(*arguments)` runs in the process and returns the work; both are found by name, so they are module-level.
    """

    def __init__(self, setup: Callable[..., Work], *arguments: Any) -> None:
        self.pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=_begin, initargs=(setup, arguments))


def in_turn(contenders: Mapping[str, Contender], rounds: int, calls: int) -> Timing:
    """Measure contenders in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    try:
        for number in range(rounds + 1):
            for name, contender in contenders.items():
                taken = contender.pool.submit(_seconds, calls if number else 2).result()
                if number:  # the first round warms up
                    seconds[name].append(taken)
    finally:
        for contender in contenders.values():
            contender.pool.shutdown(cancel_futures=True)
    return Timing(seconds)


_work: Work


def _begin(setup: Callable[..., Work], arguments: Sequence[Any]) -> None:
    global _work
    _work = setup(*arguments)


def _seconds(calls: int) -> float:
    """Seconds a call, median of `calls`."""
    return statistics.median(timeit.repeat(_work, number=1, repeat=calls))
