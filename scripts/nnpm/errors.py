"""The one exception that users are meant to see."""

import difflib
from collections.abc import Iterable


class InputError(Exception):
    """Something the user gave is wrong: one line that names the file or key, the fault and the remedy."""


def suggest(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word: the closest known one, or all of them."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1)
    return f"did you mean {close[0]}?" if close else f"known are {', '.join(names)}"
