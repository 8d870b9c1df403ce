import io
from pathlib import Path

import pandas as pd
import pytest

import fake_study as fake
from nnpm.rendering import figure2
from nnpm.rendering.metrics import metrics_frame
from nnpm.rendering.tables import Study

STUDY = Study("paper", "iemocap")
TARGETS = ["shemo", "emodb"]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return metrics_frame(fake.runs())


def test_numbers_are_those_of_the_runs(frame: pd.DataFrame) -> None:
    plotted = figure2.numbers(frame, TARGETS, STUDY)
    assert list(plotted["target"].unique()) == TARGETS
    assert list(plotted["threshold"][:6]) == [0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    runs = frame[
        (frame["target"] == "emodb")
        & (frame["method"] == "nnpm")
        & (frame["freeze"] == 2)
        & (frame["threshold"] == 0.9)
    ]
    last = plotted.iloc[-1]
    assert last["mean"] == pytest.approx(100 * runs["ua"].mean())
    assert (last["low"], last["high"]) == pytest.approx((100 * runs["ua"].min(), 100 * runs["ua"].max()))
    assert (last["seeds"], last["paper"]) == (3, 50.57)
    assert plotted["paper"].notna().sum() == 2


def test_csv_reads_back(frame: pd.DataFrame) -> None:
    plotted = figure2.numbers(frame, TARGETS, STUDY)
    back = pd.read_csv(io.StringIO(figure2.to_csv(plotted)))
    pd.testing.assert_frame_equal(back, plotted, check_dtype=False, atol=0.0051, rtol=0)


def test_files_are_the_same_every_time(frame: pd.DataFrame, tmp_path: Path) -> None:
    plotted = figure2.numbers(frame, TARGETS, STUDY)
    for name in ("a", "b"):
        figure = figure2.draw(plotted, TARGETS, STUDY)
        figure2.save(figure, tmp_path / f"{name}.svg", "svg")
        figure2.save(figure, tmp_path / f"{name}.png", "png")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert "dc:date" not in (tmp_path / "a.svg").read_text()


def test_legend_says_what_is_shown(frame: pd.DataFrame) -> None:
    def legend(runs: pd.DataFrame, targets: list[str]) -> set[str]:
        figure = figure2.draw(figure2.numbers(runs, targets, STUDY), targets, STUDY)
        return {text.get_text() for text in figure.legends[0].get_texts()}

    assert legend(frame, TARGETS) == {
        "chance (25 %)",
        "lowest to highest seed",
        "measured, mean over seeds",
        "paper (printed value at 0.9)",
    }
    one_seed = frame[frame["seed"] == 0]
    assert legend(one_seed, ["urdu"]) == {"chance (25 %)", "measured, one seed"}


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7])
def test_any_number_of_targets(frame: pd.DataFrame, count: int) -> None:
    targets = [*fake.SIZES, "x", "y", "z"][:count]
    figure = figure2.draw(figure2.numbers(frame, targets, STUDY), targets, STUDY)
    assert len(figure.axes) == count


def test_an_unlabelled_target_has_no_numbers() -> None:
    runs = metrics_frame([fake.run("mine", "nnpm", 0, None)])
    plotted = figure2.numbers(runs, ["mine"], STUDY)
    assert plotted.empty
    assert len(figure2.draw(plotted, ["mine"], STUDY).axes) == 1


def test_the_figure_in_words(frame: pd.DataFrame) -> None:
    words = figure2.describe(figure2.numbers(frame, TARGETS, STUDY))
    assert "ShEMO: mean UA" in words and "at 0.9" in words
