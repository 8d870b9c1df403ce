"""What training and test share: found on tables and files made for it, and said in the report."""

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

import trees
from nnpm import corpora
from nnpm.corpora import check_report, leakage, splits
from nnpm.corpora.base import NOBODY
from nnpm.corpora.leakage import Shared

EMODB = corpora.get("emodb")


def table(rows):
    """A manifest of (speaker, label, split); every file of its own."""
    frame = pd.DataFrame(rows, columns=["speaker", "label", "split"])
    frame["utterance"] = [f"u{number}" for number in range(len(frame))]
    return frame.assign(sha256=frame["utterance"])


#: a speaks in all parts, b and c in two; b is always sad, and d, alone in training, is heard once.
MIXED = [
    *(("a", "angry", "train"), ("a", "happy", "validation"), ("a", "sad", "test"), ("a", "sad", "test")),
    *(("b", "sad", "train"), ("b", "sad", "test"), ("b", "sad", "test"), ("c", "happy", "validation")),
    *(("c", "sad", "test"), ("d", "angry", "train"), ("e", "happy", "test"), ("e", "happy", "test")),
]


def files(folder, rows):
    """Check an own corpus of `(name, label, speaker, split)`, whose files are there."""
    corpus = trees.own(folder, "path,label,speaker,split\n" + "".join(f"{','.join(row)}\n" for row in rows))
    return trees.check(corpus, folder), corpus


def section(text, title):
    return text.split(f"## {title}\n\n")[1].split("\n## ")[0]


def test_speakers_of_each_pair_of_splits():
    assert leakage.shared_speakers(table(MIXED)) == [
        Shared("train", "validation", ("a",), 1, 2),
        Shared("train", "test", ("a", "b"), 4, 7),
        Shared("validation", "test", ("a", "c"), 3, 7),
    ]
    assert leakage.shared_speakers(table([("a", "sad", "train"), ("b", "sad", "test")])) == []


def test_speakers_with_one_emotion():
    assert leakage.one_label_speakers(table(MIXED)) == (["b", "e"], 4)  # d's one utterance tells nothing
    unlabelled = table([(speaker, None, split) for speaker, _, split in MIXED])
    assert leakage.one_label_speakers(unlabelled) == ([], 0)
    assert leakage.one_label_speakers(table([("a", "sad", "train"), ("a", "sad", "test")])) == ([], 1)


def test_warnings_say_who_leaks_and_how_much():
    shared, labels = leakage.warnings(table(MIXED), [])
    assert shared.startswith("2 of the test's 4 speakers are in training too and speak 4 of its 7 utterances: ")
    assert labels.startswith(
        "labels leak through speakers: 2 of 4 speakers are heard with one emotion only, and 1 of them, in training as "
        "well, speak 2 of the test's 7 utterances: "
    )
    apart = table([row for row in MIXED if (row[2] == "test") == (row[0] in "ce")])
    assert list(leakage.warnings(apart, [])) == []


def test_a_tree_named_like_urdu_leaks_unless_speakers_are_drawn(tmp_path):
    folder = trees.published(tmp_path / "urdu", "urdu")
    found = sorted(corpora.get("urdu").find(folder), key=lambda clip: clip.utterance)
    for protocol, leaks in (("paper", True), ("speakers", False)):
        parts = splits.target(corpora.get("urdu"), found, test_size=0.33, seed=0, protocol=protocol)
        rows = table([(clip.speaker, clip.label, part) for clip, part in zip(found, parts, strict=True)])
        assert bool(leakage.shared_speakers(rows)) == leaks
        assert Counter(parts)["test"] == pytest.approx(132, abs=4)


def test_identical_files_are_a_warning_across_splits_or_labels(tmp_path):
    names = [f"{speaker}a01{letter}a" for speaker in ("03", "15", "16") for letter in "WFTN"]
    wav = trees.tones(tmp_path, [f"wav/{name}.wav" for name in names]) / "wav"
    for copy, of in (("15a01Fa", "03a01Fa"), ("15a01Wa", "15a01Na")):
        (wav / f"{copy}.wav").write_bytes((wav / f"{of}.wav").read_bytes())
    check = trees.check(EMODB, tmp_path)
    assert "byte-identical files in different splits: 03a01Fa, 15a01Fa" in check.warnings
    assert "byte-identical files labelled differently: 15a01Na, 15a01Wa" in check.warnings
    text = check_report.to_markdown(check, EMODB)
    leaks = section(text, "Leakage")
    assert "byte-identical files:\n\n- 03a01Fa, 15a01Fa\n" in leaks and "15a01Na" not in leaks
    assert section(text, "Byte-identical files") == "- 03a01Fa, 15a01Fa\n- 15a01Na, 15a01Wa\n"


def test_the_same_sound_in_another_file_is_found(tmp_path):
    """As FLAC, with a title in its header, in two channels: other bytes, the same samples."""
    trees.tones(tmp_path, [f"{name}.wav" for name in "abcdef"])
    samples, rate = soundfile.read(tmp_path / "a.wav", dtype="int16")
    soundfile.write(tmp_path / "flac.flac", samples, rate, subtype="PCM_16")
    with soundfile.SoundFile(tmp_path / "titled.wav", "w", rate, 1) as file:
        file.title = "the same"
        file.write(samples)
    soundfile.write(tmp_path / "stereo.wav", np.repeat(samples[:, None], 2, axis=1), rate)
    soundfile.write(tmp_path / "shorter.wav", samples[:-1], rate)
    rows = [
        (f"{name}.wav", label, f"s{name}", "train") for name, label in zip("abcdef", ("sad", "angry") * 3, strict=True)
    ]
    rows += [(name, "sad", name, "test") for name in ("flac.flac", "titled.wav", "stereo.wav", "shorter.wav")]
    check, corpus = files(tmp_path, rows)
    assert check.twins == (("a", "flac", "stereo", "titled"),)
    assert [line for line in check.warnings if "sound" in line] == [
        "the same sound in other files in different splits: a, flac, stereo, titled"
    ]
    text = check_report.to_markdown(check, corpus)
    assert "the same sound in files that differ:\n\n- a, flac, stereo, titled\n" in section(text, "Leakage")
    assert section(text, "Byte-identical files") == "None.\n"


def test_only_files_of_equal_length_are_read_again(tmp_path, monkeypatch):
    for number, seconds in enumerate((0.05, 0.05, 0.06, 0.07)):
        trees.tone(tmp_path / f"u{number}.wav", seconds=seconds, pitch=200.0 + number)
    read, original = [], leakage.audio.sound

    def recorded(path, *segment):
        read.append(Path(path).name)
        return original(path, *segment)

    monkeypatch.setattr(leakage.audio, "sound", recorded)
    parts = ("train", "test", "train", "test")
    files(tmp_path, [(f"u{number}.wav", "sad", f"s{number}", part) for number, part in enumerate(parts)])
    assert read == ["u0.wav", "u1.wav"]


def test_the_report_names_the_speakers_and_their_share(tmp_path):
    rows = [(f"u{number}.wav", label, speaker, split) for number, (speaker, label, split) in enumerate(MIXED)]
    trees.tones(tmp_path, [row[0] for row in rows])
    text = check_report.to_markdown(*files(tmp_path, rows))
    leaks = section(text, "Leakage")
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in leaks.splitlines() if line.startswith("|")]
    assert cells[2:] == [
        ["train, validation", "1", "1 of 2 validation utterances, 50 %", "a"],
        ["train, test", "2", "4 of 7 test utterances, 57 %", "a, b"],
        ["validation, test", "2", "3 of 7 test utterances, 43 %", "a, c"],
    ]
    assert "2 of 4 speakers are heard with one emotion only and speak 5 of 12 labelled utterances." in leaks
    assert "They are b, e." in leaks
    assert "Speakers in the test: angry 0, happy 1, sad 3, neutral 0." in leaks
    assert "- labels leak through speakers: " in section(text, "Warnings")
    assert text.index("## Warnings") < text.index("## Labels")


def test_a_speaker_named_like_a_number_keeps_its_name(tmp_path):
    trees.tones(tmp_path, [f"u{number}.wav" for number in range(2)])
    rows = [("u0.wav", "sad", "1.50", "train"), ("u1.wav", "happy", "1.50", "test")]
    text = check_report.to_markdown(*files(tmp_path, rows))
    assert "| 1.50 " in section(text, "Leakage") and "| 1.50 " in section(text, "Speakers")


def test_an_unlabelled_corpus_has_no_sentence_on_labels(tmp_path):
    trees.tones(tmp_path, [f"u{number}.wav" for number in range(4)])
    parts = ("train", "test", "train", "test")
    text = check_report.to_markdown(*files(tmp_path, [(f"u{n}.wav", "", "s", part) for n, part in enumerate(parts)]))
    assert "emotion" not in section(text, "Leakage") and "2 of 2 test utterances, 100 %" in text


def test_utterances_of_unknown_speakers_share_no_speaker():
    rows = [(NOBODY, "sad", "train"), (NOBODY, "sad", "test"), (NOBODY, "angry", "train")]
    assert leakage.shared_speakers(table(rows)) == [] and leakage.one_label_speakers(table(rows)) == ([], 0)
