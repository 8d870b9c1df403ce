"""RAVDESS, the Ryerson Audio-Visual Database of Emotional Speech and Song: 24 actors, two sentences, English.

Owner: Steven R. Livingstone and Frank A. Russo, Ryerson University. On Zenodo, CC BY-NC-SA 4.0. Published
inventory of the speech part: 1,440 files; 192 of each emotion, 96 neutral.

A name such as `03-01-05-01-02-01-16` has seven numbers: modality, channel (01 speech, 02 song), emotion,
intensity, sentence, repetition, actor; odd actors are men, even ones women. Song is left out.
"""

from nnpm.corpora.named import Named
from nnpm.corpora.offers import Archive

_SPOKEN = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")

CORPUS = Named(
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
    layout="Actor_16/03-01-05-01-02-01-16.wav",
    levels=[r"Actor_\d\d"],
    pattern=r"0[1-3]-(?P<emotion>0[12]-0[1-8])-0[12]-0[12]-0[12]-(?P<speaker>\d\d)",
    # Song counts as one emotion of its own, apart from the spoken emotions that are left out.
    emotions={f"01-0{number}": word for number, word in enumerate(_SPOKEN, 1)}
    | {f"02-0{number}": "song" for number in range(1, 9)},
    women=[f"{actor:02}" for actor in range(2, 25, 2)],
    published={"angry": 192, "happy": 192, "sad": 192, "neutral": 96},
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
