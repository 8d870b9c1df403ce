"""The adaptation methods. A new one is a file of this package with a subclass of `base.Method`, which `METHOD` names.

It is found by its file name, `nnpm_plus.py` as nnpm-plus, and imported when it is asked for, so that a change in it
concerns no other, nor that it came. This file itself stays light, as it is read while the workflow is being planned.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from nnpm.errors import InputError

if TYPE_CHECKING:
    from nnpm.methods.base import Method, Start

#: Those that are not found so. None: the pretrained backbone is used as it is.
_OTHERS: dict[str, tuple[str, str] | None] = {
    "snsa-f": None,
    "snsa-wo-sl": ("pseudo_multilabel", "snsa_wo_sl"),
    "snsa-wo-hl": ("pseudo_multilabel", "snsa_wo_hl"),
    "nnpm": ("pseudo_multilabel", "PseudoMultilabel"),
}


def found(folders: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Of each method in a file of its own the module and what makes it there, by the name of the method."""
    modules = sorted(
        {module.name for module in pkgutil.iter_modules(folders)}
        - {"base", "pseudo_multilabel", "classical", "second_view"}
    )
    return {name.replace("_", "-"): (name, "METHOD") for name in modules if not name.startswith("_")}


#: Of each method its module and what makes it there. The configuration knows these names, and config.CLASSICAL.
METHODS = _OTHERS | found(__path__)


def get(name: str) -> "Callable[[Start], Method] | None":
    """What makes a method at the start of a run, by a key of METHODS; None for the backbone as it is.

    Raises `InputError` if its file names none.
    """
    place = METHODS[name]
    if place is None:
        return None
    module = importlib.import_module(f"{__name__}.{place[0]}")
    create: Callable[[Start], Method] | None = getattr(module, place[1], None)
    if create is None:
        raise InputError(f"{module.__file__}: names no method; let METHOD be the subclass of Method that it holds")
    return create
