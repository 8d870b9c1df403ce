"""Just enough Markdown for the pages that this repository writes itself, such as a corpus's ``check.md``."""

import re
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True)
class Block:
    """One block of a page; ``kind`` is heading, list, table or text.

    ``level`` is a heading's (1 to 6). ``rows`` holds the lines of a heading (one cell), the items of a list or
    the lines of a text (one cell each), or the rows of a table, header first.
    """

    kind: str
    rows: tuple[tuple[str, ...], ...]
    level: int = 0


def blocks(text: str) -> list[Block]:
    """Return the blocks of a page of headings, ``-`` lists, pipe tables and plain paragraphs, in order."""
    found = []
    for kind, lines in groupby(text.splitlines(), _kind):
        group = list(lines)
        if kind == "heading":
            for line in group:
                marks, _, title = line.partition(" ")
                found.append(Block(kind, ((title.strip(),),), len(marks)))
        elif kind == "list":
            found.append(Block(kind, tuple((line[2:].strip(),) for line in group)))
        elif kind == "table":
            rows = [_cells(line) for line in group]
            found.append(Block(kind, tuple(row for row in rows if not all(map(_is_rule, row)))))
        elif kind == "text":
            found.append(Block(kind, tuple((line.strip(),) for line in group)))
    return found


def _kind(line: str) -> str:
    if re.match(r"#{1,6} ", line):
        return "heading"
    if line.startswith("- "):
        return "list"
    if line.startswith("|"):
        return "table"
    return "text" if line.strip() else "empty"


def _cells(line: str) -> tuple[str, ...]:
    """Split a table row at its pipes, but not at escaped ones."""
    inner = line.strip().removeprefix("|").removesuffix("|")
    return tuple(cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", inner))


def _is_rule(cell: str) -> bool:
    return re.fullmatch(r":?-+:?", cell) is not None
