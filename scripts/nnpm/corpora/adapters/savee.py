"""SAVEE, Surrey Audio-Visual Expressed Emotion: four men, British English.

Owner: Philip Jackson and Sanaul Haq, University of Surrey; users register. Published inventory: 480 files; 60 of each
emotion, 120 neutral.

A name such as `DC/sa05`, or `DC_sa05` in some copies, reads: speaker, emotion, sentence.
"""

from nnpm.corpora.named import Named

CORPUS = Named(
    name="savee",
    title="SAVEE",
    language="English",
    owner="Philip Jackson and Sanaul Haq, University of Surrey",
    url="http://kahlan.eps.surrey.ac.uk/savee/Database.html",
    terms="free of charge for research; users register with the owners",
    citation=(
        "Haq, S., Jackson, P. J. B.: Speaker-dependent audio-visual emotion recognition. International Conference on "
        "Auditory-Visual Speech Processing (AVSP) 2009, pp. 53-58"
    ),
    layout="AudioData/DC/sa05.wav",
    pattern=r"(?P<utterance>(?P<speaker>DC|JE|JK|KL)[/_](?P<emotion>a|d|f|h|n|sa|su)\d\d)",
    emotions={
        "a": "anger",
        "d": "disgust",
        "f": "fear",
        "h": "happiness",
        "n": "neutral",
        "sa": "sadness",
        "su": "surprise",
    },
    women=[],
    published={"angry": 60, "happy": 60, "sad": 60, "neutral": 120},
    natural=False,
    ask="the owners, by the registration on that page",
)
