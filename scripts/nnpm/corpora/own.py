"""A user's own corpus: a list of recordings in any of the formats of `lists`, named under `manifests` in the config.

An entry is a path, or a mapping with `path` and what else a list needs (`Entry`). An empty label means unlabelled, what
other words mean is in `labels`. An utterance's id is its path as listed, without the extension, and `@start-end` for a
segment. An absolute path below the list's root counts as relative to it; if all paths are absolute, ids begin below the
folder that they share. A split is given for all rows or none.
"""

import math
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path, PurePath
from typing import Any

from nnpm import CLASSES
from nnpm.corpora import labels
from nnpm.corpora.base import NOBODY, Clip, Corpus, Reading, check_name, is_audio
from nnpm.corpora.lists import formats, refusals
from nnpm.corpora.lists.base import SPLITS, Entry, Row, expanded
from nnpm.errors import InputError

_GENDERS = {
    **dict.fromkeys(("f", "female", "woman", "w", "weiblich", "femme"), "f"),
    **dict.fromkeys(("m", "male", "man", "männlich", "homme"), "m"),
    **dict.fromkeys(("", "other"), None),
}
_CLOCK = re.compile(r"(?:(\d{1,9}) days? )?(\d{1,9}):(\d\d):(\d\d(?:\.\d+)?)")  # a pandas Timedelta


def from_manifest(name: str, manifest: Mapping[str, Any] | Path | str) -> Corpus:
    """Return the corpus of an entry of `manifests`. `find` and `reading` read the list; `find` ignores its argument."""
    entry = Entry.of(name, manifest)
    read = cache(lambda: _read(entry))
    return Corpus(
        name=name,
        title=f"own corpus {name}",
        language=entry.language,
        owner="",
        url="",
        terms="",
        citation="",
        layout=str(entry.path),
        find=lambda _folder: list(read().clips),
        list_files=lambda _folder: [*read().files, *(clip.path for clip in read().clips)],
        manifest=entry.path,
        reading=read,
        natural=entry.natural,
    )


def _read(entry: Entry) -> Reading:
    chosen = formats.chosen(entry)
    listed = formats.FORMATS[chosen].read(entry)
    if not listed.rows:
        raise InputError(f"{entry.path}: no recordings in it; see what the format {chosen} expects")
    rows = listed.rows
    first = dict[str, str]()
    for row in rows:
        first.setdefault(row.fields.get("label", ""), row.where)
    meanings = labels.read(first, entry.labels, listed.codes)
    root = entry.root or listed.root
    paths, base = _located([expanded(row.fields["path"]) for row in rows], root)
    if any(map(os.path.isabs, paths)):
        root = root.absolute()
    clips = [
        _clip(row, root / path, path, base, meanings, listed.codes, entry)
        for row, path in zip(rows, paths, strict=True)
    ]
    refusals.repeated(rows, clips)
    refusals.absent(entry, root, clips)
    refusals.same_name(rows, clips)
    refusals.partly_split(entry, clips)
    counts = Counter(row.fields.get("label", "") for row in rows)
    words = [
        (_shown(word, listed.codes), meanings[word], count)
        for word, count in sorted(counts.items(), key=lambda item: (meanings[item[0]], item[0]))
        if meanings[word] != word.lower() and (word or len(counts) > 1)
    ]
    refusals.no_class(entry, words, meanings)
    return Reading(
        tuple(sorted(clips, key=lambda clip: (clip.path, clip.start or 0.0))),
        listed.files,
        f"{chosen}, {listed.how}",
        tuple(words),
        (*listed.warnings, *_warnings(entry, clips, words, meanings, listed.codes)),
    )


def _shown(word: str, codes: Mapping[str, str]) -> str:
    said = labels.said(word, codes)
    return (word if said.lower() == word.lower() else f"{word} ({said})") or "(empty)"


def _located(paths: list[str], root: Path) -> tuple[list[str], str]:
    """The paths, and the folder that ids begin below, "" if there is none.

    If all paths are absolute, it is the folder that all files share. Else those below the root become relative to it.
    """
    if all(map(os.path.isabs, paths)):
        return paths, os.path.commonpath([Path(os.path.normpath(path)).parent for path in paths])
    places = (os.path.normpath(root.absolute()), str(root.resolve()))
    return [_below(path, places) if Path(path).is_absolute() else path for path in paths], ""


def _below(path: str, places: Sequence[str]) -> str:
    """The absolute path relative to the first of the folders that holds it; unchanged if none does."""
    whole = PurePath(os.path.normpath(path))
    return next((str(whole.relative_to(place)) for place in places if whole.is_relative_to(place)), path)


def _clip(
    row: Row,
    path: Path,
    place: str,
    base: str,
    meanings: Mapping[str, str],
    codes: Mapping[str, str],
    entry: Entry,
) -> Clip:
    listed, label = row.fields["path"], row.fields.get("label", "")
    if not listed:
        raise InputError(f"{row.where} has no path")
    check_name(path)
    if not is_audio(path):
        raise InputError(f"{row.where}: {listed} is not named like an audio file (.wav, .flac, .ogg, .mp3, ...)")
    gender, split = _known(row, "gender").lower(), _known(row, "split").lower()
    if gender not in _GENDERS:
        raise InputError(f"{row.where}: gender {gender!r}; f, m or empty")
    if split and split not in SPLITS:
        raise InputError(f"{row.where}: split {split!r}; {', '.join(dict.fromkeys(SPLITS.values()))} or empty")
    start, end = _segment(row)
    meaning = meanings[label]
    name = PurePath(os.path.relpath(path, base) if base else place).with_suffix("").as_posix()
    if start is not None or end is not None:
        name += f"@{start or 0:.10g}-{'' if end is None else f'{end:.10g}'}"
    return Clip(
        path,
        _speaker(row, entry),
        None if meaning == labels.UNLABELLED else labels.said(label, codes).lower(),
        meaning if meaning in CLASSES else None,
        _GENDERS[gender],
        SPLITS.get(split),
        row.file,
        name,
        start,
        end,
    )


def _known(row: Row, field: str) -> str:
    """The row's text for a field, "" for a word such as nan, unknown or ?, which says that it is missing."""
    text = row.fields.get(field, "")
    return "" if labels.meaning(text) == labels.UNLABELLED else text


def _speaker(row: Row, entry: Entry) -> str:
    if entry.speakers is not None:
        match = entry.speakers.search(row.fields["path"])
        if match is None or not match[1]:
            raise InputError(
                f"{row.where}: manifests.{entry.name}.speakers finds no speaker in {row.fields['path']}; change the "
                "pattern or the name"
            )
        return match[1]
    if "speaker" in row.fields and not row.fields["speaker"]:
        raise InputError(f"{row.where} has no speaker")
    speaker = row.fields.get("speaker", "")
    return speaker if speaker == "NA" else _known(row, "speaker") or NOBODY  # NA may be somebody's initials


def _segment(row: Row) -> tuple[float | None, float | None]:
    """Start and end in seconds, None for the file's own."""
    start, end = (_seconds(row, field) for field in ("start", "end"))
    if (start or 0.0) < 0 or (end is not None and end <= (start or 0.0)):
        raise InputError(f"{row.where}: no segment from {start or 0:g} s to {end or 0:g} s; correct start and end")
    return (start or None) if end is None else start or 0.0, end


def _seconds(row: Row, field: str) -> float | None:
    text = _known(row, field)
    if text.lower() in ("", "nat"):
        return None
    if clock := _CLOCK.fullmatch(text):
        days, hours, minutes, seconds = clock.groups()
        return ((int(days or 0) * 24 + int(hours)) * 60 + int(minutes)) * 60 + float(seconds)
    with suppress(ValueError):
        if math.isfinite(number := float(text.replace(",", "."))):
            return number
    raise InputError(f"{row.where}: {field} {text!r} is not a number of seconds; write 1.5")


def _warnings(
    entry: Entry,
    clips: Sequence[Clip],
    words: Sequence[tuple[str, str, int]],
    meanings: Mapping[str, str],
    codes: Mapping[str, str],
) -> Iterator[str]:
    if unknown := [f"{word} ({count})" for word, meaning, count in words if meaning == labels.UNKNOWN]:
        yield f"labels that are no known words are left out: {', '.join(unknown)}; map the classes by labels:"
    known = {labels.key(each) for word in meanings for each in (word, labels.said(word, codes))}
    if unused := [word for word in entry.labels if labels.key(word) not in known]:
        yield f"manifests.{entry.name}.labels: no utterance is labelled {', '.join(unused)}"
    if nobody := sum(clip.speaker == NOBODY for clip in clips):
        yield (
            f"the list does not name the speaker of {nobody} of {len(clips)} utterances, so training and test may "
            "share speakers; add a column of speakers, or a pattern for them by speakers:"
        )
    if entry.speakers is not None and _one_label_each(clips):
        yield (
            f"each speaker that manifests.{entry.name}.speakers finds has one label only, first {clips[0].speaker!r} "
            f'in {clips[0].utterance}: if that holds the folder of a label, write speakers: "([^/_]+)_[^/]*$", '
            "which looks at the file's own name"
        )


def _one_label_each(clips: Sequence[Clip]) -> bool:
    """Whether there are several labels, but one for each speaker, and speakers of several utterances."""
    found: dict[str, set[str | None]] = {}
    for clip in clips:
        found.setdefault(clip.speaker, set()).add(clip.emotion)
    several = len({clip.emotion for clip in clips}) > 1 and len(found) < len(clips)
    return several and all(len(emotions) == 1 for emotions in found.values())
