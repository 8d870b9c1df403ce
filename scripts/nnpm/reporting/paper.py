"""What the paper prints: every number of Tables 1 to 3, what its text states, and the names it uses.

Li, Yan & Wang, "Unsupervised Cross-Lingual Speech Emotion Recognition Using Pseudo Multilabel", ASRU 2021.
All accuracies are percent, with the decimals of the page. Nothing here is measured, computed or corrected:
what follows from these numbers, and what does not, is the business of :mod:`nnpm.reporting.audit`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

#: Titles of the methods, as printed where the paper has them. Insertion order is the one order of methods.
METHOD_TITLES: Mapping[str, str] = {
    "snsa-f": "SNSA-F",
    "source-only": "Source training alone",
    "svm": "Functionals + SVM",
    "second-view": "Second view alone",
    "snsa-wo-sl": "SNSA-wo-SL",
    "snsa-wo-hl": "SNSA-wo-HL",
    "nnpm": "NNPM",
    "entropy": "Entropy minimisation",
    "pseudo-label": "Pseudo-labelling",
    "coral": "Deep CORAL",
    "dann": "DANN",
    "al": "AL",
    "gan": "GAN",
    "fluda": "FLUDA",
    "nnpm-plus": "NNPM-plus",
}

#: Names of the target corpora, as printed ("Ekropus" is the paper's spelling of EKorpus).
PRINTED_CORPUS_TITLES: Mapping[str, str] = {
    "urdu": "Urdu",
    "ekorpus": "Ekropus",
    "shemo": "ShEMO",
    "emodb": "EMO-DB",
}

#: Names of the corpora as their owners write them, for every heading of this repository.
CORPUS_TITLES: Mapping[str, str] = {
    "urdu": "URDU",
    "ekorpus": "EKorpus",
    "shemo": "ShEMO",
    "emodb": "EMO-DB",
    "iemocap": "IEMOCAP",
    "ravdess": "RAVDESS",
    "cremad": "CREMA-D",
}

#: The paper's source corpus.
SOURCE = "iemocap"


class Scores(NamedTuple):
    """A printed pair of unweighted and weighted accuracy, percent."""

    ua: float
    wa: float


#: Of Table 1's runs: frozen convolution blocks, and the similarity threshold.
FREEZE, THRESHOLD = 2, 0.9

#: Table 1: ``TABLE1[method][target]``.
TABLE1: Mapping[str, Mapping[str, Scores]] = {
    "snsa-f": {
        "urdu": Scores(36.36, 36.54),
        "ekorpus": Scores(22.17, 23.12),
        "shemo": Scores(22.31, 20.24),
        "emodb": Scores(31.25, 41.18),
    },
    "snsa-wo-sl": {
        "urdu": Scores(56.63, 59.09),
        "ekorpus": Scores(27.30, 28.31),
        "shemo": Scores(27.70, 35.01),
        "emodb": Scores(43.75, 47.06),
    },
    "snsa-wo-hl": {
        "urdu": Scores(48.12, 47.72),
        "ekorpus": Scores(24.21, 24.67),
        "shemo": Scores(28.18, 28.87),
        "emodb": Scores(46.02, 50.00),
    },
    "nnpm": {
        "urdu": Scores(54.55, 51.31),
        "ekorpus": Scores(28.34, 35.62),
        "shemo": Scores(28.19, 35.51),
        "emodb": Scores(50.57, 55.88),
    },
}

#: Table 2, UA on EMO-DB: ``TABLE2[method]``. One decimal is printed.
TABLE2: Mapping[str, float] = {"fluda": 34.9, "dann": 28.5, "al": 42.5, "nnpm": 50.6}
TABLE2_TARGET = "emodb"
#: The rows of Table 2 that the paper itself cites from other work (Ahn, Lee & Shin, 2021), in its order.
TABLE2_CITED = ("fluda", "dann", "al")

#: Table 3, NNPM on EMO-DB with the first N convolution blocks frozen: ``TABLE3[N]``.
TABLE3: Mapping[int, Scores] = {0: Scores(43.75, 47.06), 1: Scores(46.02, 50.00), 2: Scores(50.57, 55.88)}
TABLE3_TARGET = "emodb"

#: Figure 2, UA of NNPM against the threshold: ``FIGURE2[target][threshold]``. The curve is an image only; the
#: text says that the best UA of both corpora is reached at 0.9, the default threshold, so it is the value of
#: Table 1. No other point can be read.
FIGURE2: Mapping[str, Mapping[float, float]] = {
    "shemo": {0.9: TABLE1["nnpm"]["shemo"].ua},
    "emodb": {0.9: TABLE1["nnpm"]["emodb"].ua},
}
#: What the text says of the shape of the two curves, in this repository's words.
FIGURE2_SHAPE: Mapping[str, str] = {
    "shemo": "rises almost linearly with the threshold; best at 0.9",
    "emodb": "rises slowly at first, faster later; best at 0.9",
}

#: UA on the source corpus, percent, and the size of the model, million parameters (section 3.4).
SOURCE_UA = 52.0
PARAMETERS_MILLION = 0.46

#: Four-class utterances of the target corpora with a random split (public inventories), and its test share.
FOUR_CLASS_UTTERANCES: Mapping[str, int] = {"urdu": 400, "ekorpus": 1164, "shemo": 2737}
TEST_SHARE_PERCENT = 33
#: EMO-DB's test utterances, speaker 15, per class in the order of :data:`nnpm.CLASSES`; 34 in all.
EMODB_TEST = (13, 6, 4, 11)
#: EKorpus' utterances per class in the order of :data:`nnpm.CLASSES`, by public inventories.
EKORPUS_UTTERANCES = (306, 271, 249, 338)


@dataclass(frozen=True)
class Gain:
    """A gain that the text claims.

    ``value`` is percent, as printed. Absolute gains are differences in points, relative ones ratios.
    ``better`` and ``worse`` are what the sentence compares: the method (or "N = 2" in Table 3) and its
    printed number.
    """

    sentence: str
    value: str
    relative: bool
    better: tuple[str, float]
    worse: tuple[str, float]
    target: str
    metric: str


def _from_table1(better: str, target: str, metric: str, value: str) -> Gain:
    """Make an absolute gain over SNSA-F from Table 1."""
    return Gain(
        sentence=f"{METHOD_TITLES[better]} over SNSA-F, absolute {metric}, {PRINTED_CORPUS_TITLES[target]}",
        value=value,
        relative=False,
        better=(better, getattr(TABLE1[better][target], metric.lower())),
        worse=("snsa-f", getattr(TABLE1["snsa-f"][target], metric.lower())),
        target=target,
        metric=metric,
    )


def _relative(sentence: str, value: str, better: tuple[str, float], worse: tuple[str, float]) -> Gain:
    """Make a relative UA gain on EMO-DB, from Table 2 or 3."""
    return Gain(sentence, value, True, better, worse, "emodb", "UA")


#: The gains of sections 3.4 and 3.5, in reading order.
GAINS: tuple[Gain, ...] = (
    _from_table1("snsa-wo-sl", "urdu", "UA", "20.27"),
    _from_table1("snsa-wo-sl", "emodb", "UA", "12.5"),
    _from_table1("nnpm", "urdu", "WA", "17.77"),
    _from_table1("nnpm", "ekorpus", "WA", "12.50"),
    _from_table1("nnpm", "shemo", "WA", "15.27"),
    _from_table1("nnpm", "emodb", "WA", "14.70"),
    *(
        _relative(
            f"NNPM over {METHOD_TITLES[method]}, relative UA, EMO-DB (Table 2)",
            value,
            ("nnpm", TABLE2["nnpm"]),
            (method, TABLE2[method]),
        )
        for method, value in (("fluda", "45.5"), ("dann", "77.5"), ("al", "19.1"))
    ),
    *(
        _relative(
            f"N = 2 over N = {frozen}, relative UA, EMO-DB (Table 3)",
            value,
            ("N = 2", TABLE3[2].ua),
            (f"N = {frozen}", TABLE3[frozen].ua),
        )
        for frozen, value in ((1, "9.9"), (0, "15.6"))
    ),
)


@dataclass(frozen=True)
class Total:
    """A total that the text states, and the parts that it states beside it."""

    sentence: str
    total: float
    parts: tuple[float, ...]
    unit: str = ""


#: The totals of section 3.1.
TOTALS: tuple[Total, ...] = (
    Total("IEMOCAP: all turns are scripted or improvised ones", 10039, (5255, 4787)),
    Total("Urdu: all speakers are male or female", 38, (27, 11)),
    Total("ShEMO: all speakers are female or male", 87, (31, 56)),
    Total(
        "Estonian: anger, sadness, joy and neutral are all four emotions",
        100.0,
        (45.7, 11.6, 1.7, 14.4),
        " %",
    ),
)


def method_title(method: str) -> str:
    """Return the title of a method, its own name if the paper has none."""
    return METHOD_TITLES.get(method, method)


def corpus_title(corpus: str) -> str:
    """Return the title of a corpus, its own name if it is not one of the known ones."""
    return CORPUS_TITLES.get(corpus, corpus)
