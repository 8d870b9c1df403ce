"""Interval plots: the positions of their marks, which the report draws as inline SVG."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from nnpm import CLASSES
from nnpm.methods.table import PROPOSED, UNADAPTED, title
from nnpm.reporting.cells import Table
from nnpm.reporting.study import Study
from nnpm.reporting.summaries import Brief


class Mark(NamedTuple):
    """One row of a plot: title, mean with its 95 % interval, and the paper's value; NaN where unknown."""

    title: str
    mean: float
    low: float
    high: float
    paper: float


@dataclass(frozen=True)
class Plot:
    """One panel: a quantity in percent or points, from the lowest to the highest value of its scale.

    `reference` is a value that gets a line, such as chance.
    """

    title: str
    marks: tuple[Mark, ...]
    low: float = 0
    high: float = 100
    reference: float = 100 / len(CLASSES)

    def place(self, value: float) -> float:
        """The position of a value on the scale, 0..1."""
        return (value - self.low) / (self.high - self.low)

    @property
    def printed(self) -> bool:
        """Whether the paper has a value for any row."""
        return not all(math.isnan(mark.paper) for mark in self.marks)

    @property
    def ticks(self) -> list[float]:
        """Five values of the scale."""
        return [self.low + quarter * (self.high - self.low) / 4 for quarter in range(5)]


def of_table(table: Table) -> list[Plot]:
    """Return one plot per column that has intervals."""
    plots = []
    for target, metric in table.columns:
        cells = [table.cell(row, target, metric) for row in table.rows]
        marks = tuple(Mark(str(cell["row"]), *(float(cell[name]) for name in Mark._fields[1:])) for cell in cells)
        if not all(math.isnan(mark.low) for mark in marks):
            plots.append(Plot(f"{target}, {metric}", marks))
    return plots


def of_briefs(briefs: Sequence[Brief], study: Study) -> list[Plot]:
    """Return one plot of the differences around 0, one row per target; no plot without differences."""
    marks = tuple(Mark(study.title(each.target), each.difference, each.low, each.high, each.printed) for each in briefs)
    values = [abs(value) for mark in marks for value in mark[1:] if not math.isnan(value)]
    if not values:
        return []
    widest = next((step for step in (5, 10, 20, 40, 60, 80) if step >= max(values)), 100)
    return [Plot(f"{title(PROPOSED)} minus {title(UNADAPTED)}, points of UA", marks, -widest, widest, reference=0)]
