"""The toy corpora: real layouts, fixed bytes, emotions that are learnable within a language and less so across."""

import hashlib
import re
from collections import Counter
from pathlib import Path

import librosa
import numpy as np
import pytest
import soundfile
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from nnpm import CLASSES, corpora, toy
from nnpm.errors import InputError
from nnpm.toy import published
from nnpm.toy.__main__ import main
from trees import touch

FEW = 8  # utterances: every speaker says each class once


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("toy") / "corpora"
    toy.write(directory, utterances=FEW)
    return directory


def hashes(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def audio(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in (".wav", ".flac"))


# --- bytes


def test_a_seed_fixes_the_bytes_of_a_corpus_made_alone(small: Path, tmp_path: Path) -> None:
    toy.write_corpus("emodb", tmp_path, utterances=FEW)
    assert hashes(tmp_path) == hashes(small / "emodb")


def test_a_file_does_not_depend_on_the_size_of_its_corpus(small: Path, tmp_path: Path) -> None:
    toy.write_corpus("ekorpus", tmp_path, utterances=FEW + 4)
    fewer, more = hashes(small / "ekorpus"), hashes(tmp_path)
    assert len(more) > len(fewer) and fewer.items() <= more.items()


def test_another_seed_gives_other_sounds_under_the_same_names(small: Path, tmp_path: Path) -> None:
    toy.write_corpus("ekorpus", tmp_path, seed=1, utterances=FEW)
    before, after = hashes(small / "ekorpus"), hashes(tmp_path)
    assert before.keys() == after.keys()
    assert not set(before.values()) & set(after.values())


# --- layouts


def test_the_speakers_that_the_fixed_splits_need_say_all_four_classes(small: Path) -> None:
    def spoken(name: str) -> dict[str, set[str]]:
        said: dict[str, set[str]] = {}
        for clip in corpora.get(name).find(small / name):
            said.setdefault(clip.speaker, set()).add(clip.label or "")
        return said

    emodb, iemocap, ravdess = spoken("emodb"), spoken("iemocap"), spoken("ravdess")
    assert sorted(emodb) == ["03", "08", "09", "10", "11", "12", "13", "14", "15", "16"]
    assert sorted(iemocap) == sorted(f"Ses0{session}{sex}" for session in range(1, 6) for sex in "FM")
    assert sorted(ravdess) == [f"{actor:02d}" for actor in range(1, 25)]
    assert all(set(CLASSES) <= said for said in [*emodb.values(), *iemocap.values(), *ravdess.values()])
    cremad = {int(speaker) for speaker in spoken("cremad")}
    assert cremad & set(range(1064, 1074)) and cremad & set(range(1074, 1092))


def test_odd_recordings_are_among_them(small: Path) -> None:
    infos = {name: [soundfile.info(path) for path in audio(small / name)] for name in toy.NAMES}
    rates = {name: {info.samplerate for info in of} for name, of in infos.items()}
    assert rates["ekorpus"] == rates["shemo"] == rates["urdu"] == {44100}
    assert rates["ravdess"] == {48000}
    assert rates["iemocap"] == rates["emodb"] == rates["cremad"] == {16000}
    assert {info.channels for info in infos["urdu"]} == {2}
    assert {info.channels for info in infos["shemo"]} == {info.channels for info in infos["ravdess"]} == {1, 2}
    assert "PCM_24" in {info.subtype for info in infos["emodb"]} & {info.subtype for info in infos["urdu"]}
    assert Counter(info.format for info in infos["emodb"])["FLAC"] == 1
    for name in ("iemocap", "ekorpus", "shemo", "emodb"):
        assert max(info.duration for info in infos[name]) > 7.5
        assert np.median([info.duration for info in infos[name]]) < 3.5


def test_sounds_are_neither_silent_nor_clipped(small: Path) -> None:
    for path in audio(small):
        samples = soundfile.read(path)[0]
        assert np.isfinite(samples).all() and 0.003 < np.sqrt(np.mean(samples**2)) < 0.3
        assert np.mean(np.abs(samples) > 0.99) < 0.001


@pytest.mark.parametrize("name", toy.NAMES)
def test_the_adapter_reads_the_toy_tree(small: Path, name: str) -> None:
    paths = [path.relative_to(small / name).as_posix() for path in audio(small / name)]
    clips = corpora.get(name).find(small / name)
    assert {clip.label for clip in clips} - {None} == set(CLASSES)
    assert {clip.path.relative_to(small / name).as_posix() for clip in clips} <= set(paths)
    left_out = {clip.emotion for clip in clips if clip.label is None}
    assert bool(left_out) == (name not in ("urdu", "ekorpus"))  # those two hold nothing else


# --- the paper's corpora in full size


def test_the_plan_of_urdu_is_read_as_its_listing_is(tmp_path: Path) -> None:
    """Those of the other corpora are read in corpora/test_corpora.py."""
    clips = corpora.get("urdu").find(touch(tmp_path, [take.path for take in published.takes("urdu")]))
    assert Counter(clip.label for clip in clips) == corpora.get("urdu").published


def test_a_sample_of_them_lasts_as_long_as_speech_and_no_two_are_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    takes = published.takes("iemocap")[::200]
    monkeypatch.setattr(published, "takes", lambda name: takes)
    assert toy.write_corpus("iemocap", tmp_path, utterances="paper") == len(takes)
    assert len({path.read_bytes() for path in audio(tmp_path)}) == len(takes)
    used = [tmp_path / take.path for take in takes if take.emotion in published.USED]
    seconds = [soundfile.info(path).duration for path in used]
    assert 3.5 < np.mean(seconds) < 4.7 and 0.03 < np.mean(np.array(seconds) > 7.5) < 0.2
    for path in used:
        samples, rate = soundfile.read(path)
        assert rate == 16000 and 0.003 < np.sqrt(np.mean(samples**2)) < 0.3


# --- the folder


@pytest.fixture
def just_ekorpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toy, "NAMES", ("ekorpus",))


@pytest.mark.usefixtures("just_ekorpus")
def test_an_earlier_toy_tree_is_replaced_as_a_whole(tmp_path: Path) -> None:
    directory = tmp_path / "corpora"
    toy.write(directory, seed=0, utterances=8)
    before = hashes(directory)
    (directory / ".DS_Store").touch()
    toy.write(directory, seed=1, utterances=1)
    assert len(hashes(directory)) < len(before) and not set(hashes(directory).values()) & set(before.values())
    assert [path.name for path in tmp_path.iterdir()] == ["corpora"]


def test_a_folder_with_anything_else_in_it_is_left_alone(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    foreign = tmp_path / "emodb" / "wav" / "03a01Fa.wav"
    foreign.parent.mkdir(parents=True)
    foreign.touch()
    assert main([str(tmp_path), "--utterances", "1"]) == 1
    message = capsys.readouterr().err
    assert str(tmp_path) in message and "emodb" in message and message.count("\n") == 1
    assert list(tmp_path.rglob("*.*")) == [foreign]

    mine = small / "urdu" / "mine.wav"
    mine.touch()
    with pytest.raises(InputError, match=re.escape("urdu/mine.wav")):
        toy.write(small, utterances=1)
    mine.unlink()


def test_a_failure_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(soundfile, "write", full)
    with pytest.raises(InputError, match="No space left"):
        toy.write(tmp_path / "corpora", utterances=1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("options", [["--utterances", "0"], ["--utterances", "1000"], ["--seed", "-1"]])
def test_impossible_options_end_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    assert main([str(tmp_path / "corpora"), *options]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.usefixtures("just_ekorpus")
@pytest.mark.parametrize(("options", "name"), [(["--utterances", "1"], "ekorpus"), (["--size", "paper"], "urdu")])
def test_the_command_line_counts_the_files(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    name: str,
) -> None:
    plan = list(published.PLANS["urdu"]())[::150]
    monkeypatch.setattr(published, "PLANS", {"urdu": lambda: plan})
    folder = tmp_path / "corpora" / name
    assert main([str(folder.parent), *options]) == 0
    assert capsys.readouterr().out == f"{folder}: {len(audio(folder))} files\n"
    assert sorted(path.name for path in folder.parent.iterdir()) == ["README.txt", name]


# --- the sound


def utterance_statistics(name: str, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Mean, spread and change of 16 mel bands of each utterance (level removed, bands standardised by corpus)."""
    clips = [clip for clip in corpora.get(name).find(folder) if clip.label]
    mels = []
    for clip in clips:
        samples = soundfile.read(clip.path, frames=64000)[0]
        power = librosa.feature.melspectrogram(y=samples, sr=16000, n_fft=512, hop_length=320, n_mels=16)
        bands = librosa.power_to_db(power, top_db=60)
        bands = bands[:, bands.mean(0) > bands.mean(0).max() - 30]
        mels.append(bands - bands.mean())
    frames = np.concatenate(mels, axis=1)
    mels = [(bands - frames.mean(1, keepdims=True)) / frames.std(1, keepdims=True) for bands in mels]
    rows = [np.r_[m.mean(1), m.std(1), np.abs(np.diff(m)).mean(1), np.abs(np.diff(m.mean(0))).mean()] for m in mels]
    return np.array(rows), np.array([clip.label for clip in clips])


def unweighted_accuracy(labels: np.ndarray, predicted: np.ndarray) -> float:
    return float(np.mean([np.mean(predicted[labels == label] == label) for label in CLASSES]))


def test_emotions_are_learnable_within_a_language_and_less_so_across(small: Path, tmp_path: Path) -> None:
    toy.write_corpus("iemocap", tmp_path, utterances=80)
    source, source_labels = utterance_statistics("iemocap", tmp_path)
    target, target_labels = utterance_statistics("emodb", small / "emodb")
    judge = make_pipeline(StandardScaler(), SVC(C=3))
    within = unweighted_accuracy(source_labels, cross_val_predict(judge, source, source_labels, cv=5))
    across = unweighted_accuracy(target_labels, judge.fit(source, source_labels).predict(target))
    assert within > 0.7
    assert 0.3 < across < within - 0.1
