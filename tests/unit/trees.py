"""Small corpora on disk, laid out and named like the real ones."""

from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path

import numpy as np
import soundfile

from nnpm import corpora
from nnpm.corpora import manifest
from nnpm.corpora.base import Clip, Corpus
from nnpm.corpora.offers import Listing
from nnpm.corpora.own import from_manifest
from nnpm.toy import published as planned
from nnpm.toy.annotations import ANNOTATIONS
from nnpm.toy.voice import Interval, Transcript


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


def _ravdess() -> Iterator[str]:
    """The 1,440 files of the speech part: every emotion twice as often as neutral, which has one intensity."""
    for actor, emotion, intensity, sentence, take in product(range(1, 25), range(1, 9), (1, 2), (1, 2), (1, 2)):
        if (emotion, intensity) != (1, 2):
            yield f"Actor_{actor:02}/03-01-{emotion:02}-{intensity:02}-{sentence:02}-{take:02}-{actor:02}.wav"


def published(folder: Path, name: str) -> Path:
    """A corpus of as many empty files as were published, named as they are, other emotions included."""
    offer = corpora.get(name).offer
    if name == "ravdess":
        return touch(folder, _ravdess())
    if isinstance(offer, Listing):  # the files that the owner publishes one by one
        return touch(folder, offer.files())
    takes, spoken = planned.takes(name), (Interval(0.1, 0.9, "a"),)
    touch(folder, [take.path for take in takes])
    if name in ANNOTATIONS:
        ANNOTATIONS[name](folder, [(take, Transcript(1.0, spoken, spoken)) for take in takes])
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


def own(folder: Path, text: str) -> Corpus:
    """A corpus of a user's own manifest, beside its files."""
    (folder / "mine.csv").write_text(text, encoding="utf-8")
    return from_manifest("mine", folder / "mine.csv")


def check(corpus: Corpus, folder: Path, role: str = "target", **settings: object) -> manifest.Check:
    """What the rule check does, with the paper's settings unless others are given."""
    usual = {"duration": 7.5, "test_size": 0.33, "split_seed": 0, "skip_unreadable": False}
    return manifest.build(corpus, folder, [role], **usual | settings)  # type: ignore[arg-type]
