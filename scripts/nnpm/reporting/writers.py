"""A table as CSV, Markdown and LaTeX text."""

from typing import Any

import pandas as pd

from nnpm.files import write_csv, write_text
from nnpm.reporting.cells import Table

_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "±": r"$\pm$",
        "–": "--",
        "—": "---",
        "†": r"\textdagger{}",
    }
)


def publish(table: Table, files: Any) -> None:
    """Write a table to `files.csv`, its long frame; to `files.md`; and to `files.tex`."""
    write_csv(files.csv, table.cells)
    write_text(files.md, to_markdown(table))
    write_text(files.tex, to_latex(table))


def to_markdown(table: Table) -> str:
    """Return the table as Markdown: one column per target and metric.

    A cell is mean ± spread [interval] (the paper's value); if the table is `beside`, the paper's values have their own
    column.
    """
    headings, columns = _headings(table), {}
    for (target, metric), heading in zip(table.columns, headings, strict=True):
        cells = [table.cell(row, target, metric) for row in table.rows]
        measured = [_markdown_cell(cell) for cell in cells]
        printed = [format_paper(cell, table) for cell in cells]
        if table.beside:
            columns[f"{heading}, {MEASURED}"] = measured
            columns[f"{heading}, {CITED}"] = [format_beside(cell, table) for cell in cells]
        else:
            columns[heading] = [f"{a} ({b})" if b else a for a, b in zip(measured, printed, strict=True)]
    wide = pd.DataFrame(columns, index=pd.Index(table.rows, name=table.row_title))
    return f"{table.caption}\n\n{wide.to_markdown(disable_numparse=True)}\n"


def to_latex(table: Table) -> str:
    r"""Return a ``table*`` environment; the preamble needs ``\usepackage{booktabs}``.

    Intervals and the paper's values have their own rows below the measured ones, so that eight columns fit a page; if
    the table is `beside`, the paper's values are a column.
    """
    titles, lines = [], []
    for row in table.rows:
        cells = [table.cell(row, *column) for column in table.columns]
        printed = [_latex(format_paper(cell, table)) for cell in cells]
        intervals = [format_interval(cell) for cell in cells]
        scores = [_latex_cell(cell) for cell in cells]
        if table.beside:
            beside = [_latex(format_beside(cell, table)) for cell in cells]
            scores, intervals = _interleave(scores, beside), _interleave(intervals, [""] * len(cells))
        titles.append(row)
        lines.append(scores)
        if any(intervals):
            titles.append("– 95 % interval")
            lines.append(intervals)
        if any(printed) and not table.beside:
            titles.append("– paper")
            lines.append(printed)
    headings = [MEASURED, CITED] if table.beside else [""]
    columns = pd.MultiIndex.from_tuples(
        [
            (target, ", ".join(filter(None, [metric, heading])))
            for target, metric in table.columns
            for heading in headings
        ]
    )
    styler = pd.DataFrame(lines, index=pd.Index(titles), columns=columns).style
    styler = styler.format_index(_latex, axis=0).format_index(_latex, axis=1)
    return str(
        styler.to_latex(
            hrules=True,
            environment="table*",
            position="t",
            position_float="centering",
            column_format="l" + "r" * len(columns),
            multicol_align="c",
            caption=_latex(table.caption),
            label=f"tab:{table.name}",
        )
    )


#: Headings of measured and printed values in separate columns.
MEASURED, CITED = "measured here", "cited by the paper"


def format_score(cell: pd.Series) -> str:
    """Return mean and spread with one decimal, "—" if there is no score."""
    if pd.isna(cell["mean"]):
        return "—"
    spread = "" if pd.isna(cell["std"]) else f" ± {cell['std']:.1f}"
    return f"{cell['mean']:.1f}{spread}"


def format_interval(cell: pd.Series) -> str:
    """Return the interval in square brackets, "" if there is none."""
    return "" if pd.isna(cell["low"]) else f"[{cell['low']:.1f}, {cell['high']:.1f}]"


def format_paper(cell: pd.Series, table: Table) -> str:
    """Return the paper's value with its printed decimals, "" if there is none."""
    if pd.isna(cell["paper"]):
        return ""
    return f"{cell['paper']:.1f}" if table.beside or cell["cited"] else f"{cell['paper']:.2f}"


def format_beside(cell: pd.Series, table: Table) -> str:
    """Return the paper's value for a separate column: "—" if there is none; marked if the paper measured it."""
    printed = format_paper(cell, table)
    return f"{printed} (its own)" if printed and not cell["cited"] else printed or "—"


def _interleave(first: list[str], second: list[str]) -> list[str]:
    return [text for pair in zip(first, second, strict=True) for text in pair]


def _headings(table: Table) -> list[str]:
    """Return the column headings of a flat table; the target is named only if there are several."""
    several = len({target for target, _ in table.columns}) > 1
    return [f"{target} {metric}" if several else metric for target, metric in table.columns]


def _markdown_cell(cell: pd.Series) -> str:
    """Return score and interval, with their marks."""
    score = f"**{format_score(cell)}**" if cell["best"] else format_score(cell)
    return " ".join(filter(None, [score, format_interval(cell)])) + (" †" if cell["differs"] else "")


def _latex_cell(cell: pd.Series) -> str:
    """Return the score with its marks, escaped."""
    score = _latex(format_score(cell))
    return (rf"\textbf{{{score}}}" if cell["best"] else score) + (_latex(" †") if cell["differs"] else "")


def _latex(text: object) -> str:
    """Return the text with the characters that LaTeX reads as commands escaped."""
    return str(text).translate(_LATEX)
