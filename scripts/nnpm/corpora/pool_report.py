"""The report on pooled sources: what each corpus brings, and what the corpora of a pool and its targets share."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import pandas as pd

from nnpm import CLASSES
from nnpm.corpora import pools
from nnpm.corpora.base import NOBODY
from nnpm.pages import Bullets, Part, Section, Table

_NAMED = 3  # utterances that a warning names

#: Manifests by corpus, as `files.read_manifest` reads them for a source.
Manifests = Mapping[str, pd.DataFrame]


def report(
    learned: Sequence[str], targets: Sequence[str], manifests: Manifests, titles: Mapping[str, str]
) -> list[Section]:
    """Return the page: warnings, one table per pool, and what speakers' names have in common.

    `learned` are the names of the pools, `targets` all targets of the study.
    """
    found = warnings(learned, targets, manifests, titles)
    sections = [Section("Warnings", (Bullets(tuple(found)),) if found else ("None.",))]
    for source in learned:
        names = pools.members(source)
        sections.append(Section(" + ".join(titles[name] for name in names), tuple(_parts(names, manifests, titles))))
    return sections


def warnings(
    learned: Iterable[str], targets: Iterable[str], manifests: Manifests, titles: Mapping[str, str]
) -> list[str]:
    """Return one line per pair of corpora that are used together and share recordings, and per class that is lacking.

    Two corpora are used together in a pool, or as a member of a pool and its target. Recordings are the same if their
    files are the same bytes.
    """
    together: dict[tuple[str, str], None] = {}
    for source in learned:
        names = pools.members(source)
        scored = [target for target in targets if target not in names]
        together |= dict.fromkeys(combinations(names, 2))
        together |= {(min(pair), max(pair)): None for pair in ((name, target) for name in names for target in scored)}
    found = []
    for first, second in together:
        one, other = (manifests[name].drop_duplicates("sha256")[["utterance", "sha256"]] for name in (first, second))
        shared = one.merge(other, on="sha256", suffixes=("", "_second"))
        if count := len(shared):
            named = [f"{row.utterance} is {row.utterance_second}" for row in shared[:_NAMED].itertuples()]
            more = f" and {count - _NAMED} more" if count > _NAMED else ""
            found.append(
                f"{titles[first]} and {titles[second]} share {count} recording{'s' * (count > 1)} "
                f"({', '.join(named)}{more}): "
                "leave them out of one, or a score tells how well recordings are remembered"
            )
    members = dict.fromkeys(name for source in learned for name in pools.members(source))
    for name in members:
        if lacking := [label for label in CLASSES if label not in set(manifests[name]["label"])]:
            found.append(
                f"{titles[name]} has no utterance that is {' or '.join(lacking)}: pools have it from the others"
            )
    return found


def _parts(names: Sequence[str], manifests: Manifests, titles: Mapping[str, str]) -> Iterator[Part]:
    rows = []
    for name in names:
        labels, splits = (Counter(manifests[name][column]) for column in ("label", "split"))
        counts = [labels[label] for label in CLASSES] + [splits[split] for split in ("train", "validation", "test")]
        rows.append((titles[name], *counts, manifests[name]["speaker"].nunique()))
    total = ("all", *(sum(column) for column in zip(*(row[1:] for row in rows), strict=True)))
    header = ("corpus", *CLASSES, "training", "validation", "test", "speakers")
    yield Table(header, tuple(tuple(map(str, row)) for row in [*rows, total]))
    known = Counter(speaker for name in names for speaker in set(manifests[name]["speaker"]) - {NOBODY})
    if alike := sorted(speaker for speaker, count in known.items() if count > 1):
        yield f"Speakers' names in more than one corpus, told apart by their corpus: {len(alike)}, such as {alike[0]}."
