"""Shared by all corpus adapters: the records that they return, and the search for audio files.

This package is imported while the workflow is planned, so it uses the standard library only.
"""

import codecs
import difflib
import fnmatch
import hashlib
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from nnpm.corpora.offers import Offer, total
from nnpm.errors import InputError, one_line

#: File name extensions of the audio formats that libsndfile reads, without raw and matrix formats.
AUDIO_EXTENSIONS = frozenset(
    {
        ".wav",
        ".wave",
        ".flac",
        ".ogg",
        ".oga",
        ".opus",
        ".mp3",
        ".aif",
        ".aiff",
        ".aifc",
        ".au",
        ".snd",
        ".caf",
    }
    | {".w64", ".rf64", ".nist", ".sph"}
)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

#: Ends a message about corpora that a user has to get by hand.
CHECK = (
    "snakemake --cores 1 corpora, with the same --configfile, checks them and writes each one's "
    "results/NAME/corpora/CORPUS/check.md"
)
#: Parts of a path that Snakemake would replace: wildcards and pathvars.
_PLACEHOLDER = re.compile(r"\{.*\}|<\w+>")


@dataclass(frozen=True)
class Clip:
    """One audio file as its corpus describes it.

    `emotion` is the corpus's own word in lower case, None if the file carries no label. `label` is one of
    `nnpm.CLASSES`; None for an emotion that is left out, and for an unlabelled file. `gender` is "f", "m" or
    None. `annotation` is the file that holds the labels, None if they are in the audio file's name. `split`, `name` (an
    utterance's id other than the file name), and `start` and `end` (seconds, of a segment of the file; None for its
    beginning and end) come from a user's own list only.
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
class Corpus:
    """A corpus: who made it, under which terms it may be used, and how its files are read.

    `layout` is an example of a file, as expected below the corpus's folder. `published` counts the utterances of each
    class according to the owners or the public inventories; empty if unknown. `find` takes the folder and returns every
    clip, other emotions included, sorted by path; it raises `InputError` if the folder does not match `layout`.
    `list_files` takes the folder and returns the files that `find` reads; None if `find` itself is fast enough. Fixed
    speakers make fixed splits; without them splits are drawn (`splits`). `manifest` is the CSV file of an own corpus,
    None for a corpus in a folder. `natural` is True if nobody told the speakers which emotion to show, as in
    spontaneous speech, False if emotions were acted, None if unknown. `offer` is None if users have to ask the owner or
    if no checksum is published; `ask` then says what to do.
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
    natural: bool | None = None
    offer: Offer | None = None
    ask: str = ""

    def place(self, corpora_dir: Path) -> Path:
        """The corpus's expected place: its folder in `corpora_dir`, or its own manifest."""
        return self.manifest or corpora_dir / self.name


def is_audio(path: Path) -> bool:
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


def audio_files(folder: Path, levels: Sequence[str], example: str) -> list[Path]:
    """Return all audio files exactly `levels` below `folder`, sorted by path.

    `levels` are shell patterns for the folder names, outermost first (`["Session[1-5]", "sentences", "wav", "*"]`);
    `example` is one file, shown if none is found. Folders named like audio files are skipped. Raises `InputError` if
    the folder is missing, if it has no such file (the message says if the files are one or two folders deeper, or too
    high), if a file name cannot stand in a table, or if an utterance occurs twice.
    """
    if not is_folder(folder):
        raise InputError(f"{folder}: no such folder; expected files like {example} in it")
    files = _listing(folder, levels)
    if not files:
        raise InputError(f"{folder}: no files like {example}; {_elsewhere(folder, levels)}")
    for path in files:
        check_name(path)
    check_unique((path.stem, path) for path in files)
    return files


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


def missing(corpora: Mapping[str, Corpus], corpora_dir: Path) -> list[str]:
    """Return one block of text per missing or empty corpus, in the given order.

    A block says what was expected where, who owns the corpus, its terms and how to get it.
    """
    return [
        f"{corpus.name} ({corpus.title}): {fault}\n"
        + "\n".join(
            f"  {key:<8}{value}"
            for key, value in (
                *(("owner:", corpus.owner), ("from:", corpus.url), ("terms:", corpus.terms), ("ask:", corpus.ask)),
                ("fetch:", _fetching(corpus)),
                ("put:", "" if corpus.manifest else f"so that {corpus.place(corpora_dir) / corpus.layout} is there"),
            )
            if value
        )
        for corpus in corpora.values()
        if (fault := _absence(corpus, corpora_dir))
    ]


def no_folder(corpora_dir: Path, setting: str = "corpora_dir") -> str:
    """Return a sentence if `corpora_dir` does not exist, else ""; the blocks of `missing` do not repeat it.

    `setting` is what has set it.
    """
    if is_folder(corpora_dir):
        return ""
    said = f"There is no folder {corpora_dir} ({setting}){_resembling(corpora_dir)}"
    return said if said.endswith("?") else f"{said}."


def _resembling(path: Path) -> str:
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

    Names are seen from `root`, those of files elsewhere have no folder, so that a corpus that moves keeps its digest.
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
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
        content.update(os.fsencode(name) + b"\0" + state + b"\n")
    return content.hexdigest()


def _fetching(corpus: Corpus) -> str:
    if corpus.offer is None:
        return ""
    return f"snakemake --cores 1 download, with the same --configfile ({total(corpus.offer) / 1e6:,.0f} MB)"


def _absence(corpus: Corpus, corpora_dir: Path) -> str:
    place = corpus.place(corpora_dir)
    if corpus.manifest is not None:
        return "" if is_file(place) else f"the manifest {place} does not exist, or is not a file{_resembling(place)}"
    if no_folder(corpora_dir):
        return f"expected files like {corpus.layout}"
    if not is_folder(place):
        return f"looked for {corpus.layout} in {place}, which does not exist"
    if not _holds_audio(place):
        return f"looked for {corpus.layout} in {place}, which holds no audio file"
    return ""


def _holds_audio(folder: Path) -> bool:
    """Whether any folder below has an audio file; linked folders are visited once, as links may be circular."""
    seen: set[Path] = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        if any(is_audio(Path(name)) for name in names):
            return True
        real = Path(place).resolve()
        if real in seen:
            folders.clear()
        seen.add(real)
    return False


def _listing(folder: Path, levels: Sequence[str]) -> list[Path]:
    folders = [folder]
    for level in levels:
        folders = [
            child
            for parent in folders
            for child in parent.iterdir()
            if fnmatch.fnmatchcase(child.name, level) and not child.name.startswith(".") and is_folder(child)
        ]
    return [path for last in sorted(folders) for path in _files_in(last) if is_audio(path)]


def _files_in(folder: Path) -> list[Path]:
    """Return the files by name; a scan is faster than asking for each whether it is a folder."""
    with os.scandir(folder) as entries:
        return [folder / name for name in sorted(entry.name for entry in entries if not is_folder(entry))]


def _elsewhere(folder: Path, levels: Sequence[str]) -> str:
    """Return the end of the message: where the files are instead, if they were unpacked at a wrong level."""
    for depth, words in ((1, "one folder"), (2, "two folders")):
        for child in sorted(path for path in folder.glob("*/" * depth) if is_folder(path)):
            if _listing(child, levels):
                return f"found them {words} deeper in {child}: move them up"
    for skipped in range(1, len(levels) + 1):
        if _listing(folder, levels[skipped:]):
            way = "/".join(levels[:skipped])
            return f"found them too high, not in {way}: move them into it"
    return "put the corpus there as its owner lays it out"
