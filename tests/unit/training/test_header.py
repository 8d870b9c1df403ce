"""What stands beside a checkpoint's weights: written, read again, and refused where it is damaged."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

import nnpm
from nnpm.errors import InputError
from nnpm.features.settings import FeatureSettings
from nnpm.methods.linear import LinearClassifier
from nnpm.training import checkpoints
from nnpm.training.header import Header
from small_study import RUN, SIZES, SmallStudy


def rewritten(small: SmallStudy, path: Path, change) -> Path:
    """The checkpoint with something else said in its header."""
    with safe_open(small.checkpoint, framework="pt") as file:
        settings = json.loads(file.metadata()["settings"])
    change(settings)
    save_file(load_file(small.checkpoint), path, {"settings": json.dumps(settings)})
    return path


def test_what_is_composed_and_saved_is_read_again(small: SmallStudy, tmp_path: Path) -> None:
    header = Header.compose(SIZES, [small.folder / "mels.json"], corpus="emodb", run=RUN)
    checkpoints.save_backbone(tmp_path / "x.safetensors", checkpoints.load_backbone(small.checkpoint), header)
    again = Header.read(tmp_path / "x.safetensors")
    assert again.content() == header.content() and json.loads(json.dumps(header.content())) == header.content()
    assert (again.corpus, again.run, again.version) == ("emodb", RUN, nnpm.__version__)
    assert (again.backbone, again.features) == (asdict(SIZES), header.features)
    assert again.features.n_mels == len(again.mean) == len(again.deviation) == 12


@pytest.mark.parametrize("kind", ["own", "pooled"])
def test_a_classifiers_file_is_read_again(small: SmallStudy, tmp_path: Path, kind: str) -> None:
    """Of functionals that are pooled from frames, with what the frames are standardised by."""
    classifier = LinearClassifier(("a", "b"), np.arange(8.0).reshape(4, 2) / 3, np.arange(4.0) / 7, kind)
    described = small.folder / "mels.json" if kind == "pooled" else None
    heard = {"sample_rate": 8000, "duration": 0.001}
    header = Header.of_classifier(classifier, described, heard, corpus="emodb", run=RUN)
    (tmp_path / "classifier.json").write_text(json.dumps(header.content()))
    again = Header.read(tmp_path / "classifier.json")
    assert again.content() == header.content() and not again.backbone
    assert again.classifier.described() == classifier.described()
    assert len(again.mean) == len(again.deviation) == (12 if described else 0)
    assert (again.features.sample_rate == 8000) == (described is None)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"classifier": {"kind": "own", "functionals": ["a"], "weight": [[1.0]], "bias": [0.0]}}, "one weight per"),
        ({"classifier": {"kind": "own", "functionals": ["a"], "weight": [["x"]], "bias": [0.0]}}, "convert"),
        ({"classifier": {"kind": "new"}}, "functionals"),
        ({"classifier": None}, "subscriptable"),
        ({"classifier": {"kind": "pooled", "functionals": [], "weight": [[]] * 4, "bias": [0.0] * 4}}, "'pooled' with"),
        ({"classes": ["a"]}, "classes are"),
        ({"front_end": None, "run": 1}, "run is 1"),
    ],
)
def test_a_damaged_classifier_is_one_line(tmp_path: Path, change: dict[str, object], fault: str) -> None:
    classifier = LinearClassifier(("a",), np.zeros((4, 1)), np.zeros(4))
    heard = {"sample_rate": 8000, "duration": 1.0}
    content = Header.of_classifier(classifier, None, heard, corpus="emodb", run=RUN).content()
    (tmp_path / "x.json").write_text(json.dumps({**content, **change}))
    with pytest.raises(InputError, match=rf"x\.json: its header is damaged \(.*{fault}"):
        Header.read(tmp_path / "x.json")


@pytest.mark.parametrize(
    ("text", "fault"), [("", "no checkpoint"), ("[1]", "no JSON object"), ("{", "no JSON object"), ("{}", "no checkp")]
)
def test_another_json_file_is_no_checkpoint(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(InputError, match=rf"x\.json: .*{fault}.*; give a backbone.safetensors or classifier.json"):
        Header.read(tmp_path / "x.json")


DESCRIBED = {"settings": asdict(FeatureSettings()), "front_end": {}}


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("mels.json", {**DESCRIBED, "settings": {"colour": "red"}, "mean": [], "deviation": []}, "colour"),
        ("mels.json", {**DESCRIBED, "mean": ["x"], "deviation": [1.0]}, "convert"),
        ("mels.json", {**DESCRIBED, "mean": [0.0], "deviation": [1.0]}, "number per channel"),
        ("mels.json", {"mean": []}, "settings"),
    ],
)
def test_what_is_composed_of_damaged_files_is_one_line(
    small: SmallStudy, tmp_path: Path, name: str, content: dict[str, object], fault: str
) -> None:
    (tmp_path / name).write_text(json.dumps(content))
    with pytest.raises(InputError, match=rf"{name}: .*{fault}") as caught:
        Header.compose(SIZES, [tmp_path / name], corpus="emodb", run=RUN)
    assert "\n" not in str(caught.value)


def test_the_header_has_one_entry(small: SmallStudy) -> None:
    """Of several, safetensors writes whichever it likes first, and no two runs would have the same bytes."""
    header = small.checkpoint.read_bytes()
    length = int.from_bytes(header[:8], "little")
    assert list(json.loads(header[8 : 8 + length])["__metadata__"]) == ["settings"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda s: s.update(classes=["angry", "sad", "happy", "neutral"]), "classes are"),
        (lambda s: s["backbone"].update(channels=13), "backbone of 13 channels, mels of 12 bands"),
        (lambda s: s["features"].update(colour="red"), "features.colour is unknown"),
        (lambda s: s["features"].pop("window"), "features.window is missing"),
        (lambda s: s["features"].update(window="flat"), "features.window is 'flat'"),
        (lambda s: s["features"].update(n_fft=0), "features.n_fft is 0"),
        (lambda s: s["features"].update(n_fft=True), "features.n_fft is True"),
        (lambda s: s["features"].update(hop_length=1.5), "features.hop_length is 1.5"),
        (lambda s: s["features"].update(duration=float("inf")), "features.duration is inf"),
        (lambda s: s["features"].update(duration=0.01), "too few for the backbone"),
        (lambda s: s["features"].update(duration=3600.0, hop_length=1), "more than 1 GiB"),
        (lambda s: s["statistics"].update(mean=[0.0] * 11), "statistics.mean is not one number per channel"),
        (lambda s: s["statistics"].update(mean=["x"] * 12), "could not convert"),
        (lambda s: s["statistics"].update(deviation=[-1.0] * 12), "below 0"),
        (lambda s: s["statistics"].update(deviation=[float("nan")] * 12), "not one number per channel"),
        (lambda s: s.update(run=[]), "run is"),
        (lambda s: s.pop("statistics"), "statistics"),
    ],
)
def test_a_checkpoint_that_contradicts_itself(small: SmallStudy, tmp_path: Path, change, fault: str) -> None:
    path = rewritten(small, tmp_path / "odd.safetensors", change)
    with pytest.raises(InputError, match=rf"odd\.safetensors: its header is damaged \(.*{fault}") as caught:
        Header.read(path)
    assert "\n" not in str(caught.value)


def test_an_old_checkpoint_is_named_so(small: SmallStudy, tmp_path: Path) -> None:
    sizes = {"settings": json.dumps(asdict(SIZES))}  # as it was written before
    save_file(load_file(small.checkpoint), tmp_path / "old.safetensors", sizes)
    with pytest.raises(InputError, match=r"old\.safetensors: written by an older version"):
        Header.read(tmp_path / "old.safetensors")


def test_what_is_no_checkpoint(small: SmallStudy, tmp_path: Path) -> None:
    text, cut, bare, list_ = (tmp_path / f"{name}.safetensors" for name in ("text", "cut", "bare", "list"))
    text.write_text("no weights at all")
    cut.write_bytes(small.checkpoint.read_bytes()[:-100])
    save_file({"x": torch.zeros(2)}, bare)
    save_file({"x": torch.zeros(2)}, list_, {"settings": "[]"})
    (tmp_path / "empty.safetensors").touch()
    for path, fault in (
        (text, "no checkpoint"),
        (cut, "no checkpoint, or cut short"),
        (tmp_path / "empty.safetensors", "no checkpoint"),
        (bare, "no checkpoint of this project"),
        (list_, "no JSON object"),
        (tmp_path / "absent", "no such file"),
        (tmp_path, "a folder"),
    ):
        with pytest.raises(InputError) as caught:
            Header.read(path)
        assert str(caught.value).startswith(f"{path}: ") and fault in str(caught.value)
