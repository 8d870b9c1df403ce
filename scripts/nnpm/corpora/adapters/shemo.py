"""ShEMO, the Sharif Emotional Speech Database: semi-natural Persian speech from radio plays, 87 speakers.

Owner: Omid Mohamad Nezami, Paria Jamshid Lou and Mansoureh Karami. Free of charge for academic purposes, on
GitHub as `female.zip` and `male.zip`. Published inventory: 3,000 files; 1,059 anger, 201 happiness, 449
sadness, 1,028 neutral, 225 surprise, 38 fear. What the owners call "semi-natural" counts as acted: actors show the
emotions of a play.

A name such as `F01A02` reads: gender F, speaker 01, emotion letter A, second file. A speaker's name is letter and
number, since both genders are numbered from 01.
"""

from nnpm.corpora.named import Named
from nnpm.corpora.offers import Archive

#: The owners' repositories keep both archives in Git LFS, and give Dropbox as another place.
_LFS = (
    "https://media.githubusercontent.com/media/mansourehk/ShEMO/0db1b9343e08794d66ca2f5c3faa9533c923abcd",
    "https://media.githubusercontent.com/media/pariajm/sharif-emotional-speech-dataset/"
    "ed2c666098ac7944dcb893300aaf7ca4f9e532ab",
)


def _archive(folder: str, dropbox: str, sha256: str, size: int) -> Archive:
    urls = [f"{place}/{folder}.zip" for place in _LFS]
    urls.append(f"https://www.dropbox.com/s/{dropbox}/{folder}.zip?dl=1")
    return Archive(tuple(urls), f"sha256:{sha256}", size, folder=folder, around=folder)


CORPUS = Named(
    name="shemo",
    title="ShEMO",
    language="Persian",
    owner="Omid Mohamad Nezami, Paria Jamshid Lou, Mansoureh Karami",
    url="https://github.com/mansourehk/ShEMO",
    terms="free of charge for academic purposes (README of the repository)",
    citation=(
        "Mohamad Nezami, O., Jamshid Lou, P., Karami, M.: ShEMO: a large-scale validated database for "
        "Persian speech emotion detection. Language Resources and Evaluation 53, pp. 1-16 (2019), "
        "doi:10.1007/s10579-018-9427-x"
    ),
    layout="female/F01A01.wav",
    levels=["female|male"],
    pattern=r"(?P<gender_folder>\w+)/(?P<speaker>(?P<gender>[FM])\d+)(?P<emotion>[AFHNSW])\d+",
    emotions={"A": "anger", "F": "fear", "H": "happiness", "N": "neutral", "S": "sadness", "W": "surprise"},
    published={"angry": 1059, "happy": 201, "sad": 449, "neutral": 1028},
    natural=False,
    # SHA-256 and size from Git LFS, equal in the repositories of two of the owners (which share their history).
    offer=(
        _archive(
            "female",
            "42okby6c40w3j2x",
            "663d8d7dceb44adbbf87d84be3a080fb691d169fbd972f6941e6302bc39f71e6",
            374_368_830,
        ),
        _archive(
            "male",
            "5ebs8hq1zm0qkp6",
            "747670d0d918e59d5e5020cf66610242890b093d42968c467c4f02eb5e6a6b1a",
            496_606_401,
        ),
    ),
)
