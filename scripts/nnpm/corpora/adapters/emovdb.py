"""EmoV-DB, the Emotional Voices Database: two women and two men read sentences in five styles, English.

Owner: Numediart, University of Mons, and Northeastern University. Public inventories of the sorted version count 6,887
files; 1,267 anger, 1,566 neutral. The styles amused, disgusted and sleepy are none of the four classes.

A name such as `jenie_Angry/anger_1-28_0003` reads: speaker and style, style, range and number of the sentence.
"""

from nnpm.corpora.named import Named

CORPUS = Named(
    name="emovdb",
    title="EmoV-DB",
    language="English",
    owner="Numediart, University of Mons, and Northeastern University (Adigwe et al.)",
    url="https://github.com/numediart/EmoV-DB, and https://www.openslr.org/115",
    terms="the licence of the repository (LICENSE.md)",
    citation=(
        "Adigwe, A., Tits, N., El Haddad, K., Ostadabbas, S., Dutoit, T.: The emotional voices database: towards "
        "controlling the emotion dimension in voice generation systems. arXiv:1806.09514 (2018)"
    ),
    layout="jenie_Angry/anger_1-28_0003.wav",
    pattern=(
        r"(?P<utterance>(?P<speaker>bea|jenie|josh|sam)[_/]\w+/"
        r"(?P<emotion>(?i:amused|anger|disgust|neutral|sleepiness))_\d+[-_]\d+_\d+)"
    ),
    women=["bea", "jenie"],
    published={"angry": 1267, "happy": 0, "sad": 0, "neutral": 1566},
    natural=False,
    ask="nobody; download its archives from OpenSLR by hand",
)
