"""SUBESCO, the SUST Bangla Emotional Speech Corpus: ten men and ten women, ten sentences, seven emotions.

Owner: Sadia Sultana and colleagues, Shahjalal University of Science and Technology, Sylhet. On Zenodo, CC BY 4.0.
Published inventory: 7,000 files, 1,000 of each emotion.

A name such as `F_02_MONIKA_S_1_NEUTRAL_5` reads: gender, speaker's number and name, sentence, emotion, take.
"""

from nnpm.corpora.named import Named

CORPUS = Named(
    name="subesco",
    title="SUBESCO",
    language="Bangla",
    owner="Sadia Sultana et al., Shahjalal University of Science and Technology",
    url="https://zenodo.org/records/4526477",
    terms="CC BY 4.0",
    citation=(
        "Sultana, S., Rahman, M. S., Selim, M. R., Iqbal, M. Z.: SUST Bangla Emotional Speech Corpus (SUBESCO): an "
        "audio-only emotional speech corpus for Bangla. PLoS ONE 16(4), e0250173 (2021), "
        "doi:10.1371/journal.pone.0250173"
    ),
    layout="F_02_MONIKA_S_1_NEUTRAL_5.wav",
    # One published name ends in a bracket.
    pattern=(
        r"(?P<speaker>(?P<gender>[FM])_\d\d)_[A-Z]+_S_\d+_"
        r"(?P<emotion>ANGRY|DISGUST|FEAR|HAPPY|NEUTRAL|SAD|SURPRISE)_\d\]?"
    ),
    published={"angry": 1000, "happy": 1000, "sad": 1000, "neutral": 1000},
    natural=False,
    ask="nobody; download it from that page by hand",
)
