import io
from pathlib import Path

import pandas as pd
import pytest

import fake_study as fake
from nnpm.reporting import drawing, figure2
from nnpm.reporting.evidence import Evidence
from nnpm.reporting.tables import Study

STUDY = Study("paper", "iemocap")
TARGETS = ["shemo", "emodb"]
Frames = tuple[pd.DataFrame, Evidence]


@pytest.fixture(scope="module")
def study() -> Frames:
    return fake.frames(fake.runs())


def test_numbers_are_those_of_the_runs(study: Frames) -> None:
    plotted = figure2.numbers(*study, TARGETS, STUDY)
    assert list(plotted["target"].unique()) == TARGETS
    assert list(plotted["threshold"][:6]) == [0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    frame = study[0]
    runs = frame[
        (frame["target"] == "emodb")
        & (frame["method"] == "nnpm")
        & (frame["freeze"] == 2)
        & (frame["threshold"] == 0.9)
    ]
    last = plotted.iloc[-1]
    assert last["mean"] == pytest.approx(100 * runs["ua"].mean())
    assert last["low"] < last["mean"] < last["high"] and last["unit"] == "utterances"
    assert plotted.loc[plotted["target"] == "shemo", "unit"].unique().tolist() == ["speakers"]
    assert (last["lowest"], last["highest"]) == pytest.approx((100 * runs["ua"].min(), 100 * runs["ua"].max()))
    assert (last["seeds"], last["paper"]) == (3, 50.57)
    assert plotted["paper"].notna().sum() == 2


def test_csv_reads_back(study: Frames) -> None:
    plotted = figure2.numbers(*study, TARGETS, STUDY)
    back = pd.read_csv(io.StringIO(figure2.to_csv(plotted)))
    pd.testing.assert_frame_equal(back, plotted, check_dtype=False, atol=0.0051, rtol=0)


def test_files_are_the_same_every_time(study: Frames, tmp_path: Path) -> None:
    plotted = figure2.numbers(*study, TARGETS, STUDY)
    for name in ("a", "b"):
        figure = figure2.draw(plotted, TARGETS, STUDY)
        drawing.save(figure, tmp_path / f"{name}.svg", "svg")
        drawing.save(figure, tmp_path / f"{name}.png", "png")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert "dc:date" not in (tmp_path / "a.svg").read_text()


def test_legend_says_what_is_shown(study: Frames) -> None:
    def legend(runs: pd.DataFrame, targets: list[str]) -> set[str]:
        figure = figure2.draw(figure2.numbers(runs, study[1], targets, STUDY), targets, STUDY)
        return {text.get_text() for text in figure.legends[0].get_texts()}

    assert legend(study[0], TARGETS) == {
        "chance (25 %)",
        "95 % interval of the mean",
        "lowest and highest seed",
        "measured, mean over seeds",
        "paper (printed value at 0.9)",
    }
    one_seed = study[0][study[0]["seed"] == 0]
    assert legend(one_seed, ["urdu"]) == {"chance (25 %)", "95 % interval", "measured, one seed"}
    figure = figure2.draw(figure2.numbers(*study, TARGETS, STUDY), TARGETS, STUDY)
    assert [axes.get_title() for axes in figure.axes] == ["ShEMO (speakers resampled)", "EMO-DB (utterances resampled)"]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7])
def test_any_number_of_targets(study: Frames, count: int) -> None:
    targets = [*fake.SIZES, "x", "y", "z"][:count]
    figure = figure2.draw(figure2.numbers(*study, targets, STUDY), targets, STUDY)
    assert len(figure.axes) == count


def test_an_unlabelled_target_has_no_numbers() -> None:
    plotted = figure2.numbers(*fake.frames([fake.run("mine", "nnpm", 0, None)]), ["mine"], STUDY)
    assert plotted.empty
    assert len(figure2.draw(plotted, ["mine"], STUDY).axes) == 1


def test_the_figure_in_words(study: Frames) -> None:
    words = figure2.describe(figure2.numbers(*study, TARGETS, STUDY))
    assert "ShEMO: mean UA" in words and "at 0.9" in words
