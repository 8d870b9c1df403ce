"""BanglaSER: 17 men and 17 women, three sentences in five emotions, Bangla, by smartphone and laptop.

Owner: Rakesh Kumar Das and colleagues, Stamford University and United International University, Dhaka. At Mendeley, CC
BY 4.0. Published inventory: 1,467 files; 306 of each emotion, 243 neutral.

A name such as `03-01-02-01-02-03-17` has seven numbers, as in RAVDESS: modality, channel, emotion, intensity, sentence,
repetition, speaker; odd speakers are men, even ones women.
"""

from nnpm.corpora.named import Named

CORPUS = Named(
    name="banglaser",
    title="BanglaSER",
    language="Bangla",
    owner="Rakesh Kumar Das et al., Stamford University Bangladesh and United International University",
    url="https://data.mendeley.com/datasets/t9h6p943xy/5",
    terms="CC BY 4.0",
    citation=(
        "Das, R. K., Islam, N., Ahmed, M. R., Islam, S., Shatabda, S., Islam, A. K. M. M.: BanglaSER: a speech emotion "
        "recognition dataset for the Bangla language. Data in Brief 42, 108091 (2022), doi:10.1016/j.dib.2022.108091"
    ),
    layout="Actor_17/03-01-02-01-02-03-17.wav",
    pattern=r"\d\d-\d\d-(?P<emotion>0[1-5])-0[12]-0[1-3]-0[1-3]-(?P<speaker>\d\d)",
    emotions={"01": "happy", "02": "sad", "03": "angry", "04": "surprise", "05": "neutral"},
    women=[f"{speaker:02}" for speaker in range(2, 35, 2)],
    published={"angry": 306, "happy": 306, "sad": 306, "neutral": 243},
    natural=False,
    ask="nobody; download it from that page by hand",
)
