"""A small valid corpus for each adapter, to be spoilt: eight tones, two of each class and speaker."""

from pathlib import Path

import numpy as np
import soundfile

LETTERS = {"angry": "A", "happy": "H", "neutral": "N", "sad": "S"}
TEXT_GRID = (
    'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n1\n<exists>\n1\n'
    '"IntervalTier"\n"emotion"\n0\n1\n1\n0\n1\n"{}"\n'
)
MANIFEST = "path,label,speaker\n" + "".join(
    f"{label} {speaker}.wav,{label},{speaker}\n" for speaker in (1, 2) for label in LETTERS
)
EVALUATION = "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n" + "".join(
    f"[{turn}.2 - {turn}.8]\tSes01F_impro01_{'FM'[turn % 2]}{turn:03}\t{code}\t[2.5, 2.5, 2.5]\nC-E2:\tNeutral;\t()\n\n"
    for turn, code in enumerate(["ang", "hap", "neu", "sad"] * 2)
)

NAMES = {
    "emodb": [f"wav/{speaker}a0{take}{letter}a.wav" for speaker, take in (("15", 1), ("03", 2)) for letter in "WFTN"],
    "urdu": [
        f"{label.title()}/SM{speaker}_F{speaker}_{letter}00{speaker}.wav"
        for speaker in (1, 2)
        for label, letter in LETTERS.items()
    ],
    "shemo": [f"{folder}/{folder[0].upper()}01{letter}01.wav" for folder in ("female", "male") for letter in "AHNS"],
    "ravdess": [f"Actor_0{actor}/03-01-0{code}-01-01-01-0{actor}.wav" for actor in (1, 2) for code in (1, 3, 4, 5)],
    "cremad": [
        f"AudioWAV/{actor}_DFA_{code}_XX.wav" for actor in (1001, 1002) for code in ("ANG", "HAP", "NEU", "SAD")
    ],
    "ekorpus": [f"{number}.wav" for number in range(101, 109)],
    "iemocap": [
        f"Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_{'FM'[turn % 2]}{turn:03}.wav" for turn in range(8)
    ],
    "own": [f"{label} {speaker}.wav" for speaker in (1, 2) for label in LETTERS],
}
#: Where a fault of one file is put.
ONE = {name: files[1] for name, files in NAMES.items()}


def tone(path: Path, number: int = 0, seconds: float = 0.1, rate: int = 16000) -> None:
    """A sound unlike that of any other number."""
    wave = 0.5 * np.sin(2 * np.pi * (200 + 10 * number) * np.arange(round(seconds * rate)) / rate)
    soundfile.write(path, wave, rate)


def lay_out(folder: Path) -> None:
    """Write `folder/{corpus}` for every adapter, and `folder/own/mine.csv`."""
    for corpus, names in NAMES.items():
        for number, name in enumerate(names):
            path = folder / corpus / name
            path.parent.mkdir(parents=True, exist_ok=True)
            tone(path, number)
    # EMO-DB's validation speaker, who must be there.
    tone(folder / "emodb" / "wav" / "16a01La.wav")
    (folder / "emodb" / "wav" / "15a01Na.wav").rename(folder / "emodb" / "wav" / "16a01Na.wav")
    for number, word in enumerate(["anger", "joy", "neutral", "sadness"] * 2):
        (folder / "ekorpus" / f"{101 + number}.TextGrid").write_text(TEXT_GRID.format(word), encoding="utf-8")
    evaluation = folder / "iemocap" / "Session1" / "dialog" / "EmoEvaluation" / "Ses01F_impro01.txt"
    evaluation.parent.mkdir(parents=True)
    evaluation.write_text(EVALUATION, encoding="utf-8")
    (folder / "own" / "mine.csv").write_text(MANIFEST, encoding="utf-8")
