"""What may be heard in a report: computed utterances, and never a recording, whatever names are given to it."""

import base64
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

import trees
from nnpm import CLASSES, audio, corpora
from nnpm.reporting.listening import clips, of_study
from nnpm.reporting.tables import Study
from nnpm.toy import write_corpus

RATE, SECONDS = 16000, 1.0
STUDY = Study("toy", "emodb")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """The utterances of toy EMO-DB."""
    folder = tmp_path_factory.mktemp("toy") / "emodb"
    write_corpus("emodb", folder, utterances=8)
    found = [clip for clip in corpora.get("emodb").find(folder) if clip.label]
    rows = [(clip.utterance, str(clip.path), clip.speaker, clip.label, "test") for clip in found]
    return pd.DataFrame(rows, columns=["utterance", "path", "speaker", "label", "split"])


def predicted(manifest: pd.DataFrame, *right: str) -> pd.DataFrame:
    """Predictions that are right for some speakers, and "sad", or "happy" for what is, for the others."""
    other = np.where(manifest["label"] == "sad", "happy", "sad")
    return manifest.assign(predicted=manifest["label"].where(manifest["speaker"].isin(right), other), seed=0)


def test_one_right_and_one_wrong_of_each_class(manifest: pd.DataFrame) -> None:
    found = clips(predicted(manifest, "03", "08"), manifest, RATE, SECONDS)
    assert [(clip.label, clip.right) for clip in found] == [
        (label, right) for label in CLASSES for right in (True, False)
    ]
    assert {clip.speaker for clip in found} == {"03", "09"}
    assert [clip.label for clip in clips(predicted(manifest), manifest, RATE, SECONDS)] == list(CLASSES)


def test_they_sound_as_the_features_have_them(manifest: pd.DataFrame) -> None:
    """One of the files is FLAC, one has 24 bits; the same file gives the same bytes."""
    found = clips(predicted(manifest, "03"), manifest, RATE, SECONDS)
    assert found == clips(predicted(manifest, "03"), manifest, RATE, SECONDS)
    paths = manifest.set_index("utterance")["path"]
    assert {Path(paths[clip.utterance]).suffix for clip in found} == {".wav", ".flac"}
    for clip in found:
        kind, _, content = clip.uri.partition(",")
        samples, rate = soundfile.read(BytesIO(base64.b64decode(content)), dtype="float32")
        assert (kind, rate) == ("data:audio/flac;base64", RATE) and len(samples) <= SECONDS * RATE
        assert np.allclose(samples, audio.read(paths[clip.utterance], RATE, SECONDS), atol=2**-14)


def test_a_recording_is_never_heard(manifest: pd.DataFrame, tmp_path: Path) -> None:
    """Not in a study called toy, not under a toy file's name, not with what a toy file says of itself."""
    place = tmp_path / "resources" / "toy" / "emodb" / "wav"
    place.mkdir(parents=True)
    recorded = manifest.assign(path=[str(place / Path(path).name) for path in manifest["path"]])
    for number, (ours, theirs) in enumerate(zip(manifest["path"], recorded["path"], strict=True)):
        with soundfile.SoundFile(ours) as file:
            about = file.copy_metadata()
        voice = soundfile.read(trees.tone(tmp_path / "voice.wav", seconds=0.5, pitch=200.0 + number))[0]
        with soundfile.SoundFile(theirs, "w", RATE, 1) as file:
            if number % 2:
                file.comment = about["comment"]
            file.write(voice)
    predictions = predicted(recorded, "03")
    assert len(clips(predictions, manifest, RATE, SECONDS)) == 8, "with the toy files it would be heard"
    assert clips(predictions, recorded, RATE, SECONDS) == []
    features = {"sample_rate": RATE, "duration": SECONDS}
    runs = predictions.assign(target="urdu", method="nnpm", freeze=2, threshold=0.9)
    assert of_study({"emodb": recorded, "urdu": recorded}, runs, predictions, STUDY, features) == []


def test_each_corpus_has_its_run(manifest: pd.DataFrame) -> None:
    own, seeds = predicted(manifest, "03"), (3, 1)
    runs = pd.concat(
        own.assign(target="urdu", method=method, freeze=2, threshold=0.9, seed=seed)
        for method in ("snsa-f", "nnpm")
        for seed in seeds
    )
    features = {"sample_rate": RATE, "duration": SECONDS}
    found = of_study({"emodb": manifest, "urdu": manifest, "shemo": manifest}, runs, own, STUDY, features)
    assert [(heard.corpus, heard.run) for heard in found] == [
        ("emodb", "pretrained backbone, seed 0"),
        ("urdu", "NNPM, seed 1"),
    ]


def test_what_is_gone_is_not_heard(manifest: pd.DataFrame) -> None:
    gone = manifest.assign(path="nowhere.wav")
    assert clips(predicted(manifest, "03"), gone, RATE, SECONDS) == []
