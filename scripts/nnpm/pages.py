"""Pages of text, lists and tables: written as Markdown for people, and as JSON for the report and other code."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Bullets:
    """A list of lines."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table of text, row by row; `strong` are the emphasised cells, as (row, column)."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    strong: frozenset[tuple[int, int]] = frozenset()

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, object]]) -> "Table":
        """Make a table from rows that map column names to cells."""
        columns = tuple(dict.fromkeys(name for row in rows for name in row))
        return cls(columns, tuple(tuple(str(row.get(name, "")) for name in columns) for row in rows))

    def markdown(self) -> str:
        """Return the table as Markdown. Numbers stay text: speaker 1.50 is not 1.5."""
        rows = [
            [f"**{_cell(text)}**" if (i, j) in self.strong else _cell(text) for j, text in enumerate(row)]
            for i, row in enumerate(self.rows)
        ]
        frame = pd.DataFrame(rows, columns=list(map(_cell, self.columns)))
        return str(frame.to_markdown(index=False, disable_numparse=True))


Part = str | Bullets | Table


@dataclass(frozen=True)
class Section:
    """A heading, "" for none, and the parts below it."""

    title: str
    parts: tuple[Part, ...]


def to_markdown(sections: Iterable[Section], title: str = "") -> str:
    """Return a page as Markdown: sections below a title, if there is one."""
    blocks = [f"# {title}"] if title else []
    for section in sections:
        blocks += [f"## {section.title}"] if section.title else []
        for part in section.parts:
            if isinstance(part, str):
                blocks.append(part)
            elif isinstance(part, Bullets):
                blocks.append("\n".join(f"- {line}" for line in part.lines))
            else:
                blocks.append(part.markdown())
    return "\n\n".join(filter(None, blocks)) + "\n"


def to_json(sections: Iterable[Section]) -> list[dict[str, Any]]:
    """Return sections as JSON holds them: title and parts; a part is {text}, {bullets} or {columns, rows}.

    A cell of a table is its text, or {strong: text} if it is emphasised.
    """
    return [{"title": section.title, "parts": list(map(_part, section.parts))} for section in sections]


def _part(part: Part) -> dict[str, Any]:
    if isinstance(part, str):
        return {"text": part}
    if isinstance(part, Bullets):
        return {"bullets": list(part.lines)}
    rows = [
        [{"strong": text} if (i, j) in part.strong else text for j, text in enumerate(row)]
        for i, row in enumerate(part.rows)
    ]
    return {"columns": list(part.columns), "rows": rows}


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
