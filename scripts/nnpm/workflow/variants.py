"""Variants: settings that differ from a study's own, and the stages that depend on them.

Imported while the workflow is planned, so it stays light: no torch, no pandas.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nnpm.methods.table import METHODS

Config = Mapping[str, Any]

#: The settings that each stage depends on, as dotted keys or whole sections. The folder of a stage names only these;
#: variants that differ in other settings share it.
STAGES: Mapping[str, tuple[str, ...]] = {
    "functionals": ("functionals", "features.sample_rate", "features.duration"),
    "features": ("features",),
    "pretrained": ("features", "backbone", "pretraining"),
    "encoded": ("features", "backbone", "pretraining", "adaptation.freeze"),
}
#: Chosen after pretraining, which writes both checkpoints.
_AFTER_PRETRAINING = frozenset({"pretraining.checkpoint"})


@dataclass(frozen=True)
class Variant:
    """The study's settings with some of them changed; `changes` maps dotted keys, as in `memory.update`, to values."""

    changes: Config

    @cached_property
    def name(self) -> str:
        """The name of its folder: "default", or what it changes, as in `update~retention_rate,negative_label~0`."""
        return ",".join(f"{_short(key)}~{_shown(value)}" for key, value in sorted(self.changes.items())) or "default"

    def only(self, settings: Iterable[str]) -> "Variant":
        """The part of it that changes these settings: dotted keys or whole sections."""
        wanted = tuple(settings)
        return Variant({k: v for k, v in self.changes.items() if any(k == w or k.startswith(f"{w}.") for w in wanted)})

    def of_stage(self, stage: str, config: Config) -> "Variant":
        """The part of it that a stage depends on; pooled functionals depend on the frames that they are pooled from."""
        is_pooled = stage == "functionals" and self.settings(config)["functionals"] == "pooled"
        part = self.only((*STAGES[stage], *(STAGES["features"] if is_pooled else ())))
        if stage == "encoded":  # its folder name includes the chosen checkpoint
            return part
        return Variant({key: value for key, value in part.changes.items() if key not in _AFTER_PRETRAINING})

    def of_method(self, method: str, config: Config) -> "Variant":
        """The part of it that a method's result depends on."""
        entry = METHODS[method]
        if entry.reads == "functionals":
            return self.of_stage("functionals", config)
        part = dict(self.only(STAGES["pretrained"]).changes)
        if entry.place:
            part |= self.only(("adaptation", *entry.settings)).changes
            if "threshold" not in entry.settings:
                part.pop("adaptation.threshold", None)
        return Variant(part)

    def settings(self, config: Config) -> dict[str, Any]:
        """The whole configuration under the variant."""
        result = dict(config)
        for key, value in self.changes.items():
            section, _, name = key.partition(".")
            result[section] = {**result[section], name: value} if name else value
        return result


DEFAULT = Variant({})


def differing(config: Config, values: Config) -> Variant:
    """The variant that sets those of `values`, sections of a configuration, that differ from `config`."""
    own = dict(leaves(config))
    return Variant({key: value for key, value in leaves(values) if own.get(key) != value})


def merged(config: Config, values: Config) -> dict[str, Any]:
    """A configuration overlaid with other values."""
    result = dict(config)
    for key, value in values.items():
        section = result.get(key)
        under = section if isinstance(section, Mapping) else {}
        result[key] = merged(under, value) if isinstance(value, Mapping) else value
    return result


def leaves(values: Config, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted keys and their values."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _short(key: str) -> str:
    """A key without its section, except keys of pretraining, whose names adaptation has as well."""
    section, _, name = key.partition(".")
    return key if section == "pretraining" or not name else name


def _shown(value: Any) -> Any:
    """A value in a name: 1.0 is 1, so that equal values have one name."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
