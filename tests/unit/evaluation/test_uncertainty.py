"""Intervals, paired tests and effect sizes against numbers worked by hand and a slow, obvious way to compute them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from benchmarks import simulation
from nnpm import CLASSES
from nnpm.errors import InputError
from nnpm.evaluation.outcomes import Outcomes, outcomes
from nnpm.evaluation.uncertainty import compare, estimate, holm, interval


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


# --- Variance and interval --------------------------------------------------------------------------------------------


def test_one_seed_of_one_class_has_the_variance_of_a_share() -> None:
    """p (1 - p) / (n - 1), and n - 1 degrees of freedom; half an utterance of 40 adds next to nothing."""
    found = estimate([measured("a" * 40, "a" * 20 + "s" * 20).table()])
    assert found.mean == 0.5 and found.df == pytest.approx(39)
    assert found.variance == pytest.approx(0.25 / 39, rel=1e-6)


def test_seeds_and_utterances_count_once_each() -> None:
    """Seeds that all know the same utterances add nothing; utterances alike within a seed add next to nothing."""
    labels = "a" * 40
    alike = estimate([measured(labels, *["a" * 20 + "s" * 20] * 5).table()])
    assert alike.variance == pytest.approx(0.25 / 39, rel=1e-6)
    by_seed = estimate([measured(labels, *[letter * 40 for letter in "aassa"]).table()])
    assert by_seed.variance == pytest.approx(0.3 / 5, rel=0.01)  # the seeds' sample variance, 0.3, over their number
    assert by_seed.df == pytest.approx(4, rel=0.02)


def test_the_variance_is_that_of_a_slow_loop() -> None:
    """By speakers of unequal size and two groups of seeds: Owen's sum, cluster by cluster."""
    rows = drawn(np.random.default_rng(1), 0.5, 6, 20, seeds=4, spread=0.2)
    found = of(rows[~((rows["speaker"] == "s000") & (rows["utterance"] < "u00008"))])
    hits, sizes = found.table()
    total = sizes.sum(axis=0)
    pull = np.zeros((4, 6))
    for seed in range(4):
        for cluster in range(6):
            for label in range(4):
                share = sizes[cluster, label] / total[label]
                miss = hits[seed, cluster, label] - hits[seed, :, label].sum() / total[label] * sizes[cluster, label]
                pull[seed, cluster] += miss / total[label] / 4 / np.sqrt(1 - share)
    of_clusters = sum(pull[:, cluster].mean() ** 2 for cluster in range(6))
    of_seeds = np.var(found.scores(), ddof=1) / 4
    residual = sum(np.var(pull[:, cluster], ddof=1) / 4 for cluster in range(6))
    expected = max(of_clusters, of_seeds, of_clusters + of_seeds - residual)
    assert float(estimate([found.table()]).variance) == pytest.approx(expected, rel=0.01)


def test_equal_speakers_have_their_number_less_one_degrees_of_freedom() -> None:
    found = of(drawn(np.random.default_rng(3), 0.5, 8, 12, seeds=1))
    assert float(estimate([found.table("wa")]).df) == pytest.approx(7)


def test_what_never_varies_has_an_interval_all_the_same() -> None:
    """All right in the sample is not all right in the population; a constant classifier has no interval of no width."""
    low, high = interval(measured("ahsn" * 3, "ahsn" * 3, "ahsn" * 3))
    assert 0.5 < low < 0.95 and high == pytest.approx(1)
    low, high = interval(measured("ahsn" * 3, "aaaa" * 3))
    assert 0 < low < 0.25 < high < 0.6
    low, high = interval(measured("ahsn" * 3, "ahsa" * 3), "recall_neutral")
    assert low == pytest.approx(0) and 0.2 < high < 1


def test_speakers_that_coincide_by_chance_leave_doubt() -> None:
    """Five speakers with one of two right in each class, against a method with nothing right."""
    labels, speakers = "aahhssnn" * 5, "".join(letter * 8 for letter in "vwxyz")
    half = measured(labels, *["ahhssnna" * 5] * 3, speakers=speakers)
    none = measured(labels, *["hhssnnaa" * 5] * 3, speakers=speakers)
    assert half.unit == "speakers" and set(half.scores()) == {0.5} and set(none.scores()) == {0}
    low, high = interval(half)
    assert low < 0.46 and high > 0.54
    found = compare(half, none)
    assert found.interval.high - found.interval.low > 0.08 and found.p > 1e-8


def test_the_mean_over_targets_is_that_of_a_slow_loop() -> None:
    """Seeds are common to two targets, speakers are not; freedom is Satterthwaite's, of Bell and McCaffrey's."""
    targets = [of(drawn(np.random.default_rng(k), 0.5, 6 + k, 20, seeds=4, spread=0.2), f"t{k}") for k in range(2)]
    of_clusters = residual = squares = 0.0
    for found in targets:
        hits, sizes = found.table()
        total = sizes.sum(axis=0)
        share = sizes / total
        miss = hits - (hits.sum(axis=1) / total)[:, None] * sizes
        pull = miss / total / 4 / np.sqrt(1 - share)  # (seeds, clusters, classes)
        own = float((pull.mean(axis=0).sum(axis=1) ** 2).sum())
        of_clusters += own / 4
        residual += float(pull.sum(axis=2).var(axis=0, ddof=1).sum()) / 4 / 4
        by_class = (pull.mean(axis=0) ** 2).sum(axis=0)
        influence = np.zeros((len(sizes), len(sizes)))
        for k, variance in enumerate(by_class):
            held = np.diag(share[:, k]) - np.outer(share[:, k], share[:, k])
            scale = 1 / np.sqrt(1 - share[:, k])
            influence += variance * scale[:, None] * held * scale
        freedom = np.trace(influence) ** 2 / np.trace(influence @ influence)
        squares += (own / 4) ** 2 / freedom
    scores = np.mean([found.scores() for found in targets], axis=0)
    of_seeds = scores.var(ddof=1) / 4
    variance = max(of_clusters, of_seeds, of_clusters + of_seeds - residual)
    estimated = estimate([found.table() for found in targets])
    assert float(estimated.variance) == pytest.approx(variance, rel=0.01)
    assert float(estimated.df) == pytest.approx(variance**2 / (squares + of_seeds**2 / 3), rel=0.02)


def test_as_many_utterances_as_there_are_take_no_memory_of_their_square() -> None:
    """50,000 of one speaker: each is a cluster."""
    labels = np.resize(CLASSES, 50_000)
    rows = {"seed": 0, "utterance": np.arange(50_000), "speaker": "x", "label": labels, "predicted": "sad"}
    found = of(pd.DataFrame(rows))
    assert found.unit == "utterances" and found.scores() == [0.25]
    assert interval(found) == pytest.approx((0.25, 0.25), abs=0.01)


def test_the_interval_of_a_share_is_wilsons() -> None:
    found = interval(measured("a" * 400, "a" * 100 + "s" * 300), "recall_angry")
    expected = stats.binomtest(100, 400).proportion_ci(method="wilson")
    assert found == pytest.approx((expected.low, expected.high), abs=0.001)  # t with 399 degrees of freedom, not z


def test_a_class_of_one_utterance_has_no_interval() -> None:
    found = measured("aaahhs", "aahhhs", "aahhss", "aaahhs")
    assert np.isnan(interval(found)).all() and np.isnan(interval(found, "recall_sad")).all()
    assert not np.isnan(interval(found, "wa")).any() and not np.isnan(interval(found, "recall_happy")).any()
    assert np.isnan(compare(found, found).p) and np.isnan(compare(found, found).interval).all()


def test_a_class_of_one_speaker_is_taken_by_utterances() -> None:
    assert measured("aaaaahh", "aaaaahh", speakers="vwxyzzz").unit == "utterances"
    assert measured("aaaaahh", "aaaaahh", speakers="vwxyzzy").unit == "speakers"


def test_the_mean_over_targets_adds_clusters_but_not_seeds() -> None:
    """Two targets of one kind: half the clusters' variance, all of the seeds'."""
    labels = "a" * 40
    fixed, by_seed = measured(labels, "a" * 20 + "s" * 20), measured(labels, *[letter * 40 for letter in "aassa"])
    assert estimate([fixed.table()] * 2).variance == pytest.approx(0.25 / 39 / 2, rel=1e-6)
    assert estimate([by_seed.table()] * 2).variance == pytest.approx(0.3 / 5, rel=0.01)


@pytest.mark.parametrize(
    "design", [simulation.by_utterance("34", (13, 6, 4, 11)), simulation.by_speaker(10, 40)], ids=lambda each: each.name
)
def test_equal_methods_are_not_marked_and_intervals_hold_the_truth(design: simulation.Design) -> None:
    """The cheap part of `benchmarks.statistics`, with slack for 200 or 500 studies: docs/statistics.md."""
    reference, best = simulation.false_marks([design], 200, seeds=5, spread=0.03)
    assert max(reference, best) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)
    for truth in (0.25, 0.5, 0.75):
        assert simulation.coverage([design], truth, 500, seeds=5, spread=0.03) >= 0.92
        assert 0.90 <= simulation.coverage([design], truth, 500, seeds=5, spread=0.3) <= 0.99
    assert 0.92 <= simulation.coverage_of_difference([design], 500, seeds=5, spread=0.03) <= 0.99


# --- Paired differences -----------------------------------------------------------------------------------------------


def test_a_difference_by_hand() -> None:
    labels = "aahs"
    first, second = measured(labels, "aahs", "aaha"), measured(labels, "aann", "nahs")
    found = compare(first, second)
    # UA: 1 and 2/3 against 1/3 and 5/6.
    assert found.mean == pytest.approx((1 + 2 / 3) / 2 - (1 / 3 + 5 / 6) / 2)
    assert (found.better, found.seeds) == (1, 2)
    assert np.isnan(found.p)  # two seeds are too few
    # Seed 0: two utterances only the first got right; seed 1: the first gains u000 and loses u003.
    assert (found.wins, found.losses) == (3, 1)
    assert found.cohens_g == pytest.approx(0.25)
    mirrored = compare(second, first)
    assert (mirrored.mean, mirrored.wins) == (pytest.approx(-found.mean), 1)
    found, mirrored = compare(first, second, "wa"), compare(second, first, "wa")
    assert mirrored.interval == pytest.approx((-found.interval.high, -found.interval.low))


def test_methods_that_never_differ() -> None:
    same = measured("ahsn" * 3, *["ahsa" * 3] * 3)
    found = compare(same, same)
    assert (found.mean, found.p, found.better) == (0, 1, 0) and np.isnan(found.cohens_g)
    assert found.interval.low < 0 < found.interval.high


def test_interval_and_p_are_of_one_test() -> None:
    """The interval excludes 0 if and only if p is below 0.05, also for the mean over targets."""
    generator, marked = np.random.default_rng(15), []
    for skill in np.linspace(0.3, 0.6, 12):
        a, b, c, d = (of(drawn(generator, level, 20, 4)) for level in (0.5, skill, 0.5, skill))
        for found in (compare(a, b), compare([a, c], [b, d])):
            marked.append(found.p < 0.05)
            assert marked[-1] == (found.interval.low > 0 or found.interval.high < 0)
    assert 0 < sum(marked) < len(marked)


def test_p_is_that_of_a_paired_t_test() -> None:
    """On utterances with one result per method: but for half an utterance of 60."""
    generator = np.random.default_rng(4)
    first, second = (generator.random(60) < level for level in (0.7, 0.5))
    texts = ["".join("a" if right else "s" for right in rows) for rows in (first, second)]
    a, b = (replace(measured("a" * 60, text), seeded=False) for text in texts)
    expected = stats.ttest_rel(first.astype(float), second.astype(float))
    assert compare(a, b).p == pytest.approx(expected.pvalue, rel=0.1)
    assert compare(a, b).better == 1 and compare(a, b).seeds == 1


def test_few_seeds_have_no_p_and_a_fixed_result_is_not_counted_per_seed() -> None:
    labels = "ahsn" * 5
    fixed = replace(measured(labels, labels), seeded=False)
    trained = [measured(labels, *["ahsa" * 5] * seeds) for seeds in (2, 3)]
    two, three = (compare(fixed, each) for each in trained)
    assert np.isnan(two.p) and three.p < 0.05
    assert (three.better, three.seeds) == (None, 3)
    assert not np.isnan(compare(fixed, fixed).p), "nothing of it is by chance of a seed"


def test_a_class_that_does_not_occur_shows_nothing() -> None:
    found = compare(measured("aahh", "aahh"), measured("aahh", "ssss"), "recall_sad")
    assert np.isnan(found.mean) and np.isnan(found.p) and np.isnan(found.interval).all()


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
        interval([first.only([0]), replace(first, target="urdu").only([1])])
    with pytest.raises(ValueError, match="shorter"):
        compare([first, first], [first])


def test_seeds_are_matched_across_targets() -> None:
    """What one target lacks is left out of all: else seed 0 of one would stand beside seed 1 of the other."""
    good, bad = measured("ahsn", "ahsn", "ahsn", "ahsn"), measured("ahsn", "nnnn", "annn", "ahsn")
    found = compare([good.only([0, 1]), good.only([1, 2])], [bad.only([0, 1]), bad.only([1, 2])])
    assert found.seeds == 1
    assert found.mean == pytest.approx(compare(good.only([1]), bad.only([1])).mean)
    assert interval([good.only([0, 1]), bad.only([1, 2])], "wa") == interval([good.only([1]), bad.only([1])], "wa")
    with pytest.raises(InputError, match="no seed in common"):
        compare([good.only([0]), good.only([1, 2])], [bad.only([0]), bad.only([1, 2])])


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == [1, 1]
    assert holm([0.2]) == [0.2] and holm([]) == []
    assert holm([0.01, float("nan"), 0.04]) == pytest.approx([0.02, float("nan"), 0.04], nan_ok=True)
