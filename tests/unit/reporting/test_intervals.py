"""Where the marks of an interval plot stand."""

import math

import pytest

from nnpm.reporting import intervals
from nnpm.reporting.study import Study
from nnpm.reporting.summaries import Brief

STUDY = Study("open", "ravdess")


def brief(target: str, low: float, high: float, printed: float = math.nan) -> Brief:
    middle = (low + high) / 2
    return Brief(target, 34, 50.0, 50.0 + middle, middle, low, high, 0.5, 0, 1, printed, "utterances")


def test_differences_stand_around_zero_on_a_scale_that_holds_them_all() -> None:
    (plot,) = intervals.of_briefs([brief("urdu", -12.0, 4.0), brief("emodb", 1.0, 7.0, printed=19.32)], STUDY)
    assert [mark.title for mark in plot.marks] == ["URDU", "EMO-DB"]
    assert plot.ticks == [-20, -10, 0, 10, 20]
    assert plot.place(plot.reference) == 0.5 and plot.place(-20) == 0 and plot.place(10) == 0.75
    assert plot.marks[1].paper == pytest.approx(19.32) and plot.printed
    (alone,) = intervals.of_briefs([brief("urdu", -92.0, 4.0)], STUDY)
    assert (alone.low, alone.high, alone.printed) == (-100, 100, False)


def test_nothing_is_drawn_of_nothing() -> None:
    assert intervals.of_briefs([], STUDY) == []
