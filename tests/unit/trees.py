"""Small corpora on disk, laid out and named like the real ones."""

from collections.abc import Callable, Iterable, Iterator
from itertools import product
from pathlib import Path

import numpy as np
import soundfile

from nnpm import corpora
from nnpm.corpora.base import Clip, Corpus
from nnpm.corpora.offers import Listing

EKORPUS = {"anger": 306, "joy": 271, "sadness": 249, "neutral": 338}
#: What Praat writes in its short format; the word is the label of a sentence of one second.
SHORT_TEXTGRID = """File type = "ooTextFile"
Object class = "TextGrid"

0
1
<exists>
1
"IntervalTier"
"emotion"
0
1
1
0
1
"{}"
"""


def tone(path: Path, *, seconds: float = 0.05, rate: int = 16000, channels: int = 1, pitch: float = 220.0) -> Path:
    """A sine at half of full scale in every channel."""
    wave = 0.5 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * rate)) / rate)
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.repeat(wave[:, None], channels, axis=1), rate)
    return path


def tones(folder: Path, names: Iterable[str]) -> Path:
    """One tone a name, no two alike, of three lengths."""
    for number, name in enumerate(names):
        tone(folder / name, seconds=0.05 + 0.01 * (number % 3), pitch=200.0 + number)
    return folder


def touch(folder: Path, names: Iterable[str]) -> Path:
    """Empty files, for what reads names alone."""
    names = list(names)
    for parent in {(folder / name).parent for name in names}:
        parent.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()
    return folder


def iemocap(folder: Path, scenes: dict[str, dict[str, str]]) -> Path:
    """Scenes as `{"Ses01F_impro01": {"Ses01F_impro01_F000": "neu"}}`: empty audio, and evaluation files."""
    for scene, turns in scenes.items():
        session = folder / f"Session{scene[4]}"
        touch(session / "sentences" / "wav" / scene, [f"{turn}.wav" for turn in turns])
        lines = ["% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]", ""]
        for number, (turn, code) in enumerate(turns.items()):
            lines += [
                f"[{number}.2901 - {number}.8357]\t{turn}\t{code}\t[2.5000, 2.5000, 2.5000]",
                "C-E2:\tNeutral;\t()",
                "C-F1:\tAnger; Sadness;\t(irritated)",
                "A-E3:\tval 3; act 2; dom  2;\t()",
                "",
            ]
        evaluation = session / "dialog" / "EmoEvaluation" / f"{scene}.txt"
        evaluation.parent.mkdir(parents=True, exist_ok=True)
        evaluation.write_text("\n".join(lines), encoding="utf-8")
    return folder


def _emodb() -> Iterator[str]:
    """535 files; anger, joy, sadness and neutral by speaker as published, the rest with speaker 03."""
    fixed = {"15": {"W": 13, "F": 6, "T": 4, "N": 11}, "16": {"W": 12, "F": 11, "T": 7, "N": 9}}
    counts = {"W": 127, "F": 71, "T": 62, "N": 79, "L": 81, "E": 46, "A": 69}
    others = ("03", "08", "09", "10", "11", "12", "13", "14")
    for letter, count in counts.items():
        speakers = [speaker for speaker in fixed for _ in range(fixed[speaker].get(letter, 0))]
        speakers += [others[number % len(others)] for number in range(count - len(speakers))]
        for number, speaker in enumerate(speakers):
            yield f"wav/{speaker}{'ab'[number // 26 % 2]}{number // 52:02}{letter}{chr(97 + number % 26)}.wav"


def _shemo() -> Iterator[str]:
    """3,000 files by 31 women and 56 men."""
    for letter, count in {"A": 1059, "F": 38, "H": 201, "N": 1028, "S": 449, "W": 225}.items():
        for number in range(count):
            take, speaker = divmod(number, 87)
            name = f"female/F{speaker + 1:02}" if speaker < 31 else f"male/M{speaker - 30:02}"
            yield f"{name}{letter}{take + 1:02}.wav"


def _ravdess() -> Iterator[str]:
    """The 1,440 files of the speech part: every emotion twice as often as neutral, which has one intensity."""
    for actor, emotion, intensity, sentence, take in product(range(1, 25), range(1, 9), (1, 2), (1, 2), (1, 2)):
        if (emotion, intensity) != (1, 2):
            yield f"Actor_{actor:02}/03-01-{emotion:02}-{intensity:02}-{sentence:02}-{take:02}-{actor:02}.wav"


def _listed(name: str) -> Iterable[str]:
    """The files that the owner publishes one by one."""
    offer = corpora.get(name).offer
    assert isinstance(offer, Listing)
    return offer.files()


def _ekorpus() -> Iterator[str]:
    """1,164 sentences; `published` writes the labels."""
    return (f"{number}.wav" for number in range(101, 101 + 1164))


_PUBLISHED: dict[str, Callable[[], Iterable[str]]] = {
    "emodb": _emodb,
    "urdu": lambda: _listed("urdu"),
    "shemo": _shemo,
    "ravdess": _ravdess,
    "cremad": lambda: _listed("cremad"),
    "ekorpus": _ekorpus,
}


def published(folder: Path, name: str) -> Path:
    """A corpus of as many empty files as were published, named as they are, other emotions included."""
    touch(folder, _PUBLISHED[name]())
    if name == "ekorpus":
        words = [word for word, count in EKORPUS.items() for _ in range(count)]
        for number, word in enumerate(words, start=101):
            (folder / f"{number}.TextGrid").write_text(SHORT_TEXTGRID.format(word), encoding="utf-8")
    return folder


def corpus(name: str = "synthetic", **fields: object) -> Corpus:
    """A corpus without files, for what looks at its description alone."""
    texts = dict.fromkeys(("title", "language", "owner", "url", "terms", "citation", "layout"), name)
    return Corpus(name=name, **{"find": lambda folder: [], **texts, **fields})  # type: ignore[arg-type]


def clips(count: int, *, speakers: int = 4, labels: tuple[str | None, ...] = ("angry", "happy", "sad", "neutral")):
    """Clips whose speaker and label follow their number, every speaker with every label."""
    return [
        Clip(Path(f"u{number:05}.wav"), f"{number // len(labels) % speakers:02}", label, label)
        for number in range(count)
        for label in [labels[number % len(labels)]]
    ]
