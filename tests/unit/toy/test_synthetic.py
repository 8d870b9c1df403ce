"""The mark of computed sound: on every toy file, on nothing else."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

import trees
from nnpm import toy
from nnpm.toy import synthetic


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synthetic") / "toy"
    toy.write(folder, utterances=8)
    return folder


def test_every_toy_file_is_marked(corpora: Path) -> None:
    files = [path for path in corpora.rglob("*") if path.suffix in (".wav", ".flac")]
    assert {path.suffix for path in files} == {".wav", ".flac"}
    assert {soundfile.info(path).subtype for path in files} == {"PCM_16", "PCM_24"}
    assert [path for path in files if not synthetic.is_synthetic(path)] == []


@pytest.mark.parametrize("name", ["emodb/wav/03a01Wa.flac", "toy.wav"])
def test_other_sound_is_not(tmp_path: Path, name: str) -> None:
    assert not synthetic.is_synthetic(trees.tone(tmp_path / name))


def test_the_mark_does_not_outlive_its_samples(corpora: Path, tmp_path: Path) -> None:
    """As in an editor that keeps what a file says of itself while other sound is pasted into it."""
    source = corpora / "emodb" / "wav" / "03a01Na.wav"
    with soundfile.SoundFile(source) as file:
        samples, comment = file.read(dtype="int16", always_2d=True), file.copy_metadata()["comment"]
    for changed in (samples, samples[:-1], np.roll(samples, 1)):
        with soundfile.SoundFile(tmp_path / "pasted.wav", "w", 16000, 1, "PCM_16") as file:
            file.comment = comment
            file.write(changed)
        assert synthetic.is_synthetic(tmp_path / "pasted.wav") == (changed is samples)


def test_what_is_no_audio_is_not_marked(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text(synthetic._WORDS, encoding="utf-8")
    os.mkfifo(tmp_path / "pipe.wav")
    for name in ("text.wav", "pipe.wav", "absent.wav", "."):
        assert not synthetic.is_synthetic(tmp_path / name)
