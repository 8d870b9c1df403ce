"""The corpus adapters, each on a tree laid out like the corpus it reads; what they refuse is in tests/faults."""

import os
import shutil
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from praatio import textgrid

import trees
from nnpm import CLASSES, corpora
from nnpm.corpora import obtaining, own, splits
from nnpm.errors import InputError


def labels(clips):
    return Counter(clip.label for clip in clips if clip.label)


def by_name(clips):
    return {clip.utterance: clip for clip in clips}


def test_every_adapter_describes_itself_completely():
    for name in corpora.NAMES:
        corpus = corpora.get(name)
        assert corpus.name == name and corpora.title(name) == corpus.title
        for text in (corpus.title, corpus.language, corpus.owner, corpus.url, corpus.terms, corpus.citation):
            assert text.strip()
        assert set(corpus.published) == {"angry", "happy", "sad", "neutral"}


def test_natural_and_acted_corpora_and_those_that_do_not_say(tmp_path):
    assert {name for name in corpora.NAMES if corpora.get(name).natural} == {"urdu", "ekorpus"}
    assert all(corpora.get(name).natural is not None for name in corpora.NAMES)
    assert own.from_manifest("mine", tmp_path / "own.csv").natural is None


def test_a_folder_that_may_not_be_read_is_told_while_planning(tmp_path, monkeypatch):
    """As root, who may read everything, no file's rights would show it."""
    trees.published(tmp_path / "emodb", "emodb")
    scan = os.scandir

    def refuse(path="."):  # this folder alone: since Python 3.13 pathlib calls it too
        if Path(path).name == "wav":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(InputError, match=r"emodb/wav: cannot be read \(Permission denied\); change its rights"):
        corpora.files(corpora.get("emodb"), tmp_path)


@dataclass(frozen=True)
class Published:
    """Files, women and men among the speakers, and the protocol's splits (of a target, or of a source)."""

    files: int
    genders: tuple[int, int]
    parts: dict[str, int]
    test_speakers: range | None = None


PUBLISHED = {
    "iemocap": Published(10039, (5, 5), {"train": 3259, "validation": 1031, "test": 1241}),
    "emodb": Published(535, (5, 5), {"train": 266, "validation": 39, "test": 34}, range(15, 16)),
    "urdu": Published(400, (11, 18), {"train": 268, "test": 132}),
    "ekorpus": Published(1164, (1, 0), {"train": 779, "test": 385}),
    "shemo": Published(3000, (31, 56), {"train": 1833, "test": 904}),
    "ravdess": Published(1440, (12, 12), {"train": 504, "validation": 56, "test": 112}, range(21, 25)),
    "cremad": Published(7442, (43, 48), {"train": 3389, "validation": 540, "test": 971}, range(1074, 1092)),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_corpus_as_published_has_its_counts_speakers_and_splits(tmp_path, name):
    corpus, published = corpora.get(name), PUBLISHED[name]
    clips = corpus.find(trees.published(tmp_path, name))
    assert len(clips) == published.files and labels(clips) == corpus.published
    speakers = {(clip.speaker, clip.gender) for clip in clips}
    assert len({speaker for speaker, _ in speakers}) == len(speakers)
    genders = Counter(gender for _, gender in speakers)
    assert (genders["f"], genders["m"], len(genders)) == (*published.genders, 2 if all(published.genders) else 1)
    used = [clip for clip in clips if clip.label]
    if name in ("iemocap", "ravdess", "cremad"):
        drawn = splits.source(corpus, used, seed=0)
    else:
        drawn = splits.target(corpus, used, test_size=0.33, seed=0)
    assert Counter(drawn) == published.parts
    if published.test_speakers:
        test = [clip for clip, part in zip(used, drawn, strict=True) if part == "test"]
        assert {int(clip.speaker) for clip in test} == set(published.test_speakers)
        if name == "emodb":
            assert [labels(test)[label] for label in CLASSES] == [13, 6, 4, 11]


def test_published_counts_add_up_to_the_protocol():
    papers = {
        "iemocap": 5531,
        "urdu": 400,
        "ekorpus": 1164,
        "shemo": 2737,
        "emodb": 339,
        "ravdess": 672,
        "cremad": 4900,
    }
    assert {name: sum(corpora.get(name).published.values()) for name in papers} == papers


def test_an_unknown_name_is_answered_with_the_closest():
    with pytest.raises(InputError, match="emodb"):
        corpora.get("emo-db")


#: Speaker, gender, emotion and label by file name.
READ = {
    "emodb": {
        "wav/03a01Fa.wav": ("03", "m", "joy", "happy"),
        "wav/08a01Wa.wav": ("08", "f", "anger", "angry"),
        "wav/09a01Wa.wav": ("09", "f", "anger", "angry"),
        "wav/10a04Ld.wav": ("10", "m", "boredom", None),
        "wav/11a07Ea.wav": ("11", "m", "disgust", None),
        "wav/12b01Aa.wav": ("12", "m", "fear", None),
        "wav/13a01Wa.wav": ("13", "f", "anger", "angry"),
        "wav/14a01Wa.wav": ("14", "f", "anger", "angry"),
        "wav/15b02Tc.wav": ("15", "m", "sadness", "sad"),
        "wav/16a05Nd.wav": ("16", "f", "neutral", "neutral"),
    },
    "urdu": {
        "Angry/SM1_F10_A010.wav": ("SM1", "m", "angry", "angry"),
        "Happy/SF11_F2_H02.wav": ("SF11", "f", "happy", "happy"),
        "Neutral/SM5_F72_N0100.wav": ("SM5", "m", "neutral", "neutral"),
        "Sad/SM24_F1_S01.wav": ("SM24", "m", "sad", "sad"),
    },
    "shemo": {  # the same number is another speaker in each gender
        "female/F01A01.wav": ("F01", "f", "anger", "angry"),
        "female/F01F01.wav": ("F01", "f", "fear", None),
        "female/F03S02.wav": ("F03", "f", "sadness", "sad"),
        "male/M01H02.wav": ("M01", "m", "happiness", "happy"),
        "male/M01W01.wav": ("M01", "m", "surprise", None),
        "male/M12N03.wav": ("M12", "m", "neutral", "neutral"),
    },
    "ravdess": {
        "Actor_15/03-01-05-01-02-01-15.wav": ("15", "m", "angry", "angry"),
        "Actor_16/03-01-01-01-01-01-16.wav": ("16", "f", "neutral", "neutral"),
        "Actor_16/03-01-02-01-01-01-16.wav": ("16", "f", "calm", None),
        "Actor_16/03-02-05-01-02-01-16.wav": ("16", "f", "song", None),
    },
    "cremad": {  # genders are in the owners' list
        "AudioWAV/1001_DFA_ANG_XX.wav": ("1001", "m", "anger", "angry"),
        "AudioWAV/1002_DFA_HAP_XX.wav": ("1002", "f", "happy", "happy"),
        "AudioWAV/1011_ITH_SAD_X.wav": ("1011", "m", "sad", "sad"),
        "AudioWAV/1012_DFA_NEU_XX.wav": ("1012", "f", "neutral", "neutral"),
        "AudioWAV/1063_DFA_DIS_XX.wav": ("1063", "f", "disgust", None),
        "AudioWAV/1090_DFA_FEA_XX.wav": ("1090", "m", "fear", None),
        "AudioWAV/1091_IEO_ANG_HI.wav": ("1091", "f", "anger", "angry"),
    },
}


@pytest.mark.parametrize("name", READ)
def test_names_give_speaker_gender_and_emotion(tmp_path, name):
    clips = corpora.get(name).find(trees.touch(tmp_path, READ[name]))
    found = {clip.path: (clip.speaker, clip.gender, clip.emotion, clip.label) for clip in clips}
    assert found == {tmp_path / file: said for file, said in READ[name].items()}


class TestEmodb:
    corpus = corpora.get("emodb")

    def test_any_audio_format_is_as_good_and_hidden_and_other_files_are_not_audio(self, tmp_path):
        names = ["03a01Fa.FLAC", "03a01Nc.ogg", "03a01Wa.aiff", "._03a01Fa.wav", "labels.txt", "03a01Wa.lab"]
        clips = self.corpus.find(trees.touch(tmp_path, [f"wav/{name}" for name in names]))
        assert [clip.path.name for clip in clips] == ["03a01Fa.FLAC", "03a01Nc.ogg", "03a01Wa.aiff"]


class TestIemocap:
    corpus = corpora.get("iemocap")

    def test_speaker_is_session_and_the_letter_of_the_turn(self, tmp_path):
        turns = {
            "Ses01F_script01_1_F000": "ang",
            "Ses01F_script01_1_M001": "hap",
            "Ses01F_script01_1_M002": "exc",
            "Ses01F_script01_1_F003": "sad",
            "Ses01F_script01_1_F004": "neu",
            "Ses01F_script01_1_MXX0": "fru",
            "Ses01F_script01_1_F005": "xxx",
        }
        clips = by_name(self.corpus.find(trees.iemocap(tmp_path, {"Ses01F_script01_1": turns})))
        assert {name[-4:]: (clip.speaker, clip.gender, clip.label) for name, clip in clips.items()} == {
            "F000": ("Ses01F", "f", "angry"),
            "M001": ("Ses01M", "m", "happy"),
            "M002": ("Ses01M", "m", "happy"),
            "F003": ("Ses01F", "f", "sad"),
            "F004": ("Ses01F", "f", "neutral"),
            "MXX0": ("Ses01M", "m", None),
            "F005": ("Ses01F", "f", None),
        }
        assert clips["Ses01F_script01_1_MXX0"].emotion == "frustration"

    def test_single_raters_files_and_hidden_ones_are_passed_over(self, tmp_path):
        trees.iemocap(tmp_path, {"Ses01F_impro01": {"Ses01F_impro01_F000": "neu"}})
        evaluation = tmp_path / "Session1" / "dialog" / "EmoEvaluation"
        trees.touch(evaluation, ["._Ses01F_impro01.txt", "Categorical/Ses01F_impro01_e1_cat.txt"])
        trees.touch(tmp_path / "Session1/sentences/wav", ["Ses01F_impro01/._Ses01F_impro01_F000.wav"])
        assert len(self.corpus.find(tmp_path)) == 1

    def test_labelled_turns_without_audio_are_passed_over(self, tmp_path):
        trees.iemocap(tmp_path, {"Ses01F_impro01": {"Ses01F_impro01_F000": "neu", "Ses01F_impro01_F001": "sad"}})
        (tmp_path / "Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F001.wav").unlink()
        assert [clip.utterance for clip in self.corpus.find(tmp_path)] == ["Ses01F_impro01_F000"]


def write_textgrid(path: Path, word: str, *, style="short_textgrid"):
    grid = textgrid.Textgrid()
    grid.addTier(textgrid.IntervalTier("Words", [(0.0, 0.4, "tere"), (0.4, 1.0, "õhtust")], 0.0, 1.0))
    grid.addTier(textgrid.IntervalTier("emotion", [(0.2, 1.0, word)], 0.0, 1.0))
    grid.save(str(path), format=style, includeBlankSpaces=True)


class TestEkorpus:
    corpus = corpora.get("ekorpus")

    @pytest.mark.parametrize("style", ["short_textgrid", "long_textgrid"])
    def test_labels_from_textgrids_of_every_kind(self, tmp_path, style):
        words = {
            "anger": "angry",
            "joy": "happy",
            "sadness": "sad",
            "neutral": "neutral",
            "Joy ": "happy",
            "fear": None,
        }
        for number, word in enumerate(words, start=101):
            trees.touch(tmp_path, [f"{number}.wav"])
            write_textgrid(tmp_path / f"{number}.TextGrid", word, style=style)
        assert [clip.label for clip in self.corpus.find(tmp_path)] == list(words.values())

    def test_a_textgrid_without_audio_is_passed_over(self, tmp_path):
        trees.touch(tmp_path, ["105.wav"])
        for number in (105, 106):
            write_textgrid(tmp_path / f"{number}.TextGrid", "joy")
        assert [clip.utterance for clip in self.corpus.find(tmp_path)] == ["105"]


class TestOwnManifest:
    def manifest(self, tmp_path, text, audio=("a.wav", "b/c.flac", "d.wav")):
        return trees.own(trees.touch(tmp_path, audio), text)

    def test_paths_labels_and_speakers(self, tmp_path):
        text = "path,label,speaker,gender\na.wav,Angry,s1,F\nb/c.flac,bored,s2,male\nd.wav,,03,\n"
        clips = by_name(self.manifest(tmp_path, text).find(Path("unused")))
        assert {name: (c.speaker, c.emotion, c.label, c.gender, c.split) for name, c in clips.items()} == {
            "a": ("s1", "angry", "angry", "f", None),
            "b/c": ("s2", "bored", None, "m", None),
            "d": ("03", None, None, None, None),
        }
        assert clips["b/c"].path == tmp_path / "b" / "c.flac"

    def test_an_utterance_is_its_path_so_speakers_may_number_their_files_alike(self, tmp_path):
        text = "path,label,speaker\nspk1/001.wav,sad,s1\nspk2/001.wav,sad,s2\n./spk2/take.1.wav,sad,s2\n"
        audio = ["spk1/001.wav", "spk2/001.wav", "spk2/take.1.wav"]
        clips = self.manifest(tmp_path, text, audio).find(Path())
        assert [clip.utterance for clip in clips] == ["spk1/001", "spk2/001", "spk2/take.1"]

    def test_splits_are_kept(self, tmp_path):
        text = "path,label,speaker,split\na.wav,sad,s1,train\nb/c.flac,sad,s2,Test\nd.wav,sad,s3,validation\n"
        clips = self.manifest(tmp_path, text).find(Path())
        assert [clip.split for clip in clips] == ["train", "test", "validation"]


def test_all_missing_corpora_are_listed_at_once(tmp_path):
    trees.touch(tmp_path, ["emodb/wav/03a01Fa.flac", "shemo/female.zip"])
    names = ("iemocap", "emodb", "shemo", "urdu")
    blocks = corpora.missing({name: corpora.get(name) for name in names}, tmp_path)
    assert [block.split()[0] for block in blocks] == ["iemocap", "shemo", "urdu"]
    iemocap, shemo, _ = blocks
    for words in (str(tmp_path / "iemocap"), "does not exist", "Session1/", "https://sail.usc.edu/iemocap/", "licence"):
        assert words in iemocap
    assert "holds no audio file" in shemo


def test_a_corpus_in_linked_folders_is_there(tmp_path):
    disk = trees.touch(tmp_path / "disk", ["03a01Fa.wav"])
    (tmp_path / "corpora" / "emodb").mkdir(parents=True)
    (tmp_path / "corpora" / "emodb" / "wav").symlink_to(disk)
    corpus = corpora.get("emodb")
    assert len(corpus.find(tmp_path / "corpora" / "emodb")) == 1
    assert corpora.missing({"emodb": corpus}, tmp_path / "corpora") == []


@pytest.mark.parametrize(
    ("there", "wanted"),
    [("RAVDESS", "ravdess"), ("Ore\N{COMBINING ACUTE ACCENT}au", "Or\N{LATIN SMALL LETTER E WITH ACUTE}au")],
)
def test_a_folder_in_other_case_or_unicode_form_is_to_be_renamed(tmp_path, there, wanted):
    """Instead of fetching the corpus again."""
    trees.touch(tmp_path / there, ["Actor_01/03-01-05-01-02-01-01.wav"])
    corpus = replace(corpora.get("ravdess"), name=wanted)
    (block,) = corpora.missing({wanted: corpus}, tmp_path)
    assert f"rename it to {wanted!a}" in block and "fetch" not in block and "\n" not in block.strip()
    with pytest.raises(InputError, match="rename it to"):
        obtaining.fetch_missing([corpus], tmp_path)


def test_the_folder_of_all_corpora_in_other_case_is_to_be_renamed(tmp_path):
    (tmp_path / "Corpora").mkdir()
    assert "rename it to 'corpora'" in corpora.no_folder(tmp_path / "corpora")
    assert corpora.no_folder(tmp_path / "elsewhere").endswith("(corpora_dir).")


def test_links_in_a_circle_end(tmp_path):
    folder = trees.touch(tmp_path / "emodb", ["wav/readme.txt", "docs/readme.txt"])
    for place in ("wav", "docs"):
        for number in range(8):
            (folder / place / f"again{number}").symlink_to(folder)
    (block,) = corpora.missing({"emodb": corpora.get("emodb")}, tmp_path)
    assert "holds no audio file" in block


@pytest.mark.parametrize(("name", "others"), [("emodb", 6), ("urdu", 0), ("ravdess", 4), ("emovo", 252)])
def test_real_corpora_have_their_published_counts(name, others):
    folder = os.environ.get("NNPM_TEST_CORPORA_DIR")
    if not folder or not (Path(folder) / name).is_dir():
        pytest.skip("NNPM_TEST_CORPORA_DIR names no folder with this corpus")
    corpus = corpora.get(name)
    clips = corpus.find(Path(folder) / name)
    assert labels(clips) == corpus.published
    assert len(clips) >= sum(corpus.published.values()) + others


def test_a_fingerprint_tells_sizes_of_audio_and_words_of_annotations(tmp_path):
    """Whatever the dates: an archive unpacked over a corpus sets those of long ago."""
    audio, labels = tmp_path / "1.wav", tmp_path / "1.TextGrid"
    files = [str(audio), str(labels)]
    audio.write_bytes(b"abc")
    labels.write_text("anger")
    found = {corpora.content(files, tmp_path)}
    for path, content in ((audio, b"abcd"), (labels, b"agner")):
        path.write_bytes(content)
        os.utime(path, (0, 0))
        found.add(corpora.content(files, tmp_path))
    assert len(found) == 3
    os.utime(audio)
    assert corpora.content(files, tmp_path) in found
    shutil.copytree(tmp_path, tmp_path / "elsewhere")
    copies = [str(tmp_path / "elsewhere" / Path(file).name) for file in files]
    assert corpora.content(copies, tmp_path / "elsewhere") in found
    assert corpora.content(copies, tmp_path) not in found
    labels.unlink()
    with pytest.raises(InputError, match=r"1\.TextGrid: cannot be read \(No such file"):
        corpora.content(files, tmp_path)


def test_films_beside_sound_are_ignored_and_are_a_corpus_without_it(tmp_path):
    trees.tones(tmp_path / "ravdess", ["Actor_01/03-01-05-01-02-01-01.wav"])
    for name in ("01-01-05-01-02-01-01.mp4", "03-01-05-01-02-01-01.mp4"):
        (tmp_path / "ravdess" / "Actor_01" / name).write_bytes(b"film")
    (clip,) = corpora.get("ravdess").find(tmp_path / "ravdess")
    assert clip.path.suffix == ".wav"
    clip.path.unlink()
    assert [clip.path.suffix for clip in corpora.get("ravdess").find(tmp_path / "ravdess")] == [".mp4", ".mp4"]


def test_a_folder_that_may_not_be_read_is_told(tmp_path, monkeypatch):
    trees.tones(tmp_path / "savee", ["DC/a01.wav", "JE/a01.wav"])

    def refused(folder, original=Path.iterdir):
        if folder.name == "JE":
            raise PermissionError(13, "Permission denied", str(folder))
        return original(folder)

    monkeypatch.setattr(Path, "iterdir", refused)
    with pytest.raises(InputError, match=r"JE: cannot be read \(Permission denied\); change its rights"):
        corpora.get("savee").find(tmp_path / "savee")


@pytest.mark.parametrize("name", ["0011/Angry/0012_000351.wav", "0011/Anger/0011_000351.wav"])
def test_a_file_of_esd_is_of_its_folders_speaker_and_of_a_known_emotion(tmp_path, name):
    trees.tones(tmp_path / "esd_english", ["0011/Angry/0011_000351.wav", name, "0001/Angry/0001_000001.wav"])
    with pytest.raises(InputError, match="not a ESD"):
        corpora.get("esd_english").find(tmp_path / "esd_english")
