"""Folders, file names and annotation files of the adapters."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from tests.faults.case import OfCorpus
from tests.faults.valid import EVALUATION, TEXT_GRID, tone

SES = "Session1/dialog/EmoEvaluation/Ses01F_impro01.txt"


def named(name: str, corpus: str, file: str | bytes, *words: str) -> OfCorpus:
    """One file more."""

    def spoil(folder: Path) -> None:
        path = Path(os.fsdecode(os.path.join(os.fsencode(folder), os.fsencode(file))))  # noqa: PTH118
        path.parent.mkdir(parents=True, exist_ok=True)
        tone(folder / "new.wav")
        (folder / "new.wav").rename(path)

    return OfCorpus(name, corpus, spoil, words)


def grid(name: str, content: bytes | str, *words: str) -> OfCorpus:
    """Another content of one TextGrid."""
    whole = content.encode() if isinstance(content, str) else content
    words = ("101.TextGrid", *words, "fetch ") if words else ()
    return OfCorpus(name, "ekorpus", lambda folder: (folder / "101.TextGrid").write_bytes(whole), words)


def evaluation(name: str, content: bytes | str, *words: str) -> OfCorpus:
    """Another content of IEMOCAP's evaluation file."""
    whole = content.encode() if isinstance(content, str) else content
    words = (SES, *words, "unpack the corpus again") if words else ()
    return OfCorpus(name, "iemocap", lambda folder: (folder / SES).write_bytes(whole), words)


def without(file: str) -> Callable[[Path], object]:
    return lambda folder: (folder / file).unlink()


def folder_instead(file: str) -> Callable[[Path], object]:
    return lambda folder: [(folder / file).unlink(), (folder / file).mkdir()]


def deeper(folder: Path) -> None:
    shutil.copytree(folder, folder / "download")
    shutil.rmtree(folder / "wav")


def too_high(folder: Path) -> None:
    for path in (folder / "AudioWAV").iterdir():
        path.rename(folder / path.name)
    (folder / "AudioWAV").rmdir()


def known_bad(folder: Path) -> None:
    soundfile.write(folder / "AudioWAV" / "1076_MTI_SAD_XX.wav", np.zeros(1600), 16000)


def circle(folder: Path) -> None:
    (folder / "Actor_01" / "again").symlink_to("..")
    (folder / "Actor_03").symlink_to("Actor_03")


def linked(folder: Path) -> None:
    (folder / "Angry").rename(folder / "real")
    (folder / "Angry").symlink_to("real")


JOY = TEXT_GRID.format("joy")
WORDS = '"IntervalTier"\n"words"\n0\n1\n1\n0\n1\n"mis ön"\n'

FOLDERS = [
    OfCorpus("no folder", "emodb", shutil.rmtree, ("1 of the", "emodb (EMO-DB)", "does not exist")),
    OfCorpus(
        "an empty folder",
        "shemo",
        lambda folder: [shutil.rmtree(folder), folder.mkdir()],
        ("1 of the", "shemo (ShEMO)", "holds no audio file"),
    ),
    OfCorpus(
        "a file in the folder's place",
        "cremad",
        lambda folder: [shutil.rmtree(folder), folder.touch()],
        ("1 of the", "cremad (CREMA-D)", "does not exist"),
    ),
    OfCorpus("unpacked a folder too deep", "emodb", deeper, ("one folder deeper", "emodb/download", "move them up")),
    OfCorpus("unpacked too high", "cremad", too_high, ("too high, not in AudioWAV", "move them into it")),
    OfCorpus(
        "without the test speaker",
        "emodb",
        lambda folder: [path.unlink() for path in folder.glob("wav/15*")],
        ("emodb: no speaker 15", "splits.protocol: speakers", "column split"),
    ),
    OfCorpus(
        "a part of the speakers, split by speakers",
        "emodb",
        lambda folder: [path.unlink() for path in folder.glob("wav/15*")],
        utterances=5,
        changes={"splits": {"protocol": "speakers"}},
    ),
    OfCorpus(
        "folders in other case",
        "urdu",
        lambda folder: [(folder / name.title()).rename(folder / name) for name in ("angry", "happy", "neutral", "sad")],
    ),
    OfCorpus(
        "a folder in capitals",
        "ravdess",
        lambda folder: folder.rename(folder.with_name("RAVDESS")),
        ("1 of the", "ravdess (RAVDESS): found", "differs in case or Unicode form", "rename it to 'ravdess'"),
    ),
    named("a foreign name", "emodb", "wav/mine.wav", "wav/mine.wav: not a EMO-DB file name", "rename or remove it"),
    named("a foreign name", "urdu", "Angry/SM1.wav", "Angry/SM1.wav: not a URDU file name", "rename or remove it"),
    named("a foreign name", "ekorpus", "x.wav", "x.wav: not a EKorpus file name", "rename or remove it"),
    named("digits of another script", "ravdess", "Actor_01/03-01-05-01-02-01-٠١.wav", "not a RAVDESS file name"),
    named("an impossible emotion", "ravdess", "Actor_16/03-01-09-01-02-01-16.wav", "03-01-09", "rename or remove it"),
    named("an actor that is not there", "cremad", "AudioWAV/1092_DFA_ANG_XX.wav", "1092_DFA", "rename or remove it"),
    named("x.wav and x.flac", "emodb", "wav/03a02Fa.flac", "03a02Fa.wav", "03a02Fa.flac", "remove or rename one"),
    named("x.wav and x.WAV", "shemo", "female/F01A01.WAV", "F01A01.wav", "F01A01.WAV", "remove or rename one"),
    named("a name of two lines", "ravdess", "Actor_01/03\n01.wav", "03\\n01.wav", "control character", "rename it"),
    named("a name that is not UTF-8", "cremad", b"AudioWAV/1001_\xe9.wav", "\\udce9", "not UTF-8", "rename it"),
    named("a folder that is not UTF-8", "iemocap", b"Session1/sentences/wav/\xe9/a.wav", "\\udce9", "rename it"),
    named("in the wrong folder", "urdu", "Sad/SM1_F9_A009.wav", "SM1_F9_A009.wav", "move it to the right folder"),
    named(
        "in the wrong folder", "shemo", "male/F09A09.wav", "F09A09.wav", "by its name f, by its folder male", "move it"
    ),
    named(
        "without a line in the evaluation",
        "iemocap",
        "Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F099.wav",
        "Ses01F_impro01_F099.wav: no line for it",
        "unpack the corpus again",
    ),
    named("without a TextGrid", "ekorpus", "999.wav", "999.TextGrid is missing", "fetch the corpus again"),
    named("a Mac's hidden files", "emodb", "wav/._03a01Fa.wav"),
    named("what is no audio", "urdu", "Angry/Thumbs.db"),
    named("a folder of something else", "ravdess", "Video/01-01.mp4"),
    OfCorpus("a silent file that is known to be published so", "cremad", known_bad),
    OfCorpus("folders linked in a circle", "ravdess", circle),
    OfCorpus("a linked folder", "urdu", linked),
    OfCorpus(
        "names in capitals",
        "shemo",
        lambda folder: [path.rename(path.with_suffix(".WAV")) for path in folder.glob("*/*.wav")],
    ),
    OfCorpus("no evaluation file", "iemocap", without(SES), (SES, "label file missing", "unpack the corpus again")),
    OfCorpus("a folder in its place", "iemocap", folder_instead(SES), (SES, "not a file", "unpack the corpus again")),
    evaluation("an empty evaluation file", "", "no line for it"),
    evaluation("a binary evaluation file", bytes(range(256)) * 9, "no line for it"),
    evaluation("an unknown emotion", EVALUATION.replace("\tsad\t", "\tsaf\t"), "unknown emotion code 'saf'"),
    evaluation("an evaluation file with CRLF", EVALUATION.replace("\n", "\r\n")),
    evaluation("an evaluation file in UTF-16", EVALUATION.encode("utf-16")),
    evaluation("an evaluation file in UTF-8 with a mark", EVALUATION.encode("utf-8-sig")),
    evaluation("a comment in Latin-1", EVALUATION.replace("()", "(irrité)").encode("latin-1")),
    OfCorpus("no TextGrid", "ekorpus", without("101.TextGrid"), ("101.TextGrid is missing", "fetch the corpus again")),
    OfCorpus(
        "a folder as TextGrid", "ekorpus", folder_instead("101.TextGrid"), ("101.TextGrid", "not a file", "again")
    ),
    OfCorpus(
        "a pipe as TextGrid",
        "ekorpus",
        lambda folder: [(folder / "101.TextGrid").unlink(), os.mkfifo(folder / "101.TextGrid")],
        ("101.TextGrid", "not a file", "again"),
    ),
    OfCorpus(
        "two TextGrids",
        "ekorpus",
        lambda folder: shutil.copy(folder / "101.TextGrid", folder / "101.textgrid"),
        ("101.TextGrid", "101.textgrid", "a second label file", "remove one"),
    ),
    grid("an empty TextGrid", "", "not a readable TextGrid"),
    grid("a binary TextGrid", bytes(range(256)) * 9, "not a readable TextGrid"),
    grid("a TextGrid of brackets", "[" * 100_000, "not a readable TextGrid"),
    grid("a TextGrid that ends early", JOY[:60], "not a readable TextGrid"),
    grid("a TextGrid without the tier", JOY.replace("emotion", "words"), "no tier named emotion (tiers: words)"),
    grid("a TextGrid without a label", JOY.replace("joy", ""), "the tier emotion holds no label"),
    grid("a TextGrid that counts a billion intervals", JOY.replace("\n1\n0\n", "\n1000000000\n0\n")),
    grid("a TextGrid with CRLF", JOY.replace("\n", "\r\n")),
    grid("a TextGrid with CR", JOY.replace("\n", "\r")),
    grid("a TextGrid in UTF-16", JOY.encode("utf-16")),
    grid("a TextGrid in UTF-16, big end first", b"\xfe\xff" + JOY.encode("utf-16-be")),
    grid("a TextGrid in UTF-8 with a mark", JOY.encode("utf-8-sig")),
    grid("a TextGrid in Latin-1", (JOY + WORDS).replace("<exists>\n1", "<exists>\n2").encode("latin-1")),
    grid("a label in capitals, between spaces", JOY.replace("joy", " Joy ")),
    OfCorpus(
        "only emotions that nobody asked for",
        "ekorpus",
        lambda folder: [path.write_text(TEXT_GRID.format("boredom")) for path in folder.glob("*.TextGrid")],
        ("no utterance is angry, happy, sad, neutral", "all 8 have other labels (boredom)"),
    ),
]
