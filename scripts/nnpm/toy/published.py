"""Plans of the paper's corpora with the published numbers of files, for a rehearsal at full size.

The counts are real, as are IEMOCAP's sessions and EMO-DB's two held-out speakers, since they decide the number of
training utterances. The rest of a plan is made up. Other emotions are included: nothing is computed from them, but
the workflow has to read through as many files.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import product

import numpy as np

from nnpm import CLASSES
from nnpm.toy.languages import LANGUAGES
from nnpm.toy.layouts import Take

#: Turns of each session by emotion: 5,531 of the four classes (happy and excited are one), 10,039 in all. Turns on
#: which raters did not agree are `disgust` here, as in nnpm.toy.annotations; the others are shared out evenly.
IEMOCAP = {
    "angry": (229, 137, 240, 327, 170),
    "happy": (135, 117, 135, 65, 143),
    "excited": (143, 210, 151, 238, 299),
    "sad": (194, 197, 305, 143, 245),
    "neutral": (384, 362, 320, 258, 384),
    "frustration": (370, 370, 370, 370, 369),
    "fear": (8, 8, 8, 8, 8),
    "surprise": (22, 22, 21, 21, 21),
    "disgust": (503, 503, 502, 502, 502),
}
SHEMO = {"A": ("angry", 1059), "H": ("happy", 201), "S": ("sad", 449), "N": ("neutral", 1028)}
SHEMO |= {"W": ("surprise", 225), "F": ("fear", 38)}
EKORPUS = {"angry": 306, "happy": 271, "sad": 249, "neutral": 338}
#: Emotion by letter, with the files of speaker 15, of speaker 16 and of the eight others together.
EMODB = {"W": ("angry", 13, 12, 102), "F": ("happy", 6, 11, 54), "T": ("sad", 4, 7, 51), "N": ("neutral", 11, 9, 59)}
EMODB |= {"L": ("boredom", 9, 5, 67), "A": ("fear", 8, 12, 49), "E": ("disgust", 5, 8, 33)}

#: Mean seconds of an utterance. Only IEMOCAP's is a measured one.
SECONDS = {"iemocap": 4.1, "urdu": 2.5, "ekorpus": 4.0, "shemo": 4.1, "emodb": 2.8}
SPREAD = 0.6  # of the logarithm of the length, so that a tenth of IEMOCAP's turns are longer than 7.5 s
USED = {*CLASSES, "excited"}


def takes(name: str) -> list[Take]:
    """The plan of one corpus, a key of PLANS: 16 kHz mono throughout, to spare the disk."""
    plan = list(PLANS[name]())
    # A voice adds a moment of silence at both ends, 0.27 s together, and pauses of 8 % between words.
    rate = LANGUAGES[name].rate / 1.08
    lengths = np.random.default_rng(0).lognormal(-(SPREAD**2) / 2, SPREAD, len(plan))
    syllables = np.rint((SECONDS[name] * lengths - 0.27) * rate)
    return [
        replace(take, syllables=max(1, int(count)) if take.emotion in USED else 1)
        for take, count in zip(plan, syllables, strict=True)
    ]


def _iemocap() -> Iterator[Take]:
    """28 dialogs per session, each with turns of all classes by both actors."""
    scenes = [f"{wearer}_{kind}{n:02d}" for wearer, kind, n in product("FM", ("impro", "script"), range(1, 8))]
    places = list(product("FM", scenes))
    for session in range(1, 6):
        turns = Counter({word: counts[session - 1] for word, counts in IEMOCAP.items()})
        for turn, emotion in enumerate(turns.elements()):
            number, place = divmod(turn, len(places))
            sex, scene = places[place]
            dialog = f"Ses{session:02d}{scene}"
            path = f"Session{session}/sentences/wav/{dialog}/{dialog}_{sex}{number:03d}.wav"
            yield Take(path, f"Ses{session:02d}{sex}", sex == "F", emotion)


def _urdu() -> Iterator[Take]:
    """A hundred files of each emotion, 38 speakers."""
    for emotion, number in product(("Angry", "Happy", "Neutral", "Sad"), range(1, 101)):
        speaker = f"S{'MF'[number % 4 == 0]}{number % 38 + 1}"
        path = f"{emotion}/{speaker}_F{number:02d}_{emotion[0]}{number:03d}.wav"
        yield Take(path, speaker, "F" in speaker, emotion.lower())


def _ekorpus() -> Iterator[Take]:
    """One reader; consecutive numbers."""
    for number, emotion in enumerate(Counter(EKORPUS).elements(), start=101):
        yield Take(f"{number}.wav", "EKI", True, emotion)


def _shemo() -> Iterator[Take]:
    """31 women and 56 men."""
    for letter, (emotion, count) in SHEMO.items():
        for number in range(count):
            take, speaker = divmod(number, 87)
            name = f"F{speaker + 1:02d}" if speaker < 31 else f"M{speaker - 30:02d}"
            folder = "female" if name[0] == "F" else "male"
            yield Take(f"{folder}/{name}{letter}{take + 1:02d}.wav", name, name[0] == "F", emotion)


def _emodb() -> Iterator[Take]:
    """Ten speakers."""
    others = ("03", "08", "09", "10", "11", "12", "13", "14")
    for letter, (emotion, of15, of16, rest) in EMODB.items():
        said = {"15": of15, "16": of16}
        said |= {speaker: len(range(place, rest, len(others))) for place, speaker in enumerate(others)}
        for speaker, count in said.items():
            for number in range(count):
                version, text = divmod(number, 10)
                path = f"wav/{speaker}a{text + 1:02d}{letter}{'abcd'[version]}.wav"
                yield Take(path, speaker, speaker in ("08", "09", "13", "14", "16"), emotion)


PLANS: Mapping[str, Callable[[], Iterator[Take]]] = {
    "iemocap": _iemocap,
    "urdu": _urdu,
    "ekorpus": _ekorpus,
    "shemo": _shemo,
    "emodb": _emodb,
}
