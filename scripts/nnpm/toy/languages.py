"""The made-up language of each toy corpus, named after the real corpus but not similar to its language.

The `cues` make transfer hard: a language may express an emotion by pitch where another does it by tempo.
"""

from collections.abc import Mapping

from nnpm.toy.voice import Language

LANGUAGES: Mapping[str, Language] = {
    "iemocap": Language(
        vowels={"i": (290, 2250, 2900), "e": (530, 1850, 2500), "a": (730, 1150, 2450), "u": (310, 900, 2250)},
        pitch=115,
        rate=4.5,
        cues=(1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
        band=(80, 7000),
        colour=0,
        noise=-66,
    ),
    "ravdess": Language(
        vowels={"i": (300, 2200, 2900), "o": (520, 950, 2400), "a": (750, 1250, 2500), "u": (330, 950, 2250)},
        pitch=120,
        rate=4.0,
        cues=(1.2, 1.2, 0.6, 1.2, 0.8, 0.9),
        band=(50, 12000),
        colour=1,
        noise=-76,
    ),
    "cremad": Language(
        vowels={"i": (310, 2200, 2850), "e": (560, 1750, 2500), "a": (710, 1200, 2450), "o": (500, 900, 2400)},
        pitch=118,
        rate=4.6,
        cues=(0.8, 0.9, -0.4, 0.9, 0.6, 0.9),
        band=(100, 6500),
        colour=-1,
        noise=-64,
    ),
    "emodb": Language(
        vowels={"i": (270, 2100, 2950), "ü": (300, 1600, 2150), "a": (760, 1350, 2550), "o": (400, 750, 2400)},
        pitch=125,
        rate=5.2,
        cues=(1.1, 0.8, 0.6, 1.1, 1.2, 0.7),
        band=(60, 7800),
        colour=2,
        noise=-74,
    ),
    "urdu": Language(
        vowels={"i": (340, 2350, 3000), "a": (650, 1450, 2650), "u": (370, 1050, 2500)},
        pitch=145,
        rate=6.0,
        cues=(0.4, 1.1, -0.6, 0.8, 0.3, 0.9),
        band=(200, 4500),
        colour=-2,
        noise=-59,
    ),
    "ekorpus": Language(
        vowels={"i": (280, 2000, 2800), "õ": (450, 1300, 2300), "ä": (700, 1600, 2450), "o": (480, 800, 2500)},
        pitch=108,
        rate=5.0,
        cues=(0.6, 0.9, 0.8, 0.8, 1.0, 0.7),
        band=(60, 10000),
        colour=0,
        noise=-72,
    ),
    "shemo": Language(
        vowels={"i": (320, 2150, 2800), "e": (480, 1950, 2600), "â": (620, 1050, 2300), "u": (350, 850, 2350)},
        pitch=132,
        rate=5.6,
        cues=(1.0, 0.7, -0.5, 0.8, 0.4, 0.8),
        band=(120, 6000),
        colour=-3,
        noise=-62,
    ),
}
