"""Predictor: the study's own predictions from the checkpoint alone, for files and for samples in memory."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
import torch

import nnpm
from features import tiny_models
from nnpm import CLASSES, Predictor, audio
from nnpm.errors import InputError
from nnpm.features import base
from nnpm.features.vectors import frames_of
from nnpm.files import write_json
from nnpm.methods.linear import LinearClassifier
from nnpm.prediction.export import export
from nnpm.training import checkpoints
from nnpm.training.header import Header
from small_study import RUN, SmallStudy, make

P = list(CLASSES)

pytestmark = pytest.mark.filterwarnings("ignore:.* heard 0.[57] of ")


@pytest.fixture(scope="module")
def predictor(small: SmallStudy) -> Predictor:
    return Predictor.load(small.checkpoint)


def test_predictions_are_those_of_the_study(small: SmallStudy, predictor: Predictor) -> None:
    frame = predictor.predict(small.paths)
    assert list(frame) == ["path", "predicted", *P]
    assert frame["path"].tolist() == small.paths
    assert small.predictions["sad"].std() > 0.01, "utterances differ"
    pd.testing.assert_frame_equal(frame[["predicted", *P]], small.predictions[["predicted", *P]], check_exact=True)


def test_descriptors_are_heard_as_in_the_study(tmp_path: Path) -> None:
    study = make(tmp_path, front_end="descriptors", duration=0.7)
    found = Predictor.load(study.checkpoint).predict(study.paths)
    pd.testing.assert_frame_equal(found[["predicted", *P]], study.predictions[["predicted", *P]], check_exact=True)


@pytest.mark.parametrize("name", ["wavlm", "xls-r", "whisper"])
@pytest.mark.parametrize("padding", ["paper", "masked"])
def test_a_self_supervised_model_is_heard_as_in_the_study(tmp_path: Path, name: str, padding: str) -> None:
    model = tiny_models.save(name, tmp_path / "model")
    study = make(tmp_path, front_end="speech", model=str(model), duration=1.0, padding=padding)
    found = Predictor.load(study.checkpoint).predict(study.paths)
    np.testing.assert_allclose(found[P], study.predictions[P], atol=2e-5, rtol=0)
    (tmp_path / "model").rename(tmp_path / "elsewhere")
    with pytest.raises(InputError, match=r"model: the model of .* is not here; give its folder with --model") as caught:
        Predictor.load(study.checkpoint)
    assert "\n" not in str(caught.value)
    moved = Predictor.load(study.checkpoint, model=tmp_path / "elsewhere").predict(study.paths)
    pd.testing.assert_frame_equal(moved, found)
    with pytest.raises(InputError, match=r"front end 'speech' cannot be exported"):
        export(Predictor.load(study.checkpoint, model=tmp_path / "elsewhere"), tmp_path / "x.pt2")


def test_real_frames_alone_are_heard_as_in_the_study(tmp_path: Path) -> None:
    study = make(tmp_path, duration=0.7, padding="masked", dtype="float16")
    predictor = Predictor.load(study.checkpoint)
    for batch_size in (200, 3):
        found = predictor.predict(study.paths, batch_size=batch_size)
        np.testing.assert_allclose(found[P], study.predictions[P], atol=2e-6, rtol=0)
    again = predictor.predict(study.paths, statistics="files")
    np.testing.assert_allclose(again[P], study.predictions[P], atol=2e-4, rtol=0)  # half precision
    with pytest.raises(InputError, match="padding 'masked' cannot be exported"):
        export(predictor, tmp_path / "x.pt2")


def test_the_models_normalisation_must_be_the_same(tmp_path: Path) -> None:
    study = make(tmp_path, front_end="speech", model=str(tiny_models.save("xls-r", tmp_path / "model")), duration=1.0)
    file = tmp_path / "model" / "preprocessor_config.json"
    file.write_text(file.read_text().replace('"do_normalize": true', '"do_normalize": false'))
    with pytest.raises(InputError, match=r"not the model that .* was trained with \(other settings\)"):
        Predictor.load(study.checkpoint)


def test_mels_are_of_no_model(small: SmallStudy, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="reads no model; leave --model out"):
        Predictor.load(small.checkpoint, model=tmp_path)


@pytest.mark.parametrize("padding", ["paper", "masked"])
@pytest.mark.parametrize("hop_length", [160, 400])
def test_pooled_functionals_are_those_of_the_frames(tmp_path: Path, padding: str, hop_length: int) -> None:
    """A classifier reads what the study pooled from its cache; with the longer hop, some sounds are too short."""
    study = make(tmp_path, duration=0.7, padding=padding, hop_length=hop_length)
    pooled = [base.pooled(one) for one in frames_of(tmp_path / "mels.npy", tmp_path / "mels.json")]
    weight = np.random.default_rng(0).normal(size=(4, len(pooled[0])))
    classifier = LinearClassifier(tuple(pooled[0]), weight, np.zeros(4), "pooled")
    header = Header.of_classifier(classifier, tmp_path / "mels.json", {}, corpus="emodb", run=RUN)
    write_json(tmp_path / "classifier.json", header.content())
    found = Predictor.load(tmp_path / "classifier.json").predict(study.paths)[P].to_numpy()
    np.testing.assert_allclose(found, [classifier.probabilities(classifier.row(one)) for one in pooled], atol=1e-5)


@pytest.mark.parametrize("batch_size", [1, 3, 200])
def test_the_batch_size_changes_no_more_than_the_last_of_six_digits(
    small: SmallStudy, predictor: Predictor, batch_size: int
) -> None:
    frame = predictor.predict(small.paths, batch_size=batch_size)
    np.testing.assert_allclose(frame[P], small.predictions[P], atol=2e-6, rtol=0)
    parts = list(predictor.stream(small.paths, batch_size=batch_size))
    assert [len(part) for part in parts][:1] == [min(batch_size, 11)] and sum(map(len, parts)) == 11


def test_the_given_files_can_be_the_corpus(small: SmallStudy, predictor: Predictor) -> None:
    """All of the corpus give the study's statistics again, a part of it others; files that fail count nowhere."""
    frame = predictor.predict(small.paths, statistics="files", batch_size=4)
    np.testing.assert_allclose(frame[P], small.predictions[P], atol=2e-6, rtol=0)
    part = predictor.predict(small.paths[:4], statistics="files")
    assert np.abs(part[P] - small.predictions[P][:4]).to_numpy().max() > 1e-3
    failed: list[InputError] = []
    frame = predictor.predict([*small.paths[:4], "absent.wav"], statistics="files", on_error=failed.append)
    pd.testing.assert_frame_equal(frame, part)
    assert len(failed) == 1, "told once, though files are read twice"


def test_samples_are_as_good_as_files(small: SmallStudy, predictor: Predictor) -> None:
    sounds = [soundfile.read(path) for path in small.paths]
    frame = predictor.predict(sounds)
    assert frame["path"].isna().all()
    pd.testing.assert_frame_equal(frame[P], small.predictions[P], check_exact=True)
    whole = [soundfile.read(path, dtype="int16") for path in small.paths[:2]]
    pd.testing.assert_frame_equal(predictor.predict(whole)[P], small.predictions[P][:2], check_exact=True)
    mixed = predictor.predict([small.paths[0], sounds[1]])
    assert mixed["path"].tolist()[0] == small.paths[0] and len(mixed) == 2


@pytest.mark.parametrize(
    ("samples", "rate", "fault"),
    [
        (np.zeros(8000), 16000, "silent"),
        (np.zeros(0), 16000, "empty"),
        (np.full(8000, np.nan), 16000, "not finite"),
        (np.random.default_rng(0).normal(size=(2, 8000)), 16000, "transposed"),
        (np.random.default_rng(0).normal(size=(2, 2, 2)), 16000, r"float64 of shape \(2, 2, 2\)"),
        (np.ones(8000, dtype=bool), 16000, "bool"),
        (np.random.default_rng(0).normal(size=8000), 16, "16 Hz"),
        (np.random.default_rng(0).normal(size=8000), None, "None Hz"),
        (np.random.default_rng(0).normal(size=8000), "16k", "16k Hz"),
        (16000, np.random.default_rng(0).normal(size=8000), "rate comes first"),
        ([[0.1, 0.2], [0.3]], 16000, "no array of numbers"),
        ([0.1, None, 0.2], 16000, "object"),
        (np.random.default_rng(0).integers(-9000, 9000, 8000), 16000, "int64 .* 16 bits"),
        (np.random.default_rng(0).integers(-9000, 9000, 8000).astype(np.int32), 16000, "int32 .* 16 bits"),
        (np.random.default_rng(0).integers(-(2**30), 2**30, 8000), 16000, r"int64 .* 32 bits.*astype\('int32'\)"),
        (np.random.default_rng(0).integers(0, 9000, 8000).astype(np.uint16), 16000, "uint16"),
        (np.stack([np.sin(np.arange(8000)), -np.sin(np.arange(8000))], 1), 16000, "cancel each other"),
    ],
)
def test_samples_that_are_no_sound(predictor: Predictor, samples: np.ndarray, rate: int, fault: str) -> None:
    with pytest.raises(InputError, match=rf"^array 1: .*{fault}"):
        predictor.predict((samples, rate))


def test_samples_of_every_kind_that_holds_them_are_the_same(predictor: Predictor) -> None:
    whole = np.random.default_rng(0).integers(-32000, 32000, 8000).astype(np.int16)
    expected = predictor.predict((whole, 16000))[P]
    for samples in (whole / 32768, (whole / 32768).tolist(), np.int32(whole) << 16, np.float32(whole / 32768)):
        pd.testing.assert_frame_equal(predictor.predict((samples, 16000.0))[P], expected, check_exact=True)
    for samples in (np.float16(whole / 32768), np.uint8((whole >> 8) + 128)):
        np.testing.assert_allclose(predictor.predict((samples, np.int64(16000)))[P], expected, atol=0.01)


def test_open_files_and_bytes_are_as_good_as_paths(small: SmallStudy, predictor: Predictor) -> None:
    content = Path(small.paths[0]).read_bytes()
    with open(small.paths[1], "rb") as stream:  # noqa: PTH123
        stream.read(100)
        frame = predictor.predict([io.BytesIO(content), stream, content])
        assert predictor.predict(stream)["path"].tolist() == [small.paths[1]]
    assert frame["path"].tolist() == [None, small.paths[1], None]
    assert frame[P].iloc[0].equals(frame[P].iloc[2])
    np.testing.assert_allclose(frame[P][:2], small.predictions[P][:2], atol=2e-6, rtol=0)
    buffers = [io.BytesIO(Path(path).read_bytes()) for path in small.paths]
    frame = predictor.predict(buffers, statistics="files")
    np.testing.assert_allclose(frame[P], small.predictions[P], atol=2e-6, rtol=0)
    assert predictor.predict(tuple(small.paths[:2]))["path"].tolist() == small.paths[:2]


def test_what_is_no_sound_at_all(small: SmallStudy, predictor: Predictor, tmp_path: Path) -> None:
    text = (tmp_path / "a.wav").open("w+")
    closed = (tmp_path / "a.wav").open("rb")
    closed.close()
    for sound, fault in (
        (np.zeros(800), "array 1: its rate is missing; give"),
        ([np.zeros(800)], "array 1: its rate is missing; give"),
        (7, "sound 1: int; give"),
        ([None], "sound 1: NoneType; give"),
        (text, "sound 1: TextIOWrapper; give"),
        (closed, "a.wav: cannot be read .*closed"),
        (io.BytesIO(b"text"), "^file 1: not audio"),
        (io.BytesIO(), "^file 1: empty, 0 bytes"),
    ):
        with pytest.raises(InputError, match=fault):
            predictor.predict(sound)
    text.close()


def test_what_is_not_heard_is_a_warning(small: SmallStudy, predictor: Predictor) -> None:
    samples, rate = soundfile.read(small.paths[-1])
    with pytest.warns(UserWarning, match=r"^array 1: heard 0\.5 of 0\.8 s; cut"):
        predictor.predict((samples, rate))
    with pytest.warns(UserWarning, match=r"^5 of 12 sounds, first .*: heard 0\.5 of 0\.56 s; cut"):
        predictor.predict([*small.paths, small.paths[0]])


def test_a_bad_file_raises_or_is_left_out(small: SmallStudy, predictor: Predictor, tmp_path: Path) -> None:
    cut = tmp_path / "cut.wav"
    cut.write_bytes(Path(small.paths[0]).read_bytes()[:2000])
    mixed = [small.paths[0], str(cut), small.paths[1]]
    with pytest.raises(InputError, match=r"cut\.wav: cut short"):
        predictor.predict(mixed)
    failed: list[InputError] = []
    frame = predictor.predict(mixed, on_error=failed.append, batch_size=1)
    assert frame["path"].tolist() == small.paths[:2] and frame.index.tolist() == [0, 1]
    assert [str(error).split(": ")[0] for error in failed] == [str(cut)]
    assert predictor.predict([cut], on_error=failed.append).empty


def test_nothing_gives_an_empty_frame(predictor: Predictor) -> None:
    frame = predictor.predict([])
    assert list(frame) == ["path", "predicted", *P] and frame.empty


def test_equal_names_are_rows_of_their_own(small: SmallStudy, predictor: Predictor) -> None:
    frame = predictor.predict([small.paths[2], small.paths[0], small.paths[2]])
    assert frame["path"].tolist() == [small.paths[2], small.paths[0], small.paths[2]]
    assert frame[P].iloc[0].equals(frame[P].iloc[2])


@pytest.mark.parametrize("wrong", [{"batch_size": 0}, {"statistics": "theirs"}])
def test_wrong_arguments(small: SmallStudy, predictor: Predictor, wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        predictor.predict(small.paths, **wrong)


def test_an_unknown_device(small: SmallStudy) -> None:
    with pytest.raises(InputError, match="'tpu' is none of"):
        Predictor.load(small.checkpoint, device="tpu")


def test_predicting_leaves_the_process_as_it_was(small: SmallStudy, predictor: Predictor) -> None:
    torch.backends.cuda.matmul.fp32_precision = "tf32"
    try:
        state = torch.get_num_threads(), torch.get_rng_state().tolist()
        predictor.predict(small.paths[:2])
        assert torch.backends.cuda.matmul.fp32_precision == "tf32"
        assert state == (torch.get_num_threads(), torch.get_rng_state().tolist())
    finally:
        torch.backends.cuda.matmul.fp32_precision = "ieee"


def test_weights_that_are_no_numbers_predict_nothing(small: SmallStudy, tmp_path: Path) -> None:
    backbone = checkpoints.load_backbone(small.checkpoint)
    with torch.no_grad():
        backbone.classifier.bias.fill_(torch.nan)
    checkpoints.save_backbone(tmp_path / "x.safetensors", backbone, Header.read(small.checkpoint))
    with pytest.raises(InputError, match="not finite"):
        Predictor.load(tmp_path / "x.safetensors").predict(small.paths)


def test_a_classifier_of_functionals_predicts_alone(small: SmallStudy, tmp_path: Path) -> None:
    """As by hand from the functionals of each file; neither the statistics of files nor a graph are for it."""
    path, classifier = tmp_path / "classifier.json", LinearClassifier(("pitch_mean",), np.ones((4, 1)), np.arange(4.0))
    header = Header.of_classifier(classifier, None, {"sample_rate": 16000, "duration": 0.5}, corpus="emodb", run=RUN)
    write_json(path, header.content())
    predictor = Predictor.load(path)
    found = predictor.predict(small.paths)
    sounds = [audio.read(path, 16000, 0.5) for path in small.paths]
    expected = [classifier.probabilities(classifier.row(base.functionals("own")(sound, 16000))) for sound in sounds]
    assert found["path"].tolist() == list(map(str, small.paths))
    np.testing.assert_allclose(found[P], expected, atol=2e-6)
    with pytest.raises(InputError, match="'files' is not for this checkpoint, whose functionals are those of emodb"):
        predictor.predict(small.paths, statistics="files")
    with pytest.raises(InputError, match="this checkpoint cannot be exported"):
        export(predictor, tmp_path / "x.pt2")
    with pytest.raises(InputError, match="reads no model; leave --model out"):
        Predictor.load(path, model=tmp_path)


# --- Importing --------------------------------------------------------------------------------------------------------


_READ_ONLY = """
import os, tempfile
def refuse(*rest, dir=None, _file=tempfile.TemporaryFile, **named):
    if dir is not None and "nnpm-numba-" not in str(dir):
        raise PermissionError(13, "Permission denied", dir)
    return _file(*rest, dir=dir, **named)
tempfile.TemporaryFile, os.access = refuse, lambda *_, **__: False
import nnpm.prediction.export
import librosa
librosa.util.localmax(librosa.tone(440, length=99))
print(os.environ["NUMBA_CACHE_DIR"])
"""


def test_librosa_works_where_nothing_can_be_written() -> None:
    environment = {"PYTHONPATH": str(Path(nnpm.__file__).parents[1]), "HOME": "/nonexistent"}
    command = [sys.executable, "-c", _READ_ONLY]
    done = subprocess.run(command, env=environment, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not Path(done.stdout.strip()).exists(), "removed at the end"


def test_an_unknown_name_is_an_error_as_ever() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Prediktor'"):
        nnpm.Prediktor  # noqa: B018
