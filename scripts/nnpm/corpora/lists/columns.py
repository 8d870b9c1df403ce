"""The columns of a list: which of our fields each holds, whatever it is called."""

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path

from nnpm.corpora.labels import key
from nnpm.corpora.lists.base import Entry
from nnpm.errors import InputError, suggest

#: Our fields, and other names of their columns; case, spaces, `_` and `-` do not count.
FIELDS: dict[str, tuple[str, ...]] = {
    "path": (
        *("file", "filename", "filepath", "wav", "wavfile", "wavfilename", "wavpath", "audio", "audiofile"),
        *("audiofilename", "audiopath", "audiofilepath", "clip", "recording", "sound", "soundfile"),
    ),
    "label": (
        *("emotion", "emotions", "emo", "emotionlabel", "emotionclass", "emotionname", "labels", "class", "classlabel"),
        *("category", "gefühl", "émotion", "emozione", "emoción", "emoção", "emocja"),
    ),
    "speaker": (
        *("spk", "speakerid", "spkid", "speakername", "spkname", "spkr", "subject", "subjectid", "actor", "actorid"),
        *("participant", "participantid", "clientid", "sprecher", "sprecherin"),
    ),
    "gender": ("sex", "geschlecht"),
    "split": ("subset", "partition", "set"),
    "start": ("starttime", "startsec", "startseconds", "begin", "begintime"),
    "end": ("endtime", "endsec", "endseconds", "stop", "stoptime"),
}
_CLOSE = 0.8


def _short(name: str) -> str:
    return key(name).replace(" ", "")


def matched(names: Iterable[str], entry: Entry, where: Path) -> dict[str, str]:
    """Our fields and the list's column for each that it has.

    Raises `InputError` if there is no column for the path, if two columns may hold the same field, or if the user's own
    choice is not there; also if there is no label or speaker, but a column whose name is close to it.
    """
    here = list(names)
    if entry.columns.get("path", "") is None:
        raise InputError(f"{where}: columns: {{path: null}} in manifests, but every list names its files; remove it")
    found = {field: _chosen(field, name, here, where) for field, name in entry.columns.items() if name is not None}
    taken = set(found.values())
    for field, others in FIELDS.items():
        if field in entry.columns:
            continue
        known = {_short(name) for name in others}
        ours = [name for name in here if _short(name) == field and name not in taken]
        fitting = ours or [name for name in here if _short(name) in known and name not in taken]
        if len(fitting) > 1:
            fault = f"columns {', '.join(map(repr, fitting))} may all hold the {field}"
            if len(set(fitting)) == 1:
                raise InputError(f"{where}: repeated column {fitting[0]!r}; remove or rename one of them")
            raise InputError(f"{where}: {fault}; choose by columns: {{{field}: {fitting[0]}}} in manifests")
        if fitting:
            found[field] = fitting[0]
    _refuse_lacking(found, here, entry, where)
    return found


def has_path(names: Iterable[str], entry: Entry) -> bool:
    """Whether one of the columns can hold the path."""
    here = set(names)
    if "path" in entry.columns:
        return entry.columns["path"] in here
    return not {_short(name) for name in here}.isdisjoint({"path", *FIELDS["path"]})


def told(found: Mapping[str, str], names: Iterable[str]) -> str:
    """Which columns are used for what, and which are not used."""
    used = ", ".join(field if _short(name) == field else f"{field} from {name!r}" for field, name in found.items())
    rest = [name for name in dict.fromkeys(names) if name and name not in found.values()]
    return f"columns {used}" + (f"; not used: {', '.join(rest)}" if rest else "")


def _chosen(field: str, name: str, here: list[str], where: Path) -> str:
    if name not in here:
        raise InputError(f"{where}: no column {name!r}, which manifests gives for the {field}; {suggest(name, here)}")
    return name


def _refuse_lacking(found: Mapping[str, str], here: list[str], entry: Entry, where: Path) -> None:
    for field in ("path", "label", "speaker"):
        if field in found or field in entry.columns:
            continue
        known, rest = [field, *map(_short, FIELDS[field])], [name for name in here if name not in found.values()]
        close = [name for name in rest if difflib.get_close_matches(_short(name), known, n=1, cutoff=_CLOSE)]
        if close:
            raise InputError(
                f"{where}: no column {field!r}; did you mean {close[0]!r}? choose by columns: {{{field}: {close[0]}}} "
                f"in manifests{'' if field == 'path' else ', or null for none'}"
            )
        if field == "path":
            names = ", ".join(map(repr, here)) or "none"
            raise InputError(
                f"{where}: no column 'path' with the audio file's name, only {names}; name it in the first line, or by "
                "columns: {path: THEIRS} in manifests"
            )
