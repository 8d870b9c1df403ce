"""What a study leaves to be used: every checkpoint alone gives its predictions.csv, and has a card."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from nnpm import CLASSES, Predictor
from nnpm.files import read_csv
from nnpm.training.header import Header
from workspace import Workspace


def checkpoints(study: Workspace) -> list[tuple[Path, str]]:
    """The study's checkpoints, with the corpus that their predictions.csv is of."""
    names = ("backbone.safetensors", "classifier.json")
    paths = [path for name in names for path in study.results.glob(f"runs/**/{name}")]
    found = [(path, path.relative_to(study.results).parts[2]) for path in paths]
    return sorted(found + [(path, "iemocap") for path in study.results.glob("pretrained/**/last.safetensors")])


def test_every_checkpoint_alone_gives_the_studys_predictions(study: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(study.folder)  # manifests have paths from there
    methods, exact = set(), 0
    for path, corpus in checkpoints(study):
        predictor = Predictor.load(path)
        methods.add(predictor.header.run.get("method", "pretrained"))
        audio = read_csv(study.results / "corpora" / corpus / "paths.csv")["path"]
        expected = read_csv(path.with_name("predictions.csv"))[["predicted", *CLASSES]]
        found = predictor.predict(audio)[["predicted", *CLASSES]]
        pd.testing.assert_frame_equal(found[[*CLASSES]], expected[[*CLASSES]], atol=1.1e-6, rtol=0)
        exact += found.equals(expected)
    assert methods == {"nnpm", "snsa-f", "nnpm-plus", "lda", "fluda", "dann", "pretrained"}
    assert exact > 0


def test_a_checkpoint_names_its_run(study: Workspace) -> None:
    for path, corpus in checkpoints(study):
        header = Header.read(path)
        assert (header.run["source"], header.corpus) == ("iemocap", corpus)
        if path.parent.is_relative_to(study.results / "runs"):
            *run, seed = path.parent.relative_to(study.results / "runs").parts
            assert [header.run[name] for name in ("source", "target", "method", "variant")] == run
            assert f"seed~{header.run['seed']}" == seed


def test_every_checkpoint_has_a_card_and_nothing_else_has(study: Workspace) -> None:
    cards = {path.parent for path in study.results.rglob("model_card.md")}
    assert cards == {path.parent for path, _ in checkpoints(study)}
    for folder in cards:
        text = (folder / "model_card.md").read_text(encoding="utf-8")
        front = yaml.safe_load(text.split("---\n")[1])
        assert front["language"][0] == "en" and "model-index" not in front, "synthetic speech claims no scores"
