"""What each method gains over the reference in each language: one picture of a study's paired tests.

`python -m benchmarks.gains results/open/tables/ravdess/comparisons.csv gains.png` draws the differences in UA of a
finished comparison, with their 95 % intervals.
"""

import sys
from pathlib import Path

import matplotlib
import pandas as pd
from matplotlib.figure import Figure

from nnpm.reporting import drawing, palette


def draw(tests: pd.DataFrame) -> Figure:
    """One panel per column of UA, one row per method; a filled mark differs from the reference after correction."""
    shown = tests[(tests["question"] == "reference") & (tests["metric"] == "UA")]
    methods, columns = (list(dict.fromkeys(shown[name])) for name in ("first", "column"))
    with matplotlib.rc_context(drawing.FONT):
        figure = Figure(figsize=(drawing.WIDTH, 1.3 + 0.3 * len(methods)), layout="constrained")
        for axes, column in zip(figure.subplots(1, len(columns), sharex=True, sharey=True), columns, strict=True):
            drawing.plain(axes)
            axes.axvline(0, color=palette.GREY, linewidth=1)
            for place, method in enumerate(methods):
                for row in shown[(shown["column"] == column) & (shown["first"] == method)].itertuples():
                    axes.plot([row.low, row.high], [place, place], color="black", linewidth=1.2)
                    face = "black" if row.differs else "white"
                    axes.plot(row.difference, place, "o", color="black", markerfacecolor=face, markersize=6)
            axes.set_title(column)
        axes.set_yticks(range(len(methods)), methods)
        axes.invert_yaxis()
        figure.supxlabel(
            f"points of UA over {shown['second'].iloc[0]}, with 95 % interval; filled: beyond chance", fontsize=10
        )
    return figure


if __name__ == "__main__":
    tests, output = map(Path, sys.argv[1:])
    drawing.save(draw(pd.read_csv(tests)), output, "png", "Gains over the reference")
