"""The formats of lists, declared once: how each is recognised by looking at it, and how it is read."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nnpm.corpora.lists import audformat, audiofolder, emobox, folders, jsonl, table
from nnpm.corpora.lists.base import Entry, Listed
from nnpm.corpora.lists.columns import FIELDS
from nnpm.errors import InputError, suggest


@dataclass(frozen=True)
class Format:
    """A format: how a user knows it, whether an entry fits it, and its reader."""

    what: str
    fits: Callable[[Entry], bool]
    read: Callable[[Entry], Listed]


#: Every format by name; the first that fits is used.
FORMATS: dict[str, Format] = {
    "audformat": Format("a folder with db.yaml", audformat.fits, audformat.read),
    "emobox": Format("a folder with fold_1/*_train_fold_1.jsonl, or its *.jsonl", emobox.fits, emobox.read),
    "audiofolder": Format("a folder with metadata.csv or metadata.jsonl", audiofolder.fits, audiofolder.read),
    "folders": Format("a folder with one sub-folder per emotion", folders.fits, folders.read),
    "jsonl": Format("a file with a JSON object per line", jsonl.fits, jsonl.read),
    "table": Format("a CSV or TSV file", table.fits, table.read),
}


def chosen(entry: Entry) -> str:
    """The name of the entry's format: its own choice, else the first that fits; raises `InputError` if none does."""
    if entry.format is not None:
        return entry.format
    for name, each in FORMATS.items():
        if each.fits(entry):
            return name
    known = ", ".join(f"{each.what} ({name})" for name, each in FORMATS.items())
    raise InputError(
        f"{entry.path}: no list that can be read, which is {known}; a folder whose sub-folders have other names needs "
        "labels: {NAME: angry, ...} in manifests, one of unlabelled recordings format: folders"
    )


def contradictions(name: str, manifest: Mapping[str, Any] | str) -> list[str]:
    """What is wrong with an entry of `manifests` beyond the schema."""
    entry, key = manifest if isinstance(manifest, Mapping) else {}, f"manifests.{name}"
    found = []
    if (chosen := entry.get("format")) and chosen not in FORMATS:
        found.append(f"{key}.format: unknown format {chosen!r}; {suggest(chosen, FORMATS)}")
    if unknown := [each for each in entry.get("columns", {}) if each not in FIELDS]:
        found.append(f"{key}.columns: unknown column {unknown[0]!r}; {suggest(str(unknown[0]), FIELDS)}")
    if pattern := entry.get("speakers"):
        try:
            groups = re.compile(pattern).groups
        except re.error as error:
            return [*found, f"{key}.speakers: not a regular expression ({error}); correct it"]
        if groups != 1:
            found.append(f"{key}.speakers: {groups} groups in {pattern!r}; put the speaker's part into one pair of ( )")
    return found
