"""The paper's printed numbers: all of Tables 1 to 3, and those stated in its text.

Li, Yan & Wang, "Unsupervised Cross-Lingual Speech Emotion Recognition Using Pseudo Multilabel", ASRU 2021.
All accuracies are percent, with the decimals of the page. Nothing here is measured, computed or corrected:
`nnpm.reporting.audit` checks what follows from these numbers. Methods and corpora have the names of the configuration.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

#: Names of the target corpora, as printed ("Ekropus" is the paper's spelling of EKorpus).
PRINTED_CORPUS_TITLES: Mapping[str, str] = {
    "urdu": "Urdu",
    "ekorpus": "Ekropus",
    "shemo": "ShEMO",
    "emodb": "EMO-DB",
}

#: The paper's source corpus.
SOURCE = "iemocap"


class Scores(NamedTuple):
    """A printed pair of unweighted and weighted accuracy, percent."""

    ua: float
    wa: float


#: Frozen convolution blocks and similarity threshold of Table 1's runs.
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
#: The shape of the two curves, paraphrased from the text.
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

    `value` is percent, as printed. Absolute gains are differences in points, relative ones ratios. `better` and
    `worse` are the two rows that the sentence compares, each with its printed number: methods of Table 1 or 2, or
    numbers of frozen blocks in Table 3.
    """

    value: str
    table: int
    relative: bool
    better: tuple[str | int, float]
    worse: tuple[str | int, float]
    target: str = "emodb"
    metric: str = "UA"


def _from_table1(better: str, target: str, metric: str, value: str) -> Gain:
    """Make an absolute gain over SNSA-F from Table 1."""
    high, low = (getattr(TABLE1[method][target], metric.lower()) for method in (better, "snsa-f"))
    return Gain(value, 1, False, (better, high), ("snsa-f", low), target, metric)


#: The gains of sections 3.4 and 3.5, in reading order.
GAINS: tuple[Gain, ...] = (
    _from_table1("snsa-wo-sl", "urdu", "UA", "20.27"),
    _from_table1("snsa-wo-sl", "emodb", "UA", "12.5"),
    _from_table1("nnpm", "urdu", "WA", "17.77"),
    _from_table1("nnpm", "ekorpus", "WA", "12.50"),
    _from_table1("nnpm", "shemo", "WA", "15.27"),
    _from_table1("nnpm", "emodb", "WA", "14.70"),
    *(
        Gain(value, 2, True, ("nnpm", TABLE2["nnpm"]), (method, TABLE2[method]))
        for method, value in (("fluda", "45.5"), ("dann", "77.5"), ("al", "19.1"))
    ),
    *(
        Gain(value, 3, True, (2, TABLE3[2].ua), (frozen, TABLE3[frozen].ua))
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
