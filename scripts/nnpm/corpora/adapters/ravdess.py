"""RAVDESS, the Ryerson Audio-Visual Database of Emotional Speech and Song: 24 actors, two sentences, English.

Owner: Steven R. Livingstone and Frank A. Russo, Ryerson University. On Zenodo, CC BY-NC-SA 4.0. Published
inventory of the speech part: 1,440 files; 192 of each emotion, 96 neutral.

A name such as `03-01-05-01-02-01-16` has seven numbers: modality, channel (01 speech, 02 song), emotion,
intensity, sentence, repetition, actor; odd actors are men, even ones women. Song is left out.
"""

import re
from pathlib import Path

from nnpm.corpora.base import Clip, Corpus, audio_files, match_name
from nnpm.corpora.offers import Archive

_EXAMPLE = "Actor_16/03-01-05-01-02-01-16.wav"
_NAME = re.compile(r"0[1-3]-(0[12])-(0[1-8])-0[12]-0[12]-0[12]-(\d\d)")
_EMOTIONS = {
    "01": "neutral",
    "02": "calm",
    "03": "happy",
    "04": "sad",
    "05": "angry",
    "06": "fearful",
    "07": "disgust",
    "08": "surprised",
}
_LABELS = ("angry", "happy", "sad", "neutral")


def _find(folder: Path) -> list[Clip]:
    clips = []
    for path in audio_files(folder, ["Actor_[0-9][0-9]"], _EXAMPLE):
        channel, code, actor = match_name(_NAME, path, "RAVDESS", _EXAMPLE).groups()
        # Song counts as one emotion of its own, apart from the spoken emotions that are left out.
        emotion = _EMOTIONS[code] if channel == "01" else "song"
        gender = "m" if int(actor) % 2 else "f"
        clips.append(Clip(path, actor, emotion, emotion if emotion in _LABELS else None, gender))
    return clips


CORPUS = Corpus(
    name="ravdess",
    title="RAVDESS",
    language="English",
    owner="Steven R. Livingstone and Frank A. Russo, Ryerson University",
    url="https://zenodo.org/records/1188976 (Audio_Speech_Actors_01-24.zip)",
    terms="CC BY-NC-SA 4.0",
    citation=(
        "Livingstone, S. R., Russo, F. A.: The Ryerson Audio-Visual Database of Emotional Speech and Song "
        "(RAVDESS). PLoS ONE 13(5), e0196391 (2018), doi:10.1371/journal.pone.0196391"
    ),
    layout=_EXAMPLE,
    published={"angry": 192, "happy": 192, "sad": 192, "neutral": 96},
    find=_find,
    source_test_speakers=("21", "22", "23", "24"),
    source_validation_speakers=("19", "20"),
    natural=False,
    # Size and MD5 are Zenodo's for record 1188976, quoted alike by many independent public projects that checked the
    # file against it. The second address is the same record in Zenodo's interface for programs.
    offer=(
        Archive(
            (
                "https://zenodo.org/records/1188976/files/Audio_Speech_Actors_01-24.zip",
                "https://zenodo.org/api/records/1188976/files/Audio_Speech_Actors_01-24.zip/content",
            ),
            "md5:bc696df654c87fed845eb13823edef8a",
            208_468_073,
        ),
    ),
)
