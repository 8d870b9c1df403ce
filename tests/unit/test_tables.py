import io
import json
from pathlib import Path

import pandas as pd
import pytest

import fake_study as fake
from nnpm.errors import InputError
from nnpm.rendering import metrics, tables, writers
from nnpm.rendering.tables import Study

PAPER = Study("paper", "iemocap")
OPEN = Study("open", "ravdess", note="Only a test.")


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return metrics.metrics_frame(fake.runs())


def three_seeds(target: str = "emodb", method: str = "nnpm") -> pd.DataFrame:
    """UA 25, 50 and 75 %; WA 13, 19 and 28 of 34."""
    matrices = [
        [[13, 0, 0, 0], [6, 0, 0, 0], [4, 0, 0, 0], [11, 0, 0, 0]],
        [[13, 0, 0, 0], [0, 6, 0, 0], [4, 0, 0, 0], [11, 0, 0, 0]],
        [[13, 0, 0, 0], [0, 0, 0, 6], [0, 0, 4, 0], [0, 0, 0, 11]],
    ]
    return metrics.metrics_frame(fake.run(target, method, seed, m) for seed, m in enumerate(matrices))


def test_metrics_frame_has_a_row_a_run(frame: pd.DataFrame) -> None:
    assert len(frame) == 4 * 4 * 3 + 2 * 3 + 2 * 5 * 3
    first = three_seeds().iloc[0]
    assert (first["ua"], first["wa"], first["utterances"]) == (0.25, 13 / 34, 34)
    assert (first["recall_angry"], first["recall_happy"]) == (1, 0)
    assert first["count_neutral_angry"] == 11
    assert first["oracle_ua"] == pytest.approx(0.29)


def test_metrics_come_from_files_and_go_through_csv(tmp_path: Path, frame: pd.DataFrame) -> None:
    for number, run in enumerate(fake.runs()):
        (tmp_path / f"{number}.json").write_text(json.dumps(run))
    read = metrics.metrics_frame(sorted(tmp_path.glob("*.json")))
    pd.testing.assert_frame_equal(read, frame)
    csv = tmp_path / "metrics.csv"
    csv.write_text(metrics.to_csv(frame))
    first, second = (tables.table1(f, fake.METHODS, list(fake.SIZES), PAPER) for f in (frame, pd.read_csv(csv)))
    assert writers.to_markdown(first) == writers.to_markdown(second)


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"target": "emodb"}'])
def test_a_file_that_is_no_metrics_is_named(tmp_path: Path, content: str) -> None:
    bad = tmp_path / "metrics.json"
    bad.write_text(content)
    with pytest.raises(InputError, match=r"metrics\.json: not a run's") as error:
        metrics.metrics_frame([bad])
    assert "\n" not in str(error.value)


def test_the_same_run_twice_is_an_error() -> None:
    run = fake.run("emodb", "nnpm", 0, None)
    with pytest.raises(InputError, match=r"target emodb, method nnpm, .* given twice"):
        metrics.metrics_frame([run, run])


def test_cells_by_hand() -> None:
    table = tables.table1(three_seeds(), ["nnpm"], ["emodb"], PAPER)
    ua, wa = (table.cell("NNPM", "EMO-DB", metric) for metric in ("UA", "WA"))
    assert (ua["mean"], ua["std"], ua["seeds"], ua["paper"]) == (50, 25, 3, 50.57)
    assert wa["mean"] == pytest.approx(100 * 60 / 34 / 3)
    assert wa["std"] == pytest.approx(100 / 34 * ((49 + 1 + 64) / 2) ** 0.5)  # 13, 19, 28 around 20
    assert wa["paper"] == 55.88
    assert "50.0 ± 25.0 (50.57)" in writers.to_markdown(table)


def test_one_seed_has_no_spread() -> None:
    one = three_seeds().iloc[:1]
    table = tables.table1(one, ["nnpm"], ["emodb"], PAPER)
    assert pd.isna(table.cell("NNPM", "EMO-DB", "UA")["std"])
    assert "| 25.0 (50.57)" in writers.to_markdown(table)
    assert "One seed, so no spread." in table.caption


def test_an_unlabelled_target_claims_no_score() -> None:
    runs = metrics.metrics_frame(fake.run("mine", "nnpm", seed, None) for seed in (0, 1))
    table = tables.table1(runs, ["nnpm"], ["mine"], PAPER)
    cell = table.cell("NNPM", "mine", "UA")
    assert pd.isna(cell["mean"]) and cell["seeds"] == 2
    assert "—" in writers.to_markdown(table)
    assert "mine no labels, no score" in table.caption


def test_only_runs_of_the_main_setting_count(frame: pd.DataFrame) -> None:
    table = tables.table1(frame, ["nnpm"], ["emodb"], PAPER)
    assert table.cell("NNPM", "EMO-DB", "UA")["seeds"] == 3


def test_caption_names_what_the_numbers_rest_on(frame: pd.DataFrame) -> None:
    caption = tables.table1(frame, fake.METHODS, list(fake.SIZES), OPEN).caption
    for words in (
        "Source: RAVDESS.",
        "3 seeds",
        "URDU 132, EKorpus 385, ShEMO 904, EMO-DB 34",
        "its source is IEMOCAP",
        "Only a test.",
    ):
        assert words in caption
    assert "its source is" not in tables.table1(frame, fake.METHODS, ["urdu"], PAPER).caption


def test_table2_shows_cited_values_without_measured_ones(frame: pd.DataFrame) -> None:
    table = tables.table2(frame, "emodb", ["nnpm"], ["fluda", "dann", "al"], PAPER)
    text = writers.to_markdown(table)
    assert table.rows == ["FLUDA", "DANN", "AL", "NNPM"]
    assert "34.9 (cited)" in text and "28.5 (cited)" in text and "42.5 (cited)" in text
    assert "(50.6)" in text
    assert table.cell("FLUDA", "EMO-DB", "UA")["seeds"] == 0
    elsewhere = tables.table2(frame, "urdu", ["nnpm"], ["fluda"], PAPER)
    assert "cited)" not in writers.to_markdown(elsewhere)


def test_table3_has_a_row_a_number_of_frozen_blocks(frame: pd.DataFrame) -> None:
    table = tables.table3(frame, "emodb", [0, 1, 2], PAPER)
    assert table.rows == ["N = 0", "N = 1", "N = 2"]
    assert list(table.cells[table.cells["metric"] == "UA"]["paper"]) == [43.75, 46.02, 50.57]
    assert tables.table3(frame, "urdu", [2], PAPER).cells["paper"].isna().all()


def test_target_table_has_recalls_and_the_oracle() -> None:
    table = tables.target_table(three_seeds(), "emodb", ["nnpm"], PAPER)
    assert table.cell("NNPM", "EMO-DB", "angry recall")["mean"] == 100
    assert table.cell("NNPM", "EMO-DB", "sad recall")["mean"] == pytest.approx(100 / 3)
    assert table.cell("NNPM", "EMO-DB", "oracle UA")["mean"] == pytest.approx(54)


def test_csv_reads_back(frame: pd.DataFrame) -> None:
    table = tables.table1(frame, fake.METHODS, list(fake.SIZES), PAPER)
    back = pd.read_csv(io.StringIO(writers.to_csv(table)))
    assert list(back.columns) == list(tables.CELL_COLUMNS)
    pd.testing.assert_frame_equal(back, table.cells, check_dtype=False, atol=0.0051, rtol=0)


def test_latex_is_escaped_and_complete(frame: pd.DataFrame) -> None:
    table = tables.table1(frame, fake.METHODS, list(fake.SIZES), Study("x", "my_corpus", note="50% & more #1"))
    text = writers.to_latex(table)
    assert r"my\_corpus" in text and r"50\% \& more \#1" in text and r"\label{tab:table1}" in text
    assert r"\toprule" in text and r"$\pm$" in text and "±" not in text and "—" not in text
    body = text[text.index(r"\midrule") : text.index(r"\bottomrule")]
    lines = [line for line in body.splitlines() if "&" in line]
    assert len(lines) == 8  # measured and paper
    assert all(line.count("&") == 8 and line.endswith(r"\\") for line in lines)
