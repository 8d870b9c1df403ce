"""Which accuracies, in percent, a test set of a given size can have, in exact fractions; and what a check found."""

import itertools
import math
from fractions import Fraction
from typing import NamedTuple


class Finding(NamedTuple):
    """One row of the audit, in words and numbers; the verdict of a row that only explains others is "note"."""

    topic: str
    claim: str
    printed: str
    arithmetic: str
    verdict: str


def exact(printed: float) -> Fraction:
    """Return a printed value as an exact decimal fraction, not the nearest binary number."""
    return Fraction(str(printed))


def rounds_to(value: Fraction, printed: float) -> bool:
    """Tell whether ``value`` (percent) rounds to ``printed`` at two decimals; a tie may go either way."""
    return abs(value - exact(printed)) <= Fraction(1, 200)


def truncates_to(value: Fraction, printed: float) -> bool:
    """Tell whether ``value`` (percent) is ``printed`` once everything after two decimals is cut off."""
    return Fraction(math.floor(value * 100), 100) == exact(printed)


def whole_number(printed: float, size: int) -> tuple[int, bool] | None:
    """Return ``(k, rounded)`` with ``100 k/size`` printed as ``printed``, None if there is no such ``k``.

    ``rounded`` is False if only truncation gives the printed value. Sizes up to 5,000 have at most one ``k``.
    """
    near = math.floor(exact(printed) * size / 100)
    candidates = [k for k in (near, near + 1) if 0 <= k <= size]
    for k in candidates:
        if rounds_to(Fraction(100 * k, size), printed):
            return k, True
    for k in candidates:
        if truncates_to(Fraction(100 * k, size), printed):
            return k, False
    return None


def by_chance(size: int) -> float:
    """Return the share of all two-decimal percentages that are ``k/size``, rounded or truncated."""
    return sum(whole_number(step / 100, size) is not None for step in range(10001)) / 10001


def smallest_size(printed: tuple[float, ...]) -> int:
    """Return the smallest test set on which every one of the printed values is possible."""
    return next(size for size in itertools.count(1) if all(whole_number(value, size) is not None for value in printed))


def solutions(ua: float, wa: float, sizes: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return all counts of correct utterances per class that give the printed ``ua`` and ``wa`` (percent).

    ``sizes`` are the test utterances per class; every combination of counts is tried.
    """
    found = []
    for correct in itertools.product(*(range(size + 1) for size in sizes)):
        recalls = [Fraction(100 * k, size) for k, size in zip(correct, sizes, strict=True)]
        overall = Fraction(100 * sum(correct), sum(sizes))
        if rounds_to(overall, wa) and rounds_to(sum(recalls, Fraction()) / len(sizes), ua):
            found.append(correct)
    return found
