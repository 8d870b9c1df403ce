"""How long recordings are divided, and joined again."""

import itertools

import numpy as np
import pandas as pd
import pytest

from nnpm import CLASSES
from nnpm.errors import InputError
from nnpm.prediction.windows import STEP, Windows, apart, cells, chunks, levels, merged, stretches

RATE = 16000


def sound(*parts: tuple[float, float]) -> np.ndarray:
    """Noise, of (seconds, level in dB) after each other."""
    random = np.random.default_rng(0)
    return np.concatenate([10 ** (db / 20) * random.normal(size=round(RATE * s)) for s, db in parts]).astype(np.float32)


def found(*parts: tuple[float, float]) -> list[tuple[float, float]]:
    return stretches(levels(sound(*parts), RATE))


def test_levels_are_those_of_each_hundredth_of_a_second() -> None:
    level = levels(np.concatenate([np.full(160, 0.1), np.full(160, 1.0), np.zeros(170)]).astype(np.float32), RATE)
    np.testing.assert_allclose(level, [-20, 0, -100], atol=1e-4)


@pytest.mark.parametrize("noise", [-100.0, -60.0, -25.0, -20.0])
def test_silence_is_left_out_and_short_pauses_are_not(noise: float) -> None:
    (first, second) = found((3, noise), (2, -3), (0.8, noise), (2, -3), (4, noise), (5, -3), (2, noise))
    np.testing.assert_allclose([first, second], [(3, 7.8), (11.8, 16.8)], atol=0.15)


def test_a_knock_is_no_speech_and_does_not_hide_it() -> None:
    ((start, end),) = found((3, -60), (0.05, 20), (3, -60), (4, -20), (3, -60))
    np.testing.assert_allclose([start, end], [6.05, 10.05], atol=0.15)


@pytest.mark.parametrize("db", [-3, -50, -100])
def test_of_steady_sound_nothing_is_left_out(db: float) -> None:
    assert found((20, db)) == [(0.0, 20.0)]


def test_one_sentence_in_an_hour_of_noise_is_found() -> None:
    level = np.random.default_rng(0).normal(-50, 1, size=round(3600 / STEP))
    level[100_000:100_400] = -20
    ((start, end),) = stretches(level)
    np.testing.assert_allclose([start, end], [1000, 1004], atol=0.15)


def test_windows_go_up_to_the_end() -> None:
    windows = Windows()
    assert windows.of([(1.0, 11.0)]) == [(1.0, 11.0)], "as long as one window may be"
    assert windows.of([(0.0, 12.5)]) == [(0.0, 7.5), (2.5, 10.0), (5.0, 12.5)]
    assert windows.of([(0.0, 3.0), (5.0, 16.0)]) == [(0.0, 3.0), (5.0, 12.5), (7.5, 15.0), (8.5, 16.0)]
    assert Windows(3, 1).of([(0.0, 4.5)]) == [(0.0, 3.0), (1.0, 4.0), (1.5, 4.5)]


@pytest.mark.parametrize(("length", "hop"), [(0.5, 0.2), (61, 1), (5, 0), (5, 6), (float("nan"), 1), (5, float("nan"))])
def test_impossible_windows_are_refused_in_one_line(length: float, hop: float) -> None:
    with pytest.raises(InputError, match=r"^(window|hop): .* s is not from "):
        Windows(length, hop)


def test_an_hour_is_measured_in_parts_that_hold_every_window_once() -> None:
    windows = Windows().of([(0.0, 3600.0), (3602.0, 3605.0)])
    parts = list(chunks(windows))
    assert [window for part in parts for window in part] == windows
    assert all(part[-1][1] - part[0][0] <= 60 for part in parts) and parts[-1] == [(3602.0, 3605.0)]
    alone = [windows[number] for number in apart(windows)]
    assert len(alone) == 481 and all(a[1] <= b[0] for a, b in itertools.pairwise(alone))


def test_a_hop_is_the_mean_of_the_windows_over_it() -> None:
    windows, values = [(0.0, 7.5), (2.5, 10.0), (5.0, 12.5), (20.0, 23.0)], np.array([[1.0], [2.0], [3.0], [9.0]])
    assert [(span, value.tolist()) for span, value in cells(windows, values, 2.5)] == [
        ((0.0, 2.5), [1.0]),
        ((2.5, 5.0), [1.5]),
        ((5.0, 7.5), [2.0]),
        ((7.5, 10.0), [2.5]),
        ((10.0, 12.5), [3.0]),
        ((20.0, 23.0), [9.0]),
    ]


def test_the_last_hop_is_neither_short_nor_lost() -> None:
    windows = Windows().of([(0.0, 11.0)])  # (0, 7.5), (2.5, 10), (3.5, 11)
    spans = [span for span, _ in cells(windows, np.eye(3), 2.5)]
    assert spans == [(0.0, 2.5), (2.5, 5.0), (5.0, 7.5), (7.5, 11.0)]
    (_, value) = cells(windows, np.eye(3), 2.5)[-1]
    np.testing.assert_allclose(value, np.array([0, 2.5, 3.5]) / 6)


def rows(*found: tuple[int, float, float, str, bool]) -> pd.DataFrame:
    table = pd.DataFrame(found, columns=["sound", "start", "end", "predicted", "speech"]).assign(tested=True)
    for name in CLASSES:
        table[name] = np.where(table["predicted"] == name, 0.4 + table["start"] / 100, 0.2 - table["start"] / 300)
    return table


def test_neighbours_with_one_label_are_joined_by_time() -> None:
    table = rows((0, 0, 2, "sad", True), (0, 2, 3, "sad", True), (0, 3, 5, "angry", True), (0, 5, 6, "angry", False))
    joined = merged(table)
    assert joined[["start", "end", "predicted"]].to_numpy().tolist() == [
        [0, 3, "sad"],
        [3, 5, "angry"],
        [5, 6, "angry"],
    ]
    assert joined["sad"][0] == pytest.approx((2 * 0.4 + 0.42) / 3, abs=1e-6)
    np.testing.assert_allclose(joined[list(CLASSES)].sum(axis=1), 1, atol=5e-6)


def test_no_row_spans_silence_or_two_sounds() -> None:
    table = rows((0, 0, 2, "sad", True), (0, 2, 5, "sad", True), (0, 8, 9, "sad", True), (1, 9, 10, "sad", True))
    assert merged(table)[["sound", "start", "end"]].to_numpy().tolist() == [[0, 0, 5], [0, 8, 9], [1, 9, 10]]
    alone = rows((0, 0, 2, "sad", True), (1, 0, 2, "sad", True))
    pd.testing.assert_frame_equal(merged(alone), alone)


def steps(*parts: tuple[float, float]) -> np.ndarray:
    """Levels: seconds and dB, after each other."""
    return np.concatenate([np.full(round(seconds / STEP), db) for seconds, db in parts])


def test_stretches_by_hand() -> None:
    """A tenth of a second is kept around sound; a pause of less than a second is kept."""
    level = steps((3, -90.0), (2, -20.0), (0.99, -90.0), (1, -20.0), (1.0, -90.0), (0.5, -20.0), (3, -90.0))
    assert stretches(level) == [(2.9, 7.09), (7.89, 8.59)]
    assert stretches(steps((1, -20.0), (2, -90.0), (1, -20.0))) == [(0.0, 1.1), (2.9, 4.0)], "not beyond the ends"


def test_less_than_half_a_second_is_left_out_wherever_it_is() -> None:
    level = steps((0.49, -20.0), (2, -90.0), (3, -20.0), (9, -90.0), (0.49, -20.0), (3, -90.0))
    assert stretches(level) == [(2.39, 5.59)]
    only_knocks = steps((3, -90.0), (0.2, -20.0), (3, -90.0))
    assert stretches(only_knocks) == [(0.0, 6.2)], "nothing else: all of it"


@pytest.mark.parametrize(("db", "found"), [(-34.0, [(0.0, 12.0)]), (-37.0, [(0.0, 3.1), (8.9, 12.0)])])
def test_what_is_35_db_below_the_loud_parts_is_silence(db: float, found: list[tuple[float, float]]) -> None:
    level = steps((3, 0.0), (6, db), (3, 0.0))
    level[::19] = -90.0  # the noise, in pauses between words
    assert stretches(level) == found


@pytest.mark.parametrize(("length", "hop"), [(1, 0.1), (60, 60), (7.5, 7.5)])
def test_the_ends_of_what_is_possible(length: float, hop: float) -> None:
    assert Windows(length, hop).of([(0.0, 200.0)])[0] == (0.0, length)


def test_a_chunk_may_be_as_long_as_a_minute() -> None:
    windows = [(start, start + 20.0) for start in (100.0, 120.0 - 1, 140.0, 150.0)]
    assert [len(part) for part in chunks(windows)] == [2, 2]
    windows = [(100.0, 120.0), (119.0, 141.0), (140.0, 160.0)]
    assert [len(part) for part in chunks(windows)] == [3]


def test_every_stretch_has_the_values_of_its_own_windows() -> None:
    windows = Windows().of([(0.0, 3.0), (5.0, 17.5), (20.0, 21.0), (30.0, 31.0)])
    values = np.arange(len(windows), dtype=float)[:, None]
    found = cells(windows, values, 2.5)
    assert [value.item() for span, value in found if span[1] - span[0] != 2.5] == [0.0, 4.0, 5.0]
    assert [value.item() for span, value in found if 5 <= span[0] < 17.5] == [1.0, 1.5, 2.0, 2.5, 3.0]


def test_a_window_longer_than_a_hop_stays_one_row_if_it_is_alone() -> None:
    assert [span for span, _ in cells([(0.0, 9.0)], np.eye(1), 2.5)] == [(0.0, 9.0)]


def test_digital_silence_says_nothing_about_the_noise() -> None:
    """As of a recorder that gates: speech of 8 s in minutes of a quiet room, after digital silence."""
    found = stretches(steps((20, -100.0), (180, -60.0), (8, -20.0), (120, -60.0)))
    assert found == [(199.9, 208.1)]
