"""CaFE, Canadian French Emotional speech: six men and six women, six sentences.

Owner: Philippe Gournay, Olivier Lahaie and Roch Lefebvre, Universite de Sherbrooke. On Zenodo, CC BY-NC-SA 4.0.
Published inventory: 936 files; 144 of each emotion, 72 neutral. The record holds the same recordings at 48 and at
192 kHz: unpack one of them.

A name such as `01-C-1-3` reads: actor (odd are men), emotion (French initial), intensity, sentence.
"""

from nnpm.corpora.named import Named

CORPUS = Named(
    name="cafe",
    title="CaFE",
    language="French",
    owner="Philippe Gournay, Olivier Lahaie, Roch Lefebvre, Universite de Sherbrooke",
    url="https://zenodo.org/records/1478765 (CaFE_48k.zip)",
    terms="CC BY-NC-SA 4.0",
    citation=(
        "Gournay, P., Lahaie, O., Lefebvre, R.: A Canadian French emotional speech dataset. ACM Multimedia Systems "
        "Conference (MMSys) 2018, pp. 399-402, doi:10.1145/3204949.3208121"
    ),
    layout="Colère/Faible/01-C-1-3.wav",
    pattern=r"(?P<speaker>\d\d)-(?P<emotion>[CDJNPST])-[12]-[1-6]",
    emotions={
        "C": "anger",
        "D": "disgust",
        "J": "happiness",
        "N": "neutral",
        "P": "fear",
        "S": "surprise",
        "T": "sadness",
    },
    women=[f"{actor:02}" for actor in range(2, 13, 2)],
    published={"angry": 144, "happy": 144, "sad": 144, "neutral": 72},
    natural=False,
    ask="nobody; download CaFE_48k.zip from that page by hand",
)
