"""JL-Corpus: two men and two women from New Zealand, five primary and five secondary emotions, English.

Owner: Jesin James, Li Tian and Catherine Watson, University of Auckland. Published inventory: 2,400 files, 240 of each
emotion. Excited speech is an emotion of its own and left out.

A name such as `female1_angry_10a_1` reads: speaker, emotion, sentence, take.
"""

from nnpm.corpora.named import Named

CORPUS = Named(
    name="jlcorpus",
    title="JL-Corpus",
    language="English",
    owner="Jesin James, Li Tian, Catherine Watson, University of Auckland",
    url="https://www.kaggle.com/datasets/tli725/jl-corpus",
    terms="CC0 1.0 (public domain)",
    citation=(
        "James, J., Tian, L., Watson, C. I.: An open source emotional speech corpus for human robot interaction "
        "applications. Interspeech 2018, pp. 2768-2772, doi:10.21437/Interspeech.2018-1349"
    ),
    layout="female1_angry_10a_1.wav",
    pattern=(
        r"(?P<speaker>(?P<gender>female|male)[12])_(?P<emotion>angry|anxious|apologetic|assertive|concerned|"
        r"encouraging|excited|happy|neutral|sad)_\d+[ab]?_[12]"
    ),
    published={"angry": 240, "happy": 240, "sad": 240, "neutral": 240},
    natural=False,
    ask="nobody; download it from that page by hand",
)
