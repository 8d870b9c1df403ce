"""Which corpora of a study are missing, and what to do about it."""

import difflib
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from nnpm.corpora.base import Corpus, is_file, is_folder
from nnpm.corpora.folders import lookalike, tree
from nnpm.corpora.offers import total

#: Ends a message about corpora that a user has to get by hand.
CHECK = (
    "snakemake --cores 1 corpora, with the same --configfile, checks them and writes each one's "
    "results/NAME/corpora/CORPUS/check.md"
)


def missing(corpora: Mapping[str, Corpus], corpora_dir: Path) -> list[str]:
    """Return one block of text per missing or empty corpus, in the given order.

    A block says what was expected where, who owns the corpus, its terms and how to get it; or which folder to rename.
    """
    return [
        f"{corpus.name} ({corpus.title}): {fault}\n" + "\n".join(f"  {key:<8}{value}" for key, value in ways if value)
        for corpus in corpora.values()
        if (fault := _absence(corpus, corpora_dir))
        for ways in [() if misnamed(corpus, corpora_dir) else _ways(corpus, corpora_dir)]
    ]


def no_folder(corpora_dir: Path, setting: str = "corpora_dir") -> str:
    """Return a sentence if `corpora_dir` does not exist, else ""; the blocks of `missing` do not repeat it.

    `setting` is what has set it.
    """
    if is_folder(corpora_dir):
        return ""
    other = lookalike(corpora_dir)
    said = f"There is no folder {corpora_dir} ({setting})"
    said += f"; {_renaming(other, corpora_dir)}" if other else resembling(corpora_dir)
    return said if said.endswith("?") else f"{said}."


def resembling(path: Path) -> str:
    """A hint at what a path that does not exist may mean, after a comma, or ""."""
    if "\\" in str(path) and os.sep == "/":
        return ", write / instead of \\"
    with suppress(OSError):
        for place in (path, *path.parents):
            if not place.exists() and place.parent.is_dir():
                names = sorted(each.name for each in place.parent.iterdir())
                close = difflib.get_close_matches(place.name, names, n=1)
                found = [place.parent / name / path.relative_to(place) for name in close]
                return f", did you mean {found[0]}?" if found and found[0].exists() else ""
    return ""


def misnamed(corpus: Corpus, corpora_dir: Path) -> str:
    """Say so if the corpus's folder is missing, and one lies there whose name differs in case or Unicode form."""
    place = corpus.place(corpora_dir)
    other = None if corpus.manifest or is_folder(place) else lookalike(place)
    return _renaming(other, place) if other and is_folder(other) else ""


def _renaming(other: Path, wanted: Path) -> str:
    return f"found {str(other)!a}, which differs in case or Unicode form (NFC, NFD): rename it to {wanted.name!a}"


def _ways(corpus: Corpus, corpora_dir: Path) -> tuple[tuple[str, str], ...]:
    return (
        *(("owner:", corpus.owner), ("from:", corpus.url), ("terms:", corpus.terms), ("ask:", corpus.ask)),
        ("fetch:", _fetching(corpus)),
        ("put:", "" if corpus.manifest else f"so that {corpus.place(corpora_dir) / corpus.layout} is there"),
    )


def _fetching(corpus: Corpus) -> str:
    if corpus.offer is None:
        return ""
    return f"snakemake --cores 1 download, with the same --configfile ({total(corpus.offer) / 1e6:,.0f} MB)"


def _absence(corpus: Corpus, corpora_dir: Path) -> str:
    place = corpus.place(corpora_dir)
    if corpus.manifest is not None:
        return "" if is_file(place) or is_folder(place) else f"the list {place} does not exist{resembling(place)}"
    if no_folder(corpora_dir):
        return f"expected files like {corpus.layout}"
    if not is_folder(place):
        return misnamed(corpus, corpora_dir) or f"looked for {corpus.layout} in {place}, which does not exist"
    if not any(True for _ in tree(place)):
        return f"looked for {corpus.layout} in {place}, which holds no audio file"
    return ""
