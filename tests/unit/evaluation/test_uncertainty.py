"""Intervals, paired tests and effect sizes against numbers worked by hand and a slow, obvious way to compute them."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest

from nnpm import CLASSES
from nnpm.errors import InputError
from nnpm.evaluation import uncertainty
from nnpm.evaluation.uncertainty import Outcomes, bootstrap, compare, holm, outcomes


def predictions(labels: str, *by_seed: str, speakers: str = "") -> pd.DataFrame:
    """Test predictions from initials of the classes, one text a seed; a speaker a letter, all the same unless given."""
    names = {label[0]: label for label in CLASSES}
    return pd.concat(
        pd.DataFrame(
            {
                "seed": seed,
                "utterance": [f"u{i:03d}" for i in range(len(labels))],
                "speaker": list(speakers or "x" * len(labels)),
                "label": [names.get(letter) for letter in labels],
                "predicted": [names[letter] for letter in predicted],
            }
        )
        for seed, predicted in enumerate(by_seed)
    )


def of(rows: pd.DataFrame, target: str = "urdu") -> Outcomes:
    found = outcomes(rows, target)
    assert found is not None
    return found


def measured(labels: str, *by_seed: str, speakers: str = "") -> Outcomes:
    return of(predictions(labels, *by_seed, speakers=speakers), "emodb")


def drawn(
    generator: np.random.Generator, skill: float, speakers: int, utterances: int, seeds: int = 3, spread: float = 0.0
) -> pd.DataFrame:
    """Predictions of a method that knows a label with a probability of its own for each speaker."""
    labels = np.resize(CLASSES, (speakers, utterances))
    knows = np.clip(skill + generator.normal(0, spread, (speakers, 1)), 0, 1)
    parts = []
    for seed in range(seeds):
        guess = generator.choice(list(CLASSES), labels.shape)
        predicted = np.where(generator.random(labels.shape) < knows, labels, guess)
        parts.append(
            pd.DataFrame(
                {
                    "seed": seed,
                    "utterance": [f"u{i:05d}" for i in range(labels.size)],
                    "speaker": np.repeat([f"s{i:03d}" for i in range(speakers)], utterances),
                    "label": labels.ravel(),
                    "predicted": predicted.ravel(),
                }
            )
        )
    return pd.concat(parts)


def slow_score(rows: pd.DataFrame, metric: str = "ua") -> float:
    """Mean over seeds of the mean recall over the classes that occur, or of the share that is right, from rows."""
    of_seed = []
    for _, part in rows.groupby("seed"):
        recalls = [(g["predicted"] == g["label"]).mean() for _, g in part.groupby("label")]
        of_seed.append(np.mean(recalls) if metric == "ua" else (part["predicted"] == part["label"]).mean())
    return float(np.mean(of_seed))


# --- Scores and units -------------------------------------------------------------------------------------------------


def test_scores_by_hand() -> None:
    found = measured("aaah", "aaah", "aahh", "ssss")
    assert found.sizes.sum(axis=0).tolist() == [3, 1, 0, 0]
    assert found.hits.sum(axis=1).tolist() == [[3, 1, 0, 0], [2, 1, 0, 0], [0, 0, 0, 0]]
    assert found.scores().tolist() == pytest.approx([1, (2 / 3 + 1) / 2, 0])
    assert found.scores("wa").tolist() == pytest.approx([1, 3 / 4, 0])
    assert found.scores("recall_angry").tolist() == pytest.approx([1, 2 / 3, 0])
    with np.errstate(all="raise"):
        assert np.isnan(found.scores("recall_sad")).all()


def test_the_order_of_the_rows_does_not_matter() -> None:
    rows = predictions("ahsnah", "ahsnss", "aaaaaa", speakers="vwxyzv")
    found, shuffled = (of(table) for table in (rows, rows.sample(frac=1, random_state=0, ignore_index=True)))
    assert (shuffled.seeds, shuffled.utterances) == (found.seeds, found.utterances)
    for name in ("correct", "hits", "sizes"):
        assert np.array_equal(getattr(shuffled, name), getattr(found, name))


def test_speakers_are_the_unit_where_there_are_enough() -> None:
    enough, few = (measured("a" * 8, "a" * 8, speakers=text) for text in ("vwxyzzzz", "wxyzzzzz"))
    assert (enough.unit, enough.clusters) == ("speakers", 5)
    assert (few.unit, few.clusters) == ("utterances", 8)


def test_only_labelled_test_utterances_count() -> None:
    rows = predictions("ahsn", "aaaa").assign(split=["test", "test", "train", "validation"])
    found = of(rows)
    assert found.utterances == ("u000", "u001")
    assert outcomes(rows.assign(label=None)) is None
    assert outcomes(rows.assign(split="train")) is None


def test_seeds_with_other_utterances_are_an_error() -> None:
    rows = predictions("ahsn", "ahsn", "ahsn")
    lacking = rows.iloc[:-1]
    relabelled = rows.assign(label=["angry"] * 4 + ["sad"] * 4)
    for spoilt in (lacking, relabelled, pd.concat([rows, rows])):
        with pytest.raises(InputError, match=r"^predictions on urdu: the seeds have different test utter") as error:
            outcomes(spoilt, "urdu")
        assert "\n" not in str(error.value)
    with pytest.raises(InputError, match=r"^predictions on a target: "):
        outcomes(lacking)


# --- Bootstrap --------------------------------------------------------------------------------------------------------


def test_what_never_varies_has_an_interval_without_width() -> None:
    assert bootstrap(measured("ahsn" * 3, "ahsn" * 3, "ahsn" * 3)) == (1, 1)
    assert bootstrap(measured("ahsn" * 3, "ahsa" * 3), "recall_neutral") == (0, 0)


def test_every_possible_resample_of_a_tiny_set() -> None:
    """Two utterances, two seeds: with all 4 x 4 draws written down, the shares of each mean are known."""
    found = measured("aa", "aa", "as")
    hits = {0: [1, 1], 1: [1, 0]}  # seed: utterances right
    means = [
        np.mean([np.mean([hits[s][u] for u in utterances]) for s in seeds])
        for utterances in product((0, 1), repeat=2)
        for seeds in product((0, 1), repeat=2)
    ]
    values, counts = np.unique(np.round(means, 9), return_counts=True)
    replicates = np.round(found.replicates(), 9)
    assert set(replicates) == set(values)
    for value, count in zip(values, counts, strict=True):
        assert (replicates == value).mean() == pytest.approx(count / len(means), abs=0.02)


@pytest.mark.parametrize(("speakers", "metric"), [(6, "ua"), (6, "wa"), (1, "ua")])
def test_replicates_are_those_of_a_slow_loop(speakers: int, metric: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each replicate again, by putting the drawn speakers' rows together; also when draws are made in parts."""
    monkeypatch.setattr(uncertainty, "RESAMPLES", 12)
    monkeypatch.setattr(uncertainty, "_CHUNK", 5)
    rows = drawn(np.random.default_rng(1), 0.5, speakers, 5)
    rows["speaker"] = rows["speaker"].replace({"s000": "s999"})  # the first to speak, the last by name
    found = of(rows)
    unit = "speaker" if speakers > 1 else "utterance"
    clusters = sorted(rows[unit].unique())
    stream = uncertainty._generator("urdu")
    weights = np.concatenate([uncertainty._counts(stream, size, len(clusters)) for size in (5, 5, 2)])
    of_seeds = uncertainty._counts(np.random.default_rng(uncertainty._SEED), 12, 3)
    assert (weights.sum(axis=1) == len(clusters)).all() and (of_seeds.sum(axis=1) == 3).all()
    for replicate, by_cluster, by_seed in zip(found.replicates(metric), weights, of_seeds, strict=True):
        chosen = [
            rows[(rows[unit] == name) & (rows["seed"] == seed)].assign(seed=f"{seed}/{copy}")
            for seed in range(3)
            for copy in range(int(by_seed[seed]))
            for name, times in zip(clusters, by_cluster, strict=True)
            for _ in range(int(times))
        ]
        assert replicate == pytest.approx(slow_score(pd.concat(chosen), metric))


def test_intervals_cover_the_truth(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many test sets with a known skill about 95 in 100 intervals hold the expected accuracy."""
    monkeypatch.setattr(uncertainty, "RESAMPLES", 500)
    generator, covered = np.random.default_rng(5), 0
    for _ in range(100):
        found = of(drawn(generator, 0.4, 25, 6, seeds=3, spread=0.2))
        low, high = bootstrap(found, "wa")
        covered += low <= 0.4 + 0.6 / 4 <= high
    assert 0.88 <= covered / 100 <= 1


def test_the_same_every_time_and_its_own_for_each_target() -> None:
    rows = drawn(np.random.default_rng(7), 0.5, 8, 6)
    one, again, other = (of(rows, target) for target in ("urdu", "urdu", "shemo"))
    assert (one.replicates() == again.replicates()).all()
    assert (one.replicates() != other.replicates()).any()


def test_the_mean_over_targets() -> None:
    """As sure as two independent halves: narrower than either where both are alike."""
    generator = np.random.default_rng(9)
    urdu, shemo = (of(drawn(generator, 0.5, 30, 5, seeds=1), target) for target in ("urdu", "shemo"))
    together, alone = bootstrap([urdu, shemo]), (bootstrap(urdu), bootstrap(shemo))
    assert together.low > np.mean([one.low for one in alone]) and together.high < np.mean([one.high for one in alone])
    middle = (urdu.scores().mean() + shemo.scores().mean()) / 2
    assert together.low < middle < together.high


# --- Paired differences -----------------------------------------------------------------------------------------------


def test_a_difference_by_hand() -> None:
    labels = "aahs"
    first, second = measured(labels, "aahs", "aaha"), measured(labels, "aann", "nahs")
    found = compare(first, second)
    # UA: 1 and 2/3 against 1/3 and 5/6.
    assert found.mean == pytest.approx((1 + 2 / 3) / 2 - (1 / 3 + 5 / 6) / 2)
    assert (found.better, found.seeds) == (1, 2)
    # Seed 0: two utterances only the first got right; seed 1: the first gains u000 and loses u003.
    assert (found.wins, found.losses) == (3, 1)
    assert found.cohens_g == pytest.approx(0.25)
    mirrored = compare(second, first)
    assert (mirrored.mean, mirrored.wins, mirrored.p) == (pytest.approx(-found.mean), 1, found.p)
    assert mirrored.interval == pytest.approx((-found.interval.high, -found.interval.low))


def test_the_permutation_test_is_that_of_all_swaps() -> None:
    """With six utterances all 64 swaps can be written down, each recomputing UA from the swapped predictions."""
    labels, a, b = "aaahhs", ("aaahhs", "aahhns"), ("anahna", "aannhs")
    found = compare(measured(labels, *a), measured(labels, *b))
    as_large = 0
    for swap in product((False, True), repeat=6):
        x, y = (
            [
                "".join(two if change else one for one, two, change in zip(p, q, swap, strict=True))
                for p, q in zip(*pair, strict=True)
            ]
            for pair in ((a, b), (b, a))
        )
        difference = slow_score(predictions(labels, *x)) - slow_score(predictions(labels, *y))
        as_large += abs(difference) >= abs(found.mean) - 1e-9
    assert 1 < as_large < 64
    assert found.p == pytest.approx(as_large / 64, abs=0.015)


def test_the_interval_of_a_difference_is_that_of_paired_replicates() -> None:
    """Of one target, and of the mean over two."""
    generator = np.random.default_rng(15)
    a, b, c, d = (
        of(drawn(generator, skill, 20, 4), target)
        for skill, target in ((0.5, "urdu"), (0.4, "urdu"), (0.6, "shemo"), (0.5, "shemo"))
    )
    first, second = a.replicates() - b.replicates(), c.replicates() - d.replicates()
    alone, together = compare(a, b), compare([a, c], [b, d])
    assert alone.interval == pytest.approx(np.quantile(first, [0.025, 0.975]))
    assert together.interval == pytest.approx(np.quantile((first + second) / 2, [0.025, 0.975]))
    assert alone.interval.low < alone.mean < alone.interval.high


def test_speakers_are_swapped_whole() -> None:
    """Five speakers of one voice each way: 2 of 2^5 swaps reach the difference, however many utterances they speak."""
    speakers = "".join(letter * 20 for letter in "vwxyz")
    found = compare(
        measured("a" * 100, "a" * 100, speakers=speakers), measured("a" * 100, "s" * 100, speakers=speakers)
    )
    assert (found.mean, found.interval) == (1, (1, 1))
    assert found.p == pytest.approx(2 / 32, abs=0.01)


def test_methods_that_never_differ() -> None:
    same = measured("ahsn", "ahsa")
    found = compare(same, same)
    assert (found.mean, found.p, found.better) == (0, 1, 0) and np.isnan(found.cohens_g)
    assert not found.excludes_zero


def test_a_class_that_does_not_occur_shows_nothing() -> None:
    found = compare(measured("aahh", "aahh"), measured("aahh", "ssss"), "recall_sad")
    assert np.isnan(found.mean) and found.p == 1 and not found.excludes_zero


def test_only_what_matches_is_compared() -> None:
    first = measured("ahsn", "ahsn", "ahsa")
    found = compare(first, measured("ahsn", "nnnn"))
    assert (found.seeds, found.wins, found.losses) == (1, 3, 0)  # of the seed that both have
    with pytest.raises(InputError, match="two methods have different test utterances"):
        compare(first, measured("ahs", "ahs", "ahs"))
    with pytest.raises(InputError, match="two methods have different test utterances"):
        compare(first, measured("ahss", "ahss", "ahss"))
    with pytest.raises(InputError, match=r"^predictions on emodb: no seed in common; run"):
        compare(first.only([0]), first.only([1]))
    with pytest.raises(InputError, match=r"^predictions on emodb and urdu: no seed in common; run"):
        bootstrap([first.only([0]), replace(first, target="urdu").only([1])])
    with pytest.raises(ValueError, match="shorter"):
        compare([first, first], [first])


def test_seeds_are_matched_across_targets() -> None:
    """What one target lacks is left out of all: else seed 0 of one would stand beside seed 1 of the other."""
    good, bad = measured("ahsn", "ahsn", "ahsn", "ahsn"), measured("ahsn", "nnnn", "annn", "ahsn")
    found = compare([good.only([0, 1]), good.only([1, 2])], [bad.only([0, 1]), bad.only([1, 2])])
    assert found.seeds == 1
    assert found.mean == pytest.approx(compare(good.only([1]), bad.only([1])).mean)
    assert bootstrap([good.only([0, 1]), bad.only([1, 2])]) == bootstrap([good.only([1]), bad.only([1])])
    with pytest.raises(InputError, match="no seed in common"):
        compare([good.only([0]), good.only([1, 2])], [bad.only([0]), bad.only([1, 2])])


def test_the_smallest_p() -> None:
    """Of 2^n swaps that of none and that of all reach any difference."""
    assert uncertainty.least_p(5) == 2 / 32 and uncertainty.least_p(9) == 2 / 512
    assert uncertainty.least_p(1) == 1 and uncertainty.least_p(300) == 1 / 10_001
    right, wrong = (measured("a" * 5, letter * 5, speakers="vwxyz") for letter in "as")
    assert compare(right, wrong).least_p == 2 / 32 <= compare(right, wrong).p
    assert compare([right, right], [wrong, wrong]).least_p == 2 / 1024


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == [1, 1]
    assert holm([0.2]) == [0.2] and holm([]) == []
