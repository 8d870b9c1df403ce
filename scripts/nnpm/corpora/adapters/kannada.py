"""The Kannada emotional speech dataset on Zenodo: thirteen speakers, six sentences, six emotions.

Owner: the authors of the record on Zenodo, CC BY 4.0. Public inventories count 468 files, 78 of each emotion.

A name such as `01-04-02` reads: speaker, emotion, sentence.
"""

from nnpm.corpora.named import Named

CORPUS = Named(
    name="kannada",
    title="Kannada Emotional Speech",
    language="Kannada",
    owner="the authors of record 6345107 on Zenodo",
    url="https://zenodo.org/records/6345107",
    terms="CC BY 4.0",
    citation="Kannada emotional speech dataset. Zenodo (2022), doi:10.5281/zenodo.6345107",
    layout="01-04-02.wav",
    pattern=r"(?P<speaker>\d{1,2})-0?(?P<emotion>[1-6])-\d{1,2}",
    emotions={"1": "anger", "2": "sadness", "3": "surprise", "4": "happiness", "5": "fear", "6": "neutral"},
    published={"angry": 78, "happy": 78, "sad": 78, "neutral": 78},
    natural=False,
    ask="nobody; download it from that page by hand",
)
