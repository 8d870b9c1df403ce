"""The result of one check."""

from typing import NamedTuple

#: The verdicts; a row that only explains others has the verdict "note".
VERDICTS = (
    "holds",
    "holds by truncation",
    "note",
    "does not follow",
    "no solution",
    "no k/n",
    "columns swapped",
)


class Finding(NamedTuple):
    """One row of the audit, in words and numbers; ``verdict`` is one of :data:`VERDICTS`."""

    topic: str
    claim: str
    printed: str
    arithmetic: str
    verdict: str
