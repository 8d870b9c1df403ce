"""A table as CSV, Markdown and LaTeX text."""

import pandas as pd

from nnpm.rendering.tables import Table, format_measured, format_paper

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
    }
)


def to_csv(table: Table) -> str:
    """Return the long frame as CSV text, percentages with two decimals."""
    return str(table.cells.to_csv(index=False, float_format="%.2f", lineterminator="\n"))


def to_markdown(table: Table) -> str:
    """Return the table for humans: rows as titled, a column a target and metric, the paper's value in brackets."""
    wide = pd.DataFrame(
        [[_markdown_cell(table, row, *column) for column in table.columns] for row in table.rows],
        index=pd.Index(table.rows, name=table.row_title),
        columns=_headings(table),
    )
    return f"{table.caption}\n\n{wide.to_markdown(disable_numparse=True)}\n"


def to_latex(table: Table) -> str:
    r"""Return a ``table*`` environment; the preamble needs ``\usepackage{booktabs}``.

    The paper's values stand in a row of their own below the measured ones, so that eight columns fit a page.
    """
    titles, lines = [], []
    for row in table.rows:
        cells = [table.cell(row, *column) for column in table.columns]
        printed = [format_paper(cell, table) for cell in cells]
        cited = any(cell["cited"] for cell in cells)
        if not cited:
            titles.append(row)
            lines.append([format_measured(cell) for cell in cells])
        if any(printed):
            titles.append(f"{row} (cited)" if cited else "– paper")
            lines.append(printed)
    columns = pd.MultiIndex.from_tuples(table.columns)
    styler = pd.DataFrame(lines, index=pd.Index(titles), columns=columns).style
    styler = styler.format(_latex).format_index(_latex, axis=0).format_index(_latex, axis=1)
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


def _headings(table: Table) -> list[str]:
    """Return the column headings of a flat table; the target is named only if there are several."""
    several = len({target for target, _ in table.columns}) > 1
    return [f"{target} {metric}" if several else metric for target, metric in table.columns]


def _markdown_cell(table: Table, row: str, column: str, metric: str) -> str:
    """Return measured (paper), or the cited value alone."""
    cell = table.cell(row, column, metric)
    printed = format_paper(cell, table)
    if cell["cited"]:
        return f"{printed} (cited)" if printed else "—"
    return f"{format_measured(cell)} ({printed})" if printed else format_measured(cell)


def _latex(text: object) -> str:
    """Return the text with everything that LaTeX would read as a command escaped."""
    return str(text).translate(_LATEX)
