"""A study on a self-supervised front end, every method of it, beside the same methods on mels."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features import tiny_models
from nnpm import CLASSES, Predictor
from nnpm.errors import InputError
from nnpm.features.settings import SHORTEST
from nnpm.files import open_inputs, read_csv, read_json
from nnpm.methods.table import METHODS, that_read, title
from nnpm.training.header import Header
from workspace import Workspace, once

pytestmark = pytest.mark.slow

SHOWN = ["nnpm", "svm"]


def settings(model: Path) -> dict[str, object]:
    return {
        "targets": ["emodb"],
        "front_ends": {"wavlm": {"model": str(model), "layer": "mean", "terms": "made for a test"}},
        "features": {"front_end": "wavlm", "padding": "masked", "dtype": "float16", "n_mels": 20},
        "functionals": "pooled",
        "pretraining": {"epochs": 3},
        "adaptation": {"epochs": 2},
        "tables": {
            "table1": {"methods": ["snsa-f", "nnpm"]},
            "table2": None,
            "table3": None,
            "comparison": {"methods": list(METHODS), "reference": "snsa-f"},
            "front_ends": {
                "methods": SHOWN,
                "variants": {
                    "mels": {"features": {"front_end": "mels", "padding": "paper", "dtype": "float32"}},
                    "own functionals": {"functionals": "own"},
                },
            },
        },
        "figures": {"figure2": None, "diagnostics": {"methods": ["nnpm"]}, "sensitivity": None},
    }


@pytest.fixture(scope="module")
def model(shared: Path) -> Path:
    return once(shared / "wavlm", lambda folder: tiny_models.save("wavlm", folder))


@pytest.fixture(scope="module")
def wavlm(shared: Path, corpora: Path, model: Path) -> Workspace:
    return Workspace.finished(shared / "front-ends", corpora, **settings(model))


def test_every_method_runs_on_it(wavlm: Workspace) -> None:
    metrics = pd.read_csv(wavlm.results / "metrics.csv")
    assert set(metrics.loc[metrics["variant"] == "default", "method"]) == set(METHODS)
    assert metrics["ua"].notna().all() and wavlm.plan("all") == []


def test_the_cache_holds_real_frames_of_the_model(wavlm: Workspace) -> None:
    description = read_json(wavlm.results / "features" / "default" / "emodb.json")
    frames = open_inputs(wavlm.results / "features" / "default" / "emodb.npy")
    assert (
        frames.shape
        == (sum(max(length, SHORTEST) for length in description["lengths"]), tiny_models.SIZES["hidden_size"])
        == tuple(description["shape"])
    )
    assert frames.dtype == np.float16 and description["front_end"]["architecture"] == "wavlm"
    manifest = read_csv(wavlm.results / "corpora" / "emodb" / "manifest.csv")
    expected = (manifest["seconds"].clip(upper=7.5) * 16000 - 400) // 320 + 1
    assert np.abs(expected - description["lengths"]).max() <= 1


def test_its_table_has_each_description_once(wavlm: Workspace) -> None:
    table = pd.read_csv(wavlm.results / "tables" / "front_ends.csv")
    rows = [f"{title('nnpm')}, wavlm", f"{title('nnpm')}, mels", f"{title('svm')}, pooled wavlm"]
    rows += [f"{title('svm')}, mels", f"{title('svm')}, own functionals"]
    assert table["row"].tolist() == rows and table["mean"].notna().all()
    metrics = pd.read_csv(wavlm.results / "metrics.csv").set_index(["method", "variant"])["ua"]
    mels = "dtype~float32,front_end~mels,padding~paper"
    expected = [("nnpm", "default"), ("nnpm", mels), ("svm", "default"), ("svm", mels), ("svm", "functionals~own")]
    assert table["mean"].tolist() == pytest.approx([100 * metrics[key] for key in expected], abs=0.0051)
    report = (wavlm.results / "report.html").read_text(encoding="utf-8")
    words = "Front end: wavlm (wavlm, mean over layers). The backbone sees no padding."
    assert words in report and f"{title('svm')}, own functionals" in report


def test_every_checkpoint_alone_gives_the_studys_predictions(
    wavlm: Workspace, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(wavlm.folder)
    methods = set()
    for path in sorted(wavlm.results.glob("runs/**/backbone.safetensors")):
        predictor = Predictor.load(path)
        methods.add(predictor.header.run["method"])
        audio = read_csv(wavlm.results / "corpora" / "emodb" / "paths.csv")["path"]
        expected = read_csv(path.with_name("predictions.csv"))
        found = predictor.predict(audio)
        # A batch of other utterances may change the last digits before the cache's half precision rounds them.
        np.testing.assert_allclose(found[[*CLASSES]], expected[[*CLASSES]], atol=2e-3)
        card = (path.parent / "model_card.md").read_text(encoding="utf-8")
        assert ("Its terms: made for a test." in card) == (Header.read(path).features.front_end == "wavlm")
    assert methods == set(that_read("frames"))


def test_another_model_is_refused_and_a_moved_one_is_found(wavlm: Workspace, model: Path, tmp_path: Path) -> None:
    path = wavlm.run_folder("emodb", "nnpm") / "backbone.safetensors"
    moved = tmp_path / "moved"
    moved.symlink_to(model)
    sound = read_csv(wavlm.results / "corpora" / "emodb" / "paths.csv")["path"][0]
    here, there = (Predictor.load(path, model=folder) for folder in (None, moved))
    pd.testing.assert_frame_equal(here.predict(wavlm.folder / sound), there.predict(wavlm.folder / sound))
    with pytest.raises(InputError, match=r"not the model that .* was trained with .*; give that of .* with --model"):
        Predictor.load(path, model=tiny_models.save("hubert", tmp_path / "other"))
