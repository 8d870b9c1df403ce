"""ShEMO, the Sharif Emotional Speech Database: semi-natural Persian speech from radio plays, 87 speakers.

Owner: Omid Mohamad Nezami, Paria Jamshid Lou and Mansoureh Karami. Free of charge for academic purposes, on
GitHub as `female.zip` and `male.zip`. Published inventory: 3,000 files; 1,059 anger, 201 happiness, 449
sadness, 1,028 neutral, 225 surprise, 38 fear. The owners' "semi-natural" counts as acted: the emotions come out of a
play, but actors show them.

A name such as `F01A02` reads: gender F, speaker 01, emotion letter A, second file. A speaker's name is letter
and number, as both genders count from 01.
"""

import re
from pathlib import Path

from nnpm.corpora.base import Clip, Corpus, audio_files, match_name
from nnpm.errors import InputError

_EXAMPLE = "female/F01A01.wav"
_NAME = re.compile(r"([FM])(\d+)([AFHNSW])\d+")
_EMOTIONS = {"A": "anger", "F": "fear", "H": "happiness", "N": "neutral", "S": "sadness", "W": "surprise"}
_LABELS = {"anger": "angry", "happiness": "happy", "sadness": "sad", "neutral": "neutral"}
_FOLDERS = {"F": "female", "M": "male"}


def _find(folder: Path) -> list[Clip]:
    clips = []
    for path in audio_files(folder, ["*male"], _EXAMPLE):
        gender, number, letter = match_name(_NAME, path, "ShEMO", _EXAMPLE).groups()
        if path.parent.name != _FOLDERS[gender]:
            raise InputError(f"{path}: a name in {gender} belongs into the folder {_FOLDERS[gender]}; move it")
        emotion = _EMOTIONS[letter]
        clips.append(Clip(path, gender + number, emotion, _LABELS.get(emotion), gender.lower()))
    return clips


CORPUS = Corpus(
    name="shemo",
    title="ShEMO",
    language="Persian",
    owner="Omid Mohamad Nezami, Paria Jamshid Lou, Mansoureh Karami",
    url="https://github.com/mansourehk/ShEMO",
    terms="free of charge for academic purposes",
    citation=(
        "Mohamad Nezami, O., Jamshid Lou, P., Karami, M.: ShEMO: a large-scale validated database for "
        "Persian speech emotion detection. Language Resources and Evaluation 53, pp. 1-16 (2019), "
        "doi:10.1007/s10579-018-9427-x"
    ),
    layout=_EXAMPLE,
    published={"angry": 1059, "happy": 201, "sad": 449, "neutral": 1028},
    find=_find,
    natural=False,
)
