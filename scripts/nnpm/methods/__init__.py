"""The adaptation methods. A new one is a subclass of `base.Method` in a file of its own, and a line in METHODS.

A method is imported when it is asked for, so a change in it concerns no other. This file itself stays light, as it is
read while the workflow is being planned.
"""

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnpm.methods.base import Method, Start

#: Of each method its module and what makes it there; None: the pretrained backbone is used as it is. The
#: configuration's schema offers these names, and config.CLASSICAL.
METHODS: dict[str, tuple[str, str] | None] = {
    "snsa-f": None,
    "source-only": ("source_only", "SourceOnly"),
    "snsa-wo-sl": ("pseudo_multilabel", "snsa_wo_sl"),
    "snsa-wo-hl": ("pseudo_multilabel", "snsa_wo_hl"),
    "nnpm": ("pseudo_multilabel", "PseudoMultilabel"),
    "entropy": ("entropy", "EntropyMinimisation"),
    "pseudo-label": ("pseudo_label", "PseudoLabel"),
    "coral": ("coral", "CORAL"),
    "dann": ("dann", "DANN"),
    "al": ("al", "AL"),
    "gan": ("gan", "GAN"),
    "fluda": ("fluda", "FLUDA"),
    "nnpm-plus": ("nnpm_plus", "NNPMPlus"),
}


def get(name: str) -> "Callable[[Start], Method] | None":
    """What makes a method at the start of a run, by a key of METHODS; None for the backbone as it is."""
    place = METHODS[name]
    if place is None:
        return None
    create: Callable[[Start], Method] = getattr(importlib.import_module(f"{__name__}.{place[0]}"), place[1])
    return create
