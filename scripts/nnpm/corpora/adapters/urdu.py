"""URDU: 400 spontaneous utterances from Urdu television talk shows, four emotions.

Owner: Siddique Latif and colleagues, Information Technology University, Lahore. On GitHub, for research only.
Published inventory: 100 files of each emotion. The owners count 38 speakers; the file names distinguish fewer.

The folder is the emotion. A name such as `SM1_F10_A010` reads: S, gender M, speaker 1, tenth file of that
speaker, emotion letter and running number.
"""

from pathlib import Path

from nnpm.corpora.named import Named
from nnpm.corpora.offers import Listing

CORPUS = Named(
    name="urdu",
    title="URDU",
    language="Urdu",
    owner="Siddique Latif et al., Information Technology University, Lahore",
    url="https://github.com/siddiquelatif/URDU-Dataset",
    terms="research use only (README of the repository)",
    citation=(
        "Latif, S., Qayyum, A., Usman, M., Qadir, J.: Cross lingual speech emotion recognition: Urdu vs. Western "
        "languages. International Conference on Frontiers of Information Technology (FIT) 2018, pp. 88-93, "
        "doi:10.1109/FIT.2018.00023"
    ),
    layout="Angry/SM1_F10_A010.wav",
    levels=["angry|happy|neutral|sad"],
    pattern=r"(?P<emotion_folder>\w+)/(?P<speaker>S(?P<gender>[MF])\d+)_F\d+_(?P<emotion>[AHNS])\d+",
    emotions={"A": "angry", "H": "happy", "N": "neutral", "S": "sad"},
    published={"angry": 100, "happy": 100, "sad": 100, "neutral": 100},
    natural=True,
    # File by file at the repository's last commit (2019), as GitHub may change the bytes of a commit's archive. Git
    # pins each file by a SHA-1; the SHA-256 in the table were computed from contents that have that SHA-1.
    offer=Listing(
        (
            "https://raw.githubusercontent.com/siddiquelatif/URDU-Dataset/4b546d4e0fa36d1c86c53a281631b2ab7ce2fdec/",
            "https://github.com/siddiquelatif/URDU-Dataset/raw/4b546d4e0fa36d1c86c53a281631b2ab7ce2fdec/",
        ),
        Path(__file__).with_suffix(".csv"),
        88_102_592,
    ),
)
