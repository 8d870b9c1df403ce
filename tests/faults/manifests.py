"""Own manifests: mine.csv and the files that it names."""

import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

from tests.faults.case import OfCorpus
from tests.faults.valid import MANIFEST, tone

FIRST = "angry 1.wav"


def rows(name: str, content: str | bytes, *words: str, utterances: int = 8, role: str = "target") -> OfCorpus:
    """Another content of the manifest."""
    whole = content.encode() if isinstance(content, str) else content
    words = ("mine.csv", *words) if words else ()
    return OfCorpus(name, "own", lambda folder: (folder / "mine.csv").write_bytes(whole), words, utterances, role)


def renamed(name: str, new: str, *words: str, listed: str | None = None) -> OfCorpus:
    """Another name of one file, in the manifest as well, or listed there in another way."""

    def spoil(folder: Path) -> None:
        (folder / new).parent.mkdir(parents=True, exist_ok=True)
        (folder / FIRST).rename(folder / new)
        cell = '"' + (new if listed is None else listed).replace('"', '""') + '"'
        (folder / "mine.csv").write_text(MANIFEST.replace(FIRST, cell), encoding="utf-8")

    return OfCorpus(name, "own", spoil, words)


def absolute(folder: Path) -> None:
    (folder / "mine.csv").write_text(MANIFEST.replace(FIRST, str(folder / FIRST)), encoding="utf-8")


def elsewhere(folder: Path) -> None:
    tone(folder.parent / "elsewhere.wav", 9)
    (folder / "mine.csv").write_text(MANIFEST.replace(FIRST, "../elsewhere.wav"), encoding="utf-8")


def also(make: Callable[[Path], object], row: str, *words: str, name: str) -> OfCorpus:
    """Something more beside the files, and a row for it."""

    def spoil(folder: Path) -> None:
        make(folder)
        (folder / "mine.csv").write_text(MANIFEST + row, encoding="utf-8")

    return OfCorpus(name, "own", spoil, words, utterances=9)


UMLAUTS = MANIFEST.replace(",1\n", ",Jürgen\n")
SPLIT = "".join(
    f"{line},{part}\n" for line, part in zip(MANIFEST.splitlines(), ["split", *["train", "test"] * 4], strict=True)
)

MANIFESTS = [
    OfCorpus("no manifest", "own", lambda folder: (folder / "mine.csv").unlink(), ("mine.csv", "does not exist")),
    OfCorpus(
        "a folder as manifest",
        "own",
        lambda folder: [(folder / "mine.csv").unlink(), (folder / "mine.csv").mkdir()],
        ("mine.csv", "no list that can be read", "format: folders"),
    ),
    rows("an empty manifest", "", "empty", "the first line is path,label,speaker"),
    rows("column names alone", "path,label,speaker\n", "no rows below the column names"),
    rows("a manifest in UTF-16", MANIFEST.encode("utf-16"), "not UTF-8", "save it as CSV in UTF-8"),
    rows("a manifest in Latin-1", UMLAUTS.encode("latin-1"), "not UTF-8", "save it as CSV in UTF-8"),
    rows("a spreadsheet", b"PK\x03\x04" + bytes(range(256)), "not UTF-8", "save it as CSV in UTF-8"),
    rows("no column of paths", MANIFEST.replace("path", "what"), "no column 'path'", "only 'what', 'label', 'speaker'"),
    rows("a column misspelt", MANIFEST.replace("speaker", "speker"), "no column 'speaker'", "did you mean 'speker'?"),
    rows("a column twice", MANIFEST.replace("label", "speaker"), "repeated column 'speaker'", "rename one"),
    rows("semicolons", MANIFEST.replace(",", ";")),
    rows("tabs", MANIFEST.replace(",", "\t")),
    rows("a value too few", MANIFEST + "a.wav,sad\n", "line 10 has 2 values for 3 columns"),
    rows("a comma in a name", MANIFEST + "a, b.wav,sad,1\n", "line 10 has 4 values", "double quotes"),
    rows("an open quote", MANIFEST + '"a.wav,sad,1\n', "not a CSV file, line 10"),
    rows("a NUL byte", MANIFEST.replace("happy 1", "happy\0001"), "line 3", "control character in 'happy\\x001.wav'"),
    rows("a cell of two lines", MANIFEST.replace(FIRST, '"angry\n1.wav"'), "line 3", "line break or control"),
    rows("a speaker that clears the screen", MANIFEST.replace(",2", ",\x1b[2J"), "line break or control character in"),
    rows("a cell of a megabyte", MANIFEST + "x" * 1_000_000 + ".wav,sad,1\n", "not a CSV file", "field limit"),
    rows("no speaker", MANIFEST.replace("sad,2", "sad,"), "line 9 has no speaker"),
    rows("no path", MANIFEST.replace(FIRST, ""), "line 2 has no path"),
    rows("a name without sound", MANIFEST.replace(FIRST, "a.txt"), "line 2", "a.txt is not named like an audio file"),
    rows("a file that is not there", MANIFEST.replace(FIRST, "x.wav"), "1 of 8 audio files do not exist", "x.wav"),
    rows("a name of 300 letters", MANIFEST.replace(FIRST, "x" * 300 + ".wav"), "do not exist", "xxx.wav"),
    rows("capitals", MANIFEST.replace(FIRST, "Angry 1.wav"), "found 'angry 1.wav'", "write it like that"),
    rows(
        "the same row twice",
        MANIFEST + f"{FIRST},angry,1\n",
        "line 10 lists angry 1.wav again, after line 2",
        "remove one",
    ),
    rows("an unknown split", SPLIT.replace(",test", ",held"), "split 'held'", "train, validation, test or empty"),
    rows("splits for some", SPLIT.replace(",test", ","), "4 of 8 rows have no split", "for all rows or for none"),
    rows("no test", SPLIT.replace(",test", ",train"), "no utterance in use has the split test", "leave the column"),
    rows("an unknown gender", "path,speaker,gender\nangry 1.wav,1,x\n", "line 2: gender 'x'", "f, m or empty"),
    rows("words that are no classes", "path,speaker,label\nangry 1.wav,1,calm\n", "no utterance is angry", "calm"),
    OfCorpus("a source of two speakers", "own", lambda _: None, ("2 speakers, a source needs three",), role="source"),
    OfCorpus(
        "a source without labels",
        "own",
        lambda folder: (folder / "mine.csv").write_text("path,speaker\nangry 1.wav,1\n"),
        ("a source needs a label for every utterance", "label or remove them"),
        role="source",
    ),
    also(lambda folder: (folder / "x.wav").mkdir(), "x.wav,sad,1\n", "x.wav", "are no files", name="a folder x.wav"),
    also(
        lambda folder: tone(folder / unicodedata.normalize("NFD", "ärger.wav"), 9),
        unicodedata.normalize("NFC", "ärger.wav") + ",sad,1\n",
        *("mine.csv", "found 'a\\u0308rger.wav'", "Unicode form", "write it like that"),
        name="accents encoded in another way than in the file's name",
    ),
    also(
        lambda folder: shutil.copy(folder / FIRST, folder / "angry 1.flac"),
        "angry 1.flac,sad,1\n",
        *("angry 1.flac", "the same utterance name", "remove or rename one"),
        name="x.wav and x.flac",
    ),
    also(lambda folder: tone(folder / "Angry 1.wav", 9), "Angry 1.wav,sad,1\n", name="names that differ in case"),
    rows("a mark of UTF-8", MANIFEST.encode("utf-8-sig")),
    rows("CRLF", MANIFEST.replace("\n", "\r\n")),
    rows("blank lines, spaces and capitals", MANIFEST.replace(",", " , ").replace("path", "Path") + "\n , ,\n\n"),
    rows("quotes", "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in MANIFEST.splitlines())),
    rows("speakers with umlauts", UMLAUTS),
    rows(
        "speakers and labels that look like numbers or nothing", MANIFEST.replace(",1\n", ",007\n").replace(",2", ",NA")
    ),
    rows(
        "no labels at all",
        "path,speaker\n" + "".join(f"{line.split(',')[0]},1\n" for line in MANIFEST.split("\n")[1:-1]),
    ),
    OfCorpus("an absolute path", "own", absolute),
    OfCorpus("a path that goes up", "own", elsewhere),
    renamed("a folder with spaces and umlauts", "Töne und Stimmen/süß, 1.wav"),
    renamed("a Persian name, with the joiner that it needs", "می‌خواهم.wav"),
    renamed("a Japanese name, with a wide space", "怒り　1.wav"),
    renamed("a name with marks", "a'b #1 100% $x (1) [2] *?.wav"),
    renamed("a name with braces", "{speaker} {0}.wav", "would read {speaker} {0} as a placeholder", "rename the file"),
    renamed("a name with a regular expression", "a{b,[c-a]}.wav", "as a placeholder", "rename the file"),
    renamed("a name in angle brackets", "a <x>.wav", "would read <x> as a placeholder", "rename the file"),
    renamed("a name with half a brace", "a } b { c < d > e.wav"),
    renamed("a name with quotes", 'the "big" one.wav'),
    renamed("a name that begins with a dash", "-rf.wav"),
    renamed("a name of 250 letters", "x" * 246 + ".wav"),
    renamed("a name with a line break", "angry\n1.wav", "mine.csv", "line break or control character", "remove it"),
]
