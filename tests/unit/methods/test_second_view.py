"""The classical anchor: what its functionals measure, and that the target's labels have no part in its predictions."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from nnpm import CLASSES
from nnpm.errors import InputError
from nnpm.evaluation import scoring
from nnpm.features.functionals import descriptors, functionals
from nnpm.files import write_csv
from nnpm.methods.classical import Described, classify, equalised, second_view
from nnpm.methods.second_view import SecondView

RATE = 16000


def tone(frequency, seconds=1.0, rate=RATE):
    """A buzz with a pitch: the first ten harmonics."""
    time = np.arange(round(seconds * rate)) / rate
    return sum(np.sin(2 * np.pi * k * frequency * time) / k for k in range(1, 11)).astype(np.float32)


def described(utterances, seed, shift=0.0):
    """A corpus in which each class has a mean of its own."""
    random = np.random.default_rng(seed)
    labels = np.arange(utterances) % len(CLASSES)
    values = random.normal(size=(utterances, 8))
    values[np.arange(utterances), labels] += 3
    manifest = pd.DataFrame(
        {
            "utterance": [f"u{row:03d}" for row in range(utterances)],
            "speaker": [f"{row % 5:02d}" for row in range(utterances)],
            "split": np.where(np.arange(utterances) % 10 < 6, "train", "test"),
            "label": [CLASSES[label] for label in labels],
        }
    )
    return Described.of(values + shift, manifest)


@pytest.mark.parametrize("rate", [8000, RATE, 44100])
@pytest.mark.parametrize("frequency", [110, 220, 440])
def test_pitch_is_in_semitones_over_27_5_hertz(frequency, rate):
    found = functionals(tone(frequency, rate=rate), rate)
    octaves = {110: 2, 220: 3, 440: 4}[frequency]
    assert found["pitch_p50"] == pytest.approx(12 * octaves, abs=0.3)
    assert found["pitch_p80"] - found["pitch_p20"] < 0.5
    assert len(found) == 19 * 6


def test_tracks_of_a_tone_and_of_what_follows_it():
    """Half a second of a tone, half a second of the same, a tenth as loud: 20 dB."""
    signal = np.concatenate([tone(200, 0.5), 0.1 * tone(200, 0.5)]).astype(np.float32)
    tracks = descriptors(signal, RATE)
    assert {len(track) for track in tracks.values()} == {101}
    assert tracks["level"].max() == 0
    assert tracks["level"][60:90] == pytest.approx(-20, abs=1)
    assert tracks["centroid"][10:40] == pytest.approx(tracks["centroid"][60:90], rel=0.01)


def test_crossings_of_a_pure_tone():
    time = np.arange(RATE) / RATE
    tracks = descriptors(np.sin(2 * np.pi * 1000 * time + 0.1).astype(np.float32), RATE)
    assert tracks["crossings"][10:90] == pytest.approx(2 * 1000 / RATE, abs=0.005)
    assert tracks["centroid"][10:90] == pytest.approx(1000, abs=10)


def test_statistics_are_those_of_the_speech_frames():
    signal = np.concatenate([tone(150, 0.4), np.zeros(RATE, np.float32), tone(250, 0.3)]).astype(np.float32)
    found, tracks = functionals(signal, RATE), descriptors(signal, RATE)
    speech = tracks["level"] > -60
    assert 60 < speech.sum() < 90, "the silence is left out"
    assert found["mfcc3_mean"] == pytest.approx(sum(tracks["mfcc3"][speech]) / speech.sum(), rel=1e-4)
    ordered = np.sort(tracks["mfcc3"][speech])
    below = round(0.2 * (len(ordered) - 1))
    assert ordered[below - 1] <= found["mfcc3_p20"] <= ordered[below + 1]


def test_the_gain_of_a_recording_changes_nothing():
    signal = tone(180) + np.random.default_rng(0).normal(size=RATE).astype(np.float32) / 50
    loud, quiet = functionals(signal, RATE), functionals((signal / 512).astype(np.float32), RATE)
    assert loud == pytest.approx(quiet, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize(
    "signal",
    [
        np.zeros(RATE),
        np.full(RATE, 0.5),
        np.ones(1),
        np.zeros(1),
        tone(200, 0.01),
        np.full(RATE, 1e-30),
        np.eye(1, 4000)[0],
    ],
    ids=["silence", "constant", "one sample", "one silent sample", "10 ms", "next to silence", "a click"],
)
def test_nothing_is_nan(signal):
    found = functionals(signal.astype(np.float32), RATE)
    assert len(found) == 19 * 6 and np.isfinite(list(found.values())).all()


def test_standardisation_by_hand():
    values = np.array([[1.0, 7.0, 0.1], [3.0, 7.0, 0.1], [5.0, 7.0, 0.1]])
    root = 1.5**0.5  # deviation of 1, 3, 5: the root of 8/3
    assert Described.of(values, pd.DataFrame()).values == pytest.approx(
        np.array([[-root, 0, 0], [0, 0, 0], [root, 0, 0]])
    )


def test_each_corpus_is_standardised_by_itself(tmp_path):
    """A target of another scale is predicted as one of the source's own."""
    source, manifest = described(80, seed=0), described(40, seed=1).manifest
    plain, moved = (tmp_path / name for name in ("plain.csv", "moved.csv"))
    values = np.random.default_rng(2).normal(size=(40, 8)).round(3)
    for path, content in ((plain, values), (moved, 1000 + 50 * values)):
        write_csv(path, pd.DataFrame(content).assign(utterance=manifest["utterance"]))
    write_csv(tmp_path / "manifest.csv", manifest)
    tables = [classify(source, Described.load(path, tmp_path / "manifest.csv")) for path in (plain, moved)]
    pd.testing.assert_frame_equal(*tables, atol=2e-6)


def test_it_learns_and_describes_its_run():
    table = classify(described(80, seed=0), described(40, seed=1, shift=5))
    history, metrics = scoring.without_epochs(table, seconds=1.0)
    assert history.empty
    assert table.columns.tolist() == ["utterance", "speaker", "split", "label", "predicted", *CLASSES]
    assert len(table) == 40
    assert metrics["splits"]["test"]["utterances"] == 16 and metrics["splits"]["test"]["ua"] > 0.8
    assert metrics["epoch"] == 0 and metrics["oracle"] is None and metrics["start"] == {}
    probabilities = table[list(CLASSES)]
    assert probabilities.sum(axis=1).to_numpy() == pytest.approx(1, abs=4e-6)
    assert (probabilities.idxmax(axis=1) == table["predicted"]).all()


def test_target_labels_change_no_prediction():
    source, target = described(80, seed=0), described(40, seed=1)
    shuffled = target.manifest.assign(label=target.manifest["label"].to_numpy()[::-1])
    none = target.manifest.assign(label=np.nan)
    first, *others = (
        classify(source, replace(target, manifest=manifest)) for manifest in (target.manifest, shuffled, none)
    )
    for table in others:
        pd.testing.assert_frame_equal(first.drop(columns="label"), table.drop(columns="label"))
    assert not first["label"].equals(others[0]["label"])
    assert scoring.without_epochs(others[1], seconds=0)[1]["splits"] == {"test": None}


def test_only_the_sources_training_rows_are_learned_from():
    source, target = described(80, seed=0), described(40, seed=1)
    held_out = source.manifest["split"] != "train"
    wrong = source.manifest.assign(label=source.manifest["label"].mask(held_out, "sad"))
    one, other = (classify(replace(source, manifest=manifest), target) for manifest in (source.manifest, wrong))
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda table: table.iloc[:-1], "not the utterances"),
        (lambda table: table.iloc[::-1], "not the utterances"),
        (lambda table: table.drop(columns="utterance"), "no column 'utterance'"),
        (lambda table: table[["utterance"]], "no functionals"),
        (lambda table: table.assign(a=np.nan), "not finite"),
        (lambda table: table.assign(a="x"), "not finite"),
    ],
)
def test_a_file_that_does_not_fit_is_one_line(tmp_path, change, words):
    manifest = described(20, seed=0).manifest
    write_csv(tmp_path / "manifest.csv", manifest)
    write_csv(tmp_path / "f.csv", change(pd.DataFrame({"utterance": manifest["utterance"], "a": np.arange(20.0)})))
    with pytest.raises(InputError, match=words) as caught:
        Described.load(tmp_path / "f.csv", tmp_path / "manifest.csv")
    assert "f.csv" in str(caught.value) and "\n" not in str(caught.value)


def test_classes_are_made_equally_frequent_among_some_rows() -> None:
    p = np.random.default_rng(0).dirichlet([4, 2, 1, 1], size=50)
    rows = np.arange(50) < 40
    equal = equalised(p, rows)
    assert np.allclose(equal[rows].mean(axis=0), 0.25, atol=1e-4) and np.allclose(equal.sum(axis=1), 1)
    factors = (equal / p) / (equal / p)[:, :1]  # the same odds are changed for all utterances
    assert np.allclose(factors, factors[0])


def test_the_second_view_reads_no_target_label_and_no_held_out_source() -> None:
    source, target = described(80, 1), described(40, 2)
    honest, _ = second_view(source, target)
    assert honest["utterance"].tolist() == target.manifest["utterance"].tolist()
    assert np.allclose(honest[list(CLASSES)].sum(axis=1), 1, atol=1e-5)
    shuffled = target.manifest.assign(label=np.random.default_rng(0).permutation(target.manifest["label"]))
    assert second_view(source, replace(target, manifest=shuffled))[0].equals(honest)
    held_out = source.manifest["split"] != "train"
    other = replace(source, values=source.values.copy())
    other.values[held_out] += 100
    assert second_view(other, target)[0].equals(honest)
    trained = target.manifest["split"] == "train"
    assert np.allclose(honest.loc[trained, list(CLASSES)].mean(), 0.25, atol=1e-4)


def test_the_second_view_recognises_what_the_source_taught() -> None:
    view, _ = second_view(described(80, 1), described(40, 2))
    labels = described(40, 2).manifest["label"]
    assert (view[list(CLASSES)].idxmax(axis=1).to_numpy() == labels.to_numpy()).mean() > 0.9


@pytest.mark.parametrize("classes", [(0.4, 0.3, 0.2, 0.1), (0.97, 0.01, 0.01, 0.01)])
def test_the_second_view_is_a_linear_map_of_functionals_as_measured(classes: tuple[float, ...]) -> None:
    """Whatever their units, the columns that do not vary, and how far classes had to be equalised."""
    random = np.random.default_rng(0)
    source, target = described(80, 1), described(60, 2)
    scale = 10.0 ** random.integers(-3, 4, size=8)
    labels = random.choice(4, size=60, p=classes)
    values = random.normal(size=(60, 8)) + 3 * np.eye(8)[labels]
    values = (5 + values * scale).round(6)
    values[:, 7] = 3.25
    table, view = second_view(source, Described.of(values, target.manifest))
    for row, probabilities in zip(values, table[list(CLASSES)].to_numpy(), strict=True):
        found = view.probabilities({str(number): value for number, value in enumerate(row)})
        assert np.allclose(found, probabilities, atol=1.1e-6, rtol=0)
    again = SecondView.of(json.loads(json.dumps(view.described())))
    assert np.array_equal(again.weight, view.weight) and np.array_equal(again.bias, view.bias)


def test_a_damaged_second_view_is_noticed() -> None:
    _, view = second_view(described(80, 1), described(40, 2))
    for change in ({"weight": [[0.0]]}, {"bias": [0.0]}, {"bias": [np.nan] * 4}, {"functionals": ["x"]}):
        with pytest.raises(ValueError, match="second_view"):
            SecondView.of(view.described() | change)
    with pytest.raises(InputError, match="functionals that this version does not measure, such as '0'"):
        view.probabilities({"pitch_mean": 1.0})
