"""AESDD, the Acted Emotional Speech Dynamic Database: Greek actors, five emotions, none of them neutral.

Owner: Multidisciplinary Media and Mediated Communication Research Group (M3C), Aristotle University of Thessaloniki. It
grows; public inventories count 605 files, one of them damaged.

A name such as `anger/a03 (4)` reads: emotion, sentence, speaker in brackets; a letter may follow a second take.
"""

from nnpm.corpora.named import Named

CORPUS = Named(
    name="aesdd",
    title="AESDD",
    language="Greek",
    owner="M3C, Aristotle University of Thessaloniki (Vryzas et al.)",
    url="http://m3c.web.auth.gr/research/aesdd-speech-emotion-recognition/",
    terms="free download; no licence text was found",
    citation=(
        "Vryzas, N., Kotsakis, R., Liatsou, A., Dimoulas, C. A., Kalliris, G.: Speech emotion recognition for "
        "performance interaction. Journal of the Audio Engineering Society 66(6), pp. 457-467 (2018), "
        "doi:10.17743/jaes.2018.0036"
    ),
    layout="anger/a03 (4).wav",
    pattern=r"(?P<emotion>[adfhs])\d\d \(0?(?P<speaker>\d)\)[a-z]?",
    emotions={"a": "anger", "d": "disgust", "f": "fear", "h": "happiness", "s": "sadness"},
    flawed={"s05 (3)": "cannot be decoded as published"},
    published={"angry": 121, "happy": 119, "sad": 123, "neutral": 0},
    natural=False,
    ask="nobody; download it from that page by hand (no checksum is published)",
)
