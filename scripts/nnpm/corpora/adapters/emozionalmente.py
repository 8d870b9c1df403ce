"""Emozionalmente: 431 amateur actors recorded themselves at home, eighteen sentences, seven emotions, Italian.

Owner: Fabio Catania, Jordan W. Wilke and Franca Garzotto, Politecnico di Milano. On Zenodo. Published inventory: 6,902
files, 986 of each emotion.

Names are numbers; `samples.csv` in the archive gives the emotion and the actor of each file.
"""

from nnpm.corpora.named import Labels, Named

CORPUS = Named(
    name="emozionalmente",
    title="Emozionalmente",
    language="Italian",
    owner="Fabio Catania, Jordan W. Wilke, Franca Garzotto, Politecnico di Milano",
    url="https://zenodo.org/records/6569824",
    terms="CC BY 4.0",
    citation=(
        "Catania, F., Wilke, J. W., Garzotto, F.: Emozionalmente: a crowdsourced corpus of simulated emotional speech "
        "in Italian. IEEE Transactions on Audio, Speech and Language Processing 33, pp. 1142-1155 (2025), "
        "doi:10.1109/TASLPRO.2025.3540662"
    ),
    layout="audio/1613655062436.wav with samples.csv",
    pattern=r"(?P<key>\d+)",
    labels=Labels({"samples.csv": "{file_name}"}, emotion="emotion_expressed", speaker="actor"),
    classes={"anger": "angry", "joy": "happy", "sadness": "sad", "neutrality": "neutral"},
    published={"angry": 986, "happy": 986, "sad": 986, "neutral": 986},
    natural=False,
    ask="nobody; download emozionalmente.zip from that page by hand",
)
