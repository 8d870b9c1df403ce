"""Small corpora on disk, laid out and named like the real ones."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import soundfile

from nnpm.corpora.base import Clip, Corpus


def tone(path: Path, *, seconds: float = 0.05, rate: int = 16000, channels: int = 1, pitch: float = 220.0) -> Path:
    """A sine at half of full scale in every channel."""
    wave = 0.5 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * rate)) / rate)
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.repeat(wave[:, None], channels, axis=1), rate)
    return path


def tones(folder: Path, names: Iterable[str]) -> Path:
    """One tone a name, no two alike."""
    for number, name in enumerate(names):
        tone(folder / name, pitch=200.0 + number)
    return folder


def touch(folder: Path, names: Iterable[str]) -> Path:
    """Empty files, for what reads names alone."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
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


def corpus(name: str = "synthetic", **fields: object) -> Corpus:
    """A corpus without files, for what looks at its description alone."""
    texts = dict.fromkeys(("title", "language", "owner", "url", "terms", "citation", "layout"), name)
    return Corpus(name=name, find=lambda folder: [], **{**texts, **fields})  # type: ignore[arg-type]


def clips(count: int, *, speakers: int = 4, labels: tuple[str | None, ...] = ("angry", "happy", "sad", "neutral")):
    """Clips whose speaker and label follow their number, every speaker with every label."""
    return [
        Clip(Path(f"u{number:05}.wav"), f"{number // len(labels) % speakers:02}", label, label)
        for number in range(count)
        for label in [labels[number % len(labels)]]
    ]
