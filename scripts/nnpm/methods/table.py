"""The table of all methods: their names, how figures draw them, what they need. A new method is a row and a file.

The workflow, the configuration, tables, figures, model cards and the documentation read this table; no other file names
a method. It is read while the workflow is planned, so it imports only the standard library. Training never imports it
(the workflow passes on a method's `place`), so a new row does not repeat any training.
"""

from collections.abc import Iterable
from dataclasses import dataclass

#: Hues that can be told apart with any colour vision (Okabe & Ito, "Color Universal Design", 2008).
BLACK, SKY, BLUE = "#000000", "#56B4E9", "#0072B2"
GREEN, PURPLE, VERMILLION, ORANGE = "#009E73", "#CC79A7", "#D55E00", "#E69F00"

_REBUILT = (
    "FLUDA, AL and GAN are reimplemented from public information: measured and cited values come from different "
    "implementations."
)
_OURS = (
    "Class-aware negatives, slots of the target and balanced classes are this project's changes of NNPM, not the "
    "paper's; the last assumes equally frequent classes in the target."
)


#: The family of the methods that are compared with adaptation.
_NOT_ADAPTED = "not adapted"


@dataclass(frozen=True)
class Entry:
    """One method.

    `name` is used in configurations and paths, `title` in tables and figures. The members of a `family` share a hue;
    `colour`, `line` ("solid", "dashed", "dotted", "dash-dot") and `marker` (matplotlib's) tell them apart.

    `place` is "module:name" below `nnpm.methods`: the subclass of `base.Method` that adapts the backbone, or, if
    `reads` is "functionals", the function that classifies them; "" for the pretrained backbone as it is.
    `settings` are the parts of the configuration that it reads besides the section `adaptation`: sections, or
    "threshold". `linear`: is a classifier of functionals one linear map, so that its run leaves a checkpoint? `seeded`
    is False if no random number affects its result: it is run once and shown without a spread.
    `assumes_equal_classes` is True if it takes a target's classes to be equally frequent. `note` is a sentence that
    ends the caption of every table with this method.
    """

    name: str
    title: str
    family: str
    colour: str
    line: str
    marker: str
    place: str = ""
    reads: str = "frames"
    settings: tuple[str, ...] = ()
    linear: bool = False
    seeded: bool = True
    assumes_equal_classes: bool = False
    note: str = ""

    @property
    def adapts(self) -> bool:
        """Whether it adapts to the target, not counting the target's own means and deviations."""
        return self.family != _NOT_ADAPTED

    @property
    def file(self) -> str:
        """The file of the method in the library, from `scripts/`; "" for the backbone as it is."""
        return f"nnpm/methods/{self.place.partition(':')[0]}.py" if self.place else ""

    @property
    def checkpoint(self) -> str:
        """The file of a run that predicts alone; "" if there is none."""
        return "backbone.safetensors" if self.reads == "frames" else "classifier.json" if self.linear else ""


_MEMORY = ("threshold", "memory", "objective")

#: In the order of tables and figures.
_ENTRIES = (
    Entry("snsa-f", "SNSA-F", _NOT_ADAPTED, BLACK, "dashed", "s"),
    Entry("source-only", "Source training alone", _NOT_ADAPTED, BLACK, "dash-dot", "d", "source_only:SourceOnly"),
    Entry(
        *("svm", "Functionals + SVM", _NOT_ADAPTED, BLACK, "dotted", "X", "svm:classify"),
        reads="functionals",
        seeded=False,
        note="The SVM reads functionals instead of frames and draws no random numbers, so it is run once.",
    ),
    Entry(
        *("lda", "Functionals + LDA", _NOT_ADAPTED, BLACK, "solid", "h", "discriminant:classify"),
        reads="functionals",
        linear=True,
        seeded=False,
        note="The linear discriminant (LDA) of functionals is NNPM-plus before it adapts; it is run once.",
    ),
    Entry(
        *("snsa-wo-sl", "SNSA-wo-SL", "the paper's", SKY, "dashed", "v", "pseudo_multilabel:snsa_wo_sl"),
        settings=_MEMORY,
    ),
    Entry(
        *("snsa-wo-hl", "SNSA-wo-HL", "the paper's", "#003E61", "dotted", "^", "pseudo_multilabel:snsa_wo_hl"),
        settings=_MEMORY,
    ),
    Entry(
        *("nnpm", "NNPM", "the paper's", BLUE, "solid", "o", "pseudo_multilabel:PseudoMultilabel"),
        settings=_MEMORY,
    ),
    Entry("entropy", "Entropy minimisation", "baselines", "#8F3F6B", "dashed", "P", "entropy:EntropyMinimisation"),
    Entry("pseudo-label", "Pseudo-labelling", "baselines", "#54193B", "dotted", "p", "pseudo_label:PseudoLabel"),
    Entry("coral", "Deep CORAL", "baselines", PURPLE, "solid", "D", "coral:CORAL"),
    Entry("dann", "DANN", "peers", GREEN, "solid", "o", "dann:DANN"),
    Entry("al", "AL", "peers", "#00432F", "dashed", "s", "al:AL", note=_REBUILT),
    Entry("gan", "GAN", "peers", "#007050", "dash-dot", "v", "gan:GAN", note=_REBUILT),
    Entry("fluda", "FLUDA", "peers", "#5FC7A6", "dotted", "^", "fluda:FLUDA", note=_REBUILT),
    Entry(
        *("nnpm-class-aware", "NNPM, class-aware negatives", "NNPM, ours", "#6B4A00", "dashed", "v"),
        place="nnpm_remedies:ClassAware",
        settings=_MEMORY,
        note=_OURS,
    ),
    Entry(
        *("nnpm-target-slots", "NNPM, slots of the target", "NNPM, ours", "#A87400", "dotted", "^"),
        place="nnpm_remedies:TargetSlots",
        settings=_MEMORY,
        note=_OURS,
    ),
    Entry(
        *("nnpm-balanced", "NNPM with balanced classes", "NNPM, ours", ORANGE, "solid", "o"),
        place="nnpm_remedies:Balanced",
        settings=_MEMORY,
        assumes_equal_classes=True,
        note=_OURS,
    ),
    Entry(
        *("nnpm-plus", "NNPM-plus", "beyond the paper", VERMILLION, "solid", "*", "nnpm_plus:classify"),
        reads="functionals",
        linear=True,
        seeded=False,
        note="NNPM-plus reads functionals instead of frames, and who speaks each target utterance; it is run once.",
    ),
)

METHODS = {entry.name: entry for entry in _ENTRIES}

#: The paper's method, and the same backbone before adaptation, against which tables test every other row.
PROPOSED, UNADAPTED = "nnpm", "snsa-f"


def that_read(features: str) -> list[str]:
    """The methods that read "frames" or "functionals"."""
    return [name for name, entry in METHODS.items() if entry.reads == features]


def title(name: str) -> str:
    """The title of a method, or its name if it is no longer declared."""
    return METHODS[name].title if name in METHODS else name


def ordered(names: Iterable[str]) -> list[str]:
    """Return methods in the order of the table, undeclared ones last, without duplicates."""
    given = dict.fromkeys(names)
    return [name for name in METHODS if name in given] + sorted(name for name in given if name not in METHODS)
