"""The English half of ESD, the Emotional Speech Database: ten speakers, 350 sentences in five emotions.

Owner: Kun Zhou, Berrak Sisman, Rui Liu and Haizhou Li, NUS and SUTD, Singapore. Published inventory of this half:
17,500 files, 3,500 of each emotion; speakers 0011 to 0020. The other half, in Mandarin, is `esd_mandarin`: both
folders may be links to the whole database, whose other half is then left out.

A name such as `0011/Angry/0011_000351` reads: speaker, emotion, speaker and number; some copies have folders `train`,
`evaluation` and `test` below the emotion.
"""

from nnpm.corpora.named import Named

ENGLISH, MANDARIN = r"00(?:1[1-9]|20)", r"00(?:0[1-9]|10)"  # their speakers


def half(speakers: str, others: str) -> str:
    """The pattern of one half; files of the `others` have no emotion."""
    emotions, parts = "(?i:angry|happy|neutral|sad|surprise)", "(?:(?:train|evaluation|test)/)?"
    mine = rf"(?P<speaker>{speakers})/(?P<emotion>{emotions})/{parts}(?P=speaker)_\d{{6}}"
    return rf"{mine}|{others}/[A-Za-z]+/{parts}{others}_\d{{6}}"


CORPUS = Named(
    name="esd_english",
    title="ESD (English)",
    language="English",
    owner="Kun Zhou et al., National University of Singapore and SUTD",
    url="https://hltsingapore.github.io/ESD/",
    terms="for research, with a licence form",
    citation=(
        "Zhou, K., Sisman, B., Liu, R., Li, H.: Emotional voice conversion: Theory, databases and ESD. Speech "
        "Communication 137, pp. 1-18 (2022), doi:10.1016/j.specom.2021.11.006"
    ),
    layout="0011/Angry/0011_000351.wav",
    pattern=half(ENGLISH, MANDARIN),
    otherwise="the other language",
    published={"angry": 3500, "happy": 3500, "sad": 3500, "neutral": 3500},
    natural=False,
    ask="the owners, by the licence form on that page",
)
