"""The exported graph gives the study's probabilities, for any number of sounds at once."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from nnpm import CLASSES, Predictor, audio
from nnpm.errors import InputError
from nnpm.prediction.cli import main
from nnpm.prediction.export import Graph, export
from nnpm.training import devices
from small_study import SmallStudy, make

ONNX = all(importlib.util.find_spec(name) for name in ("onnx", "onnxscript", "onnxruntime"))


def sounds(study: SmallStudy, predictor: Predictor) -> np.ndarray:
    """The study's sounds as a program in another language would give them, padded."""
    features = predictor.header.features
    signals = [audio.read(path, features.sample_rate, features.duration) for path in study.paths]
    return np.stack([np.pad(signal, (0, features.samples - len(signal))) for signal in signals])


def agree(run: Callable[[np.ndarray], object], study: SmallStudy) -> None:
    """A graph gives the study's probabilities of one sound, of two and of all at once."""
    signals, expected = sounds(study, Predictor.load(study.checkpoint)), study.predictions[list(CLASSES)]
    for count in (1, 2, 11):
        np.testing.assert_allclose(run(signals[:count]), expected[:count], atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    "changes",
    [
        {"normalisation": "padded"},
        {"dtype": "float16"},
        {"n_fft": 501, "win_length": 300, "hop_length": 151, "window": "blackman"},
    ],
    ids=["padded", "float16", "odd"],
)
def test_predictor_and_graph_hear_what_the_study_heard(tmp_path: Path, changes: dict[str, object]) -> None:
    study = make(tmp_path, **changes)
    predictor = Predictor.load(study.checkpoint)
    found = predictor.predict(study.paths)[list(CLASSES)]
    pd.testing.assert_frame_equal(found, study.predictions[list(CLASSES)], check_exact=True)
    with torch.no_grad():
        agree(lambda signals: Graph(predictor)(torch.from_numpy(signals)), study)


def test_a_program_of_pytorchs(small: SmallStudy, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--checkpoint", str(small.checkpoint), str(tmp_path / "x.pt2")]) == 0
    assert capfd.readouterr().out == ""
    extra = {"nnpm.json": ""}
    program = torch.export.load(tmp_path / "x.pt2", extra_files=extra).module()
    agree(lambda signals: program(torch.from_numpy(signals)).detach(), small)
    about = json.loads(extra["nnpm.json"])
    assert about["classes"] == list(CLASSES) and about["features"]["sample_rate"] == 16000


@pytest.mark.skipif(not ONNX, reason="pip install onnx onnxscript onnxruntime")
def test_onnx(small: SmallStudy, tmp_path: Path) -> None:
    import onnxruntime

    export(Predictor.load(small.checkpoint), tmp_path / "x.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "x.onnx")
    agree(lambda signals: session.run(["probabilities"], {"sound": signals})[0], small)
    assert json.loads(session.get_modelmeta().custom_metadata_map["nnpm"])["classes"] == list(CLASSES)


def test_a_process_that_has_trained_exports_as_well(small: SmallStudy, tmp_path: Path) -> None:
    devices.prepare("cpu", threads=torch.get_num_threads())
    export(Predictor.load(small.checkpoint), tmp_path / "x.pt2")
    torch.export.load(tmp_path / "x.pt2")
    assert torch.backends.cuda.matmul.fp32_precision == "ieee", "as training has set it"


@pytest.mark.skipif(ONNX, reason="its packages are there")
def test_without_its_packages_onnx_says_how_to_get_them(small: SmallStudy, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"x\.onnx: .*pip install 'nnpm\[export\]'"):
        export(Predictor.load(small.checkpoint), tmp_path / "x.onnx")
    assert list(tmp_path.iterdir()) == []


def test_another_ending(small: SmallStudy, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"x\.tflite: ends in none of \.onnx, \.pt2"):
        export(Predictor.load(small.checkpoint), tmp_path / "x.tflite")
