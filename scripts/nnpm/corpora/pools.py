"""Sources: a corpus, several pooled, or for each target all other corpora of the study.

The name of a pool joins its corpora, sorted, so that neither their order in a configuration nor a second way to write
the same pool changes a path or a result; a pool of one corpus is that corpus. Imported while the workflow is planned.
"""

from collections.abc import Iterable, Sequence

#: The source that leaves out the target alone: every other corpus of the study.
OTHERS = "others"

_JOIN = "+"


def named(entry: str | Iterable[str]) -> str:
    """The name of an entry of the configuration's `source`: a corpus, OTHERS, or a list of corpora to pool."""
    return entry if isinstance(entry, str) else _JOIN.join(sorted(set(entry)))


def listed(source: str | Sequence[str | Sequence[str]]) -> list[str]:
    """The names of all entries of the configuration's `source`, which may be a single one."""
    return [named(entry) for entry in ([source] if isinstance(source, str) else source)]


def members(source: str) -> list[str]:
    """The corpora of a source, sorted; OTHERS has none before a target is named (`of_target`)."""
    return [] if source == OTHERS else source.split(_JOIN)


def of_target(source: str, target: str, corpora: Iterable[str]) -> str | None:
    """The corpora that a run to `target` learns from, by their joined name; None if the target is among them.

    `corpora` are all of the study, which OTHERS chooses from.
    """
    if source == OTHERS:
        return named(name for name in corpora if name != target) or None
    return None if target in members(source) else source
