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
from nnpm.methods.second_view import SecondView
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
    view = SecondView(("pitch_mean", "level_p20"), np.arange(8.0).reshape(4, 2) / 3, np.arange(4.0) / 7)
    (tmp_path / "view.json").write_text(json.dumps(view.described()))
    for second_view in (None, tmp_path / "view.json"):
        header = Header.compose(SIZES, [small.folder / "mels.json"], corpus="emodb", run=RUN, second_view=second_view)
        checkpoints.save_backbone(tmp_path / "x.safetensors", checkpoints.load_backbone(small.checkpoint), header)
        again = Header.read(tmp_path / "x.safetensors")
        assert again.content() == header.content() and json.loads(json.dumps(header.content())) == header.content()
        assert (again.corpus, again.run, again.version) == ("emodb", RUN, nnpm.__version__)
        assert (again.backbone, again.features) == (asdict(SIZES), header.features)
        assert again.features.n_mels == len(again.mean) == len(again.deviation) == 12
        assert (again.second_view is None) == (second_view is None)
    assert again.second_view.described() == view.described()


DESCRIBED = {"settings": asdict(FeatureSettings()), "front_end": {}}


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("mels.json", {**DESCRIBED, "settings": {"colour": "red"}, "mean": [], "deviation": []}, "colour"),
        ("mels.json", {**DESCRIBED, "mean": ["x"], "deviation": [1.0]}, "convert"),
        ("mels.json", {**DESCRIBED, "mean": [0.0], "deviation": [1.0]}, "number per channel"),
        ("mels.json", {"mean": []}, "settings"),
        ("view.json", {"kind": "own", "functionals": ["a"], "weight": [[1.0]], "bias": [0.0]}, "second_view"),
        ("view.json", {"kind": "own", "functionals": ["a"], "weight": [["x"]], "bias": [0.0]}, "convert"),
    ],
)
def test_what_is_composed_of_damaged_files_is_one_line(
    small: SmallStudy, tmp_path: Path, name: str, content: dict[str, object], fault: str
) -> None:
    (tmp_path / name).write_text(json.dumps(content))
    description = tmp_path / name if name == "mels.json" else small.folder / "mels.json"
    view = tmp_path / name if name == "view.json" else None
    with pytest.raises(InputError, match=rf"{name}: .*{fault}") as caught:
        Header.compose(SIZES, [description], corpus="emodb", run=RUN, second_view=view)
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
        (text, "no safetensors file"),
        (cut, "no safetensors file, or cut short"),
        (tmp_path / "empty.safetensors", "no safetensors file"),
        (bare, "no checkpoint of this project"),
        (list_, "no JSON object"),
        (tmp_path / "absent", "no such file"),
        (tmp_path, "a folder"),
    ):
        with pytest.raises(InputError) as caught:
            Header.read(path)
        assert str(caught.value).startswith(f"{path}: ") and fault in str(caught.value)
