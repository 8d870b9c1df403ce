"""Oreau, French emotional speech by 32 speakers, seven emotions.

Owner: Leila Kerkeni, Catherine Cleder, Youssef Serrestou and Kosai Raoof, Le Mans. On Zenodo, CC BY 4.0. Public
inventories of its second edition count 434 files; 67 anger, 62 joy, 55 sadness, 70 neutral.

A name such as `f/sessj/10a02Ja` reads: gender, session, then speaker 10, sentence, emotion (French initial), version.
"""

from nnpm.corpora.named import Named

CORPUS = Named(
    name="oreau",
    title="Oréau",
    language="French",
    owner="Leila Kerkeni, Catherine Cleder, Youssef Serrestou, Kosai Raoof, Le Mans Universite",
    url="https://zenodo.org/records/4405783",
    terms="CC BY 4.0",
    citation=(
        "Kerkeni, L., Cleder, C., Serrestou, Y., Raoof, K.: French emotional speech database - Oréau. Zenodo (2020), "
        "doi:10.5281/zenodo.4405783"
    ),
    layout="f/sessj/10a02Ja.wav",
    pattern=r"(?:(?P<gender>[fm])/sess\w/)?(?P<speaker>\d\d)[a-z]\d\d(?P<emotion>[CDJNPST])[a-z]",
    emotions={
        "C": "anger",
        "D": "disgust",
        "J": "joy",
        "N": "neutral",
        "P": "fear",
        "S": "surprise",
        "T": "sadness",
    },
    published={"angry": 67, "happy": 62, "sad": 55, "neutral": 70},
    natural=False,
    ask="nobody; download it from that page by hand",
)
