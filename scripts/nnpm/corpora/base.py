"""Shared by all corpora: the records that they return, and what a file may be named.

This package is imported while the workflow is planned, so it uses the standard library only.
"""

import codecs
import hashlib
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from nnpm.corpora.offers import Offer
from nnpm.errors import InputError, one_line

#: Endings of the formats that libsndfile reads, without raw and matrix formats.
_DECODED = ".wav .wave .flac .ogg .oga .opus .mp2 .mp3 .aif .aiff .aifc .au .snd .caf .w64 .rf64 .nist .sph"
#: Endings of what only the program ffmpeg decodes; of films it takes the sound.
_BY_FFMPEG = ".m4a .m4b .aac .adts .ac3 .eac3 .amr .awb .wma .asf .mka .weba .ape .wv .tta .mpc"
FILMS = frozenset([".mp4", ".m4v", ".mov", ".webm", ".mkv", ".3gp", ".3g2", ".avi", ".flv", ".wmv"])
AUDIO_EXTENSIONS = FILMS.union(_DECODED.split(), _BY_FFMPEG.split())
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

#: The speaker of an utterance of whom a list says nothing.
NOBODY = "unknown"

#: Parts of a path that Snakemake would replace: wildcards and pathvars.
_PLACEHOLDER = re.compile(r"\{.*\}|<\w+>")


@dataclass(frozen=True)
class Clip:
    """One audio file as its corpus describes it.

    `emotion` is the corpus's own word in lower case, None if the file carries no label. `label` is one of
    `nnpm.CLASSES`; None for an emotion that is left out, and for an unlabelled file. `gender` is "f", "m" or
    None. `annotation` is the file that holds the labels, None if they are in the audio file's name. `name` is an
    utterance's id where the file's name alone is not unique; `start` and `end` (seconds) are those of a segment of the
    file, None for its beginning and end. `split` comes from a user's own list only.
    """

    path: Path
    speaker: str
    emotion: str | None
    label: str | None
    gender: str | None = None
    split: str | None = None
    annotation: Path | None = None
    name: str | None = None
    start: float | None = None
    end: float | None = None

    @property
    def utterance(self) -> str:
        """The id, unique within a corpus: `name`, else the file name without its extension."""
        return self.name or self.path.stem


@dataclass(frozen=True)
class Reading:
    """What reading a user's own list brought: its clips, sorted by path, and the files that were read beside audio.

    `how` says in a few words how it was read, `words` are its labels that are no class's name, each with what it means
    and how many rows have it. `warnings` are lines that a user should read.
    """

    clips: tuple[Clip, ...]
    files: tuple[Path, ...]
    how: str
    words: tuple[tuple[str, str, int], ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Corpus:
    """A corpus: who made it, under which terms it may be used, and how its files are read.

    `layout` is an example of a file, as expected below the corpus's folder. `published` counts the utterances of each
    class according to the owners or the public inventories; empty if unknown. `find` takes the folder and returns every
    clip, other emotions included, sorted by path; it raises `InputError` if the folder does not match `layout`.
    `list_files` takes the folder and returns the files that `find` reads; None if `find` itself is fast enough. Fixed
    speakers make fixed splits; without them splits are drawn (`splits`). `manifest` is the list of an own corpus, a
    file or a folder, and `reading` reads it; both are None for a corpus with an adapter. `flawed` are utterances that
    are known to be unusable as published, each with the reason; they are counted and left out. `natural` is True if
    nobody told the speakers which emotion to show, as in spontaneous speech, False if emotions were acted, None if
    unknown. `offer` is None if users have to ask the owner or if no checksum is published; `ask` then says what to do.
    `caveat` is a warning that holds for every use of the corpus.
    """

    name: str
    title: str
    language: str
    owner: str
    url: str
    terms: str
    citation: str
    layout: str
    find: Callable[[Path], list[Clip]]
    list_files: Callable[[Path], list[Path]] | None = None
    published: Mapping[str, int] = field(default_factory=dict)
    test_speakers: tuple[str, ...] = ()
    validation_speakers: tuple[str, ...] = ()
    source_test_speakers: tuple[str, ...] = ()
    source_validation_speakers: tuple[str, ...] = ()
    manifest: Path | None = None
    reading: Callable[[], Reading] | None = None
    flawed: Mapping[str, str] = field(default_factory=dict)
    natural: bool | None = None
    offer: Offer | None = None
    ask: str = ""
    caveat: str = ""

    def place(self, corpora_dir: Path) -> Path:
        """The corpus's expected place: its folder in `corpora_dir`, or its own manifest."""
        return self.manifest or corpora_dir / self.name


def is_audio(path: PurePath) -> bool:
    """Whether the file name has an audio extension; False for hidden files (`._03a01Fa.wav` from a Mac)."""
    return path.suffix.lower() in AUDIO_EXTENSIONS and not path.name.startswith(".")


def read_text(path: Path) -> str:
    """Return the text of an annotation file in UTF-16, UTF-8 or else Latin-1; lines end in "\\n".

    Labels are always ASCII. Raises `InputError` if the file is missing or not a file.
    """
    if not is_file(path):
        raise InputError(f"{path}: label file missing, or not a file; unpack the corpus again, label files included")
    content = path.read_bytes()
    try:
        text = content.decode("utf-16" if content.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def is_file(path: Path) -> bool:
    """Whether the path is a file, following links; False if the system cannot tell, as for a name too long."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_folder(path: "Path | os.DirEntry[str]") -> bool:
    """Whether the path is a folder, following links; False if the system cannot tell, as for circular links."""
    try:
        return path.is_dir()
    except OSError:
        return False


def check_unique(files: Iterable[tuple[str, Path]]) -> None:
    """Raise `InputError` if two of the (utterance, file) pairs have the same utterance."""
    seen: dict[str, Path] = {}
    for utterance, path in files:
        other = seen.setdefault(utterance, path)
        if other is not path:
            raise InputError(f"{path}: the same utterance name as {other}; names must be unique, remove or rename one")


def check_name(path: Path) -> None:
    """Raise `InputError` if the path cannot stand in a table or among a rule's inputs."""
    if one_line(str(path)) != str(path):
        raise InputError(f"{path}: a control character, or a byte that is not UTF-8, in its name; rename it")
    if placeholder := _PLACEHOLDER.search(str(path)):
        raise InputError(f"{path}: the workflow would read {placeholder[0]} as a placeholder; rename the file")


def match_name(pattern: re.Pattern[str], path: Path, corpus: str, example: str) -> re.Match[str]:
    """Match the file's stem with the corpus's naming scheme; raises `InputError` if it does not fit."""
    match = pattern.fullmatch(path.stem) if path.stem.isascii() else None  # \d also matches digits of other scripts
    if match is None:
        raise InputError(f"{path}: not a {corpus} file name (such as {example}); rename or remove it")
    return match


def files(corpus: Corpus, corpora_dir: Path) -> list[str]:
    """Return all files of the corpus, audio and annotations, sorted; raises what `find` raises.

    Broken links, pipes and the like are left out; they are reported when the clips are opened.
    """
    folder = corpora_dir / corpus.name
    try:
        if corpus.list_files is not None:
            found = set(corpus.list_files(folder))
        else:
            clips = corpus.find(folder)
            found = {clip.path for clip in clips} | {clip.annotation for clip in clips if clip.annotation is not None}
    except OSError as error:
        raise InputError(f"{error.filename or folder}: cannot be read ({error.strerror}); change its rights") from error
    return sorted(path.as_posix() for path in found if is_file(path))


def root(corpus: Corpus, folder: Path, files: Iterable[Path | str]) -> Path:
    """Return where the names of a corpus's files begin: its folder, or for a list what all its audio lies below."""
    if corpus.manifest is None:
        return folder
    folders = {path.parent for path in map(Path, files) if is_audio(path)}
    if len({place.is_absolute() for place in folders}) > 1:
        folders = {place.absolute() for place in folders}
    return Path(os.path.commonpath(folders)) if folders else corpus.manifest.parent


def relative(path: Path, root: Path) -> str:
    """Return a path below `root`, as seen from there."""
    return (path if path.is_relative_to(root) else path.absolute()).relative_to(root).as_posix()


def content(files: Iterable[str], root: Path) -> str:
    """Return the SHA-256 of the names and sizes of a corpus's audio files and of its annotations' content.

    Names are seen from `root`, those of files elsewhere do not count, so that a corpus that moves keeps its digest.
    It notices files that were replaced by older ones, which a comparison of dates misses; reading all the audio would
    take too long. Raises `InputError` if a file cannot be read.
    """
    content = hashlib.sha256()
    for file in files:
        path = Path(file)
        try:
            state = str(path.stat().st_size).encode() if is_audio(path) else hashlib.sha256(path.read_bytes()).digest()
        except OSError as error:
            raise InputError(f"{file}: cannot be read ({error.strerror}); change its rights") from error
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else ""  # a list may be renamed
        content.update(os.fsencode(name) + b"\0" + state + b"\n")
    return content.hexdigest()
