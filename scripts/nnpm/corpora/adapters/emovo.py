"""EMOVO, an Italian corpus of six actors who say fourteen sentences in seven emotions.

Owner: Fondazione Ugo Bordoni, Rome. Published inventory: 588 files, 84 of each emotion.

A name such as `rab-f1-b2` reads: emotion (Italian initials), actor (f woman, m man), sentence.
"""

from nnpm.corpora.named import Named

CORPUS = Named(
    name="emovo",
    title="EMOVO",
    language="Italian",
    owner="Fondazione Ugo Bordoni (Costantini et al.)",
    url="http://voice.fub.it/activities/corpora/emovo/index.html",
    terms="for research; no licence text was found",
    citation=(
        "Costantini, G., Iaderola, I., Paoloni, A., Todisco, M.: EMOVO corpus: an Italian emotional speech database. "
        "LREC 2014, pp. 3501-3504"
    ),
    layout="f1/rab-f1-b2.wav",
    pattern=r"(?P<emotion>dis|gio|neu|pau|rab|sor|tri)-(?P<speaker>(?P<gender>[fm])[123])-[a-z]+\d*",
    emotions={
        "dis": "disgust",
        "gio": "joy",
        "neu": "neutral",
        "pau": "fear",
        "rab": "anger",
        "sor": "surprise",
        "tri": "sadness",
    },
    published={"angry": 84, "happy": 84, "sad": 84, "neutral": 84},
    natural=False,
    ask="nobody; download it from that page by hand (no checksum is published)",
)
