"""The table of front ends and of functionals: what recordings may be described by. A new one is a row and a file.

The workflow, the configuration, captions, model cards and the documentation read this table. It is read while the
workflow is planned, so it imports only the standard library. A front end's own settings are in `settings`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One description of speech.

    `place` is "module:name" below `nnpm.features`: of a front end, the subclass of `base.FrontEnd`; of functionals, the
    function from a signal and its rate in Hz to values by name. "" stands for no file of its own. `title` is its name
    in captions, `terms` what its licence forbids, "" for nothing. `device`: is it faster on a GPU? `package` is what it
    needs beside this project's packages, and `extra` the extra that installs it.
    """

    name: str
    title: str
    place: str = ""
    terms: str = ""
    device: bool = False
    package: str = ""
    extra: str = ""

    @property
    def environment(self) -> str:
        """The environment of the rules that measure it, in envs/."""
        return "front-ends.yaml" if self.package else "nnpm.yaml"

    @property
    def file(self) -> str:
        """The file in the library, from `scripts/`; "" if it has none."""
        return f"nnpm/features/{self.place.partition(':')[0]}.py" if self.place else ""


#: Front ends turn a recording into frames, for the backbone.
MELS = Entry("mels", "a mel-spectrogram", "mels:Mels")
FRONT_ENDS = {
    entry.name: entry
    for entry in (
        MELS,
        Entry("descriptors", "acoustic descriptors (level, pitch, spectrum, voice)", "descriptors:Descriptors"),
    )
}
#: The front end of every name in the configuration's section `front_ends`.
SELF_SUPERVISED = Entry(
    "ssl", "self-supervised model", "ssl:SelfSupervised", device=True, package="transformers", extra="ssl"
)

_TERMS = "openSMILE is free for research, teaching and private use; a commercial product needs a licence of audEERING"

#: The mean and the deviation of each channel of the front end's frames.
POOLED = Entry("pooled", "the front end's mean and deviation")
#: Functionals turn a recording into one vector, for classifiers without frames.
FUNCTIONALS = {
    entry.name: entry
    for entry in (
        Entry("own", "own functionals", "functionals:functionals"),
        Entry("egemaps", "eGeMAPS", "egemaps:functionals", _TERMS, package="opensmile", extra="egemaps"),
        Entry("both", "own functionals and eGeMAPS", "both:functionals", _TERMS, package="opensmile", extra="egemaps"),
        POOLED,
    )
}


def sentence(config: Mapping[str, Any]) -> str:
    """Say what the recordings of a configuration are described by; "" for the paper's mels and our functionals."""
    section, functionals = config["features"], FUNCTIONALS[config["functionals"]]
    name, parts = section["front_end"], []
    if name in FRONT_ENDS and name != MELS.name:
        parts.append(f"Front end: {FRONT_ENDS[name].title}.")
    elif name not in FRONT_ENDS:
        model = config["front_ends"][name]
        layer = "mean over layers" if (layer := model.get("layer", "mean")) == "mean" else f"layer {layer}"
        parts.append(f"Front end: {name} ({short(model['model'])}, {layer}).")
    if section["padding"] == "masked":
        parts.append("The backbone sees no padding.")
    if functionals.name != "own":
        parts.append(f"Classifiers without frames read {functionals.title}.")
    return " ".join(parts)


def brief(config: Mapping[str, Any], functionals: bool) -> str:
    """What recordings are described by in a few words: for classifiers of functionals, or for the backbone."""
    section, kind = config["features"], FUNCTIONALS[config["functionals"]]
    if functionals and kind.name != "pooled":
        return kind.title
    if functionals:
        return f"pooled {section['front_end']}"
    masked = ", masked" if section["padding"] == "masked" else ""
    return f"{section['front_end']}{masked}"


def is_folder(model: str) -> bool:
    """Whether a model is named by its folder, rather than by its name on the hub."""
    return model.startswith((".", "/", "~")) or Path(model).is_dir()


def short(model: str) -> str:
    """The name of a model, without the place of its folder."""
    return Path(model).name if Path(model).is_absolute() or model.startswith(".") else model


def of(front_end: str) -> Entry:
    """The row of a front end by its name in a study."""
    return FRONT_ENDS.get(front_end, SELF_SUPERVISED)
