"""NNPM-plus: what it gains, what it does not rest on, and targets that are hardly any."""

from dataclasses import replace

import numpy as np
import pytest

from domains import labelled
from nnpm.methods import discriminant, nnpm_plus
from nnpm.methods.described import Described
from nnpm.methods.discriminant import ClassMemory, Discriminant
from nnpm.methods.nnpm_plus import (
    Heard,
    Settings,
    adapted,
    agreement,
    between,
    classify,
    indicators,
    soft_labels,
    speakers_of,
    told_speakers,
    views_agree_more,
)

WIDTH = 12


def corpus(count, seed, turn=0.0, far=2.5, names=None, classes=None, noise=1.0):
    """Functionals in which each class has a place; `turn` moves the places, as another language does."""
    random = np.random.default_rng(seed)
    manifest = labelled(count).assign(split="train")
    labels = np.arange(count) % 4 if classes is None else classes
    places = np.random.default_rng(0).normal(size=(4, WIDTH))
    other = np.random.default_rng(1).normal(size=(4, WIDTH))
    values = far * ((1 - turn) * places + turn * other)[labels] / np.sqrt(WIDTH) * 2
    return Described.of(values + noise * random.normal(size=(count, WIDTH)), manifest, names)


def right(found, count, classes=None):
    labels = np.arange(count) % 4 if classes is None else classes
    hit = found.probabilities.argmax(axis=1) == labels
    return np.mean([hit[labels == y].mean() for y in np.unique(labels)])


NAMES = tuple(f"{'egemaps_' if number % 2 else ''}x{number}" for number in range(WIDTH))
SOURCE = corpus(120, seed=1, names=NAMES)
SHIFTED = corpus(200, seed=2, turn=0.45, names=NAMES)


def test_it_gains_where_the_target_falls_into_groups():
    before, after = (right(method(SOURCE, SHIFTED), 200) for method in (discriminant.classify, classify))
    assert after > before + 0.05 > 0.5


def test_it_does_not_assume_how_often_classes_occur():
    """Where one class is ten times as frequent as another, it still gains."""
    classes = np.repeat(np.arange(4), (20, 40, 100, 200))
    target = corpus(360, seed=3, turn=0.45, names=NAMES, classes=classes)
    before, after = (right(method(SOURCE, target), 360, classes) for method in (discriminant.classify, classify))
    assert after > before


def test_a_round_by_hand():
    """One round: shares from the source's discriminant, then both corpora together, the target twice as heavy."""
    memory = discriminant.memory(SOURCE)
    first = Discriminant.of(memory, discriminant.SHRINKAGE)
    shares = soft_labels(first.scores(SHIFTED.values), 0.5)
    by_hand = Discriminant.of(memory + ClassMemory.of(SHIFTED.values, shares, 2.0), 0.6)
    found = adapted(memory, SHIFTED.values, 2.0, Settings(rounds=1))
    np.testing.assert_allclose(found.weight, by_hand.weight)
    np.testing.assert_allclose(found.bias, by_hand.bias)


def test_the_weight_is_in_units_of_the_sources():
    """A memory of two corpora holds twice as much, and so does its target."""
    memory = discriminant.memory(SOURCE)
    one, two = (adapted(each, SHIFTED.values, 0.5) for each in (memory, memory + memory))
    np.testing.assert_allclose(two.weight, one.weight)
    np.testing.assert_allclose(two.bias, one.bias)


def test_without_rounds_it_is_the_sources_discriminant_and_the_views_agree_no_more():
    settings = Settings(rounds=0)
    found, plain = classify(SOURCE, SHIFTED, settings), discriminant.classify(SOURCE, SHIFTED)
    np.testing.assert_allclose(found.probabilities, plain.probabilities)
    assert views_agree_more(discriminant.memory(SOURCE), SHIFTED)
    assert not views_agree_more(discriminant.memory(SOURCE), SHIFTED, settings)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_labels_are_as_sure_whatever_the_scale_of_the_scores(scale):
    scores = np.random.default_rng(0).normal(size=(50, 4))
    shares = soft_labels(scale * scores, 0.5)
    entropy = -(shares * np.log(shares)).sum(axis=1).mean() / np.log(4)
    assert entropy == pytest.approx(0.5, abs=1e-6)
    np.testing.assert_allclose(shares, soft_labels(scores, 0.5), atol=1e-6)
    assert (shares.argmax(axis=1) == scores.argmax(axis=1)).all()


def test_scores_that_do_not_differ_give_equal_shares():
    assert np.allclose(soft_labels(np.ones((3, 4)), 0.5), 0.25)


def test_two_views_decide_how_much_the_target_counts(monkeypatch):
    """A second view that says something else in the target than in the source makes it careful, as has one alone."""
    weights = []
    monkeypatch.setattr(nnpm_plus, "adapted", lambda *given: weights.append(given[2]) or adapted(*given))
    classify(SOURCE, SHIFTED)
    assert weights[-1] == Settings().full
    view = SHIFTED.views[1]
    values = SHIFTED.values.copy()
    values[:, view] = np.roll(values[:, view], 1, axis=0)  # of an utterance of another class
    classify(SOURCE, replace(SHIFTED, values=values))
    assert weights[-1] == Settings().careful
    names = tuple(map(str, range(WIDTH)))
    classify(replace(SOURCE, names=names), replace(SHIFTED, names=names))
    assert weights[-1] == Settings().careful


def test_agreement_by_hand():
    first, second = np.array([0, 0, 1, 1]), np.array([0, 0, 1, 0])
    assert agreement(first, first) == 1 and agreement(first, second) == pytest.approx((0.75 - 0.5) / 0.5)
    assert agreement(first, np.array([1, 1, 0, 0])) == -1
    assert agreement(np.zeros(4, int), np.zeros(4, int)) == 0, "one class for all says nothing"


@pytest.mark.parametrize(("count", "label"), [(1, None), (5, None), (40, 2)], ids=["one", "five", "one class"])
def test_targets_that_are_hardly_any(count, label):
    """One utterance, five, or one class alone: probabilities, and no failure."""
    classes = np.full(count, label) if label is not None else None
    target = corpus(count, seed=4, names=NAMES, classes=classes)
    found = classify(SOURCE, target)
    assert np.isfinite(found.probabilities).all() and np.allclose(found.probabilities.sum(axis=1), 1)


def test_a_functional_that_never_varies():
    values = SHIFTED.mean + SHIFTED.deviation * SHIFTED.values
    values[:, 3] = 7.0
    found = classify(SOURCE, Described.of(values, SHIFTED.manifest, NAMES))
    assert right(found, 200) > 0.5


def test_the_targets_training_rows_alone_are_adapted_to():
    manifest = SHIFTED.manifest.assign(split=np.where(np.arange(200) < 150, "train", "test"))
    target = replace(SHIFTED, manifest=manifest)
    other = replace(target, values=np.where(np.arange(200)[:, None] < 150, target.values, 9.0))
    one, two = (classify(SOURCE, each).probabilities for each in (target, other))
    assert (one[:150] == two[:150]).all() and (one[150:] != two[150:]).any()


def test_views_are_adapted_with_the_full_weight_before_they_are_compared(monkeypatch):
    weights = []
    learn = nnpm_plus.learned_shares
    monkeypatch.setattr(nnpm_plus, "learned_shares", lambda *given: weights.append(given[2]) or learn(*given))
    views_agree_more(discriminant.memory(SOURCE), SHIFTED, Settings(full=3.0))
    assert weights == [3.0, 3.0]


# --- Voices -----------------------------------------------------------------------------------------------------------


def spoken(count, seed, speakers, loud=1.5, classes=None, **options):
    """A corpus in which every speaker's functionals are shifted by a voice."""
    own = corpus(count, seed, names=NAMES, classes=classes, **options)
    voices = loud * np.random.default_rng(seed + 100).normal(size=(speakers.max() + 1, WIDTH))
    manifest = own.manifest.assign(speaker=[f"s{each}" for each in speakers])
    return Described.of(own.mean + own.deviation * own.values + voices[speakers], manifest, NAMES)


def test_it_takes_voices_off_and_its_map_needs_none():
    """Speakers with loud voices: it gains more if it knows who speaks, and also where it is not told."""
    speakers = np.arange(400) // 4 % 10
    target = spoken(400, 5, speakers, turn=0.3)
    alike = replace(target, manifest=target.manifest.assign(speaker="all"))
    known, unknown = (right(classify(SOURCE, each), 400) for each in (target, alike))
    assert known > unknown + 0.05
    held_out = replace(target, manifest=target.manifest.assign(split=np.where(speakers < 7, "train", "test")))
    assert right(classify(SOURCE, held_out), 400) > unknown + 0.05


def test_without_speakers_to_tell_it_is_as_if_there_were_none():
    """One speaker for all, or another one for each utterance."""
    memory = discriminant.memory(SOURCE)
    none = adapted(memory, SHIFTED.values, 2.0)
    for speakers in (np.zeros(200, int), np.arange(200)):
        found = adapted(memory, SHIFTED.values, 2.0, speakers=speakers)
        np.testing.assert_allclose(found.weight, none.weight)


def test_voices_are_left_alone_where_each_speaker_shows_one_emotion():
    memory, classes = discriminant.memory(SOURCE), np.arange(200) % 4
    every, one = np.arange(200) // 4 % 8, classes + 4 * (np.arange(200) // 4 % 2)
    target, of_one = spoken(200, 6, every, loud=0.5), spoken(200, 6, one, loud=0.5)
    assert told_speakers(memory, target.values, target.manifest["speaker"]).tolist() == every.tolist()
    assert told_speakers(memory, of_one.values, of_one.manifest["speaker"]) is None
    assert told_speakers(memory, target.values, target.manifest["speaker"], Settings(between=-1.0)) is None


def test_an_utterance_of_an_unknown_speaker_is_one_of_its_own():
    """In a manifest the name is "unknown", in a frame it is missing."""
    memory, speakers = discriminant.memory(SOURCE), np.arange(200) // 4 % 8
    target = spoken(200, 6, speakers, loud=0.5)
    names = target.manifest["speaker"].mask(np.arange(200) < 3, None)
    told = told_speakers(memory, target.values, names)
    assert told[3:].tolist() == told_speakers(memory, target.values, target.manifest["speaker"])[3:].tolist()
    assert len(set(told[:3]) - set(told[3:])) == 3
    unknown = replace(target, manifest=target.manifest.assign(speaker=names.fillna("unknown")))
    assert speakers_of(memory, unknown).tolist() == told.tolist()


def test_the_share_between_speakers_by_hand():
    """Two speakers of two utterances each: means 1 and 5; within 2 / 2 = 1; (16 - 1) / 2 = 7.5 among."""
    values, speakers = np.array([[0.0], [2.0], [5.0], [5.0]]), np.array([0, 0, 1, 1])
    assert between(values, speakers) == pytest.approx(7.5 / 8.5)
    assert between(values, np.zeros(4, int)) == between(values, np.arange(4)) == 0
    assert between(values[[0, 2, 1, 3]], speakers) == 0, "no more between them than by chance"


def test_voices_by_hand():
    """Residuals 1 and 3 of one speaker, -2 of the other; of a speaker of `doubt` utterances half is taken."""
    slots, shares = np.array([[0.0], [4.0], [0.0], [0.0]]), np.eye(4)[[0, 1, 0]]
    values, speakers = np.array([[1.0], [7.0], [-2.0]]), np.array([0, 0, 1])
    heard = Heard(speakers, indicators(speakers), indicators(speakers) @ values, doubt=2.0)
    assert heard.voices(shares, slots).offsets.ravel().tolist() == pytest.approx([4 / 4, -2 / 3])


def test_a_round_with_voices_by_hand():
    """The second of three estimates is without voices, the last one with them."""
    memory, speakers = discriminant.memory(SOURCE), np.arange(200) // 4 % 5
    values = SHIFTED.values + np.random.default_rng(9).normal(size=(5, WIDTH))[speakers]
    first = soft_labels(Discriminant.of(memory, discriminant.SHRINKAGE).scores(values), 0.5)
    share, expected = between(values, speakers), first @ memory.slots
    offsets = np.array(
        [
            (values - expected)[speakers == each].sum(axis=0) / (np.sum(speakers == each) + (1 - share) / share)
            for each in range(5)
        ]
    )
    plain = values - offsets[speakers]
    second = soft_labels(Discriminant.of(memory + ClassMemory.of(plain, first, 2.0), 0.6).scores(plain), 0.5)
    by_hand = Discriminant.of(memory + ClassMemory.of(values, second, 2.0), 0.6)
    found = adapted(memory, values, 2.0, Settings(rounds=2), speakers)
    np.testing.assert_allclose(found.weight, by_hand.weight, rtol=1e-6)
