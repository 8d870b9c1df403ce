"""What each criterion would have chosen, on histories worked by hand."""

import math

import pytest

import fake_study as fake
from nnpm import pages
from nnpm.reporting import choice
from nnpm.reporting.study import Study

STUDY = Study("open", "ravdess", note="A note.")
COLUMNS = ("im", "snd", "source_validation_ua", "test_ua")


@pytest.fixture
def write(tmp_path):
    """Write a run: rows of (im, snd, source validation UA, test UA), the first before the first step."""

    def write(target, method, seed, rows, columns=COLUMNS):
        start, *after = [dict(zip(columns, row, strict=True)) for row in rows]
        epochs = [{"epoch": i + 1, "loss": 0.5, **row, "seconds": 1} for i, row in enumerate(after)]
        return fake.write(tmp_path, fake.run(target, method, seed, None), start, epochs)

    return write


def chosen(frame, **at):
    """The one row that matches."""
    for column, value in at.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1
    return frame.iloc[0]


# Information is highest after epoch 1, density before the first step, source validation after epochs 2 and 3.
RUN = [(0.2, 6.0, 0.50, 0.40), (0.9, 5.0, 0.60, 0.45), (0.8, 4.0, 0.70, 0.35), (0.1, 3.0, 0.70, 0.30)]


def test_each_criterion_takes_its_highest_epoch(write):
    picked = choice.choices(choice.epochs_frame([write("emodb", "nnpm", 0, RUN)]))
    found = {row.criterion: (row.epoch, row.ua) for row in picked.itertuples()}
    assert found == {
        "last": (3, 0.30),
        "im": (1, 0.45),
        "snd": (0, 0.40),
        "source validation": (2, 0.35),
        "oracle": (1, 0.45),
    }


@pytest.mark.parametrize("rows, epoch", [([0.5, 0.5, 0.5], 0), ([0.1, 0.7, 0.7], 1), ([0.1, 0.7, 0.70000001], 1)])
def test_of_equals_the_earliest_is_taken(write, rows, epoch):
    """Equal to the decimals that a history has: epoch 0 is kept with more of them."""
    frame = choice.epochs_frame([write("emodb", "nnpm", 0, [(im, 1, 1, 0.1 * i) for i, im in enumerate(rows)])])
    assert chosen(choice.choices(frame), criterion="im")["epoch"] == epoch


def test_an_epoch_without_a_value_is_not_chosen(write):
    rows = [(0.2, 1, 1, 0.4), (math.nan, 1, 1, 0.9), (0.3, 1, 1, 0.5)]
    picked = choice.choices(choice.epochs_frame([write("emodb", "nnpm", 0, rows)]))
    assert chosen(picked, criterion="im")["epoch"] == 2


def test_each_seed_chooses_for_itself(write):
    runs = [
        write("emodb", "nnpm", 0, [(0.1, 1, 1, 0.3), (0.2, 1, 1, 0.4), (0.0, 1, 1, 0.1)]),
        write("emodb", "nnpm", 1, [(0.1, 1, 1, 0.3), (0.0, 1, 1, 0.2), (0.9, 1, 1, 0.6)]),
    ]
    mean = chosen(choice.summarise(choice.choices(choice.epochs_frame(runs))), criterion="im")
    assert mean["seeds"] == 2 and mean["epoch"] == 1.5
    assert mean["ua"] == pytest.approx(0.5) and mean["std"] == pytest.approx(0.2 / math.sqrt(2))


def test_an_unlabelled_target_has_choices_but_no_scores(write):
    unlabelled = write("urdu", "nnpm", 0, [row[:3] for row in RUN], COLUMNS[:3])
    frame = choice.epochs_frame([write("emodb", "nnpm", 0, RUN), unlabelled])
    means = choice.summarise(choice.choices(frame))
    assert chosen(means, target="urdu", criterion="im")["epoch"] == 1
    assert means.loc[means["target"] == "urdu", "ua"].isna().all()
    assert math.isnan(chosen(means, target="urdu", criterion="oracle")["epoch"])
    text = markdown(frame, ["emodb", "urdu"], STUDY)
    assert line(text, "URDU", "NNPM") == ["—", "— (1)", "— (0)", "— (2)", "—"]
    assert line(text, "EMO-DB", "NNPM") == ["30.0", "45.0 (1)", "40.0 (0)", "35.0 (2)", "45.0 (1)"]


def markdown(*given):
    return pages.to_markdown(choice.page(*given))


def line(text, *starts):
    """The other cells of the first row that starts with these."""
    for row in text.splitlines():
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        if cells[: len(starts)] == list(starts):
            return cells[len(starts) :]
    raise AssertionError(f"no row {starts} in\n{text}")


def test_a_source_without_validation_leaves_that_column_empty(write):
    rows = [(im, snd, ua) for im, snd, _, ua in RUN]
    frame = choice.epochs_frame([write("emodb", "nnpm", 0, rows, ("im", "snd", "test_ua"))])
    text = markdown(frame, ["emodb"], STUDY)
    assert line(text, "EMO-DB", "NNPM") == ["30.0", "45.0 (1)", "40.0 (0)", "—", "45.0 (1)"]
    assert line(text, "EMO-DB", "Source validation") == ["—"] * 4


# --- Among methods ----------------------------------------------------------------------------------------------------


@pytest.fixture
def methods(write):
    """Two seeds of three methods: NNPM has the most information at the end, DANN at its best epoch."""
    return [
        write("emodb", "snsa-f", 0, [(0.30, 7.0, 0.6, 0.50)]),
        write("emodb", "snsa-f", 1, [(0.30, 7.0, 0.6, 0.48)]),
        write("emodb", "nnpm", 0, [(0.30, 7.0, 0.6, 0.50), (0.6, 6.0, 0.4, 0.20)]),
        write("emodb", "nnpm", 1, [(0.30, 7.0, 0.6, 0.48), (0.5, 6.0, 0.4, 0.30)]),
        write("emodb", "dann", 0, [(0.30, 7.0, 0.6, 0.50), (0.9, 5.0, 0.7, 0.58), (0.1, 6.9, 0.6, 0.52)]),
        write("emodb", "dann", 1, [(0.30, 7.0, 0.6, 0.48), (0.8, 5.0, 0.5, 0.56), (0.1, 6.9, 0.6, 0.50)]),
    ]


@pytest.mark.parametrize(
    "criterion, last, own",
    [
        ("im", ("nnpm", 0.25), ("dann", 0.57)),
        ("snd", ("snsa-f", 0.49), ("snsa-f", 0.49)),  # all begin there: the first of equals
        ("source validation", ("snsa-f", 0.49), ("dann", 0.53)),
        ("oracle", ("dann", 0.51), ("dann", 0.57)),
    ],
)
def test_which_method_a_criterion_takes(methods, criterion, last, own):
    taken = choice.methods_frame(choice.epochs_frame(methods))
    for candidates, (method, ua) in (("last epoch", last), ("chosen epoch", own)):
        one = chosen(taken, criterion=criterion, candidates=candidates)
        assert one["method"] == method and one["ua"] == pytest.approx(ua)


def test_methods_are_named_by_their_titles(methods):
    text = markdown(choice.epochs_frame(methods), ["emodb"], STUDY)
    assert line(text, "EMO-DB", "IM") == ["NNPM", "25.0 ± 7.1", "DANN", "57.0 ± 1.4"]
    assert line(text, "EMO-DB", "Oracle: best test UA, needs labels") == ["DANN", "51.0 ± 1.4", "DANN", "57.0 ± 1.4"]
    assert text.endswith("A note.\n")
    assert "± standard deviation over 2 seeds. There is no interval over utterances" in text
    assert "This project goes by IM" in text


def test_a_method_that_trains_nothing_is_at_epoch_0(methods):
    means = choice.summarise(choice.choices(choice.epochs_frame(methods)))
    unadapted = means[means["method"] == "snsa-f"]
    assert (unadapted["epoch"] == 0).all() and unadapted["ua"].tolist() == pytest.approx([0.49] * 5)


# --- Agreement with the labels ----------------------------------------------------------------------------------------


def test_agreement_by_hand(write):
    runs = [  # within the first run IM ranks as UA does, within the second as its contrary, SND never varies
        write("emodb", "nnpm", 0, [(0.1, 5, 0.1, 0.1), (0.2, 5, 0.1, 0.2), (0.9, 5, 0.2, 0.3)]),
        write("emodb", "dann", 0, [(0.9, 5, 0.1, 0.1), (0.5, 5, 0.3, 0.2), (0.4, 5, 0.2, 0.9)]),
        write("emodb", "al", 0, [(0.9, 5, 0.1, 0.5), (0.8, 5, 0.3, 0.5), (0.3, 5, 0.3, 0.5)]),
    ]
    found = choice.agreement(choice.epochs_frame(runs)).set_index("criterion")
    im, source = found.loc["im"], found.loc["source validation"]
    assert (im["within"], im["curves"]) == (pytest.approx(0), 2)  # UA of the third does not vary
    assert (im["across"], im["runs"]) == (pytest.approx(-0.5), 3)  # ranks 3, 2, 1 against 1, 3, 2
    # Ranks 1.5, 1.5, 3 against 1, 2, 3, and 1, 3, 2 against 1, 2, 3.
    assert source["within"] == pytest.approx((math.sqrt(0.75) + 0.5) / 2)
    assert math.isnan(found.loc["snd", "within"]) and math.isnan(found.loc["snd", "across"])
    text = markdown(choice.epochs_frame(runs), ["emodb"], STUDY)
    cells = line(text.partition("Spearman")[2], "EMO-DB")
    assert cells[:4] == ["−0.50 (3)", "+0.00 (2)", "—", "—"] and cells[5] == "+0.68 (2)"


def test_frames_have_their_columns_in_the_order_given(methods):
    frame = choice.epochs_frame(reversed(methods))
    assert list(frame.columns) == ["target", "method", "seed", "epoch", *COLUMNS]
    assert list(dict.fromkeys(frame["method"])) == ["dann", "nnpm", "snsa-f"]
