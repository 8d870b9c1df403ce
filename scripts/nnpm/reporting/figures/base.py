"""The inputs and the methods that all figures share."""

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import pandas as pd
from matplotlib.figure import Figure

from nnpm.evaluation.outcomes import Outcomes
from nnpm.methods.table import ordered
from nnpm.reporting import histories, metrics
from nnpm.reporting.cells import all_scored
from nnpm.reporting.drawing import Words
from nnpm.reporting.evidence import Evidence
from nnpm.reporting.figures.table import FIGURES
from nnpm.reporting.study import Study
from nnpm.reporting.tables import select


@dataclass(frozen=True)
class Given:
    """The inputs of a figure: the study, and `files`, whose attributes are the figure's input files.

    `files.metrics` are the runs' metrics.json, with their histories beside them; `files.predictions` their
    predictions.csv in the same order. The figures read other inputs themselves.
    """

    study: Study
    files: Any

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """The study's own runs."""
        return self.study.runs(self.every_variant)

    @cached_property
    def every_variant(self) -> pd.DataFrame:
        """All runs, the study's own and its variants."""
        return metrics.metrics_frame(self.files.metrics)

    @cached_property
    def evidence(self) -> Evidence:
        """The outcomes of the runs' predictions."""
        return Evidence(metrics.predictions_frame(self.files.metrics, self.files.predictions))

    def scored(self, target: str) -> Iterator[tuple[str, pd.DataFrame, Outcomes]]:
        """Yield each method that has scores on a target, with its own runs and their outcomes."""
        for method in ordered(self.metrics["method"]):
            runs = select(self.metrics, target, method).dropna(subset="ua")
            if outcomes := self.evidence.of(runs):
                yield method, runs, outcomes

    @cached_property
    def histories(self) -> pd.DataFrame:
        """The epochs of the study's own runs."""
        return self.study.runs(histories.load(self.files.metrics))


class Drawing(Protocol):
    """A figure with its parameters, such as its target; each figure's module has a class `Drawing` like this."""

    def numbers(self, given: Given) -> pd.DataFrame:
        """Return the plotted numbers."""

    def draw(self, plotted: pd.DataFrame, study: Study) -> Figure:
        """Return the figure of these numbers."""

    def describe(self, plotted: pd.DataFrame, study: Study) -> str:
        """Return the figure in words, for those who cannot see it."""


def load(name: str, content: Mapping[str, Any]) -> Drawing:
    """Return a figure with its parameters, `content`."""
    drawing: Drawing = importlib.import_module(f"nnpm.reporting.figures.{name}").Drawing(**content)
    return drawing


def words(name: str, target: str, description: str, study: Study) -> Words:
    """Return the texts of a figure; `target` is "" for a figure of all targets.

    The caption ends with the source, and says so if the test is all of a target.
    """
    entry, place = FIGURES[name], {"target": study.title(target) if target else ""}
    file = f"{name}-{target}" if target else name
    sentences = [entry.caption.format(**place), f"Source: {study.title(study.source)}.", all_scored(study)]
    return Words(file, entry.title.format(**place), description, " ".join(filter(None, sentences)), target)
