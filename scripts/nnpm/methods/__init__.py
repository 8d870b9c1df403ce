"""The adaptation methods. A new one is a subclass of `Method` in a file of its own, and a line in METHODS."""

from collections.abc import Callable

from nnpm.methods.al import AL
from nnpm.methods.base import Batch, Method, MethodSettings, Start, Step, Utterances
from nnpm.methods.coral import CORAL
from nnpm.methods.dann import DANN
from nnpm.methods.entropy import EntropyMinimisation
from nnpm.methods.fluda import FLUDA
from nnpm.methods.gan import GAN
from nnpm.methods.nnpm_plus import NNPMPlus
from nnpm.methods.pseudo_label import PseudoLabel
from nnpm.methods.pseudo_multilabel import PseudoMultilabel, snsa_wo_hl, snsa_wo_sl
from nnpm.methods.source_only import SourceOnly

#: None: the pretrained backbone is used as it is. The configuration's schema offers these names, and config.CLASSICAL.
METHODS: dict[str, Callable[[Start], Method] | None] = {
    "snsa-f": None,
    "source-only": SourceOnly,
    "snsa-wo-sl": snsa_wo_sl,
    "snsa-wo-hl": snsa_wo_hl,
    "nnpm": PseudoMultilabel,
    "entropy": EntropyMinimisation,
    "pseudo-label": PseudoLabel,
    "coral": CORAL,
    "dann": DANN,
    "al": AL,
    "gan": GAN,
    "fluda": FLUDA,
    "nnpm-plus": NNPMPlus,
}

__all__ = ["METHODS", "Batch", "Method", "MethodSettings", "PseudoMultilabel", "Start", "Step", "Utterances"]
