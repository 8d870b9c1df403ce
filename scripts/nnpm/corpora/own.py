"""A user's own corpus: a CSV file with one row per audio file.

Columns `path,label,speaker`, optionally `gender` and `split`. A relative path starts at the CSV file's folder.
An empty label means unlabelled; a label is one of the four classes, in upper or lower case; any other word is counted
as another emotion and left out. An utterance's id is its path as written in the CSV file, without the extension.
`split` is train, validation or test, given for all rows or for none.
"""

import csv
import io
import unicodedata
from contextlib import suppress
from pathlib import Path, PurePath

from nnpm import CLASSES
from nnpm.corpora.base import Clip, Corpus, check_name, check_unique, is_audio, is_file
from nnpm.errors import InputError, one_line

REQUIRED = ("path", "speaker")
OPTIONAL = ("label", "gender", "split")
SPLITS = ("train", "validation", "test")
_GENDERS = {"": None, "f": "f", "female": "f", "m": "m", "male": "m"}


def from_manifest(name: str, csv_path: Path | str) -> Corpus:
    """Return the corpus that the CSV file lists. Only `find` reads the file; it ignores its argument."""
    path = Path(csv_path)
    return Corpus(
        name=name,
        title=f"own corpus {name}",
        language="",
        owner="",
        url="",
        terms="",
        citation="",
        layout=str(path),
        find=lambda _folder: _find(path),
        manifest=path,
    )


def _find(manifest: Path) -> list[Clip]:
    rows, listed = _rows(manifest), dict[str, int]()
    clips = [_clip(row, manifest, line) for line, row in rows]
    for line, row in rows:
        if (first := listed.setdefault(row["path"], line)) != line:
            raise InputError(
                f"{manifest}: line {line} lists {row['path']} again, after line {first}; remove one of them"
            )
    absent = [clip.path for clip in clips if not is_file(clip.path)]
    if absent:
        raise InputError(
            f"{manifest}: {len(absent)} of {len(clips)} audio files do not exist, or are no files, first {absent[0]}; "
            + (_lookalike(absent[0]) or "paths are relative to the manifest's folder")
        )
    check_unique((clip.utterance, clip.path) for clip in clips)
    unsplit = [clip for clip in clips if clip.split is None]
    if 0 < len(unsplit) < len(clips):
        raise InputError(
            f"{manifest}: {len(unsplit)} of {len(clips)} rows have no split (first {unsplit[0].path}); "
            "give it for all rows or for none"
        )
    return sorted(clips, key=lambda clip: clip.path)


def _lookalike(path: Path) -> str:
    """A hint if a file beside it has the same name except for case or Unicode form, else ""."""

    def seen(name: str) -> str:
        return unicodedata.normalize("NFC", name).casefold()

    with suppress(OSError, ValueError):
        for other in sorted(path.parent.iterdir()):
            if seen(other.name) == seen(path.name) and is_file(other):
                return f"found {other.name!a}, which differs in case or Unicode form (NFC, NFD): write it like that"
    return ""


def _rows(manifest: Path) -> list[tuple[int, dict[str, str]]]:
    """(line number, row) of every row that is not blank, column names in lower case, values stripped."""
    try:
        text = manifest.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{manifest}: cannot be read ({error.strerror}); check the path under manifests") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{manifest}: not UTF-8; save it as CSV in UTF-8") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise InputError(f"{manifest}: not a CSV file, line {reader.line_num}: {error}") from error
    if not lines:
        raise InputError(f"{manifest}: empty; the first line is path,label,speaker")
    columns = [cell.strip().lower() for cell in lines[0][1]]
    _check_columns(columns, manifest)
    if len(lines) == 1:
        raise InputError(f"{manifest}: no rows below the column names; list one audio file per row")
    for number, row in lines[1:]:
        if len(row) != len(columns):
            raise InputError(
                f"{manifest}: line {number} has {len(row)} values for {len(columns)} columns; put text with "
                'commas into double quotes, "like, this"'
            )
        if odd := next((cell for cell in row if one_line(cell) != cell), None):
            raise InputError(f"{manifest}: line {number}: a line break or control character in {odd[:40]!r}; remove it")
    return [(number, dict(zip(columns, (cell.strip() for cell in row), strict=True))) for number, row in lines[1:]]


def _check_columns(columns: list[str], manifest: Path) -> None:
    absent = [name for name in REQUIRED if name not in columns]
    unknown = [name for name in columns if name not in REQUIRED + OPTIONAL]
    repeated = sorted({name for name in columns if columns.count(name) > 1})
    for fault, names in (("no column", absent), ("unknown column", unknown), ("repeated column", repeated)):
        if names:
            raise InputError(
                f"{manifest}: {fault} {', '.join(map(repr, names))}; "
                "the columns are path,label,speaker and, if wanted, gender,split, separated by commas"
            )


def _clip(row: dict[str, str], manifest: Path, line: int) -> Clip:
    where = f"{manifest}: line {line}"
    path = manifest.parent / row["path"]
    if not row["path"] or not row["speaker"]:
        raise InputError(f"{where} has no {'speaker' if row['path'] else 'path'}")
    check_name(path)
    if not is_audio(path):
        raise InputError(f"{where}: {row['path']} is not named like an audio file (.wav, .flac, .ogg, .mp3, ...)")
    gender = row.get("gender", "").lower()
    if gender not in _GENDERS:
        raise InputError(f"{where}: gender {gender!r}; f, m or empty")
    split = row.get("split", "").lower()
    if split and split not in SPLITS:
        raise InputError(f"{where}: split {split!r}; {', '.join(SPLITS)} or empty")
    emotion = row.get("label", "").lower() or None
    return Clip(
        path,
        row["speaker"],
        emotion,
        emotion if emotion in CLASSES else None,
        _GENDERS[gender],
        split or None,
        manifest,
        PurePath(row["path"]).with_suffix("").as_posix(),
    )
