"""The curves that TensorBoard shows, read by its own reader."""

import sys

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from nnpm.errors import InputError
from nnpm.training.tensorboard import FOLDER, curves

ROWS = [{"epoch": n, "source_loss": 1.0 / n, "test_ua": 0.25 * n, "seconds": 2.0} for n in (1, 2, 3)]


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(FOLDER, "results/toy/tensorboard")
    return tmp_path / "results" / "toy"


def drawn(folder, name):
    events = EventAccumulator(str(folder)).Reload()
    return [(event.step, event.value) for event in events.Scalars(name)]


def test_each_epoch_is_a_point_of_each_curve_at_once_and_a_resumed_run_draws_it_once(study):
    run, folder = study / "runs" / "emodb" / "seed~0", study / "tensorboard" / "runs" / "emodb" / "seed~0"
    with curves(run, []) as draw:
        draw(ROWS[0])
        assert drawn(folder, "test_ua") == [(1, 0.25)]
        draw(ROWS[1])
        draw(ROWS[2])
    assert drawn(folder, "test_ua") == [(1, 0.25), (2, 0.5), (3, 0.75)]
    assert {"source_loss", "test_ua", "seconds"} == set(EventAccumulator(str(folder)).Reload().Tags()["scalars"])
    with curves(run, ROWS[:1]) as draw:  # the other epochs were lost by a kill
        draw(ROWS[1])
    assert drawn(folder, "test_ua") == [(1, 0.25), (2, 0.5)]


def test_nothing_is_written_unasked(study, monkeypatch):
    monkeypatch.setenv(FOLDER, "")
    with curves(study / "runs" / "x", []) as draw:
        draw(ROWS[0])
    assert not study.exists()


def test_a_missing_package_is_one_line(study, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(InputError, match=r"^config: tensorboard: .*pip install tensorboard"), curves(study / "x", []):
        pass
