"""Own lists in all formats: other columns, words, segments, and the message on a list that cannot be used."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.faults.case import OfCorpus
from tests.faults.manifests import SPLIT
from tests.faults.valid import LETTERS, MANIFEST, NAMES, tone

ROWS = [dict(zip(("wav", "emo", "spk"), line.split(","), strict=True)) for line in MANIFEST.splitlines()[1:]]


def listed(
    name: str,
    content: str,
    *words: str,
    role: str = "target",
    utterances: int = 8,
    warns: str = "",
    **entry: Any,
) -> OfCorpus:
    """Another content of the list, and what its entry in the config says."""
    path = entry.get("path", "mine.csv")
    spoil: Callable[[Path], object] = lambda folder: (folder / path).write_text(content, encoding="utf-8")  # noqa: E731
    return OfCorpus(name, "own", spoil, words, utterances, role, warns=warns, entry=entry)


def words(*four: str) -> str:
    """The list with other words for angry, happy, sad and neutral."""
    content = MANIFEST
    for label, word in zip(("angry", "happy", "sad", "neutral"), four, strict=True):
        content = content.replace(f",{label},", f",{word},")
    return content


def lines(rows: list[dict[str, Any]]) -> str:
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)


def of_folder(
    name: str, make: Callable[[Path], object], *said: str, utterances: int = 8, warns: str = "", **entry: Any
) -> OfCorpus:
    """The eight recordings laid out in another way; the entry is the folder."""
    return OfCorpus(name, "own", make, said, utterances, warns=warns, entry={"path": ".", **entry})


def per_emotion(names: Mapping[str, str], more: tuple[str, ...] = (), above: str = "") -> Callable[[Path], None]:
    """A folder per class, named as in `names`, and other folders with a recording each."""

    def make(folder: Path) -> None:
        (folder / "mine.csv").unlink()
        for file in NAMES["own"]:
            label, number = file.split()
            place = folder / above.format(number[0]) / names[label]
            place.mkdir(parents=True, exist_ok=True)
            (folder / file).rename(place / f"take {number}")
        for number, other in enumerate(more):
            (folder / other).mkdir(parents=True)
            tone(folder / other / "1.wav", 20 + number)

    return make


def speakers(*names: str) -> Callable[[Path], None]:
    """The recordings in turn in these folders."""

    def make(folder: Path) -> None:
        (folder / "mine.csv").unlink()
        for number, file in enumerate(NAMES["own"]):
            place = folder / names[number % len(names)]
            place.mkdir(exist_ok=True)
            (folder / file).rename(place / file)

    return make


def emobox(folder: Path, train: str = "train", labels: str | None = None) -> None:
    """EmoBox's list of the corpus, with the audio below downloads/own and an official fold."""
    (folder / "downloads" / "own").mkdir(parents=True)
    for row in ROWS:
        (folder / row["wav"]).rename(folder / "downloads" / "own" / row["wav"])
    place = folder / "data" / "own" / "fold_1"
    place.mkdir(parents=True)
    given = [
        {"key": row["wav"], "dataset": "own", "wav": f"downloads/own/{row['wav']}", "emo": LETTERS[row["emo"]]}
        for row in ROWS
    ]
    for part, some in ((train, given[:4]), ("test", given[4:])):
        (place / f"own_{part}_fold_1.jsonl").write_text(lines(some), encoding="utf-8")
    codes = {letter: label for label, letter in LETTERS.items()}
    (place.parent / "label_map.json").write_text(labels or json.dumps(codes), encoding="utf-8")


def audiofolder(folder: Path) -> None:
    (folder / "mine.csv").unlink()
    for part, rows in (("train", ROWS[:4]), ("test", ROWS[4:])):
        (folder / part).mkdir()
        for row in rows:
            (folder / row["wav"]).rename(folder / part / row["wav"])
        content = "file_name,emotion\n" + "".join(f"{row['wav']},{row['emo']}\n" for row in rows)
        (folder / part / "metadata.csv").write_text(content, encoding="utf-8")


def segments(*bounds: str) -> str:
    """One recording of 0.1 s, a row per (start, end)."""
    return "file,start,end,label\n" + "".join(f"angry 1.wav,{each},angry\n" for each in bounds)


def long(folder: Path) -> None:
    tone(folder / "angry 1.wav", 1, seconds=2.0)
    (folder / "mine.csv").write_text(segments("0.0,0.5", "0.5,1.5"), encoding="utf-8")


TITLES = {label: label.title() for label in LETTERS}
GERMAN = words("Ärger", "Freude", "TRAUER", "neutral")
NAMELESS = MANIFEST.replace("angry,2", "angry,nan").replace("happy,2", "happy,?").replace(",2", ",Unknown")
WITHOUT = MANIFEST.replace("speaker", "age")

LISTS = [
    listed("synonyms", words("anger", "happiness", "sadness", "neutral")),
    listed("synonyms of a source", words("anger", "happiness", "sadness", "neutral"), "2 speakers", role="source"),
    listed("codes", words("ang", "hap", "sad", "neu")),
    listed("German words", GERMAN),
    listed("words without umlauts, in capitals", words("AERGER", "joy", "Traurig", "Neutral")),
    listed("letters of one system", words("A", "H", "S", "N")),
    listed("letters of a German corpus", words("W", "F", "T", "N")),
    listed("letters that may mean several emotions", words("a", "b", "s", "n"), "label 'a' does not say", "{a: angry"),
    listed("a slip", MANIFEST.replace(",angry,1", ",angray,1"), "line 2", "'angray': did you mean angry?", "or null"),
    listed("numbers", words("0", "1", "2", "3"), "mine.csv: line 2: label '0' does not say", "labels: {0: angry, ...}"),
    listed("a number of 400 digits", words("7" * 400, "happy", "sad", "neutral"), "line 2: label '777", "does not say"),
    listed(
        "numbers and words with a map",
        words("0", "bliss", "sad", "neutral"),
        labels={0: "angry", "bliss": "happy"},
    ),
    listed("numbers with a map", words("0", "1", "2", "3"), labels={0: "angry", 1: "happy", 2: "sad", 3: "neutral"}),
    listed(
        "words for no label",
        words("nan", "unlabelled", "?", "neutral"),
        warns="no utterance in use is angry or happy or sad",
    ),
    listed("another emotion", words("angry", "happy", "sad", "disgust"), utterances=6),
    listed("a word that nobody knows", words("angry", "happy", "sad", "zorgl"), utterances=6, warns="zorgl (2)"),
    listed("a class that the map leaves out", MANIFEST, utterances=6, labels={"neutral": None}),
    listed(
        "a map that leaves no class",
        MANIFEST,
        *("no utterance is angry", "its labels are angry, happy, neutral, sad", "labels: {angry: angry, ...}"),
        labels=dict.fromkeys(LETTERS),
    ),
    listed("a map of words that are not there", MANIFEST, labels={"joy": "happy"}, warns="is labelled joy"),
    listed(
        "other columns", "File Name;EMO;spk;age\n" + MANIFEST.split("\n", 1)[1].replace(",", ";").replace("\n", ";9\n")
    ),
    listed("columns that the entry names", MANIFEST.replace("label", "what"), columns={"label": "what"}),
    listed("no column for the path", MANIFEST, "columns: {path: null}", "remove it", columns={"path": None}),
    listed("a column that is not there", MANIFEST, "no column 'what'", "for the label", columns={"label": "what"}),
    listed(
        "two columns for the label", MANIFEST.replace("label,speaker", "emo,class"), "may all hold the label", "choose"
    ),
    listed("no column of speakers", WITHOUT, warns="does not name the speaker of 8 of 8 utterances"),
    listed("speakers nan, ? and unknown", NAMELESS, warns="does not name the speaker of 4 of 8 utterances"),
    listed("splits that are nan", SPLIT.replace("train", "nan").replace("test", "?")),
    listed("speakers by a pattern", WITHOUT, "2 speakers", role="source", speakers=r"(\d)\.wav"),
    listed("a pattern that finds nobody", WITHOUT, "line 2", "speakers finds no speaker", speakers=r"(x)\.wav"),
    listed(
        "nkululeko's table",
        "file,start,end,speaker,emotion\n"
        + "".join(f"{row['wav']},0 days 00:00:00,NaT,{row['spk']},{row['emo']}\n" for row in ROWS),
    ),
    listed("JSON lines", lines(ROWS), path="mine.jsonl"),
    listed("JSON lines with a fault", lines(ROWS) + "{", "mine.jsonl: line 9 is not JSON", path="mine.jsonl"),
    listed("a list in lists without end", "[" * 100_000, "line 1 is not JSON", path="mine.jsonl", format="jsonl"),
    listed("lists without end", "[" * 100_000, "no column 'path'", path="mine.csv"),
    listed("a list in a line", "[1]\n", "line 1 is not a JSON object", path="mine.jsonl", format="jsonl"),
    listed("JSON that is no list", '{"a": 1}\n', "no column 'path'", "only 'a'", path="mine.json"),
    listed("valid and dev for validation", SPLIT.replace(",train", ",training").replace("2,test", "2,dev", 1)),
    OfCorpus("segments", "own", long, utterances=2),
    OfCorpus("segments as a source", "own", long, ("2 speakers",), role="source"),
    listed("a segment of no length", segments("0.05,0.05"), "line 2: no segment from 0.05 s to 0.05 s", "correct"),
    listed("a negative start", segments("-1,0.05"), "line 2: no segment from -1 s"),
    listed("a start that is no number", segments("soon,0.05"), "line 2: start 'soon' is not a number of seconds"),
    listed("a segment beyond the file", segments("0.05,7"), "lists no segment from 0.05 s to 7 s in its 0.10 s"),
    listed(
        "segments that overlap", segments("0,0.05", "0.04,0.1"), "line 3 lists angry 1.wav overlapping, after line 2"
    ),
    listed("the same segment twice", segments("0,0.05", "0,0.05"), "line 3 lists angry 1.wav again, after line 2"),
    listed("the same file by two paths", MANIFEST + "x/../angry 1.wav,angry,1\n", "line 10", "again, after line 2"),
    listed(
        "backslashes", MANIFEST.replace("angry 1", "x\\angry 1"), "mine.csv: 1 of 8 audio files", "with / instead of \\"
    ),
    listed("a folder in other case", MANIFEST.replace("angry 1", "../OWN/angry 1"), "found 'own'", "differs in case"),
    listed("a folder's name too long", MANIFEST.replace("angry 1", f"{'x' * 300}/angry 1"), "1 of 8 audio files"),
    listed(
        "a file of two speakers",
        MANIFEST + "angry 1.wav,angry,2\n",
        *("line 10 lists angry 1.wav for speaker 2, line 2 for speaker 1", "correct the speaker"),
    ),
    listed("a root that is elsewhere", MANIFEST, "8 of 8 audio files", "start at", "nowhere", root="nowhere"),
    of_folder("a folder per emotion", per_emotion(TITLES)),
    of_folder(
        "a folder per emotion in Italian",
        per_emotion(dict(zip(LETTERS, ("rabbia", "gioia", "neutro", "tristezza"), strict=True))),
    ),
    of_folder("folders of speakers, then of emotions", per_emotion(TITLES, above="speaker {}"), speakers="speaker (.)"),
    of_folder("a fifth folder of another emotion", per_emotion(TITLES, ("Fear",))),
    of_folder("a fifth folder that nobody knows", per_emotion(TITLES, ("Zorgl", ".hidden"))),
    of_folder("a folder with a slip", per_emotion({**TITLES, "happy": "Hapyp"}), "'Hapyp': did you mean happy?"),
    of_folder("folders of letters", per_emotion(LETTERS)),
    of_folder("one folder like an emotion among speakers", speakers("Anna", "Joy"), "no list that can be read"),
    of_folder("one folder like an emotion without its accent", speakers("room", "hall"), "no list that can be read"),
    of_folder("one speaker named like an emotion", speakers("Ira"), "no list that can be read"),
    of_folder("one folder that the entry maps", speakers("Anna", "Joy"), utterances=4, labels={"Joy": "happy"}),
    of_folder(
        "a pattern that takes the label's folder for the speaker",
        per_emotion(TITLES),
        warns="each speaker that manifests.own.speakers finds has one label only",
        speakers="^([^ ]+) ",
    ),
    of_folder("a folder as an audiofolder", lambda _: None, "no folder with metadata.csv or", format="audiofolder"),
    of_folder(
        "a file as an audiofolder", lambda _: None, "no folder with metadata", path="mine.csv", format="audiofolder"
    ),
    of_folder(
        "folders of unknown words",
        per_emotion(dict(zip(LETTERS, "pqrs", strict=True))),
        *("no list that can be read", "labels: {NAME: angry, ...}", "format: folders"),
    ),
    of_folder(
        "folders that the entry maps",
        per_emotion(dict(zip(LETTERS, "pqrs", strict=True))),
        labels=dict(zip("pqrs", LETTERS, strict=True)),
    ),
    of_folder("a folder without labels", lambda folder: (folder / "mine.csv").unlink(), format="folders"),
    of_folder("a folder without audio", lambda folder: (folder / "x").mkdir(), "no list that can", path="x"),
    of_folder("EmoBox's list", emobox, path="data/own"),
    of_folder("EmoBox's list, audio elsewhere", emobox, path="data/own", root="downloads/own"),
    of_folder("a fold that is not there", emobox, "data/own: no fold 7; its folds are 1", path="data/own", fold=7),
    of_folder(
        "a fold without its training",
        lambda folder: [emobox(folder), next(folder.rglob("*_test_*")).unlink()],
        *("fold_1: no *_test_fold_1.jsonl", "get the list again"),
        path="data/own",
    ),
    of_folder(
        "a map that is no map", lambda folder: emobox(folder, labels="[]"), "not a map of codes", path="data/own"
    ),
    of_folder("an audiofolder with splits", audiofolder),
    of_folder(
        "a format that is another", lambda _: None, "mine.csv: line 1 is not JSON", path="mine.csv", format="jsonl"
    ),
]
