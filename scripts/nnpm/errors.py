"""The one exception that users are meant to see."""

import difflib
import re
from collections.abc import Iterable

#: What makes a second line, moves a terminal's cursor, or cannot be written as UTF-8; names of files may hold it.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

#: What is told to do with a file of ours that is damaged.
REMEDY = "delete it, the next run makes it anew"

_NO_MEMORY = re.compile(r"out of memory|can't allocate memory|cannot allocate memory", re.IGNORECASE)


class InputError(Exception):
    """Something the user gave is wrong: one line that names the file or key, the fault and the remedy."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


def one_line(text: str) -> str:
    """The text with line breaks, control characters and bytes that are no text written as escapes such as `\\n`.

    File names may hold any of them, and a message with one would be two lines, or none that a terminal can print.
    """
    return CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def suggest(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word: the closest known one, or all of them."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1)
    return f"did you mean {close[0]}?" if close else f"known are {', '.join(names)}"


def is_no_memory(error: BaseException) -> bool:
    """Whether an error tells of too little memory; PyTorch says so in a RuntimeError, and CUDA in one of its own."""
    return isinstance(error, MemoryError) or bool(_NO_MEMORY.search(str(error)))


def is_of_the_machine(error: BaseException) -> bool:
    """Whether an error is of the disk or of too little memory, and so says nothing of what is in a file."""
    return isinstance(error, OSError) or is_no_memory(error)
