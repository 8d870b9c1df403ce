"""What is chosen on some languages has not seen the one that it is reported on."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks import embeddings, leave_one_language_out, thinning
from benchmarks.leave_one_language_out import (
    CHOICES,
    by_pairs,
    by_proportions,
    by_speakers,
    by_speakers_proportions,
    in_each_speaker,
    leave_one_out,
    thinned,
)
from domains import described
from nnpm.corpora import pools
from nnpm.files import label_indices
from nnpm.methods.described import Described
from nnpm.methods.nnpm_plus import Settings

NAMES = ("egemaps_a", "a", "egemaps_b", "b", "egemaps_c", "c", "egemaps_d", "d")
CORPORA = {
    name: replace(described(count, seed), names=NAMES)
    for seed, (name, count) in enumerate({"one": 60, "two": 48, "three": 44, "four": 52}.items())
}
TARGETS = ("two", "three", "four")


def test_the_left_out_corpus_is_neither_target_nor_pooled_while_constants_are_chosen(monkeypatch) -> None:
    seen: list[tuple[int, ...]] = []
    sizes = {len(one.manifest): name for name, one in CORPORA.items()}

    def around(settings: Settings, source: Described, target: Described) -> tuple[float, float]:
        assert target.training.all() and not source.training.all(), "splits of a source are none of a target"
        seen.append((*source.sizes, len(target.manifest)))
        return 50.0, 50.0 + CHOICES.index(settings)

    monkeypatch.setattr(leave_one_language_out, "around", around)
    found = leave_one_out(CORPORA, "one", TARGETS)
    assert found.groupby("target", sort=False).size().to_dict() == dict.fromkeys(TARGETS, 2)
    assert set(found["full"]) == {CHOICES[-1].full}, "the best choice"
    alone, pooled = seen[: len(CHOICES) * 3], seen[len(CHOICES) * 3 :]
    assert all(len(given) == 2 for given in alone)
    per_turn = len(pooled) // 3
    for turn, left in enumerate(TARGETS):
        chosen, reported = np.split(
            np.array(pooled[turn * per_turn : (turn + 1) * per_turn], dtype=object), [per_turn - 2]
        )
        assert all(left not in {sizes[each] for each in given} for given in chosen)
        assert [sizes[given[-1]] for given in reported] == [left, left]


def test_a_choice_that_loses_too_much_in_one_language_is_not_taken(monkeypatch) -> None:
    def around(settings: Settings, source: Described, target: Described) -> tuple[float, float]:
        loses = settings == CHOICES[-1] and len(target.manifest) == 44
        return 50.0, 47.9 if loses else 50.0 + 10 * CHOICES.index(settings)

    monkeypatch.setattr(leave_one_language_out, "around", around)
    found = leave_one_out(CORPORA, "one", TARGETS).set_index(["target", "source"])
    taken = {left: found.loc[(left, "one"), "careful"] for left in TARGETS}
    assert taken == {"two": CHOICES[-2].careful, "three": CHOICES[-1].careful, "four": CHOICES[-2].careful}
    assert found.loc[("two", pools.OTHERS), "safe"] == len(CHOICES) - 1


def test_thinned_targets_have_the_frequencies_and_the_control_the_size() -> None:
    labels = np.repeat(np.arange(4), 100)
    kept = thinning.rows(labels, (10, 20, 30, 40), np.random.default_rng(0))
    assert np.bincount(labels[kept]).tolist() == [25, 50, 75, 100] and (np.diff(kept) > 0).all()
    control = thinning.rows(labels, thinning.EQUAL, np.random.default_rng(0), most=len(kept))
    assert np.bincount(labels[control]).tolist() == [62] * 4
    own = CORPORA["one"]
    part = thinned(own, (10, 20, 30, 40), 0)
    assert np.bincount(label_indices(part.manifest["label"])).tolist() == [3, 7, 11, 15]
    np.testing.assert_allclose(part.values.mean(axis=0), 0, atol=1e-9)
    assert thinned(own, None, 0) is own


def test_speakers_show_what_is_asked_of_each() -> None:
    labels, speakers = np.tile(np.repeat(np.arange(4), 8), 3), np.repeat(np.arange(3), 32)
    kept = thinning.rows_of_speakers(labels, speakers, (1, 1 / 2, 1 / 4, 1 / 8), np.random.default_rng(0))
    found = [np.bincount(labels[kept][speakers[kept] == each]).tolist() for each in range(3)]
    assert found == [[8, 4, 2, 1], [1, 8, 4, 2], [2, 1, 8, 4]] and (np.diff(kept) > 0).all()
    alike = in_each_speaker(CORPORA["one"])
    for _, part in alike.manifest.groupby("speaker"):
        np.testing.assert_allclose(alike.values[part.index].mean(axis=0), 0, atol=1e-9)
        np.testing.assert_allclose(alike.values[part.index].std(axis=0), 1)


def test_each_union_of_inputs_is_read_and_a_pool_has_no_embeddings() -> None:
    embedded = {name: replace(one, names=("z_a", *NAMES[1:])) for name, one in CORPORA.items()}
    assert embeddings.only(embedded["one"], ("z_", "egemaps_")).names == ("z_a", *NAMES[2::2])
    found = embeddings.by_inputs(CORPORA, embedded, "one", ["two"])
    with_z = found["inputs"].str.contains("z")
    assert set(found.loc[with_z, "source"]) == {"one"} and with_z.sum() == 4
    assert set(found.loc[~with_z, "source"]) == {"one", pools.OTHERS} and (~with_z).sum() == 6


def test_halves_have_other_speakers_and_as_many_women() -> None:
    manifest = pd.DataFrame({"speaker": list("abcdefgh") * 2, "gender": list("fmfmfmfm") * 2})
    first, second = embeddings.halves(manifest)
    assert (first != second).all() and not set(manifest["speaker"][first]) & set(manifest["speaker"][second])
    for half in (first, second):
        assert manifest["gender"][half].value_counts().to_dict() == {"f": 4, "m": 4}


@pytest.mark.parametrize(
    "make",
    [
        by_pairs,
        lambda corpora: by_proportions(corpora, "one", ["two"]),
        lambda corpora: by_speakers(corpora, "one", ["two"]),
        lambda corpora: by_speakers_proportions(corpora, "one", ["two"]),
    ],
)
def test_the_tables_have_each_case_once(make) -> None:
    found: pd.DataFrame = make({name: CORPORA[name] for name in ("one", "two", "three")})
    keys = [name for name in ("frequencies", "source", "target") if name in found]
    assert not found[keys].duplicated().any() and (found["source"] != found["target"]).all()
    assert found.drop(columns=keys).apply(np.isfinite).all(axis=None)
    if "chosen" in found:
        agree = found["agreement_after"] > found["agreement_before"]
        np.testing.assert_allclose(found["chosen"], np.where(agree, found["full"], found["careful"]))
