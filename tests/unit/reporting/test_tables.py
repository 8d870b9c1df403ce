import json
import re
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

import fake_study as fake
from nnpm.errors import InputError
from nnpm.files import read_csv
from nnpm.reporting import __main__ as rendering
from nnpm.reporting import cells, metrics, summaries, tables, writers
from nnpm.reporting.evidence import Evidence
from nnpm.reporting.study import Study

Frames = tuple[pd.DataFrame, Evidence]

PAPER = Study("paper", "iemocap")
OPEN = Study("open", "ravdess", note="Only a test.")


@pytest.fixture(scope="module")
def study() -> Frames:
    return fake.frames(fake.runs())


@pytest.fixture(scope="module")
def open_study() -> Frames:
    return fake.frames(fake.runs("ravdess"))


def three_seeds() -> Frames:
    """UA 25, 50 and 75 %; WA 13, 19 and 28 of 34."""
    matrices = [
        [[13, 0, 0, 0], [6, 0, 0, 0], [4, 0, 0, 0], [11, 0, 0, 0]],
        [[13, 0, 0, 0], [0, 6, 0, 0], [4, 0, 0, 0], [11, 0, 0, 0]],
        [[13, 0, 0, 0], [0, 0, 0, 6], [0, 0, 4, 0], [0, 0, 0, 11]],
    ]
    return fake.frames(fake.run("emodb", "nnpm", seed, m) for seed, m in enumerate(matrices))


def test_a_table_is_made_again_from_two_small_files(tmp_path: Path, study: Frames) -> None:
    runs, predictions = [], []
    for number, run in enumerate(fake.runs()):
        runs.append(tmp_path / f"{number}.json")
        predictions.append(tmp_path / f"{number}.csv")
        runs[-1].write_text(json.dumps(run))
        fake.predictions(run).to_csv(predictions[-1], index=False)
    read = metrics.metrics_frame(runs)
    pd.testing.assert_frame_equal(read, study[0])
    (tmp_path / "metrics.csv").write_text(metrics.to_csv(read))
    (tmp_path / "predictions.csv").write_text(metrics.to_csv(metrics.predictions_frame(runs, predictions)))
    again = pd.read_csv(tmp_path / "metrics.csv"), Evidence(read_csv(tmp_path / "predictions.csv"))
    first, second = (tables.table1(*frames, fake.METHODS, list(fake.SIZES), PAPER) for frames in (study, again))
    assert writers.to_markdown(first) == writers.to_markdown(second)
    pd.testing.assert_frame_equal(first.cells, second.cells, atol=1e-3, rtol=0)  # percent, from six digits


def test_predictions_must_belong_to_the_metrics(study: Frames) -> None:
    other = fake.frames([fake.run("emodb", "nnpm", 0, [[13, 0, 0, 0], [6, 0, 0, 0], [4, 0, 0, 0], [11, 0, 0, 0]])])[1]
    with pytest.raises(InputError, match="predictions: those of snsa-f on emodb are missing"):
        tables.table1(study[0], other, ["snsa-f"], ["emodb"], PAPER)
    one = study[0][study[0]["seed"] == 0]
    with pytest.raises(InputError, match="predictions: those of nnpm on emodb do not give the UA"):
        tables.table1(one, other, ["nnpm"], ["emodb"], PAPER)


def test_cells_by_hand() -> None:
    table = tables.table1(*three_seeds(), ["nnpm"], ["emodb"], PAPER)
    ua, wa = (table.cell("NNPM", "EMO-DB", metric) for metric in ("UA", "WA"))
    assert (ua["mean"], ua["std"], ua["seeds"], ua["paper"]) == (50, 25, 3, 50.57)
    assert wa["mean"] == pytest.approx(100 * 60 / 34 / 3)
    assert wa["std"] == pytest.approx(100 / 34 * ((49 + 1 + 64) / 2) ** 0.5)  # 13, 19, 28 around 20
    assert wa["paper"] == 55.88
    assert f"50.0 ± 25.0 [{ua['low']:.1f}, {ua['high']:.1f}] (50.57)" in writers.to_markdown(table)


def test_intervals_hold_the_mean_and_name_what_they_are_over(study: Frames) -> None:
    table = tables.table1(*study, fake.METHODS, list(fake.SIZES), PAPER)
    assert (table.cells["low"] < table.cells["mean"]).all() and (table.cells["mean"] < table.cells["high"]).all()
    units = table.cells.groupby("column")["unit"].agg(set).to_dict()
    assert units == {"URDU": {"speakers"}, "EKorpus": {"utterances"}, "ShEMO": {"speakers"}, "EMO-DB": {"utterances"}}
    words = "over seeds and speakers on URDU, ShEMO; utterances on EKorpus, EMO-DB (fewer than 5 test speakers"
    assert f"{words}, or one for a class: it holds for these speakers only)." in table.caption
    emodb, shemo = (table.cell("NNPM", column, "UA") for column in ("EMO-DB", "ShEMO"))
    assert emodb["high"] - emodb["low"] > shemo["high"] - shemo["low"]  # 34 utterances, 904


def perfect(size: int) -> list[list[int]]:
    return [[size if i == j else 0 for j in range(4)] for i in range(4)]


def angry(size: int) -> list[list[int]]:
    return [[size, 0, 0, 0]] * 4


def two_methods(size: int, better: str = "nnpm") -> Frames:
    """One method knows everything, the others say angry; `size` utterances a class."""
    return fake.frames(
        fake.run("emodb", method, seed, perfect(size) if method == better else angry(size))
        for method in ("snsa-f", "snsa-wo-hl", "nnpm")
        for seed in (0, 1, 2)
    )


def test_bold_and_dagger_mark_what_differs_from_all_and_from_the_reference() -> None:
    methods = ["snsa-f", "snsa-wo-hl", "nnpm"]
    table = tables.table1(*two_methods(10), methods, ["emodb"], PAPER)
    assert table.cells["best"].tolist() == [False] * 4 + [True] * 2
    assert table.cells["differs"].tolist() == [False] * 4 + [True] * 2
    text = writers.to_markdown(table)
    assert re.search(r"\*\*100\.0 ± 0\.0\*\* \[\d\d\.\d, 100\.0\] † \(50\.57\)", text) and text.count("**") == 4
    assert r"\textbf{100.0 $\pm$ 0.0} \textdagger{}" in writers.to_latex(table)
    assert "no row is" not in table.caption and "†: differs from SNSA-F" in table.caption


def test_a_worse_row_is_marked_but_never_bold() -> None:
    table = tables.table1(*two_methods(10, better="snsa-f"), ["snsa-f", "nnpm"], ["emodb"], PAPER)
    assert table.cell("NNPM", "EMO-DB", "UA")["differs"] and not table.cell("NNPM", "EMO-DB", "UA")["best"]
    assert table.cell("SNSA-F", "EMO-DB", "UA")["best"]


def test_nothing_is_bold_where_it_could_be_chance(study: Frames) -> None:
    few = tables.table1(*two_methods(1), ["snsa-f", "nnpm"], ["emodb"], PAPER)  # three utterances more of four
    noise = tables.table3(*study, "emodb", fake.FROZEN, PAPER)
    for table in (few, noise):
        assert not table.cells["best"].any() and "**" not in writers.to_markdown(table)
        assert "no row is" in table.caption
    assert "†" not in noise.caption  # no SNSA-F in it


def test_the_runner_up_must_be_beaten_too() -> None:
    """Two methods that know everything: both differ from the third, neither is bold."""
    known = {"snsa-wo-hl": perfect(10), "nnpm": perfect(10), "snsa-f": angry(10)}
    frames = fake.frames(
        fake.run("emodb", method, seed, counts) for method, counts in known.items() for seed in range(3)
    )
    table = tables.table1(*frames, ["snsa-f", "snsa-wo-hl", "nnpm"], ["emodb"], PAPER)
    assert not table.cells["best"].any()
    assert table.cells["differs"].tolist() == [False] * 2 + [True] * 4


def test_one_seed_has_no_spread() -> None:
    metrics_, evidence = three_seeds()
    table = tables.table1(metrics_.iloc[:1], evidence, ["nnpm"], ["emodb"], PAPER)
    assert pd.isna(table.cell("NNPM", "EMO-DB", "UA")["std"])
    assert "| 25.0 [15.5, 37.8] (50.57)" in writers.to_markdown(table)
    assert "One seed, so no spread." in table.caption


def test_an_unlabelled_target_claims_no_score() -> None:
    runs = fake.frames(fake.run("mine", "nnpm", seed, None) for seed in (0, 1))
    table = tables.table1(*runs, ["nnpm"], ["mine"], PAPER)
    cell = table.cell("NNPM", "mine", "UA")
    assert pd.isna(cell["mean"]) and pd.isna(cell["low"]) and cell["seeds"] == 2
    assert "—" in writers.to_markdown(table)
    assert "mine no labels, no score" in table.caption


def test_caption_names_what_the_numbers_rest_on(study: Frames, open_study: Frames) -> None:
    caption = tables.table1(*open_study, fake.METHODS, list(fake.SIZES), OPEN).caption
    for words in (
        "Source: RAVDESS.",
        "3 seeds",
        "URDU 132, EKorpus 385, ShEMO 904, EMO-DB 34",
        "its source is IEMOCAP",
        "Only a test.",
    ):
        assert words in caption
    assert "its source is" not in tables.table1(*study, fake.METHODS, ["urdu"], PAPER).caption


def test_captions_say_how_test_sets_are_drawn(study: Frames) -> None:
    apart = Study("paper-speakers", "iemocap", protocol="speakers")
    given = "unless a corpus's own manifest gives them"
    for named, said, other in (
        (PAPER, "drawn at random, or", "whole speakers"),
        (apart, "whole speakers", "fixed test"),
    ):
        for table in (
            tables.table1(*study, fake.METHODS, ["urdu"], named),
            tables.table2(*study, "emodb", ["nnpm"], ["dann"], named),
            tables.table3(*study, "emodb", fake.FROZEN[2:], named),
            tables.target_table(*study, "emodb", ["nnpm"], named),
        ):
            assert said in table.caption and other not in table.caption and given in table.caption
            assert ("its test sets are others." in table.caption) == (named is apart)


def test_table2_shows_measured_and_cited_side_by_side() -> None:
    """A peer that is measured and cited is one row; one that is only cited has nothing measured."""
    size = [13, 6, 4, 11]
    knows = [[n if i == j else 0 for j in range(4)] for i, n in enumerate(size)]
    angry = [[n, 0, 0, 0] for n in size]
    runs = [
        fake.run("emodb", "nnpm", 0, knows),
        fake.run("emodb", "dann", 0, angry),
        fake.run("emodb", "gan", 0, angry),
    ]
    frames = fake.frames(runs)
    table = tables.table2(*frames, "emodb", ["nnpm", "dann", "gan"], ["fluda", "dann", "al"], PAPER)
    text = writers.to_markdown(table)
    assert table.rows == ["FLUDA", "DANN", "AL", "NNPM", "GAN"]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("|")]
    assert rows[0] == ["Method", "UA, measured here", "UA, cited by the paper"]
    assert [row[0] for row in rows[2:]] == table.rows
    assert [row[2] for row in rows[2:]] == ["34.9", "28.5", "42.5", "50.6 (its own)", "—"]
    assert rows[2][1] == rows[4][1] == "—" and rows[3][1] == rows[6][1] == "25.0 [15.5, 37.8]"
    assert re.fullmatch(r"100\.0 \[\d\d\.\d, 100\.0\]", rows[5][1]), "one seed: not bold"
    assert table.cell("FLUDA", "EMO-DB", "UA")["seeds"] == 0
    assert table.cells["cited"].tolist() == [True, True, True, False, False]
    assert "cited by the paper" in writers.to_latex(table) and "34.9" in writers.to_latex(table)


def test_table2_of_another_target_has_nothing_beside(study: Frames) -> None:
    table = tables.table2(*study, "urdu", ["nnpm"], ["fluda"], PAPER)
    text = writers.to_markdown(table)
    assert "34.9" not in text and "50.6" not in text and "stands beside" not in text
    assert table.rows == ["NNPM"] and not table.cells["cited"].any()
    assert text.startswith("UA (%) on URDU, measured here. ") and "cited by the paper" not in text


def test_table3_has_a_row_a_number_of_frozen_blocks(study: Frames) -> None:
    table = tables.table3(*study, "emodb", fake.FROZEN, PAPER)
    assert table.rows == ["N = 0", "N = 1", "N = 2"]
    assert list(table.cells[table.cells["metric"] == "UA"]["paper"]) == [43.75, 46.02, 50.57]
    assert tables.table3(*study, "urdu", fake.FROZEN[2:], PAPER).cells["paper"].isna().all()


def test_target_table_has_recalls_and_the_oracle() -> None:
    table = tables.target_table(*three_seeds(), "emodb", ["nnpm"], PAPER)
    assert table.cell("NNPM", "EMO-DB", "angry recall")["mean"] == 100
    assert table.cell("NNPM", "EMO-DB", "sad recall")["mean"] == pytest.approx(100 / 3)
    oracle = table.cell("NNPM", "EMO-DB", "oracle UA")
    assert oracle["mean"] == pytest.approx(54) and pd.isna(oracle["low"])
    low, high = table.cell("NNPM", "EMO-DB", "angry recall")[["low", "high"]]
    assert 50 < low < 90 and high == pytest.approx(100), "13 right of 13"


def test_csv_reads_back(study: Frames, tmp_path: Path) -> None:
    table = tables.table1(*study, fake.METHODS, list(fake.SIZES), PAPER)
    files = {kind: tmp_path / f"table1.{kind}" for kind in ("csv", "md", "tex")}
    writers.publish(table, SimpleNamespace(**files))
    back = pd.read_csv(files["csv"])
    assert list(back.columns) == list(cells.COLUMNS)
    pd.testing.assert_frame_equal(back, table.cells, check_dtype=False, atol=0.0051, rtol=0)
    assert back["unit"].notna().all()


def test_latex_is_escaped_and_complete(study: Frames) -> None:
    own = fake.frames(fake.runs("my_corpus"))
    table = tables.table1(*own, fake.METHODS, list(fake.SIZES), Study("x", "my_corpus", note="50% & more #1"))
    text = writers.to_latex(table)
    assert r"my\_corpus" in text and r"50\% \& more \#1" in text and r"\label{tab:table1}" in text
    assert r"\toprule" in text and r"$\pm$" in text and "±" not in text and "—" not in text
    body = text[text.index(r"\midrule") : text.index(r"\bottomrule")]
    lines = [line for line in body.splitlines() if "&" in line]
    assert len(lines) == 12  # measured, interval and paper
    assert all(line.count("&") == 8 and line.endswith(r"\\") for line in lines)


def test_the_source_has_intervals_for_each_seed_and_for_their_mean() -> None:
    """Of the last checkpoint, whose predictions are kept; seed 0 knows everything, seed 1 half of each class."""
    pretrained = [
        fake.pretrained(seed) | {"last": {"epoch": 50, "test": {"ua": ua}}} for seed, ua in ((0, 1), (1, 0.5))
    ]
    half = [[5 if j in (i, (i + 1) % 4) else 0 for j in range(4)] for i in range(4)]
    parts = [
        fake.predictions(fake.run("ravdess", "", seed, matrix)).assign(source="iemocap", seed=seed)
        for seed, matrix in ((0, perfect(10)), (1, half))
    ]
    told = parts[0][["utterance", "label"]]
    parts[1] = parts[1].assign(**told)  # in the order of the same utterances
    rows = summaries.source_frame(pretrained, pd.concat(parts)).set_index(["seed", "checkpoint"])
    assert rows.index.tolist() == [(0, "last"), (0, "best"), (1, "last"), (1, "best"), ("mean", "last")]
    assert 80 < rows.loc[(0, "last"), "low"] < 100 == pytest.approx(rows.loc[(0, "last"), "high"])
    assert rows.loc[(1, "last"), "low"] < 50 < rows.loc[(1, "last"), "high"]
    assert pd.isna(rows.loc[(0, "best"), "low"])
    mean = rows.loc[("mean", "last")]
    assert (mean["test"], mean["std"]) == (75, pytest.approx(50 / 2**0.5))
    assert mean["low"] < 30 and mean["high"] > 95  # two seeds say next to nothing of how seeds vary
    text = summaries.source_markdown(rows.reset_index(), OPEN)
    assert "over utterances" in text and "nan" not in text and "Only a test." in text


def test_a_kept_study_is_compared_again(tmp_path: Path) -> None:
    runs = [
        fake.run("emodb", method, seed, perfect(10) if method == "nnpm" else angry(10), source="ravdess")
        for method in ("newcomer", "nnpm", "snsa-f")
        for seed in (0, 1, 2)
    ]
    runs.append(fake.run("emodb", "snsa-f", 0, perfect(10), "freeze~0", "ravdess"))
    predictions = metrics.predictions_frame(runs, [fake.predictions(run) for run in runs])
    (tmp_path / "metrics.csv").write_text(metrics.to_csv(metrics.metrics_frame(runs)))
    with pytest.raises(InputError, match=r"predictions\.csv: does not exist"):
        rendering.main([str(tmp_path)])
    (tmp_path / "predictions.csv").write_text(metrics.to_csv(predictions))
    page = rendering.main([str(tmp_path), "--source", "ravdess"])
    assert "Source: RAVDESS." in page and re.search(r"\*\*100\.0 ± 0\.0\*\* \[\d\d\.\d, 100\.0\] †", page)
    assert page.index("| SNSA-F") < page.index("| NNPM") and "## Against SNSA-F" in page
    other = rendering.main([str(tmp_path), "--protocol", "speakers", "--note", "A note.", "--reference", "nnpm"])
    assert "whole speakers" in other and other.count("A note.") == 2 and "## Against NNPM" in other
    assert page.index("| NNPM") < page.index("| newcomer"), "a method without a title is shown by its name, last"
    with pytest.raises(InputError, match=r"--reference dan from source ravdess .*; there are snsa-f, nnpm, newcomer"):
        rendering.main([str(tmp_path), "--reference", "dan"])
    assert "| SNSA-F   | 100.0 [" in rendering.main([str(tmp_path), "--variant", "freeze~0"])


def test_a_kept_study_of_several_sources_is_compared_again(tmp_path: Path) -> None:
    runs = [fake.run("emodb", method, 0, perfect(10)) for method in ("nnpm", "snsa-f")]
    pooled = [run | {"source": "ekorpus+iemocap"} for run in runs]
    elsewhere = [fake.run("ekorpus", "nnpm", 0, perfect(10), source="emodb+iemocap")]
    (tmp_path / "metrics.csv").write_text(metrics.to_csv(metrics.metrics_frame([*pooled, *elsewhere])))
    both = metrics.predictions_frame([*pooled, *elsewhere], [fake.predictions(run) for run in [*runs, *elsewhere]])
    (tmp_path / "predictions.csv").write_text(metrics.to_csv(both))
    with pytest.raises(InputError, match=r"choose one with --source: ekorpus\+iemocap, emodb\+iemocap, or others"):
        rendering.main([str(tmp_path)])
    others = rendering.main([str(tmp_path), "--source", "others"])
    assert "Source: all other corpora." in others and "EMO-DB" in others and "EKorpus" in others
    assert "Source: IEMOCAP" not in others and re.search(r"100\.0 \[\d\d\.\d, 100\.0\]", others)
