"""Predictor: the study's own predictions from the checkpoint alone, for files and for samples in memory."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

import nnpm
from nnpm import CLASSES, Predictor
from nnpm.errors import InputError
from nnpm.methods.second_view import SecondView
from nnpm.prediction import provenance
from nnpm.prediction.export import export
from nnpm.prediction.recipe import Recipe
from nnpm.training import checkpoints
from small_study import SmallStudy, make

P = list(CLASSES)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> SmallStudy:
    return make(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="module")
def predictor(study: SmallStudy) -> Predictor:
    return Predictor.load(study.checkpoint)


def test_predictions_are_those_of_the_study(study: SmallStudy, predictor: Predictor) -> None:
    frame = predictor.predict(study.paths)
    assert list(frame) == ["path", "predicted", *P]
    assert frame["path"].tolist() == study.paths
    assert study.predictions["sad"].std() > 0.01, "utterances differ"
    pd.testing.assert_frame_equal(frame[["predicted", *P]], study.predictions[["predicted", *P]], check_exact=True)


@pytest.mark.parametrize("changes", [{"normalisation": "padded"}, {"dtype": "float16"}, {"window": "blackman"}])
def test_every_setting_of_the_features_is_the_studys(tmp_path: Path, changes: dict[str, str]) -> None:
    study = make(tmp_path, **changes)
    frame = Predictor.load(study.checkpoint).predict(study.paths)
    pd.testing.assert_frame_equal(frame[P], study.predictions[P], check_exact=True)


@pytest.mark.parametrize("batch_size", [1, 3, 200])
def test_the_batch_size_changes_no_more_than_the_last_of_six_digits(
    study: SmallStudy, predictor: Predictor, batch_size: int
) -> None:
    frame = predictor.predict(study.paths, batch_size=batch_size)
    np.testing.assert_allclose(frame[P], study.predictions[P], atol=2e-6, rtol=0)
    parts = list(predictor.stream(study.paths, batch_size=batch_size))
    assert [len(part) for part in parts][:1] == [min(batch_size, 11)] and sum(map(len, parts)) == 11


def test_a_prediction_does_not_depend_on_the_files_beside_it(study: SmallStudy, predictor: Predictor) -> None:
    alone = pd.concat([predictor.predict(path) for path in study.paths], ignore_index=True)
    np.testing.assert_allclose(alone[P], study.predictions[P], atol=2e-6, rtol=0)


def test_the_given_files_can_be_the_corpus(study: SmallStudy, predictor: Predictor) -> None:
    """All of the corpus give the study's statistics again, a part of it others; files that fail count nowhere."""
    frame = predictor.predict(study.paths, statistics="files", batch_size=4)
    np.testing.assert_allclose(frame[P], study.predictions[P], atol=2e-6, rtol=0)
    part = predictor.predict(study.paths[:4], statistics="files")
    assert np.abs(part[P] - study.predictions[P][:4]).to_numpy().max() > 1e-3
    failed: list[InputError] = []
    frame = predictor.predict([*study.paths[:4], "absent.wav"], statistics="files", on_error=failed.append)
    pd.testing.assert_frame_equal(frame, part)
    assert len(failed) == 1, "told once, though files are read twice"


def test_samples_are_as_good_as_files(study: SmallStudy, predictor: Predictor) -> None:
    sounds = [soundfile.read(path) for path in study.paths]
    frame = predictor.predict(sounds)
    assert frame["path"].isna().all()
    pd.testing.assert_frame_equal(frame[P], study.predictions[P], check_exact=True)
    whole = [soundfile.read(path, dtype="int16") for path in study.paths[:2]]
    pd.testing.assert_frame_equal(predictor.predict(whole)[P], study.predictions[P][:2], check_exact=True)
    mixed = predictor.predict([study.paths[0], sounds[1]])
    assert mixed["path"].tolist()[0] == study.paths[0] and len(mixed) == 2


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
    ],
)
def test_samples_that_are_no_sound(predictor: Predictor, samples: np.ndarray, rate: int, fault: str) -> None:
    with pytest.raises(InputError, match=rf"^array 1: .*{fault}"):
        predictor.predict((samples, rate))


def test_a_bad_file_raises_or_is_left_out(study: SmallStudy, predictor: Predictor, tmp_path: Path) -> None:
    cut = tmp_path / "cut.wav"
    cut.write_bytes(Path(study.paths[0]).read_bytes()[:2000])
    mixed = [study.paths[0], str(cut), study.paths[1]]
    with pytest.raises(InputError, match=r"cut\.wav: cut short"):
        predictor.predict(mixed)
    failed: list[InputError] = []
    frame = predictor.predict(mixed, on_error=failed.append, batch_size=1)
    assert frame["path"].tolist() == study.paths[:2] and frame.index.tolist() == [0, 1]
    assert [str(error).split(": ")[0] for error in failed] == [str(cut)]
    assert predictor.predict([cut], on_error=failed.append).empty


def test_nothing_gives_an_empty_frame(predictor: Predictor) -> None:
    frame = predictor.predict([])
    assert list(frame) == ["path", "predicted", *P] and frame.empty


def test_equal_names_are_rows_of_their_own(study: SmallStudy, predictor: Predictor) -> None:
    frame = predictor.predict([study.paths[2], study.paths[0], study.paths[2]])
    assert frame["path"].tolist() == [study.paths[2], study.paths[0], study.paths[2]]
    assert frame[P].iloc[0].equals(frame[P].iloc[2])


@pytest.mark.parametrize("wrong", [{"batch_size": 0}, {"statistics": "theirs"}])
def test_wrong_arguments(study: SmallStudy, predictor: Predictor, wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        predictor.predict(study.paths, **wrong)


def test_an_unknown_device(study: SmallStudy) -> None:
    with pytest.raises(InputError, match="'tpu' is none of"):
        Predictor.load(study.checkpoint, device="tpu")


def test_predicting_leaves_the_process_as_it_was(study: SmallStudy, predictor: Predictor) -> None:
    torch.backends.cuda.matmul.fp32_precision = "tf32"
    try:
        state = torch.get_num_threads(), torch.get_rng_state().tolist()
        predictor.predict(study.paths[:2])
        assert torch.backends.cuda.matmul.fp32_precision == "tf32"
        assert state == (torch.get_num_threads(), torch.get_rng_state().tolist())
    finally:
        torch.backends.cuda.matmul.fp32_precision = "ieee"


# --- Checkpoints ------------------------------------------------------------------------------------------------------


def rewritten(study: SmallStudy, path: Path, change) -> Path:
    """The checkpoint with something else said in its header."""
    with safe_open(study.checkpoint, framework="pt") as file:
        settings = json.loads(file.metadata()["settings"])
    change(settings)
    save_file(load_file(study.checkpoint), path, {"settings": json.dumps(settings)})
    return path


def test_a_checkpoint_says_how_it_came_to_be(study: SmallStudy) -> None:
    recipe = Recipe.read(study.checkpoint)
    assert recipe.run == {"source": "iemocap", "target": "emodb", "method": "nnpm", "seed": 0}
    assert (recipe.corpus, recipe.version) == ("emodb", nnpm.__version__)
    assert recipe.features.n_mels == len(recipe.mean) == len(recipe.deviation) == 12


def test_the_header_has_one_entry(study: SmallStudy) -> None:
    """Of several, safetensors writes whichever it likes first, and no two runs would have the same bytes."""
    header = study.checkpoint.read_bytes()
    length = int.from_bytes(header[:8], "little")
    assert list(json.loads(header[8 : 8 + length])["__metadata__"]) == ["settings"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda s: s.update(classes=["angry", "sad", "happy", "neutral"]), "classes are"),
        (lambda s: s["backbone"].update(n_mels=13), "backbone of 13 bands, features of 12"),
        (lambda s: s["features"].update(colour="red"), "features.colour is unknown"),
        (lambda s: s["features"].pop("window"), "features.window is missing"),
        (lambda s: s["features"].update(window="flat"), "features.window is 'flat'"),
        (lambda s: s["features"].update(n_fft=0), "features.n_fft is 0"),
        (lambda s: s["features"].update(n_fft=True), "features.n_fft is True"),
        (lambda s: s["features"].update(hop_length=1.5), "features.hop_length is 1.5"),
        (lambda s: s["features"].update(duration=float("inf")), "features.duration is inf"),
        (lambda s: s["features"].update(duration=0.01), "too few for the backbone"),
        (lambda s: s["features"].update(duration=3600.0, hop_length=1), "more than 1 GiB"),
        (lambda s: s["statistics"].update(mean=[0.0] * 11), "statistics.mean is not a number a band"),
        (lambda s: s["statistics"].update(mean=["x"] * 12), "could not convert"),
        (lambda s: s["statistics"].update(deviation=[-1.0] * 12), "below 0"),
        (lambda s: s["statistics"].update(deviation=[float("nan")] * 12), "not a number a band"),
        (lambda s: s.update(run=[]), "run is"),
        (lambda s: s.pop("statistics"), "statistics"),
    ],
)
def test_a_checkpoint_that_contradicts_itself(study: SmallStudy, tmp_path: Path, change, fault: str) -> None:
    path = rewritten(study, tmp_path / "odd.safetensors", change)
    with pytest.raises(InputError, match=rf"odd\.safetensors: what it says of itself is damaged \(.*{fault}") as caught:
        Predictor.load(path)
    assert "\n" not in str(caught.value)


def test_an_old_checkpoint_is_named_so_and_still_a_backbone(study: SmallStudy, tmp_path: Path) -> None:
    backbone = checkpoints.load_backbone(study.checkpoint)
    sizes = {"settings": json.dumps(asdict(backbone.settings))}  # as it was written before
    save_file(load_file(study.checkpoint), tmp_path / "old.safetensors", sizes)
    with pytest.raises(InputError, match=r"old\.safetensors: written by an older version"):
        Predictor.load(tmp_path / "old.safetensors")
    assert checkpoints.load_backbone(tmp_path / "old.safetensors").settings == backbone.settings


def test_what_is_no_checkpoint(study: SmallStudy, tmp_path: Path) -> None:
    text, cut, bare, list_ = (tmp_path / f"{name}.safetensors" for name in ("text", "cut", "bare", "list"))
    text.write_text("no weights at all")
    cut.write_bytes(study.checkpoint.read_bytes()[:-100])
    save_file({"x": torch.zeros(2)}, bare)
    save_file({"x": torch.zeros(2)}, list_, {"settings": "[]"})
    (tmp_path / "empty.safetensors").touch()
    for path, fault in (
        (text, "no safetensors file"),
        (cut, "no safetensors file, or cut short"),
        (tmp_path / "empty.safetensors", "no safetensors file"),
        (bare, "no checkpoint of this project"),
        (list_, "no JSON object"),
        (tmp_path / "absent", "no such file"),
        (tmp_path, "a folder"),
    ):
        with pytest.raises(InputError) as caught:
            Predictor.load(path)
        assert str(caught.value).startswith(f"{path}: ") and fault in str(caught.value)


def test_weights_that_are_no_numbers_predict_nothing(study: SmallStudy, tmp_path: Path) -> None:
    backbone = checkpoints.load_backbone(study.checkpoint)
    with torch.no_grad():
        backbone.classifier.bias.fill_(torch.nan)
    checkpoints.save_backbone(
        tmp_path / "x.safetensors", backbone, provenance.about(study.folder / "mels.json", "emodb", None, {})
    )
    with pytest.raises(InputError, match="not finite"):
        Predictor.load(tmp_path / "x.safetensors").predict(study.paths)


def test_nnpm_plus_needs_its_second_view_and_the_corpus_it_is_made_for(study: SmallStudy, tmp_path: Path) -> None:
    plus = rewritten(study, tmp_path / "plus.safetensors", lambda s: s["run"].update(method="nnpm-plus"))
    with pytest.raises(InputError, match="second_view"):
        Predictor.load(plus)
    view = SecondView(("pitch_mean",), np.ones((4, 1)), np.arange(4.0)).described()
    plus = rewritten(study, plus, lambda s: s.update(second_view=view) or s["run"].update(method="nnpm-plus"))
    predictor = Predictor.load(plus)
    expected = study.predictions[P] ** 0.5 * np.exp(np.arange(4.0))
    found = predictor.predict(study.paths)[P]
    np.testing.assert_allclose(found, expected.div(expected.sum(axis=1), axis=0), atol=1e-3, rtol=0)  # of six digits
    with pytest.raises(InputError, match="'files' is not for NNPM-plus, whose second view is made for emodb"):
        predictor.predict(study.paths, statistics="files")
    with pytest.raises(InputError, match="NNPM-plus cannot be exported"):
        export(predictor, tmp_path / "x.pt2")


# --- Importing --------------------------------------------------------------------------------------------------------


def test_the_package_imports_nothing_heavy() -> None:
    code = "import nnpm, sys; assert not {'torch', 'librosa', 'pandas', 'numpy'} & set(sys.modules); nnpm.Predictor"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(Path(nnpm.__file__).parents[1])})


def test_an_unknown_name_is_an_error_as_ever() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Prediktor'"):
        nnpm.Prediktor  # noqa: B018
