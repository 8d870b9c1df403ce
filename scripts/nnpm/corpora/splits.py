"""Assigns each utterance to training, validation or test.

A split depends only on utterance names, speakers and a seed. Labels are read only to refuse a source that cannot be
learned from.
"""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from sklearn.model_selection import GroupShuffleSplit, train_test_split

from nnpm import CLASSES
from nnpm.corpora.base import NOBODY, Clip, Corpus
from nnpm.errors import InputError

TRAIN, VALIDATION, TEST, ALL = "train", "validation", "test", "all"
SPLITS = (TRAIN, VALIDATION, TEST)  # an utterance of ALL is in training and in the test

#: How a target's test set is drawn: utterances as the paper draws them, whole speakers, or every utterance.
Protocol = Literal["paper", "speakers", "all"]

_OWN_SPLIT = "list its files in a CSV with a column split, under manifests"
_DRAWS = 100  # draws of a target's test speakers; the one of the best size is taken
_TEST_SPEAKERS = 0.2  # fraction of a source's speakers, if none are fixed
_VALIDATION_SPEAKERS = 0.1
_FEWEST_SPEAKERS = 3  # of a source: one for the test, one for validation


def target(
    corpus: Corpus, clips: Sequence[Clip], *, test_size: float, seed: int, protocol: Protocol = "paper"
) -> list[str]:
    """The split of each clip of a target corpus.

    With `all`, every utterance is adapted to, without its label, and scored (the transductive setting). Otherwise the
    split in a user's own manifest is used as it is. Without one, `paper` uses the corpus's fixed speakers, or else
    draws a fraction `test_size` of the utterances, rounded up, as the test set; the rest is training. `speakers` draws
    a fraction `test_size` of the speakers, rounded, with all their utterances, even if the corpus has fixed speakers;
    the rest is training. Raises `InputError` if a part would be empty.
    """
    if protocol == "all":
        return [ALL] * len(clips)
    if clips and clips[0].split is not None:
        return _given(corpus, clips, needed=(TRAIN, TEST))
    if protocol == "speakers":
        drawn = set(_draw_test_speakers(corpus, clips, test_size, seed))
        return [TEST if clip.speaker in drawn else TRAIN for clip in clips]
    if corpus.test_speakers:
        remedy = f"set splits.protocol: speakers, or {_OWN_SPLIT}"
        return _by_speaker(corpus, clips, corpus.test_speakers, corpus.validation_speakers, remedy)
    if math.ceil(test_size * len(clips)) >= len(clips):
        raise InputError(
            f"{corpus.name}: too few utterances in use ({len(clips)}) for a test set of {test_size:g} and a training "
            "set; add some, or change splits.test_size"
        )
    order = sorted(range(len(clips)), key=lambda row: clips[row].utterance)
    _, test = train_test_split(order, test_size=test_size, random_state=seed)
    rows = set(test)
    return [TEST if row in rows else TRAIN for row in range(len(clips))]


def source(corpus: Corpus, clips: Sequence[Clip], *, seed: int, pooled: bool = False) -> list[str]:
    """The split of each clip of a source corpus, by speakers.

    The split in a user's own manifest is used as it is; if it has no validation, that is drawn from training. Otherwise
    the corpus's fixed speakers are used, or else speakers are drawn: a fifth for the test, a tenth for validation, at
    least one each. Utterances of unknown speakers are drawn one by one. Raises `InputError` if an utterance is
    unlabelled, if there are too few speakers, or if training lacks a class. A corpus that is only `pooled` with others
    may lack a class, and may have too few speakers to hold one out: then all of it is training.
    """
    if unlabelled := [clip for clip in clips if clip.label is None]:
        raise InputError(
            f"{corpus.name}: a source needs a label for every utterance, {len(unlabelled)} have none "
            f"(first {unlabelled[0].path}); label or remove them, or leave the corpus out of the source (instead of "
            "'others', name a pool without it)"
        )
    if clips and clips[0].split is not None:
        splits = _given(corpus, clips, needed=(TRAIN, TEST))
        few = len({_speaker(clip) for clip, split in zip(clips, splits, strict=True) if split == TRAIN}) < 2
        if VALIDATION not in splits and not (pooled and few):
            rest = [clip for clip, split in zip(clips, splits, strict=True) if split == TRAIN]
            speakers = _speakers(corpus, rest, needed=2)
            _, drawn = _held_out(speakers, _share(_VALIDATION_SPEAKERS, speakers), seed)
            splits = [
                VALIDATION if split == TRAIN and _speaker(clip) in drawn else split
                for clip, split in zip(clips, splits, strict=True)
            ]
    elif pooled and len(set(map(_speaker, clips))) < _FEWEST_SPEAKERS:
        splits = [TRAIN] * len(clips)
    elif corpus.source_test_speakers:
        splits = _by_speaker(corpus, clips, corpus.source_test_speakers, corpus.source_validation_speakers)
    else:
        splits = _by_speaker(corpus, clips, *_draw_speakers(corpus, clips, seed))
    training = {clip.label for clip, split in zip(clips, splits, strict=True) if split == TRAIN}
    if not pooled and (lacking := [label for label in CLASSES if label not in training]):
        raise InputError(
            f"{corpus.name}: no training utterance is {' or '.join(lacking)}; a source needs all four classes "
            f"({', '.join(CLASSES)})"
        )
    return splits


def _given(corpus: Corpus, clips: Sequence[Clip], needed: Sequence[str]) -> list[str]:
    splits = [clip.split or "" for clip in clips]
    if lacking := [split for split in needed if split not in splits]:
        raise InputError(
            f"{corpus.manifest or corpus.name}: no utterance in use has the split {' or '.join(lacking)}; "
            "add some, or leave the column split out to have it drawn"
        )
    return splits


def _by_speaker(
    corpus: Corpus, clips: Sequence[Clip], test: Sequence[str], validation: Sequence[str], remedy: str = _OWN_SPLIT
) -> list[str]:
    here = set(map(_speaker, clips))
    for speakers, purpose in ((test, TEST), (validation, VALIDATION)):
        if speakers and here.isdisjoint(speakers):
            plural = "s" if len(speakers) > 1 else ""
            raise InputError(
                f"{corpus.name}: no speaker{plural} {', '.join(speakers)}, the {purpose} set of its fixed split; get "
                f"the whole corpus, or for a part of it {remedy}"
            )
    if here <= {*test, *validation}:
        raise InputError(
            f"{corpus.name}: its fixed split leaves no speaker for training; get the whole corpus, or for a part of it "
            f"{remedy}"
        )
    part = dict.fromkeys(test, TEST) | dict.fromkeys(validation, VALIDATION)
    return [part.get(_speaker(clip), TRAIN) for clip in clips]


def _draw_test_speakers(corpus: Corpus, clips: Sequence[Clip], test_size: float, seed: int) -> list[str]:
    """Draw a target's test speakers: of many draws, the one whose share of utterances is closest to `test_size`.

    Some speak far more than others: single draws of ten of URDU's 29 speakers hold between 22 % and 70 % of its
    utterances. The choice among draws counts utterances and reads no label.
    """
    spoken = Counter(clip.speaker for clip in clips)
    speakers = sorted(spoken)
    if len(speakers) < 2:
        raise InputError(
            f"{corpus.manifest or corpus.name}: all utterances have the same speaker ({', '.join(speakers)}), so none "
            "can be held out; tell speakers apart, leave the corpus out of targets, or set splits.protocol: paper"
        )
    count = min(max(1, round(test_size * len(speakers))), len(speakers) - 1)
    draws = GroupShuffleSplit(n_splits=_DRAWS, test_size=count, random_state=seed).split(speakers, groups=speakers)
    wanted = test_size * len(clips)
    return min(
        ([speakers[row] for row in held] for _, held in draws),
        key=lambda drawn: abs(sum(spoken[speaker] for speaker in drawn) - wanted),
    )


def _draw_speakers(corpus: Corpus, clips: Sequence[Clip], seed: int) -> tuple[list[str], list[str]]:
    """Draw test and validation speakers; reads nothing but their names."""
    speakers = _speakers(corpus, clips, needed=_FEWEST_SPEAKERS)
    rest, test = _held_out(speakers, _share(_TEST_SPEAKERS, speakers), seed)
    _, validation = _held_out(rest, _share(_VALIDATION_SPEAKERS, speakers), seed)
    return test, validation


def _speaker(clip: Clip) -> str:
    """Who is held out as a whole: the speaker, or the utterance itself if nobody knows who speaks."""
    return clip.utterance if clip.speaker == NOBODY else clip.speaker


def _speakers(corpus: Corpus, clips: Sequence[Clip], needed: int) -> list[str]:
    speakers = sorted(set(map(_speaker, clips)))
    if len(speakers) < needed:
        raise InputError(
            f"{corpus.name}: {len(speakers)} speakers, a source needs three or more to hold out one for the test "
            "and one for validation; add speakers, or a column split"
        )
    return speakers


def _share(fraction: float, speakers: Sequence[str]) -> int:
    return max(1, round(fraction * len(speakers)))


def _held_out(speakers: list[str], count: int, seed: int) -> tuple[list[str], list[str]]:
    draw = GroupShuffleSplit(n_splits=1, test_size=count, random_state=seed)
    kept, held = next(draw.split(speakers, groups=speakers))
    return [speakers[row] for row in kept], [speakers[row] for row in held]
