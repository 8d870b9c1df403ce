"""What every benchmark returns: rows of one table, and tables of what was tried."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, the figure, what was asked for, and how it came about."""

    what: str
    measured: str
    bar: str
    holds: bool | None  # None: there is no bar, or nothing was measured
    detail: str = ""


def table(rows: list[Row]) -> str:
    """The rows as Markdown."""
    verdict = {True: "yes", False: "no", None: ""}
    frame = pd.DataFrame(
        {
            "what": [row.what for row in rows],
            "measured": [row.measured or "not measured" for row in rows],
            "asked for": [row.bar for row in rows],
            "met": [verdict[row.holds] for row in rows],
            "how": [row.detail for row in rows],
        }
    )
    return str(frame.to_markdown(index=False))
