"""IEMOCAP, the Interactive Emotional Dyadic Motion Capture database: five sessions of two actors, English.

Owner: Signal Analysis and Interpretation Laboratory (SAIL), University of Southern California. Given out on a
signed licence form, never downloaded by this workflow. Published inventory: 10,039 turns; in the usual four
classes 5,531: angry 1,103, happy 1,636 (595 happiness and 1,041 excitement), sad 1,084, neutral 1,708.

A name such as `Ses01F_impro01_M003` reads: session 1 (F wears the markers), scene, turn 3 of the man: speaker
Ses01M. Labels are in `Session1/dialog/EmoEvaluation/Ses01F_impro01.txt`, one file per scene, in lines of interval,
turn, three-letter code and ratings. A labelled turn without audio is skipped, so part of the corpus is enough. Both
scripted and improvised scenes count as acted.
"""

import re
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from nnpm.corpora.base import Clip, Corpus, check_unique, match_name, read_text
from nnpm.corpora.folders import audio_files
from nnpm.errors import InputError

_EXAMPLE = "Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav"
_NAME = re.compile(r"(Ses0[1-5])[FM]_\w+_([FM])(?:XX)?\d+")
_LINE = re.compile(r"\[[\d.]+ - [\d.]+\]\s+(\S+)\s+([a-z]{3})\s+\[")
_EMOTIONS = {
    "ang": "anger",
    "hap": "happiness",
    "exc": "excitement",
    "sad": "sadness",
    "neu": "neutral",
    "fru": "frustration",
    "fea": "fear",
    "sur": "surprise",
    "dis": "disgust",
    "oth": "other",
    "xxx": "no agreement",
}
_LABELS = {
    "anger": "angry",
    "happiness": "happy",
    "excitement": "happy",
    "sadness": "sad",
    "neutral": "neutral",
}


def _find(folder: Path) -> list[Clip]:
    clips = []
    files = audio_files(folder, ["Session[1-5]", "sentences", "wav", ".*"], _EXAMPLE)
    for scene, paths in groupby(files, key=attrgetter("parent")):
        # .../SessionN/sentences/wav/{scene}: its labels are in .../SessionN/dialog
        evaluation = scene.parents[2] / "dialog" / "EmoEvaluation" / f"{scene.name}.txt"
        emotions = _read(evaluation)
        for path in paths:
            session, gender = match_name(_NAME, path, "IEMOCAP", _EXAMPLE).groups()
            emotion = emotions.get(path.stem)
            if emotion is None:
                raise InputError(f"{path}: no line for it in {evaluation}; unpack the corpus again")
            label = _LABELS.get(emotion)
            clips.append(Clip(path, session + gender, emotion, label, gender.lower(), annotation=evaluation))
    check_unique((clip.utterance, clip.path) for clip in clips)
    return clips


def _read(evaluation: Path) -> dict[str, str]:
    """Return the emotion of each turn; the header and the single raters' lines (`C-E2:`, `A-F1:`) are skipped."""
    turns = {}
    for line in read_text(evaluation).split("\n"):
        if match := _LINE.match(line):
            turn, code = match.groups()
            if code not in _EMOTIONS:
                raise InputError(f"{evaluation}: unknown emotion code {code!r} for {turn}; unpack the corpus again")
            turns[turn] = _EMOTIONS[code]
    return turns


CORPUS = Corpus(
    name="iemocap",
    title="IEMOCAP",
    language="English",
    owner="SAIL, University of Southern California",
    url="https://sail.usc.edu/iemocap/",
    terms="licence form of the University of Southern California, academic use; ask SAIL for access",
    citation=(
        "Busso, C., Bulut, M., Lee, C.-C., Kazemzadeh, A., Mower, E., Kim, S., Chang, J. N., Lee, S., "
        "Narayanan, S. S.: IEMOCAP: Interactive emotional dyadic motion capture database. Language Resources "
        "and Evaluation 42, pp. 335-359 (2008), doi:10.1007/s10579-008-9076-6"
    ),
    layout=_EXAMPLE,
    published={"angry": 1103, "happy": 1636, "sad": 1084, "neutral": 1708},
    find=_find,
    source_test_speakers=("Ses05F", "Ses05M"),
    source_validation_speakers=("Ses04F", "Ses04M"),
    natural=False,
    ask=(
        "SAIL, by the release form at https://sail.usc.edu/iemocap/iemocap_release.htm; they answer by mail how to "
        "fetch the full release, whose folders Session1 to Session5 are needed here"
    ),
)
