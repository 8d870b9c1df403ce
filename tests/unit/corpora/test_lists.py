"""Own lists in every format hold the same clips as the adapter of the corpus that they list."""

import csv
import importlib.util
import json
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml

from nnpm import corpora, toy
from nnpm.corpora import check_report, manifest, own
from nnpm.corpora.lists import formats
from nnpm.errors import InputError

SPEAKERS = r"(?:^|/)(\d\d)[ab]\d\d[A-Z]"


@pytest.fixture(scope="module")
def emodb(tmp_path_factory):
    """EMO-DB of synthetic sounds."""
    folder = tmp_path_factory.mktemp("toy") / "emodb"
    toy.write_corpus("emodb", folder, utterances=8)
    return folder


def rows(folder):
    return [
        {"file": clip.path.relative_to(folder).as_posix(), "emotion": clip.emotion, "speaker": clip.speaker}
        for clip in corpora.get("emodb").find(folder)
    ]


def table(path, given, delimiter=","):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(given[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(given)
    return str(path)


def lines(path, given):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in given), encoding="utf-8")
    return str(path)


def as_table(folder, place):
    return {"path": table(place / "list.tsv", rows(folder), "\t"), "root": str(folder)}


def as_absolute(folder, place):
    given = [{**row, "file": str(folder / row["file"])} for row in rows(folder)]
    return {"path": table(place / "list.csv", given)}


def as_jsonl(folder, place):
    return {"path": lines(place / "list.jsonl", rows(folder)), "root": str(folder)}


def as_emobox(folder, place):
    data = place / "EmoBox" / "data" / "emodb"
    given = [
        {"key": f"emodb-{Path(row['file']).stem}", "dataset": "emodb", "wav": f"downloads/emodb/{row['file']}"}
        | {"emo": row["emotion"]}
        for row in rows(folder)
    ]
    lines(data / "emodb.jsonl", given)
    for number in (1, 2):
        lines(data / f"fold_{number}" / f"emodb_train_fold_{number}.jsonl", given[number + 1 :: 3])
        lines(data / f"fold_{number}" / f"emodb_test_fold_{number}.jsonl", given[number::3])
    lines(data / "fold_1" / "emodb_valid_fold_1.jsonl", given[:1])
    (data / "label_map.json").write_text(json.dumps({"anger": "Angry", "joy": "Happy", "boredom": "Boredom"}))
    return {"path": str(data / "emodb.jsonl"), "root": str(folder), "speakers": SPEAKERS}


def as_folders(folder, place):
    for row in rows(folder):
        path = place / "my recordings" / row["emotion"].title() / Path(row["file"]).name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(folder / row["file"])
    return {"path": str(place / "my recordings"), "speakers": SPEAKERS}


def as_audiofolder(folder, place):
    (place / "audiofolder").mkdir()
    (place / "audiofolder" / "wav").symlink_to(folder / "wav")
    given = [{"file_name": row["file"], "label": row["emotion"], "speaker_id": row["speaker"]} for row in rows(folder)]
    return {"path": str(Path(table(place / "audiofolder" / "metadata.csv", given)).parent)}


def as_audformat(folder, place):
    audformat = pytest.importorskip("audformat")
    given = rows(folder)
    database = audformat.Database("emodb", source="", usage="research", languages=["de"])
    database.schemes["emotion"] = audformat.Scheme(labels=sorted({row["emotion"] for row in given}))
    about = {row["speaker"]: {"gender": "female"} for row in given}
    database.schemes["speaker"] = audformat.Scheme(labels=about)
    index = audformat.filewise_index([row["file"] for row in given])
    for name, key in (("emotion", "emotion"), ("files", "speaker")):
        database[name] = audformat.Table(index)
        database[name][key] = audformat.Column(scheme_id=key)
        database[name][key].set([row[key] for row in given])
    database.save(str(place / "audformat"))
    (place / "audformat" / "wav").symlink_to(folder / "wav")
    return {"path": str(place / "audformat")}


LISTS = {
    "table": as_table,
    "absolute": as_absolute,
    "jsonl": as_jsonl,
    "emobox": as_emobox,
    "folders": as_folders,
    "audiofolder": as_audiofolder,
    "audformat": as_audformat,
}


def test_every_format_is_tried():
    assert set(LISTS) - {"absolute"} == set(formats.FORMATS)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_has_the_clips_of_the_adapter(emodb, tmp_path, name):
    found = own.from_manifest("mine", LISTS[name](emodb, tmp_path))
    clips, expected = found.find(Path()), corpora.get("emodb").find(emodb)
    assert found.reading().how.startswith({"absolute": "table"}.get(name, name))
    known = {clip.path.name: (clip.path, clip.speaker, clip.label) for clip in expected}
    assert {clip.path.name: (clip.path.resolve(), clip.speaker, clip.label) for clip in clips} == known
    assert Counter(clip.label for clip in clips) == Counter(clip.label for clip in expected)
    assert set(corpora.files(found, Path())) >= {clip.path.as_posix() for clip in clips}


@pytest.mark.parametrize("fold", [1, 2])
def test_the_official_folds_of_emobox_are_the_splits(emodb, tmp_path, fold):
    entry = as_emobox(emodb, tmp_path) | {"path": str(tmp_path / "EmoBox" / "data" / "emodb"), "fold": fold}
    found = Counter(clip.split for clip in own.from_manifest("mine", entry).find(Path()))
    count = len(rows(emodb))
    official = {"train": len(range(fold + 1, count, 3)), "test": len(range(fold, count, 3))}
    assert found == official | ({"validation": 1} if fold == 1 else {})


def test_recordings_that_emobox_lists_with_several_labels_are_left_out_and_told(emodb, tmp_path):
    entry = as_emobox(emodb, tmp_path)
    given = [json.loads(line) for line in Path(entry["path"]).read_text().splitlines()]
    lines(Path(entry["path"]), [*given, {**given[0], "emo": "contempt"}])
    reading = own.from_manifest("mine", entry).reading()
    assert len(reading.clips) == len(given) - 1
    assert "2 entries are left out, which list the same recording with different labels" in reading.warnings


def test_a_moved_corpus_with_a_list_of_absolute_paths_keeps_its_ids(emodb, tmp_path):
    (tmp_path / "elsewhere").symlink_to(emodb)
    ids = [
        [clip.utterance for clip in own.from_manifest("mine", as_absolute(place, tmp_path)).find(Path())]
        for place in (emodb, tmp_path / "elsewhere")
    ]
    assert ids[0] == ids[1] and "03a01Fa" in ids[0]


def test_some_absolute_paths_beside_relative_ones_make_a_manifest(emodb, tmp_path, monkeypatch):
    """With a relative list: paths must still have a folder in common."""
    monkeypatch.chdir(emodb)
    given = rows(emodb)
    given[0]["file"] = str(emodb / given[0]["file"])
    table(Path("list.csv"), given)
    corpus = own.from_manifest("mine", "list.csv")
    sizes = {"duration": 7.5, "test_size": 0.33, "split_seed": 0, "skip_unreadable": False}
    assert len(manifest.build(corpus, Path("corpora/mine"), ["target"], **sizes).manifest) > 20
    (emodb / "list.csv").unlink()


def test_an_absolute_path_beside_relative_ones_is_one_more_relative_path(emodb, tmp_path):
    (tmp_path / "elsewhere").symlink_to(emodb)
    ids = []
    for place in (emodb, tmp_path / "elsewhere"):
        given = rows(emodb)
        relative = given[0]["file"]
        given[0]["file"] = str(place / relative)
        entry = {"path": table(tmp_path / "list.csv", given), "root": str(place)}
        ids.append([clip.utterance for clip in own.from_manifest("mine", entry).find(Path())])
    assert ids[0] == ids[1] and Path(relative).with_suffix("").as_posix() in ids[0]


def test_a_map_may_name_what_the_codes_of_emobox_say(emodb, tmp_path):
    entry = as_emobox(emodb, tmp_path) | {"labels": {"Boredom": "neutral", 7: "sad"}}
    reading = own.from_manifest("mine", entry).reading()
    bored = [clip for clip in reading.clips if clip.emotion == "boredom"]
    assert bored and {clip.label for clip in bored} == {"neutral"}
    assert [line for line in reading.warnings if "is labelled" in line] == [
        "manifests.mine.labels: no utterance is labelled 7"
    ]


def test_a_home_folder_is_expanded(emodb, tmp_path, monkeypatch):
    entry = as_table(emodb, tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert own.from_manifest("mine", {**entry, "path": "~/list.tsv"}).find(Path())


def test_the_report_says_how_words_were_read(emodb, tmp_path):
    corpus = own.from_manifest("mine", as_table(emodb, tmp_path))
    sizes = {"duration": 7.5, "test_size": 0.33, "split_seed": 0, "skip_unreadable": False}
    checked = manifest.build(corpus, emodb, ["target"], **sizes)
    counts = Counter(row["emotion"] for row in rows(emodb))
    text = check_report.to_markdown(checked, corpus)
    assert "read as: table, columns path from 'file', label from 'emotion', speaker" in text
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()]
    for word, meaning in (("anger", "angry"), ("joy", "happy"), ("boredom", "another emotion, left out")):
        assert [word, meaning, str(counts[word])] in cells
    sections = {section["title"]: section for section in check_report.to_json(checked, corpus)["sections"]}
    assert "anger" in json.dumps(sections["Words of the list"])


def test_segments_splits_and_missing_values_of_an_audformat_database(tmp_path):
    audformat = pytest.importorskip("audformat")
    for name in ("a.wav", "b.wav"):
        soundfile.write(tmp_path / name, np.sin(np.arange(32000)), 16000)
    database = audformat.Database("mine", source="", usage="research")
    database.schemes["emotion"] = audformat.Scheme(labels=["anger", "joy"])
    for split, index, labels in (
        ("train", audformat.segmented_index(["a.wav"] * 2, ["0s", "1s"], ["0.5s", "2s"]), ["anger", None]),
        ("test", audformat.segmented_index(["b.wav"], ["0s"], [None]), ["joy"]),
    ):
        database.splits[split] = audformat.Split(split)
        database[split] = audformat.Table(index, split_id=split)
        database[split]["emotion"] = audformat.Column(scheme_id="emotion")
        database[split]["emotion"].set(labels)
    database.save(str(tmp_path))
    clips = own.from_manifest("mine", str(tmp_path)).find(Path())
    assert [(clip.utterance, clip.start, clip.end, clip.label, clip.split, clip.speaker) for clip in clips] == [
        ("a@0-0.5", 0.0, 0.5, "angry", "train", "unknown"),
        ("a@1-2", 1.0, 2.0, None, "train", "unknown"),
        ("b", None, None, "happy", "test", "unknown"),
    ]


def test_without_the_library_an_audformat_database_is_one_line(tmp_path, monkeypatch):
    (tmp_path / "db.yaml").write_text(yaml.safe_dump({"name": "x"}))
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "audformat" else find(name, *rest)
    )
    with pytest.raises(InputError, match=r"db\.yaml: .* needs the package audformat, .* pip install audformat"):
        own.from_manifest("mine", str(tmp_path)).find(Path())
    assert "audformat" not in sys.modules or find("audformat")


def test_a_faulty_audformat_database_is_one_line(tmp_path):
    pytest.importorskip("audformat")
    (tmp_path / "db.yaml").write_text("name: [")
    with pytest.raises(InputError, match=r"db\.yaml: audformat cannot read it"):
        own.from_manifest("mine", str(tmp_path)).find(Path())
