"""CREMA-D, the Crowd-sourced Emotional Multimodal Actors Dataset: 91 actors, twelve sentences, English.

Owner: Houwei Cao and colleagues, on GitHub under the Open Database License. Published inventory: 7,442 files;
1,271 each of anger, disgust, fear, happiness and sadness, 1,087 neutral. The label is the emotion that was
acted, not the one that raters heard.

A name such as `1001_DFA_ANG_XX` reads: actor, sentence, emotion, intensity (LO, MD, HI, XX for unspecified).
The last 18 actors are the test set of a source, the ten before them its validation set.
"""

from pathlib import Path

from nnpm.corpora.named import Named
from nnpm.corpora.offers import Listing

#: One letter per actor, 1001 to 1091, from the column "Sex" of the owners' VideoDemographics.csv.
_GENDERS = "mfffmfffffmffmmmmfmffmmffmmfffmmmmmmfmmmmmfmmffmfmmfffffmfmffmfmmmmmmmmfffffmffmmfmfmmmmfmf"


CORPUS = Named(
    name="cremad",
    title="CREMA-D",
    language="English",
    owner="Houwei Cao, David G. Cooper et al.",
    url="https://github.com/CheyneyComputerScience/CREMA-D",
    terms="Open Database License (ODbL) 1.0; the owners ask users to fill in the form linked on their page",
    citation=(
        "Cao, H., Cooper, D. G., Keutmann, M. K., Gur, R. C., Nenkova, A., Verma, R.: CREMA-D: Crowd-sourced "
        "emotional multimodal actors dataset. IEEE Transactions on Affective Computing 5(4), pp. 377-390 "
        "(2014), doi:10.1109/TAFFC.2014.2336244"
    ),
    layout="AudioWAV/1001_DFA_ANG_XX.wav",
    levels=["AudioWAV"],
    # One published file ends in a single X.
    pattern=r"(?P<speaker>10(?:0[1-9]|[1-8]\d|9[01]))_[A-Z]{3}_(?P<emotion>ANG|DIS|FEA|HAP|NEU|SAD)_(?:LO|MD|HI|XX?)",
    emotions={
        "ANG": "anger",
        "DIS": "disgust",
        "FEA": "fear",
        "HAP": "happy",
        "NEU": "neutral",
        "SAD": "sad",
    },
    women=[str(actor) for actor, letter in enumerate(_GENDERS, 1001) if letter == "f"],
    flawed={"1076_MTI_SAD_XX": "digital silence: every sample is 0"},
    published={"angry": 1271, "happy": 1271, "sad": 1271, "neutral": 1087},
    source_test_speakers=tuple(str(actor) for actor in range(1074, 1092)),
    source_validation_speakers=tuple(str(actor) for actor in range(1064, 1074)),
    natural=False,
    # File by file at commit 1658cd3 (2025): the repository keeps its audio in Git LFS, whose pointers pin SHA-256 and
    # size of each file. The owners ask to try their mirror first, as GitHub limits the traffic of their account.
    offer=Listing(
        (
            "https://gitlab.com/cs-cooper-lab/crema-d-mirror/-/raw/HEAD/",
            "https://media.githubusercontent.com/media/CheyneyComputerScience/CREMA-D/"
            "1658cd342dff90010aa843eaeebd53610a08b1dc/",
        ),
        Path(__file__).with_suffix(".csv"),
        605_899_936,
    ),
)
