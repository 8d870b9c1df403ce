"""Manifests and their reports, on real little files."""

import io
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

import trees
from nnpm import CLASSES, corpora
from nnpm.corpora import check_report, manifest
from nnpm.errors import InputError
from nnpm.files import read_csv, write_csv

EMODB = corpora.get("emodb")


@pytest.fixture
def emodb(tmp_path):
    """Speakers 03, 15, 16 with the four emotions each, and two files of boredom."""
    names = [f"{speaker}a01{letter}a" for speaker in ("03", "15", "16") for letter in "WFTN"]
    return trees.tones(tmp_path / "emodb", [f"wav/{name}.wav" for name in [*names, "03a01La", "03a02La"]])


def fails(corpus, folder, **rest):
    with pytest.raises(InputError) as caught:
        trees.check(corpus, folder, **rest)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_one_row_an_utterance_in_use(emodb):
    trees.tone(emodb / "wav" / "03a01Fa.wav", seconds=0.5, rate=48000, channels=2)
    check = trees.check(EMODB, emodb)
    table = check.manifest
    assert tuple(table.columns) == manifest.COLUMNS
    assert list(table["utterance"]) == sorted(table["utterance"]) and len(table) == 12
    assert check.left_out == {"boredom": 2}
    row = table.set_index("utterance").loc["03a01Fa"]
    assert (row.speaker, row.gender, row.label, row.emotion, row.split) == ("03", "m", "happy", "joy", "train")
    assert (row.seconds, row.sample_rate, row.channels) == (0.5, 48000, 2)
    assert Counter(table["split"]) == {"train": 4, "validation": 4, "test": 4}


def test_a_known_bad_file_is_left_out_counted_and_told(tmp_path):
    names = [f"{actor}_MTI_{code}_XX" for actor in (1001, 1076) for code in ("ANG", "HAP", "NEU", "SAD")]
    folder = trees.tones(tmp_path / "cremad", [f"AudioWAV/{name}.wav" for name in names])
    silent = folder / "AudioWAV" / "1076_MTI_SAD_XX.wav"
    soundfile.write(silent, np.zeros(2000), 16000)
    corpus = replace(corpora.get("cremad"), published={"angry": 2, "happy": 2, "sad": 2, "neutral": 2})
    check = trees.check(corpus, folder)
    assert len(check.manifest) == 7 and check.flawed == ((silent, "digital silence: every sample is 0"),)
    assert not any("published" in warning for warning in check.warnings)
    report = check_report.to_markdown(check, corpus)
    assert "## Known bad files, left out" in report and "1076_MTI_SAD_XX.wav | digital silence" in report


def test_twins_are_told_if_the_label_of_one_is_not_in_use(emodb):
    """As in CREMA-D, where fear and disgust are left out."""
    (emodb / "wav" / "03a01La.wav").write_bytes((emodb / "wav" / "03a01Ta.wav").read_bytes())
    (warning,) = (line for line in trees.check(EMODB, emodb).warnings if "identical" in line)
    assert warning == "byte-identical files labelled differently: 03a01Ta (sad), 03a01La (boredom, left out)"


def test_it_is_the_same_after_a_round_trip(emodb, tmp_path):
    table = trees.check(EMODB, emodb).manifest
    write_csv(tmp_path / "manifest.csv", table)
    pd.testing.assert_frame_equal(read_csv(tmp_path / "manifest.csv"), table)


def test_names_that_look_like_numbers_or_nothing_survive_a_round_trip(tmp_path):
    trees.tones(tmp_path, ["007.wav", "NA.wav"])
    check = trees.check(trees.own(tmp_path, "path,label,speaker\n007.wav,,01\nNA.wav,sad,NA\n"), tmp_path)
    write_csv(tmp_path / "manifest.csv", check.manifest)
    again = read_csv(tmp_path / "manifest.csv")
    assert list(again["utterance"]) == ["007", "NA"] and list(again["speaker"]) == ["01", "NA"]
    assert list(again["label"].isna()) == [True, False]


def test_where_a_corpus_lies_is_not_in_its_manifest(emodb, monkeypatch):
    monkeypatch.chdir(emodb.parent)
    here, there = trees.check(EMODB, Path("emodb")), trees.check(EMODB, emodb)
    pd.testing.assert_frame_equal(here.manifest, there.manifest)
    assert here.manifest["path"][0] == "wav/03a01Fa.wav"
    assert here.paths["path"][0] == "emodb/wav/03a01Fa.wav"
    assert there.paths["path"][0] == f"{emodb.as_posix()}/wav/03a01Fa.wav"


def test_a_list_of_files_elsewhere_has_paths_from_the_folder_that_they_share(tmp_path):
    trees.tones(tmp_path / "a", ["one.wav"])
    trees.tones(tmp_path / "b", ["two.wav"])
    (tmp_path / "lists").mkdir()
    rows = "path,label,speaker\n../a/one.wav,sad,x\n../b/two.wav,sad,y\n"
    check = trees.check(trees.own(tmp_path / "lists", rows), tmp_path)
    assert list(check.paths["path"]) == [f"{tmp_path}/lists/../{name}.wav" for name in ("a/one", "b/two")]


def test_a_report_is_the_same_wherever_a_list_lies(tmp_path):
    """It is an input of the study's report."""
    reports = []
    for place in ("here", "there/deeper"):
        trees.tones(tmp_path / place, ["wav/one.wav", "wav/two.wav"])
        (tmp_path / place / "wav" / "bad.wav").write_text("no audio")
        listed = "path,label,speaker\nwav/one.wav,sad,x\nwav/two.wav,sad,y\nwav/bad.wav,sad,y\n"
        corpus = trees.own(tmp_path / place, listed)
        reports.append(check_report.to_json(trees.check(corpus, tmp_path, skip_unreadable=True), corpus))
    assert reports[0] == reports[1] and "bad.wav" in str(reports[0])


def test_segments_of_a_file_are_utterances_of_their_own(emodb):
    whole = EMODB.find(emodb)[0]
    halves = [replace(whole, name=f"{n}", start=start, end=start + 0.02) for n, start in enumerate((0.0, 0.02))]
    corpus = trees.corpus(find=lambda _: [*halves, *EMODB.find(emodb)])
    table = trees.check(corpus, emodb).manifest.set_index("utterance")
    assert list(table.loc[["0", "1"], "start"]) == [0.0, 0.02] and list(table.loc[["0", "1"], "end"]) == [0.02, 0.04]
    assert table.loc[["0", "1"], "seconds"].tolist() == [0.02, 0.02]
    assert table.loc[["0", "1", whole.utterance], "sha256"].nunique() == 3
    assert table.loc[whole.utterance, ["start", "end"]].isna().all()


def test_a_segment_beyond_the_file_is_one_line(emodb):
    late = replace(EMODB.find(emodb)[0], start=50.0)
    with pytest.raises(InputError, match=r"no segment from 50 s to its end in its 0\.06 s"):
        trees.check(trees.corpus(find=lambda _: [late]), emodb)


def test_a_terminal_sees_a_bar_and_a_log_does_not(emodb, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    for stream, words in ((Terminal(), "/12 "), (io.StringIO(), "")):
        monkeypatch.setattr("sys.stderr", stream)
        trees.check(EMODB, emodb)
        assert words in stream.getvalue() and bool(words) == bool(stream.getvalue())


def spoil(emodb):
    (emodb / "wav" / "03a01Fa.wav").write_bytes(b"")
    (emodb / "wav" / "15a01Wa.wav").write_text("no audio at all")
    soundfile.write(emodb / "wav" / "16a01Na.wav", np.zeros(800), 16000)
    cut = emodb / "wav" / "16a01Ta.wav"
    cut.write_bytes(cut.read_bytes()[:800])


def test_all_unreadable_files_are_one_error(emodb):
    spoil(emodb)
    message = fails(EMODB, emodb)
    for words in ("emodb: 4 unreadable files", "03a01Fa.wav (empty, 0 bytes)", "15a01Wa.wav (not audio", "1 more"):
        assert words in message
    assert "skip_unreadable: true" in message


def test_unreadable_files_can_be_listed_exclusions(emodb):
    spoil(emodb)
    check = trees.check(EMODB, emodb, skip_unreadable=True)
    assert [path.name for path, _ in check.unreadable] == ["03a01Fa.wav", "15a01Wa.wav", "16a01Na.wav", "16a01Ta.wav"]
    assert len(check.manifest) == 8
    text = check_report.to_markdown(check, EMODB)
    assert "16a01Na.wav" in text and "silent" in text
    assert any("4 unreadable files" in line for line in check.warnings)


def test_what_is_odd_about_files_in_use_is_counted(emodb):
    late = np.r_[np.zeros(16000), 0.5 * np.sin(np.arange(1600))]
    for name in ("03a01Fa", "15a01Na"):
        soundfile.write(emodb / "wav" / f"{name}.wav", late, 16000)
    (line,) = (line for line in trees.check(EMODB, emodb, duration=0.9).warnings if "silence" in line)
    assert line.startswith("2 of 12 files, first 03a01Fa.wav: nothing but digital silence")
    assert not any("silence" in line for line in trees.check(EMODB, emodb, duration=1.1).warnings)


def test_a_corpus_of_long_recordings_is_told(emodb):
    (line,) = (line for line in trees.check(EMODB, emodb, duration=0.05).warnings if "longer" in line)
    assert line.startswith("8 of 12 utterances are longer than 0.05 s, and only their first 0.05 s are heard")


def test_one_remedy_for_all_unreadable_files_is_the_remedy(emodb):
    for name in ("03a01Fa", "15a01Na"):
        (emodb / "wav" / f"{name}.wav").write_bytes(b"version https://git-lfs.github.com/spec/v1")
    assert "; git lfs pull fetches the sound, or set skip_unreadable: true" in fails(EMODB, emodb)
    (emodb / "wav" / "03a01Fa.wav").write_bytes(b"")
    assert "; fetch them again, or set skip_unreadable: true" in fails(EMODB, emodb)


def test_files_of_the_same_name_in_two_folders_are_two_utterances(tmp_path):
    names = [f"spk{speaker}/{number:03}.wav" for speaker in (1, 2) for number in range(3)]
    trees.tones(tmp_path, names)
    corpus = trees.own(tmp_path, "path,speaker\n" + "".join(f"{name},{name[:4]}\n" for name in names))
    assert list(trees.check(corpus, tmp_path).manifest["utterance"]) == [name.removesuffix(".wav") for name in names]


def test_a_file_of_an_emotion_that_is_left_out_need_not_be_readable(emodb):
    (emodb / "wav" / "03a01La.wav").write_bytes(b"")
    assert trees.check(EMODB, emodb).left_out == {"boredom": 2}


def test_counts_other_than_the_published_ones_are_warnings_with_both_numbers(emodb):
    check = trees.check(EMODB, emodb)
    assert "angry: 3 utterances in use, 127 published" in check.warnings
    assert len(check.warnings) == 4
    text = check_report.to_markdown(check, EMODB)
    assert "angry: 3 utterances in use, 127 published" in text
    assert trees.check(replace(EMODB, published=dict.fromkeys(CLASSES, 3)), emodb).warnings == ()


def test_the_report_names_files_by_the_ending_they_have(emodb):
    flac = emodb / "wav" / "03a01Fa.flac"
    soundfile.write(flac, *soundfile.read(flac.with_suffix(".wav")))
    flac.with_suffix(".wav").unlink()
    text = check_report.to_markdown(trees.check(EMODB, emodb), EMODB)
    assert "- found as: wav/03a01Fa.flac or .wav\n" in text


def test_utterances_of_one_length_are_a_warning(emodb):
    assert not any("one length" in line for line in trees.check(EMODB, emodb).warnings)
    for number, path in enumerate(sorted((emodb / "wav").iterdir())):
        trees.tone(path, seconds=0.5, pitch=200.0 + number)
    (line,) = [line for line in trees.check(EMODB, emodb).warnings if "one length" in line]
    assert line.startswith("all 12 utterances are 0.50 s long: ")


def test_the_report_counts_by_label_split_and_speaker(emodb):
    trees.tone(emodb / "wav" / "15a01Na.wav", seconds=2.0, rate=44100)
    text = check_report.to_markdown(trees.check(EMODB, emodb, duration=1.0), EMODB)
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("|")]
    assert ["test", "1", "1", "1", "1", "4"] in cells
    assert ["03", "1", "1", "1", "1", "4"] in cells
    assert ["neutral", "3", "79"] in cells and ["all", "12", "339"] in cells
    assert ["boredom", "2"] in cells
    assert ["44100", "1", "1"] in cells and ["16000", "1", "11"] in cells
    assert "longest 2.00" in text and "1 of 12 utterances are longer than 1 s" in text
    assert "No speaker is in two splits." in text
    for fact in (EMODB.owner, EMODB.url, EMODB.terms, EMODB.citation):
        assert fact in text


def test_speakers_are_drawn_if_the_protocol_says_so(emodb):
    check = trees.check(EMODB, emodb, protocol="speakers")
    assert Counter(check.manifest["split"]) == {"train": 8, "test": 4}
    assert check.manifest.groupby("speaker")["split"].nunique().tolist() == [1, 1, 1]
    assert not any("fixed split" in line for line in check.warnings)


def test_fixed_speakers_need_not_be_there_if_others_are_drawn(emodb):
    for path in (emodb / "wav").glob("15*.wav"):
        path.unlink()
    assert "no speaker 15" in fails(EMODB, emodb)
    assert Counter(trees.check(EMODB, emodb, protocol="speakers").manifest["split"]) == {"train": 4, "test": 4}


def test_an_own_split_that_shares_speakers_is_a_warning_where_speakers_should_be_apart(tmp_path):
    names = [f"u{number}.wav" for number in range(4)]
    trees.tones(tmp_path, names)
    for speakers, shares in (("abab", True), ("aabb", False)):
        rows = zip(names, speakers, ("train", "train", "test", "test"), strict=True)
        text = "path,speaker,split\n" + "".join(f"{name},{speaker},{part}\n" for name, speaker, part in rows)
        lines = trees.check(trees.own(tmp_path, text), tmp_path, protocol="speakers").warnings
        assert any("own split shares speakers" in line for line in lines) == shares
        assert not any("own split" in line for line in trees.check(trees.own(tmp_path, text), tmp_path).warnings)


def test_an_unlabelled_corpus_works_and_claims_no_score(tmp_path):
    trees.tones(tmp_path, [f"u{number}.wav" for number in range(6)])
    corpus = trees.own(tmp_path, "path,speaker\n" + "".join(f"u{number}.wav,s{number}\n" for number in range(6)))
    check = trees.check(corpus, tmp_path)
    assert check.manifest["label"].isna().all() and Counter(check.manifest["split"]) == {"train": 4, "test": 2}
    assert "no score is claimed" in check_report.to_markdown(check, corpus)
    assert "a source needs a label" in fails(corpus, tmp_path, role="source")


def test_a_source_whose_fixed_speakers_are_partly_absent_is_warned_of(tmp_path):
    corpus = corpora.get("ravdess")
    names = [
        f"Actor_{actor}/03-01-{emotion}-01-01-01-{actor}.wav"
        for actor in ("01", "19", "21", "22")
        for emotion in ("01", "03", "04", "05")
    ]
    check = trees.check(corpus, trees.tones(tmp_path, names), "source")
    assert Counter(check.manifest["split"]) == {"train": 4, "validation": 4, "test": 8}
    assert "speakers of the fixed split are absent: 23, 24, 20" in check.warnings


def test_a_class_that_is_missing_is_a_warning(tmp_path):
    trees.tones(tmp_path, [f"{row}.wav" for row in range(6)])
    labels = ("angry", "happy", "sad", "angry", "sad", "anger")
    rows = "".join(f"{row}.wav,{label},s{row},{'train' if row < 3 else 'test'}\n" for row, label in enumerate(labels))
    warnings = trees.check(trees.own(tmp_path, "path,label,speaker,split\n" + rows), tmp_path).warnings
    assert [line.split(":")[0] for line in warnings] == [
        "no utterance in use is neutral",
        "no utterance in the test set is happy or neutral",
    ]


def test_a_corpus_without_speakers_says_so(tmp_path):
    names = [f"{word}_{voice}_A_abajo.wav" for word in ("Anger", "Sadness") for voice in "FMC"]
    check = trees.check(corpora.get("mesd"), trees.tones(tmp_path / "mesd", names))
    assert any("do not identify speakers" in warning for warning in check.warnings)


def test_a_corpus_that_is_source_and_target_has_both_splits(tmp_path):
    names = [f"{speaker:02}a01{letter}a" for speaker in (3, 8, 9, 10, 15, 16) for letter in "WFTN"]
    folder = trees.tones(tmp_path / "emodb", [f"wav/{name}.wav" for name in names])
    usual = {"duration": 7.5, "test_size": 0.33, "split_seed": 0, "skip_unreadable": False}
    check = manifest.build(EMODB, folder, ["source", "target"], protocol="all", **usual)
    assert tuple(check.manifest.columns) == (*manifest.COLUMNS, "source_split")
    assert set(check.manifest["split"]) == {"all"}
    alone = {role: manifest.build(EMODB, folder, [role], **usual).manifest for role in ("source", "target")}
    assert check.manifest["source_split"].tolist() == alone["source"]["split"].tolist()
    both = manifest.build(EMODB, folder, ["source", "target"], **usual).manifest
    assert both["split"].tolist() == alone["target"]["split"].tolist()
    report = check_report.to_markdown(check, EMODB)
    assert report.startswith("# EMO-DB, source and target\n") and "## Splits as a source" in report
    assert not any("split" in warning for warning in check.warnings)


def test_a_lists_own_split_is_not_used_where_all_is_scored(tmp_path):
    trees.tones(tmp_path, [f"{number}.wav" for number in range(8)])
    lines = [f"{number}.wav,{CLASSES[number % 4]},s,{'train' if number < 4 else 'test'}" for number in range(8)]
    corpus = trees.own(tmp_path, "\n".join(["path,label,speaker,split", *lines]))
    check = trees.check(corpus, tmp_path, protocol="all")
    assert set(check.manifest["split"]) == {"all"}
    assert [warning for warning in check.warnings if "own split is not used for the target" in warning]


def test_what_a_source_split_shares_is_told_where_the_target_is_not_split(tmp_path):
    """A list's own split whose test speakers are in training; as a target, all of it is scored."""
    trees.tones(tmp_path, [f"{number}.wav" for number in range(24)])
    parts = ["train"] * 12 + ["validation"] * 4 + ["test"] * 8
    lines = [f"{n}.wav,{CLASSES[n % 4]},s{n // 4 % 3},{part}" for n, part in enumerate(parts)]
    corpus = trees.own(tmp_path, "\n".join(["path,label,speaker,split", *lines]))
    usual = {"duration": 7.5, "test_size": 0.33, "split_seed": 0, "skip_unreadable": False}
    both = manifest.build(corpus, tmp_path, ["source", "target"], protocol="all", **usual)
    shared = [line for line in both.warnings if "speakers are in training too" in line]
    assert shared and all(line.startswith("as a source: ") for line in shared)
    report = check_report.to_markdown(both, corpus)
    assert "every utterance is in training, without its label, and in the test" in report and "train, test" in report
    alone = trees.check(corpus, tmp_path, protocol="all")
    assert not [line for line in alone.warnings if "in training too" in line]
    assert "No speaker is in two splits" not in check_report.to_markdown(alone, corpus)


def test_a_pooled_corpus_without_a_test_set_lacks_no_class_in_it(tmp_path):
    trees.tones(tmp_path, [f"{number}.wav" for number in range(8)])
    lines = [f"{number}.wav,{CLASSES[number % 4]},s" for number in range(8)]
    check = trees.check(trees.own(tmp_path, "\n".join(["path,label,speaker", *lines])), tmp_path, "pooled")
    assert set(check.manifest["split"]) == {"train"}
    assert not [line for line in check.warnings if "test set" in line]
