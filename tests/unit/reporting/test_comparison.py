"""All methods on all targets: the mean over targets, the paper's values, and the tests behind the marks."""

import io

import pandas as pd
import pytest

import fake_study as fake
from nnpm import pages
from nnpm.evaluation.uncertainty import holm
from nnpm.reporting import cells, comparison, writers
from nnpm.reporting.cells import MEAN
from nnpm.reporting.evidence import Evidence
from nnpm.reporting.study import Study

STUDY = Study("open", "iemocap")
METHODS = ["snsa-f", "nnpm", "dann"]
Frames = tuple[pd.DataFrame, Evidence]


def confusion(right: int, size: int) -> list[list[int]]:
    """So many right of each class; what is wrong is called the next class."""
    return [[right if j == i else (size - right) * (j == (i + 1) % 4) for j in range(4)] for i in range(4)]


#: Right answers of 20 a class: method, target, one number a seed.
RIGHT = {
    ("snsa-f", "urdu"): (5, 5, 5),
    ("snsa-f", "emodb"): (10, 10, 10),
    ("nnpm", "urdu"): (18, 20, 19),
    ("nnpm", "emodb"): (16, 18, 17),
    ("dann", "urdu"): (6, 5, 5),
    ("dann", "emodb"): (12, 9, 9),
}


@pytest.fixture(scope="module")
def frames() -> Frames:
    labelled = [
        fake.run(target, method, seed, confusion(right, 20))
        for (method, target), by_seed in RIGHT.items()
        for seed, right in enumerate(by_seed)
    ]
    return fake.frames([*labelled, *(fake.run("mine", method, seed, None) for method in METHODS for seed in range(3))])


@pytest.fixture(scope="module")
def tests(frames: Frames) -> pd.DataFrame:
    return comparison.comparison(*frames, METHODS, ["urdu", "emodb", "mine"], "snsa-f", STUDY).tests


def test_the_mean_over_targets_is_taken_seed_by_seed(frames: Frames) -> None:
    table = comparison.comparison(*frames, METHODS, ["urdu", "emodb", "mine"], "snsa-f", STUDY)
    assert table.columns == [(t, m) for t in ("URDU", "EMO-DB") for m in ("UA", "WA")] + [(MEAN, "UA")]
    assert table.rows == ["SNSA-F", "NNPM", "DANN"]
    cell = table.cell("NNPM", MEAN, "UA")
    # Seed 0: (90 + 80) / 2, seed 1: (100 + 90) / 2, seed 2: (95 + 85) / 2.
    assert (cell["mean"], cell["seeds"]) == (pytest.approx(90), 3)
    assert cell["std"] == pytest.approx(5)
    assert cell["low"] < 90 < cell["high"]
    assert cell["unit"] == "speakers and utterances"
    assert "mine no labels, no score" in table.caption


def test_the_mean_needs_every_target() -> None:
    runs = [fake.run("urdu", method, 0, confusion(9, 10)) for method in METHODS]
    table = comparison.comparison(
        *fake.frames([*runs, fake.run("emodb", "nnpm", 0, confusion(9, 10))]),
        METHODS,
        ["urdu", "emodb"],
        "snsa-f",
        STUDY,
    )
    assert table.cell("NNPM", MEAN, "UA")["mean"] == pytest.approx(90)
    assert pd.isna(table.cell("DANN", MEAN, "UA")["mean"]) and table.cell("DANN", MEAN, "UA")["seeds"] == 0


def test_the_papers_values_of_both_tables_stand_beside(frames: Frames) -> None:
    table = comparison.comparison(*frames, METHODS, ["urdu", "emodb"], "snsa-f", STUDY)
    text = writers.to_markdown(table)
    assert table.cell("DANN", "EMO-DB", "UA")[["paper", "cited"]].tolist() == [28.5, True]
    assert table.cell("NNPM", "EMO-DB", "UA")[["paper", "cited"]].tolist() == [50.57, False]
    assert pd.isna(table.cell("DANN", "URDU", "UA")["paper"])
    assert "(28.5)" in text and "(50.57)" in text and "(55.88)" in text


def test_rows_that_read_other_inputs_are_named() -> None:
    methods = ["snsa-f", "svm", "nnpm-plus", "gan", "lda"]
    frames = fake.frames(fake.run("emodb", method, 0, confusion(9, 10)) for method in methods)
    sentences = {
        "svm": "The SVM reads functionals instead of frames",
        "nnpm-plus": "NNPM-plus reads functionals instead of frames",
        "gan": "FLUDA, AL and GAN are reimplemented from public information",
        "lda": "The linear discriminant (LDA) of functionals is NNPM-plus before it adapts",
    }
    for shown in (methods, *(["snsa-f", method] for method in methods[1:])):
        caption = comparison.comparison(*frames, shown, ["emodb"], "snsa-f", STUDY).caption
        assert [method for method, said in sentences.items() if said in caption] == shown[1:]


def test_a_method_without_seeds_is_run_once_and_paired_with_every_seed_of_the_others() -> None:
    """Intervals, p and g are those of as many equal copies; its own cell has no spread."""
    right = {"snsa-f": (5, 9, 6), "nnpm": (18, 12, 20)}
    runs = [
        fake.run(target, method, seed, confusion(count, 20))
        for target in ("urdu", "emodb")
        for method, by_seed in right.items()
        for seed, count in enumerate(by_seed)
    ]
    once = [fake.run(target, "svm", 0, confusion(15, 20)) for target in ("urdu", "emodb")]
    copies = [fake.run(target, "copied", seed, confusion(15, 20)) for target in ("urdu", "emodb") for seed in range(3)]
    shown = ["snsa-f", "nnpm"]
    first, second = (
        comparison.comparison(*fake.frames([*runs, *more]), [*shown, name], ["urdu", "emodb"], "snsa-f", STUDY)
        for name, more in (("svm", once), ("copied", copies))
    )
    renamed = first.tests.replace("Functionals + SVM", "copied")
    pd.testing.assert_frame_equal(renamed.drop(columns="better"), second.tests.drop(columns="better"))
    assert renamed.loc[first.tests.isin(["Functionals + SVM"]).any(axis=1), "better"].isna().all()
    for column in ("URDU", "EMO-DB", MEAN):
        one, other = first.cell("Functionals + SVM", column, "UA"), second.cell("copied", column, "UA")
        assert one[["mean", "low", "high"]].tolist() == pytest.approx(other[["mean", "low", "high"]].tolist())
        assert pd.isna(one["std"]) and other["std"] == 0 and one["seeds"] == 1
    text = writers.to_markdown(first)
    assert "| 75.0 [" in text and "± standard deviation over 3 seeds." in first.caption
    alone = comparison.comparison(*fake.frames(once), ["svm"], ["urdu"], "snsa-f", STUDY)
    assert "seed" not in alone.caption.partition("URDU")[0].partition("RAVDESS")[2]


def test_the_mean_and_its_tests_take_the_same_seeds() -> None:
    """NNPM has seed 1 alone on both targets, DANN none: neither table nor tests mix seeds."""
    given = {"snsa-f": ((0, 1), (0, 1)), "nnpm": ((0, 1), (1, 2)), "dann": ((0,), (1,))}
    frames = fake.frames(
        fake.run(target, method, seed, confusion(10 + 2 * seed + 4 * (method == "nnpm"), 20))
        for method, by_target in given.items()
        for target, seeds in zip(("urdu", "emodb"), by_target, strict=True)
        for seed in seeds
    )
    table = comparison.comparison(*frames, METHODS, ["urdu", "emodb"], "snsa-f", STUDY)
    assert table.cell("NNPM", MEAN, "UA")[["mean", "seeds"]].tolist() == [pytest.approx(80), 1]
    assert pd.isna(table.cell("DANN", MEAN, "UA")["mean"])
    found = table.tests
    mean = found[(found["column"] == MEAN) & (found["question"] == "reference")]
    assert mean[["first", "seeds"]].to_numpy().tolist() == [["NNPM", 1]]
    assert mean["difference"].tolist() == [pytest.approx(20)]


def test_columns_without_tests_are_named() -> None:
    """Two seeds say too little of seeds; two methods without random numbers need none."""
    shown = ["snsa-f", "nnpm"]
    frames = fake.frames(
        fake.run("emodb", method, seed, confusion(20 if method == "nnpm" else 1, 20))
        for method in shown
        for seed in (0, 1)
    )
    table = comparison.comparison(*frames, shown, ["emodb"], "snsa-f", STUDY)
    words = "Tests and marks are withheld where there are fewer than 3 seeds: EMO-DB UA, EMO-DB WA."
    assert words in table.caption and words in comparison.tests_caption(table.tests, STUDY)
    assert not table.cells["differs"].any() and not table.cells["best"].any() and table.tests["p"].isna().all()
    assert "nan" not in pages.to_markdown(comparison.tests_page(table.tests, STUDY))
    fixed = fake.frames(
        fake.run("emodb", method, 0, confusion(right, 20)) for method, right in (("svm", 1), ("lda", 20))
    )
    table = comparison.comparison(*fixed, ["svm", "lda"], ["emodb"], "svm", STUDY)
    assert "withheld" not in table.caption and table.cells["differs"].any()


def test_a_column_with_one_test_is_not_named_as_one_without() -> None:
    """With one seed, the two methods without random numbers can still be compared."""
    shown = {"svm": 1, "lda": 20, "nnpm": 10}
    frames = fake.frames(fake.run("emodb", method, 0, confusion(right, 20)) for method, right in shown.items())
    table = comparison.comparison(*frames, list(shown), ["emodb"], "svm", STUDY)
    assert table.tests["p"].isna().any() and table.tests["p"].notna().any()
    words = "Rows with fewer than 3 seeds in common have no test and no mark."
    assert "withheld" not in table.caption and words in table.caption


def test_rows_whose_seeds_differ_much_are_named() -> None:
    def caption(step: int, varied: tuple[str, ...] = ("nnpm",), seeds: int = 3) -> str:
        frames = fake.frames(
            fake.run("emodb", method, seed, confusion(8 + step * seed * (method in varied), 20))
            for method in ("snsa-f", "nnpm")
            for seed in range(seeds)
        )
        return comparison.comparison(*frames, ["snsa-f", "nnpm"], ["emodb"], "snsa-f", STUDY).caption

    words = "The standard deviation over seeds is above 10 points"
    assert f"{words} for NNPM: its marks may be false more often." in caption(3)
    assert words not in caption(1)
    assert f"{words} for SNSA-F, NNPM: their marks" in caption(3, ("snsa-f", "nnpm"))
    assert words not in caption(6, seeds=2), "two seeds have no mark that could be false"


def test_where_classes_are_equal_the_caption_of_methods_that_assume_it_says_so() -> None:
    def caption(method: str, counts: list[list[int]]) -> str:
        frames = fake.frames(fake.run("urdu", name, 0, counts) for name in ("snsa-f", method))
        return comparison.comparison(*frames, ["snsa-f", method], ["urdu"], "snsa-f", STUDY).caption

    words = "NNPM with balanced classes assumes equal classes, which URDU has."
    assert words in caption("nnpm-balanced", confusion(9, 10)) and "equal classes" not in caption(
        "nnpm", confusion(9, 10)
    )
    unequal = [[9, 1, 0, 0], [0, 20, 0, 0], [0, 0, 30, 0], [0, 0, 0, 10]]
    assert words not in caption("nnpm-balanced", unequal)
    assert "transductive normalisation" in caption("nnpm", unequal)


def test_differences_by_hand(tests: pd.DataFrame) -> None:
    assert len(tests) == 5 * (2 + 2)  # columns; against the reference, best against others
    named = tests.set_index(["question", "column", "metric", "first", "second"])
    row = named.loc[("reference", "URDU", "UA", "NNPM", "SNSA-F")]
    assert row["difference"] == pytest.approx(100 * (13 + 15 + 14) / 3 / 20)
    assert (row["better"], row["seeds"], row["unit"], row["clusters"]) == (3, 3, "speakers", 11)
    assert row["low"] <= row["difference"] <= row["high"] and row["low"] > 0
    mean = named.loc[("reference", MEAN, "UA", "DANN", "SNSA-F")]
    # Urdu +1, 0 and 0, EMO-DB +2, -1 and -1 of 20, so 1.5, -0.5 and -0.5 of 20.
    assert mean["difference"] == pytest.approx(100 * 0.5 / 3 / 20)
    assert (mean["better"], mean["clusters"], mean["unit"]) == (1, 11 + 80, "speakers and utterances")
    assert mean["low"] < 0 < mean["high"] and not mean["differs"]


def test_p_is_corrected_within_a_question_of_a_column(tests: pd.DataFrame) -> None:
    """The best row is chosen by the same data: its two tests are corrected for the three pairs of rows."""
    for (question, *_), family in tests.groupby(["question", "column", "metric"]):
        expected = holm(family["p"].tolist()) if question == "reference" else [min(1, 3 * p) for p in family["p"]]
        assert family["p_holm"].tolist() == pytest.approx(expected)
        assert len(family) == 2


def test_tests_read_back(tests: pd.DataFrame) -> None:
    back = pd.read_csv(io.StringIO(comparison.tests_to_csv(tests)))
    assert list(back.columns) == list(cells.TESTS)
    pd.testing.assert_frame_equal(back, tests, check_dtype=False, atol=0.0051, rtol=1e-3)


def test_tests_in_words(tests: pd.DataFrame) -> None:
    text = pages.to_markdown(comparison.tests_page(tests, STUDY))
    assert "## Against SNSA-F" in text and "## The best of each column against every other" in text
    assert "3 of 3" in text and "11 speakers" in text and "80 utterances" in text and "†" in text
    rows = [line for line in text.splitlines() if line.startswith("| ") and "Column" not in line]
    assert len(rows) == len(tests)


def test_one_target_has_no_mean(frames: Frames) -> None:
    table = comparison.comparison(*frames, METHODS, ["urdu"], "snsa-f", STUDY)
    assert [target for target, _ in table.columns] == ["URDU", "URDU"]


def test_without_labels_there_is_nothing_to_test() -> None:
    frames = fake.frames(fake.run("mine", method, 0, None) for method in METHODS)
    table = comparison.comparison(*frames, METHODS, ["mine"], "snsa-f", STUDY)
    found = table.tests
    assert found.empty and table.cells["mean"].isna().all() and not table.cells["best"].any()
    assert writers.to_markdown(table).count("—") == 2 * len(METHODS) and "---" in writers.to_latex(table)
    page = pages.to_markdown(comparison.tests_page(found, STUDY))
    assert page.count("Nothing to compare.") == 2
    assert len(comparison.tests_to_csv(found).splitlines()) == 1


def test_the_caption_names_lacking_classes_and_says_that_means_mix_them() -> None:
    """Without them a UA over one class, which is always easy, would look like one over four."""
    two = [[18, 0, 0, 2], [0] * 4, [0] * 4, [1, 0, 0, 19]]
    runs = [
        fake.run(target, method, 0, counts)
        for target, counts in (("urdu", confusion(10, 20)), ("emodb", two))
        for method in METHODS
    ]
    caption = comparison.comparison(*fake.frames(runs), METHODS, ["urdu", "emodb"], "snsa-f", STUDY).caption
    assert "No test utterance of EMO-DB is happy or sad: its UA is the mean over the other classes." in caption
    assert "The column 'Mean over targets' averages UAs over different numbers of classes." in caption
    assert "of URDU is" not in caption
    alike = [run for run in runs if run["target"] == "urdu"]
    caption = comparison.comparison(*fake.frames(alike), METHODS, ["urdu"], "snsa-f", STUDY).caption
    assert "No test utterance" not in caption and "different numbers" not in caption
