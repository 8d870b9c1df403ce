"""What the paper leaves open, read one way and the other: the readings of a study, and the best combination of them.

Imported while the workflow is being planned, so it stays light: no torch, no pandas.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: The method whose readings are compared, and what it is before its first step.
METHOD, UNADAPTED = "nnpm", "snsa-f"
#: Keys that the folder of an ordinary run names, so that a reading which changes no other is one.
NAMED_BY_RUNS = frozenset({"adaptation.freeze", "adaptation.threshold"})

Config = Mapping[str, Any]


@dataclass(frozen=True)
class Reading:
    """One reading: its title, the whole configuration under it, and what differs there from the study's.

    `changes` maps dotted keys, such as `memory.update`, to values; it is empty for the study's own reading.
    """

    title: str
    settings: Config
    changes: Config

    @property
    def name(self) -> str:
        """Name of its folder: what it changes, as in `update~retention_rate`; so a new title trains nothing anew."""
        return ",".join(f"{key.rpartition('.')[2]}~{value}" for key, value in sorted(self.changes.items()))

    @property
    def is_run(self) -> bool:
        """Whether it is an ordinary run of the study, which tables and figures may show as well."""
        return set(self.changes) <= NAMED_BY_RUNS

    @property
    def normalisation(self) -> str | None:
        """The normalisation of its own mels; None if it shares the study's mels and pretrained backbones."""
        value: str | None = self.changes.get("features.normalisation")
        return value


def merged(config: Config, values: Config) -> dict[str, Any]:
    """The configuration with the values of a reading laid over it."""
    result = dict(config)
    for key, value in values.items():
        section = result.get(key)
        under = section if isinstance(section, Mapping) else {}
        result[key] = merged(under, value) if isinstance(value, Mapping) else value
    return result


def readings(config: Config) -> list[Reading]:
    """The study's own reading, called default, then the configured ones; none if the figure is left out.

    A reading whose values are all the study's, or all those of one before it, is not repeated.
    """
    chosen = config["figures"]["sensitivity"]
    if not chosen:
        return []
    found = [Reading("default", config, {})]
    for title, values in chosen["readings"].items():
        own = dict(_leaves(config))
        changes = {key: value for key, value in _leaves(values) if own.get(key) != value}
        if changes not in [reading.changes for reading in found]:
            found.append(Reading(title, merged(config, values), changes))
    return found


def start(config: Config, reading: Reading) -> Reading:
    """What a reading starts from: the study, or the study with the normalisation of the reading."""
    changes = {"features.normalisation": reading.normalisation} if reading.normalisation else {}
    return Reading("before adaptation", merged(config, nested(changes)), changes)


def best(changes: Sequence[Config], criterion: Sequence[float]) -> dict[str, Any]:
    """The combination that a label-free criterion picks, dotted keys to values, by a rule fixed before any result.

    `changes` and `criterion` belong to the readings, the study's own first. Of the readings that change one key alone,
    those above the study's own criterion are taken together; of several for one key, the best, of equals the first.
    Readings that change several keys, such as an earlier combination, do not count.
    """
    taken: dict[str, tuple[float, Any]] = {}
    for change, value in zip(changes, criterion, strict=True):
        if len(change) == 1:
            ((key, choice),) = change.items()
            if value > taken.get(key, (criterion[0], None))[0]:
                taken[key] = value, choice
    return {key: choice for key, (_, choice) in taken.items()}


def nested(changes: Config) -> dict[str, Any]:
    """Dotted keys as the sections of a configuration."""
    result: dict[str, Any] = {}
    for key, value in changes.items():
        section, _, name = key.partition(".")
        result.setdefault(section, {})[name] = value
    return result


def _leaves(values: Config, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted keys and their values."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
