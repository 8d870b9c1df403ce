"""Getting a study's corpora: fetches those that are offered for download, and says how to get the others.

Only what an adapter names (`Corpus.offer`) is fetched, never a corpus behind a licence form or a request.
"""

import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tqdm import tqdm

from nnpm import corpora, progress
from nnpm.corpora.absence import CHECK, misnamed
from nnpm.corpora.archives import unpack
from nnpm.corpora.base import Corpus
from nnpm.corpora.downloads import Connection, connect, fetch, tell
from nnpm.corpora.offers import Archive, Listing, total
from nnpm.errors import InputError


def fetch_missing(wanted: Iterable[Corpus], corpora_dir: Path) -> None:
    """Fetch the missing corpora that are offered for download, and print how to get the others.

    If one fails, the others are still fetched. Raises `InputError` if a corpus is still missing, and names each of
    them.
    """
    missing: dict[str, str] = {}
    to_ask = {}
    for corpus in wanted:
        if not corpora.missing({corpus.name: corpus}, corpora_dir):
            # Left by a call that was killed after it had put the corpus into its place.
            shutil.rmtree(_downloads(corpus, corpora_dir), ignore_errors=True)
        elif corpus.offer is None:
            to_ask[corpus.name] = corpus
        else:
            try:
                _fetch_corpus(corpus, corpora_dir)
            except InputError as error:
                missing[corpus.name] = str(error)
                tell(f"{corpus.name}: {error}")
    if to_ask:
        tell("\n\n".join(["Not offered for download:", *corpora.missing(to_ask, corpora_dir), f"Then {CHECK}."]))
    if len(missing) == 1 and not to_ask:
        raise InputError(*missing.values())
    if missing or to_ask:
        names = [f"{name} (could not be fetched, see above)" for name in missing]
        names += [f"{name} (not offered for download, see above how to get it)" for name in to_ask]
        raise InputError(f"{corpora_dir}: still missing are {', '.join(names)}")


def _downloads(corpus: Corpus, corpora_dir: Path) -> Path:
    return corpora_dir / f".{corpus.name}.download"


def _fetch_corpus(corpus: Corpus, corpora_dir: Path) -> None:
    """Fetch a corpus into a temporary folder beside its own; move it when it is complete."""
    folder, downloads = corpus.place(corpora_dir), _downloads(corpus, corpora_dir)
    if other := misnamed(corpus, corpora_dir):
        raise InputError(f"{folder}: {other}")
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise InputError(f"{folder}: already exists, but without the corpus's files; move it away, then fetch again")
    offer, whole = corpus.offer, downloads / "whole"
    assert offer is not None
    tell(f"{corpus.name}: fetching {tqdm.format_sizeof(total(offer), 'B', 1000)}; terms: {corpus.terms}")
    with (
        connect() as connection,
        progress.bar(total=total(offer), unit="B", unit_scale=True, dynamic_ncols=True) as bar,
    ):
        if isinstance(offer, Listing):
            _fetch_files(offer, whole, connection, bar)
        else:
            for archive in offer:
                fetch(archive, downloads / archive.name, connection, bar)
    if not isinstance(offer, Listing):
        shutil.rmtree(whole, ignore_errors=True)
        for archive in offer:
            _unpack(archive, downloads, whole / archive.folder)
    if folder.is_dir():
        folder.rmdir()  # it is empty, and Windows cannot replace a folder
    whole.rename(folder)
    shutil.rmtree(downloads)
    tell(f"{corpus.name}: fetched into {folder}")


def _fetch_files(listing: Listing, whole: Path, connection: Connection, bar: "tqdm[Any]") -> None:
    """Fetch each file, first from the place that had the last one."""
    base = ""
    for path, file in listing.files().items():
        urls = sorted(file.urls, key=lambda url: not url.startswith(base))
        place = fetch(replace(file, urls=tuple(urls)), whole / path, connection, bar)
        base = place.removesuffix(quote(path))


def _unpack(archive: Archive, downloads: Path, folder: Path) -> None:
    unpacked = downloads / "unpacked"
    unpack(downloads / archive.name, unpacked)
    inner = unpacked / archive.around
    folder.parent.mkdir(parents=True, exist_ok=True)
    (inner if inner.is_dir() else unpacked).rename(folder)
