"""The benchmarks that open a finished study begin where its own runs began."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml

from benchmarks import collapse, finished, source_statistics
from nnpm.training import devices
from nnpm.workflow.plan import Plan, Run
from workspace import ROOT, TINY, Workspace

pytestmark = pytest.mark.slow


@pytest.fixture
def plan(study: Workspace, tmp_path: Path) -> Plan:
    overlays = [ROOT / "config" / "toy.yaml"]
    for name, settings in (("tiny", TINY), ("settings", study.settings)):
        overlays.append(tmp_path / f"{name}.yaml")
        overlays[-1].write_text(yaml.safe_dump(settings), encoding="utf-8")
    devices.prepare("cpu", 1)
    return finished.plan(*overlays, results=study.results.parent)


def test_the_watched_epoch_is_the_first_of_the_study(study: Workspace, plan: Plan) -> None:
    rows = collapse.first_epoch(plan, Run("iemocap", "emodb", "nnpm", "default", 0))
    history = pd.read_csv(study.run_folder("emodb", "nnpm") / "history.csv")
    assert rows[-1]["positives"] == pytest.approx(history["memory_positives"].iloc[0], abs=1e-3)
    assert rows[0]["positives"] != rows[-1]["positives"]


@pytest.mark.parametrize(
    ("method", "measure"),
    [("snsa-f", source_statistics.of_backbone), ("lda", source_statistics.of_functionals)],
)
def test_own_statistics_give_the_predictions_of_the_study(
    study: Workspace, plan: Plan, method: str, measure: Callable
) -> None:
    found = dict(measure(plan, Run("iemocap", "emodb", method, "default", 0)))
    written = pd.read_csv(study.run_folder("emodb", method) / "predictions.csv", dtype={"speaker": str})
    probabilities = ["angry", "happy", "sad", "neutral"]
    assert (found["own"][probabilities] - written[probabilities]).abs().max().max() < 1e-4
    assert (found["source"][probabilities] - written[probabilities]).abs().max().max() > 1e-3
