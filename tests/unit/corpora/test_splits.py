"""Which utterance goes where."""

import random
from collections import Counter
from dataclasses import replace

import pytest

import trees
from nnpm import corpora
from nnpm.corpora import own, splits
from nnpm.corpora.base import NOBODY
from nnpm.errors import InputError

LABELS = ("angry", "happy", "sad", "neutral")


def speaking(counts):
    """Clips by speaker, `{"15": 34}`, every label in turn."""
    clips = trees.clips(sum(counts.values()))
    speakers = [speaker for speaker, count in counts.items() for _ in range(count)]
    return [replace(clip, speaker=speaker) for clip, speaker in zip(clips, speakers, strict=True)]


def speakers_by_split(clips, parts):
    return {
        part: {clip.speaker for clip, own in zip(clips, parts, strict=True) if own == part} for part in splits.SPLITS
    }


class TestTarget:
    def test_it_depends_on_the_seed_and_on_nothing_else(self):
        corpus, clips = trees.corpus(), trees.clips(200)
        parts = splits.target(corpus, clips, test_size=0.33, seed=3)
        assert splits.target(corpus, clips, test_size=0.33, seed=4) != parts
        relabelled = [replace(clip, label="sad", emotion="sad") for clip in clips]
        assert splits.target(corpus, relabelled, test_size=0.33, seed=3) == parts
        assert splits.target(corpus, clips[::-1], test_size=0.33, seed=3) == parts[::-1]

    @pytest.mark.parametrize("absent", ["15", "16"])
    def test_a_fixed_speaker_is_absent(self, absent):
        clips = speaking({speaker: 4 for speaker in ("03", "15", "16") if speaker != absent})
        with pytest.raises(InputError, match=f"emodb: no speaker {absent}"):
            splits.target(corpora.get("emodb"), clips, test_size=0.33, seed=0)

    def test_nobody_is_left_for_training(self):
        with pytest.raises(InputError, match=r"leaves no speaker for training; .* splits\.protocol: speakers"):
            splits.target(corpora.get("emodb"), speaking({"15": 4, "16": 4}), test_size=0.33, seed=0)

    def test_all_utterances_are_adapted_to_and_scored(self):
        given = ["test", "train", "validation", "train"]
        clips = [replace(clip, split=part) for clip, part in zip(trees.clips(4), given, strict=True)]
        parts = splits.target(corpora.get("emodb"), clips, test_size=0.33, seed=0, protocol="all")
        assert parts == ["all"] * 4, "neither fixed speakers nor a list's own split leave any out"

    def test_a_manifests_own_split_comes_first(self):
        given = ["test", "train", "validation", "train"]
        clips = [replace(clip, split=part) for clip, part in zip(trees.clips(4), given, strict=True)]
        assert splits.target(trees.corpus(), clips, test_size=0.33, seed=0) == given
        with pytest.raises(InputError, match=r"^synthetic: no utterance in use has the split test"):
            splits.target(trees.corpus(), [replace(clip, split="train") for clip in clips], test_size=0.33, seed=0)

    @pytest.mark.parametrize(("count", "test_size"), [(10, 0.999), (2, 0.51), (1, 0.33), (0, 0.33)])
    def test_nothing_is_left_for_training(self, count, test_size):
        with pytest.raises(InputError, match=r"synthetic: .*too few.* splits\.test_size") as caught:
            splits.target(trees.corpus(), trees.clips(count), test_size=test_size, seed=0)
        assert "\n" not in str(caught.value)

    def test_a_tiny_share_is_one_utterance(self):
        parts = splits.target(trees.corpus(), trees.clips(10), test_size=0.001, seed=0)
        assert Counter(parts) == {"train": 9, "test": 1}


#: Utterances by speaker: URDU as its files are named (three in ten speakers hold between 22 and 70 % of them),
#: EMO-DB as published, ShEMO-like many, and a corpus that one speaker dominates.
SPOKEN = {
    "urdu": [2] * 9 + [4] * 6 + [6, 6, 10, 12, 12, 14, 14, 22, 28, 28, 38, 40, 48, 80],
    "emodb": [39, 42, 30, 21, 35, 22, 36, 41, 34, 39],
    "shemo": [31 + number % 4 for number in range(87)],
    "dominated": [300, 10, 10, 10],
}


def spoken(name):
    return speaking({f"{number:02}": count for number, count in enumerate(SPOKEN[name], start=3)})


def by_speakers(clips, seed=0, test_size=0.33, corpus=None):
    return splits.target(corpus or trees.corpus(), clips, test_size=test_size, seed=seed, protocol="speakers")


class TestTargetBySpeakers:
    @pytest.mark.parametrize("name", SPOKEN)
    @pytest.mark.parametrize("seed", range(5))
    def test_no_speaker_is_on_both_sides_and_everybody_is_on_one(self, name, seed):
        clips = spoken(name)
        sides = speakers_by_split(clips, by_speakers(clips, seed))
        assert not sides["train"] & sides["test"] and not sides["validation"]
        assert len(sides["train"] | sides["test"]) == len(SPOKEN[name])
        assert len(sides["test"]) == round(0.33 * len(SPOKEN[name]))

    @pytest.mark.parametrize(("name", "within"), [("urdu", 0.01), ("emodb", 0.01), ("shemo", 0.01)])
    @pytest.mark.parametrize("seed", range(5))
    def test_a_third_of_the_speakers_speaks_a_third(self, name, within, seed):
        parts = by_speakers(spoken(name), seed)
        assert abs(parts.count("test") / len(parts) - 0.33) < within

    def test_the_nearest_share_that_a_speaker_leaves_open(self):
        """One of four speakers: 10 of 330 utterances are nearer to a third, 109, than 300 are."""
        assert by_speakers(spoken("dominated")).count("test") == 10

    def test_one_speaker_at_least_stays_on_either_side(self):
        clips = speaking({"a": 10, "b": 10})
        for test_size in (0.001, 0.999):
            assert Counter(by_speakers(clips, test_size=test_size)) == {"train": 10, "test": 10}

    def test_it_depends_on_names_and_seed_alone(self):
        clips = spoken("urdu")
        parts = by_speakers(clips, 3)
        assert by_speakers(clips, 4) != parts
        assert by_speakers(clips[::-1], 3) == parts[::-1]
        random.Random(0).shuffle(labels := [clip.label for clip in clips])
        shuffled = [replace(clip, label=label, emotion=label) for clip, label in zip(clips, labels, strict=True)]
        unlabelled = [replace(clip, label=None, emotion=None) for clip in clips]
        assert by_speakers(shuffled, 3) == by_speakers(unlabelled, 3) == parts

    def test_fixed_speakers_are_drawn_as_others_are(self):
        """EMO-DB: three of ten speakers instead of speaker 15, and 16 goes back to training."""
        clips = spoken("emodb")
        assert by_speakers(clips, corpus=corpora.get("emodb")) == by_speakers(clips)

    def test_a_single_speaker_cannot_be_held_out(self):
        for corpus, name in ((trees.corpus("ekorpus"), "ekorpus"), (own.from_manifest("mine", "mine.csv"), "mine.csv")):
            with pytest.raises(InputError) as caught:
                by_speakers(speaking({"reader": 12}), corpus=corpus)
            assert str(caught.value).startswith(f"{name}: all utterances have the same speaker (reader)")
            assert "splits.protocol: paper" in str(caught.value) and "\n" not in str(caught.value)

    def test_all_utterances_are_adapted_to_and_scored(self):
        given = ["test", "train", "validation", "train"]
        clips = [replace(clip, split=part) for clip, part in zip(trees.clips(4), given, strict=True)]
        parts = splits.target(corpora.get("emodb"), clips, test_size=0.33, seed=0, protocol="all")
        assert parts == ["all"] * 4, "neither fixed speakers nor a list's own split leave any out"

    def test_a_manifests_own_split_comes_first(self):
        given = ["test", "train", "validation", "train"]
        clips = [replace(clip, split=part, speaker="a") for clip, part in zip(trees.clips(4), given, strict=True)]
        assert by_speakers(clips) == given


class TestSource:
    def test_iemocap_holds_out_sessions(self):
        clips = speaking({f"Ses0{session}{gender}": 8 for session in range(1, 6) for gender in "FM"})
        parts = splits.source(corpora.get("iemocap"), clips, seed=0)
        assert speakers_by_split(clips, parts) == {
            "train": {"Ses01F", "Ses01M", "Ses02F", "Ses02M", "Ses03F", "Ses03M"},
            "validation": {"Ses04F", "Ses04M"},
            "test": {"Ses05F", "Ses05M"},
        }

    def test_fixed_speakers_are_absent(self):
        clips = speaking({f"Ses0{session}{gender}": 8 for session in range(1, 5) for gender in "FM"})
        with pytest.raises(InputError, match=r"^iemocap: no speakers Ses05F, Ses05M, .*; get .* column split"):
            splits.source(corpora.get("iemocap"), clips, seed=0)

    @pytest.mark.parametrize(("speakers", "test", "validation"), [(3, 1, 1), (10, 2, 1), (11, 2, 1), (29, 6, 3)])
    def test_other_corpora_hold_out_drawn_speakers(self, speakers, test, validation):
        clips = trees.clips(speakers * 8, speakers=speakers)
        parts = splits.source(trees.corpus(), clips, seed=0)
        by_split = speakers_by_split(clips, parts)
        assert {part: len(names) for part, names in by_split.items()} == {
            "train": speakers - test - validation,
            "validation": validation,
            "test": test,
        }
        assert len(set.union(*by_split.values())) == speakers
        assert parts == splits.source(trees.corpus(), clips, seed=0)

    def test_the_seed_draws_the_speakers(self):
        clips = trees.clips(240, speakers=20)
        assert splits.source(trees.corpus(), clips, seed=0) != splits.source(trees.corpus(), clips, seed=1)

    @pytest.mark.parametrize(("utterances", "speakers"), [(16, 2), (1, 1)])
    def test_too_few_speakers(self, utterances, speakers):
        with pytest.raises(InputError, match=f"{speakers} speakers"):
            splits.source(trees.corpus(), trees.clips(utterances, speakers=speakers), seed=0)

    def test_an_unlabelled_source(self):
        clips = trees.clips(40)
        clips[7] = replace(clips[7], label=None, emotion=None)
        with pytest.raises(InputError, match=r"1 have none \(first u00007.wav\)"):
            splits.source(trees.corpus(), clips, seed=0)

    def test_a_class_that_training_lacks(self):
        clips = [clip for clip in trees.clips(80, speakers=5) if clip.label not in ("happy", "neutral")]
        with pytest.raises(InputError, match=r"no training utterance is happy or neutral; .*angry, happy, sad, neu"):
            splits.source(trees.corpus(), clips, seed=0)

    @pytest.mark.parametrize("lacking", ["train", "test"])
    def test_every_class_is_needed_in_training_alone(self, lacking):
        clips = trees.clips(80, speakers=5)
        parts = ["train" if number < 48 else "validation" if number < 64 else "test" for number in range(80)]
        given = [replace(clip, split=part) for clip, part in zip(clips, parts, strict=True)]
        given = [clip for clip in given if (clip.split, clip.label) != (lacking, "sad")]
        if lacking == "test":
            assert splits.source(trees.corpus(), given, seed=0) == [clip.split for clip in given]
        else:
            with pytest.raises(InputError, match="no training utterance is sad"):
                splits.source(trees.corpus(), given, seed=0)

    def test_a_pooled_corpus_may_lack_a_class_and_held_out_speakers(self):
        clips = [clip for clip in trees.clips(80, speakers=5) if clip.label not in ("happy", "neutral")]
        assert set(splits.source(trees.corpus(), clips, seed=0, pooled=True)) == set(splits.SPLITS)
        assert splits.source(trees.corpus(), trees.clips(40), seed=0, pooled=True) == splits.source(
            trees.corpus(), trees.clips(40), seed=0
        ), "where speakers can be held out they are"
        few = trees.clips(16, speakers=2)
        assert splits.source(trees.corpus(), few, seed=0, pooled=True) == ["train"] * 16
        few[0] = replace(few[0], label=None, emotion=None)
        with pytest.raises(InputError, match="1 have none"):
            splits.source(trees.corpus(), few, seed=0, pooled=True)

    def test_a_manifests_own_split_is_kept_and_a_validation_that_it_lacks_is_drawn_from_training(self):
        clips = trees.clips(24)
        given = ["train"] * 16 + ["validation"] * 4 + ["test"] * 4
        ready = [replace(clip, split=part) for clip, part in zip(clips, given, strict=True)]
        assert splits.source(trees.corpus(), ready, seed=0) == given
        lacking = [clip for clip in ready if clip.split != "validation"]
        drawn = splits.source(trees.corpus(), lacking, seed=0)
        assert [split == "test" for split in drawn] == [clip.split == "test" for clip in lacking]
        held = {clip.speaker for clip, split in zip(lacking, drawn, strict=True) if split == "validation"}
        rest = {clip.speaker for clip, split in zip(lacking, drawn, strict=True) if split == "train"}
        assert held and rest and held.isdisjoint(rest)
        with pytest.raises(InputError, match=r"^mine\.csv: no utterance in use has the split test"):
            splits.source(own.from_manifest("mine", "mine.csv"), [c for c in ready if c.split != "test"], seed=0)

    def test_utterances_of_unknown_speakers_are_drawn_one_by_one(self):
        clips = [replace(clip, speaker=NOBODY) for clip in trees.clips(24)]
        assert set(splits.source(trees.corpus(), clips, seed=0)) == {"train", "validation", "test"}
        with pytest.raises(InputError, match=r"same speaker \(unknown\)"):
            splits.target(trees.corpus(), clips, test_size=0.3, seed=0, protocol="speakers")
