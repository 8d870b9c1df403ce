"""The exception that users see, and helpers for its message."""

import difflib
import re
from collections.abc import Iterable

#: Characters that start a new line, move a terminal's cursor or are not UTF-8; file names may contain them.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

#: The remedy for a damaged file that the study wrote.
REMEDY = "delete it; the next run creates it again"

_NO_MEMORY = re.compile(r"out of memory|can't allocate memory|cannot allocate memory", re.IGNORECASE)


class InputError(Exception):
    """Something the user gave is wrong: one line that names the file or key, the fault and the remedy."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


def one_line(text: str) -> str:
    """The text with line breaks, control characters and bytes that are not text written as escapes such as `\\n`.

    File names may contain them, and would break a message into two lines or make it unprintable.
    """
    return CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def suggest(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word: the closest known one, or all of them."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1)
    return f"did you mean {close[0]}?" if close else f"known are {', '.join(names)}"


def is_no_memory(error: BaseException) -> bool:
    """Whether an error means too little memory; PyTorch raises a RuntimeError, CUDA an error of its own."""
    return isinstance(error, MemoryError) or bool(_NO_MEMORY.search(str(error)))


def is_of_the_machine(error: BaseException) -> bool:
    """Whether an error comes from the disk or from too little memory, and not from the content of a file."""
    return isinstance(error, OSError) or is_no_memory(error)
