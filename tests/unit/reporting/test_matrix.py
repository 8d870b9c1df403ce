"""The cross-corpus matrix: its numbers against ones worked by hand, its figure, its words."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

import fake_study as fake
from nnpm import CLASSES, pages
from nnpm.corpora import pools
from nnpm.reporting import drawing
from nnpm.reporting.matrix import figure, pairs, text
from nnpm.reporting.study import Study

TITLES = {"iemocap": "IEMOCAP", "emodb": "EMO-DB", "urdu": "URDU"}
STUDY = Study("cross", "iemocap", note="Made up.", titles=TITLES)

HALF = [[2, 2, 0, 0], [0, 4, 0, 0], [1, 0, 1, 2], [2, 0, 2, 0]]  # recalls 1/2, 1, 1/4, 0: UA 43.75, WA 43.75
GOOD = [[4, 0, 0, 0], [0, 4, 0, 0], [0, 0, 4, 0], [0, 0, 1, 3]]  # recalls 1, 1, 1, 3/4: UA and WA 93.75


def held_out(correct, training=()):
    """Predictions of two seeds on a source: one test utterance per class, of which seed 0 gets these right."""
    rows = []
    for seed, label in itertools.product((0, 1), CLASSES):
        right = label in correct or seed == 1
        rows.append((seed, f"{label}-1", "03", "test", label, label if right else "none"))
        rows.append((seed, f"{label}-2", "01", "train", label, label if label in training else "none"))
    return pd.DataFrame(rows, columns=["seed", "utterance", "speaker", "split", "label", "predicted"])


def measure(runs, sources, targets, within=None, methods=("nnpm",), study=STUDY):
    return pairs.numbers(*fake.frames(runs), within or {}, methods, sources, targets, study)


def row(frame, **at):
    found = frame[(frame[list(at)] == pd.Series(at)).all(axis=1)]
    assert len(found) == 1, at
    return found.iloc[0]


# --- Numbers ----------------------------------------------------------------------------------------------------------


def test_numbers_by_hand():
    runs = [
        fake.run("emodb", "nnpm", 0, HALF),
        fake.run("emodb", "nnpm", 1, GOOD),
        fake.run("urdu", "nnpm", 0, GOOD),
        fake.run("urdu", "nnpm", 0, HALF, source="emodb"),
        fake.run("urdu", "nnpm", 0, HALF, variant="freeze~0"),  # another variant is no part of the matrix
    ]
    frame = measure(runs, ["iemocap", "emodb"], ["emodb", "urdu"], methods=("snsa-f", "nnpm"))
    assert tuple(frame.columns) == pairs.COLUMNS
    places = list(zip(frame["method"], frame["source"], frame["target"], strict=True))
    assert places == list(itertools.product(("snsa-f", "nnpm"), ("iemocap", "emodb"), ("emodb", "urdu")))
    first = row(frame, method="nnpm", source="iemocap", target="emodb")
    assert (first["kind"], first["seeds"], first["unit"], first["clusters"]) == ("across", 2, "utterances", 16)
    assert (first["ua"], first["std"], first["wa"]) == pytest.approx((68.75, 50 / math.sqrt(2), 68.75))
    assert 0 < first["low"] < first["ua"] < first["high"] <= 100
    second = row(frame, method="nnpm", source="iemocap", target="urdu")
    assert (second["ua"], second["unit"], second["clusters"]) == (93.75, "speakers", 11) and math.isnan(second["std"])
    assert row(frame, method="nnpm", source="emodb", target="urdu")["ua"] == 43.75
    missing = frame[frame["method"] == "snsa-f"]
    assert missing["ua"].isna().all() and set(missing["kind"]) == {""} and set(missing["seeds"]) == {0}


def test_the_diagonal_is_blank_unless_given():
    runs = [fake.run("emodb", "nnpm", 0, GOOD)]
    frame = measure(runs, ["emodb", "iemocap", "emodb+iemocap"], ["emodb"])
    assert frame["kind"].tolist() == ["", "across", ""]
    given = measure(runs, ["emodb", "iemocap"], ["emodb"], {("nnpm", "emodb"): held_out(CLASSES)})
    assert given["kind"].tolist() == ["within", "across"] and given["ua"].tolist() == [100, 93.75]
    other = measure(runs, ["emodb"], ["emodb"], {("snsa-f", "emodb"): held_out(CLASSES)})
    assert other["kind"].tolist() == [""]


def test_the_diagonal_reads_held_out_utterances_only():
    predictions = held_out(("angry", "sad"), training=CLASSES)
    given = measure([], ["emodb"], ["emodb"], {("nnpm", "emodb"): predictions}).iloc[0]
    assert (given["ua"], given["wa"], given["seeds"], given["clusters"]) == (75, 75, 2, 4)
    assert given["std"] == pytest.approx(50 / math.sqrt(2))


def test_others_stands_for_other_corpora_per_target():
    runs = [
        fake.run("emodb", "nnpm", 0, GOOD, source="iemocap+urdu"),
        fake.run("urdu", "nnpm", 0, HALF, source="emodb+iemocap"),
        fake.run("urdu", "nnpm", 0, GOOD, source="emodb"),
    ]
    frame = measure(runs, [pools.OTHERS], ["emodb", "urdu"], {("nnpm", "emodb"): held_out(CLASSES)})
    assert frame["ua"].tolist() == [93.75, 43.75] and set(frame["source"]) == {pools.OTHERS}


def test_an_unlabelled_target_has_no_score_and_a_blank_cell():
    frame = measure([fake.run("urdu", "nnpm", 0, None)], ["iemocap"], ["urdu"])
    only = frame.iloc[0]
    assert (only["kind"], only["seeds"], only["clusters"]) == ("across", 1, 0)
    assert frame[["ua", "std", "low", "high", "wa"]].isna().all(axis=None)
    drawn = figure.draw(frame, STUDY)
    assert [label.get_text() for label in drawn.axes[0].texts] == [figure.ABSENT]
    written = pages.to_markdown(text.page(frame, STUDY))
    assert "| no labels | —" in written and "No labels:" in written
    assert "no score across corpora" in text.describe(frame, STUDY)


def test_a_large_pool_is_named_by_its_number():
    first, second, three = "a+b+c+d", "a+b+c+e", "emodb+iemocap+urdu"
    study = Study("cross", "a", titles=TITLES | {name: name.upper() for name in "abcde"})
    found = pairs.titles([first, three, second, "urdu", first], study)
    assert found[first] == "4 corpora pooled (1)" and found[second] == "4 corpora pooled (2)"
    assert (found[three], found["urdu"]) == ("EMO-DB + IEMOCAP + URDU", "URDU")
    frame = made(["nnpm"], [second, "others"], ["urdu"])
    written = pages.to_markdown(text.page(frame, study))
    assert "- 4 corpora pooled: A + B + C + E." in written and "- all other corpora: for each target" in written


# --- Figure -----------------------------------------------------------------------------------------------------------


def made(methods, sources, targets):
    """Made-up numbers of every pair."""
    random, rows = np.random.default_rng(0), []
    for method, source, target in itertools.product(methods, sources, targets):
        kind = "within" if source == target else "" if target in pools.members(source) else "across"
        ua = random.uniform(15, 99) if kind else math.nan
        known = (3, "speakers", 8) if kind else (0, "", 0)
        rows.append((method, source, target, kind, ua, 1.25, ua - 5, ua + 5, ua, *known))
    return pd.DataFrame(rows, columns=list(pairs.COLUMNS))


METHODS, SOURCES = ("snsa-f", "nnpm", "svm"), ["iemocap", "emodb", "emodb+urdu", "others"]
TARGETS = ["iemocap", "emodb", "urdu"]


@pytest.fixture(scope="module")
def frame():
    return made(METHODS, SOURCES, TARGETS)


def luminance(colour):
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour[:3]]
    return float(np.dot(parts, (0.2126, 0.7152, 0.0722)))


def test_a_panel_per_method_and_a_number_per_pair(frame):
    drawn = figure.draw(frame, STUDY)
    *panels, bar = drawn.axes
    assert [axes.get_title() for axes in panels] == ["SNSA-F", "NNPM", "Functionals + SVM"]
    for method, axes in zip(METHODS, panels, strict=True):
        rows = frame[frame["method"] == method]
        expected = [figure.ABSENT if math.isnan(ua) else f"{ua:.1f}" for ua in rows["ua"]]
        assert [label.get_text() for label in axes.texts] == expected
        italic = [label.get_style() == "italic" for label in axes.texts]
        assert italic == (rows["kind"] == "within").tolist()
        assert sum(isinstance(patch, Rectangle) for patch in axes.patches) == sum(italic) == 2
        assert [label.get_text() for label in axes.get_xticklabels()] == ["IEMOCAP", "EMO-DB", "URDU"]
    assert [label.get_text() for label in panels[0].get_yticklabels()][2:] == ["EMO-DB + URDU", "all other\ncorpora"]
    assert "25\nchance" in [label.get_text() for label in bar.get_xticklabels()]
    assert len({axes.collections[0].get_clim() for axes in panels}) == 1
    assert drawn.get_figwidth() <= figure.NARROW


def test_numbers_stand_out_from_their_cells():
    frame = made(["nnpm"], [f"s{number}" for number in range(12)], [f"t{number}" for number in range(12)])
    axes = figure.draw(frame, STUDY).axes[0]
    cells = axes.collections[0]
    cells.update_scalarmappable()
    for label, cell in zip(axes.texts, cells.get_facecolor(), strict=True):
        ink, ground = sorted([luminance(cell), 1.0 if label.get_color() == "white" else 0.0])
        assert (ground + 0.05) / (ink + 0.05) >= 4.5


@pytest.mark.parametrize(("count", "widest"), [(2, 6.5), (5, 6.5), (25, 10.0)])
def test_text_is_legible_and_does_not_overlap(count, widest):
    corpora = [f"c{number}" for number in range(count)]
    study = Study("cross", "c0", titles={name: f"Corpus {name[1:]}" for name in corpora})
    drawn = figure.draw(made(["nnpm"], [*corpora, "others", "+".join(corpora[:3])], corpora), study)
    assert drawn.get_figwidth() <= widest
    drawn.draw_without_rendering()
    axes = drawn.axes[0]
    rows, columns = axes.get_yticklabels(), axes.get_xticklabels()
    assert min(label.get_fontsize() for label in (*axes.texts, *rows, *columns)) >= 8
    for group in (axes.texts, rows):
        boxes = [label.get_window_extent().padded(-0.5) for label in group]
        assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))
    assert all(box.x0 >= 0 and box.y0 >= 0 for box in (label.get_window_extent() for label in (*rows, *columns)))
    # Slanted titles: the distance between two, across their direction, is at least a line.
    apart = (axes.transData.transform((1, 0)) - axes.transData.transform((0, 0)))[0] * math.sin(math.radians(40))
    assert apart >= columns[0].get_fontsize() * drawn.dpi / 72


def test_long_titles_are_wrapped_or_shortened():
    word = "x" * 40
    study = Study("cross", "a", titles={"a": f"Calls to {word}", "b": word})
    axes = figure.draw(made(["nnpm"], ["a", "b"], ["a", "b"]), study).axes[0]
    assert max(len(line) for label in axes.get_yticklabels() for line in label.get_text().split("\n")) <= 16
    assert [label.get_text() for label in axes.get_xticklabels()] == [f"Calls to {'x' * 12}…", f"{'x' * 21}…"]


def test_no_pair_is_a_figure():
    drawn = figure.draw(made([], ["iemocap"], ["urdu"]), STUDY)
    assert [label.get_text() for label in drawn.texts] == ["no runs"]


def test_a_title_is_no_formula_and_no_column(frame, tmp_path):
    study = Study("cross", "iemocap", titles=TITLES | {"urdu": r"$\undefined{$ | x"})
    drawing.save(figure.draw(frame, study), tmp_path / "x.svg", "svg")
    rows = [line for line in pages.to_markdown(text.page(frame, study)).splitlines() if line.startswith("|")]
    assert len({line.replace(r"\|", "").count("|") for line in rows}) == 1


# --- Words ------------------------------------------------------------------------------------------------------------


def test_the_page_has_a_table_per_method(frame):
    sections = text.page(frame, STUDY)
    assert [section.title for section in sections] == ["", "SNSA-F", "NNPM", "Functionals + SVM"]
    (matrix,) = sections[2].parts
    assert matrix.columns == ("Source", "IEMOCAP", "EMO-DB", "URDU", "Mean") and not matrix.strong
    assert [line[0] for line in matrix.rows] == ["IEMOCAP", "EMO-DB", "EMO-DB + URDU", "all other corpora"]
    iemocap = frame[(frame["method"] == "nnpm") & (frame["source"] == "iemocap")]
    own, *others = iemocap["ua"]
    assert matrix.rows[0][1] == f"({own:.1f} ± 1.2 [{own - 5:.1f}, {own + 5:.1f}])"
    assert matrix.rows[0][2] == f"{others[0]:.1f} ± 1.2 [{others[0] - 5:.1f}, {others[0] + 5:.1f}]"
    assert matrix.rows[0][-1] == f"{np.mean(others):.1f} (n = 2)"  # without the diagonal
    assert matrix.rows[2][2:4] == ("—", "—")


def test_the_caption_explains_the_table(frame):
    told = text.caption(frame, STUDY)
    for part in (
        *("Chance is 25 %", "Mean ± standard deviation over 3 seeds", "In parentheses, the diagonal", "held-out"),
        *("interval over seeds and speakers on IEMOCAP, EMO-DB, URDU", "drawn at random", "No significance test"),
        *("same test utterances, except the diagonal", "between methods, not between rows", "Made up."),
    ):
        assert part in told
    assert "On the diagonal, the intervals" not in told  # they are over what those of the column do
    few = frame.copy()
    few.loc[few["kind"] == "within", "unit"] = "utterances"
    assert "On the diagonal, the intervals are over utterances on IEMOCAP, EMO-DB" in text.caption(few, STUDY)
    assert "diagonal" not in text.caption(frame[frame["kind"] != "within"], STUDY)


def test_words_describe_the_figure(frame):
    words = text.words(frame, STUDY)
    assert words.name == "matrix" and "chance (25 %)" in words.caption and "diagonal" in words.caption
    assert "Mean over 3 seeds." in words.caption and words.caption.endswith("Made up.")
    nnpm = frame[(frame["method"] == "nnpm") & (frame["kind"] == "across")]
    best = nnpm.loc[nnpm.loc[nnpm["target"] == "urdu", "ua"].idxmax()]
    told = words.description
    assert f"NNPM: mean over {len(nnpm)} pairs {nnpm['ua'].mean():.1f}" in told
    assert f"URDU {best['ua']:.1f} from {STUDY.title(best['source'])}" in told
    assert "within one corpus, on held-out speakers: IEMOCAP" in told and "Chance is 25" in told
