"""A corpus of one's own: a manifest CSV, with labels as the source, without as the target."""

import csv
import json
import re
from typing import Any

import pandas as pd
import pytest
import soundfile

from workspace import Workspace

pytestmark = pytest.mark.slow

LETTERS = {"W": "angry", "F": "happy", "T": "sad", "N": "neutral"}
ALONE = {
    "source": "mine",
    "targets": ["calls"],
    "manifests": {"mine": "my data/Übersicht.csv", "calls": "calls.csv"},
    "tables": {"table1": {"methods": ["nnpm"]}, "table2": None, "table3": None, "comparison": None},
    "figures": {"figure2": None, "diagnostics": None, "sensitivity": None},
}


def write_corpus(workspace: Workspace) -> None:
    """EMO-DB's sounds under names of a user's own, as FLAC: one list with labels, one without."""
    folder = workspace.folder / "my data"
    (folder / "Töne und Stimmen").mkdir(parents=True)
    rows = []
    for path in sorted((workspace.corpora / "emodb" / "wav").iterdir()):
        if path.stem[5] in LETTERS:
            name = f"Töne und Stimmen/süß {path.stem}.flac"
            soundfile.write(folder / name, *soundfile.read(path))
            rows.append({"path": name, "label": LETTERS[path.stem[5]], "speaker": f"Frau {path.stem[:2]}, Bonn"})
    with (folder / "Übersicht.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["path", "label", "speaker"])
        writer.writeheader()
        writer.writerows(rows)
    with (workspace.folder / "calls.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["path", "speaker"])
        writer.writerows([f"my data/{row['path']}", row["speaker"]] for row in rows)


def test_as_the_source_and_unlabelled_as_the_target(fresh: Workspace) -> None:
    """It alone shows a study of nothing but own corpora; the tutorial has a labelled one as the target."""
    write_corpus(fresh)
    fresh.make("all", **ALONE)
    manifest = pd.read_csv(fresh.results / "corpora" / "mine" / "manifest.csv", dtype=str)
    speakers = manifest.groupby("split")["speaker"].agg(set)
    assert set(speakers.index) == {"train", "validation", "test"}
    assert sum(map(len, speakers)) == len(set.union(*speakers)), "held-out speakers are not trained on"
    pretrained = fresh.results / "pretrained" / "mine" / "default" / "seed~0" / "metrics.json"
    assert json.loads(pretrained.read_text())["last"]["test"]

    run = fresh.results / "runs" / "mine" / "calls" / "nnpm" / "default" / "seed~0"
    predictions = pd.read_csv(run / "predictions.csv", dtype=str)
    assert predictions["utterance"].tolist() == sorted(f"my data/{name}" for name in manifest["utterance"])
    assert predictions["predicted"].notna().all() and predictions["label"].isna().all()
    assert json.loads((run / "metrics.json").read_text(encoding="utf-8"))["splits"]["test"] is None
    table = (fresh.results / "tables" / "table1.md").read_text(encoding="utf-8")
    (row,) = (line for line in table.splitlines() if line.startswith("| NNPM"))
    assert [cell.strip() for cell in row.split("|")[2:-1]] == ["—", "—"]
    assert "no score is claimed" in (fresh.results / "corpora" / "calls" / "check.md").read_text(encoding="utf-8")
    assert "calls" in (fresh.results / "report.html").read_text(encoding="utf-8")


def test_lists_in_several_formats_are_one_corpus(fresh: Workspace) -> None:
    """A table of numbers with a map, and folders named like emotions in German: the same manifest."""
    sounds = {"W": "Ärger", "F": "Freude", "T": "Trauer", "N": "neutral"}
    numbers = dict(zip(sounds, range(4), strict=True))
    rows = []
    for path in sorted((fresh.corpora / "emodb" / "wav").iterdir()):
        if path.stem[5] in sounds:
            place = fresh.folder / "meine Aufnahmen" / sounds[path.stem[5]] / path.name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())
            rows.append(f"{place.relative_to(fresh.folder)};{numbers[path.stem[5]]};{path.stem[:2]}\n")
    (fresh.folder / "liste.csv").write_text("Datei;class;SPK\n" + "".join(rows), encoding="utf-8")
    labels = dict(zip(range(4), ("angry", "happy", "sad", "neutral"), strict=True))
    manifests: dict[str, Any] = {
        "numbers": {"path": "liste.csv", "columns": {"path": "Datei"}, "labels": labels},
        "folders": {"path": "meine Aufnahmen", "speakers": r"/(\d\d)"},
    }
    settings = {**ALONE, "source": "ravdess", "targets": list(manifests), "manifests": manifests}
    fresh.make("corpora", **settings)
    tables = [pd.read_csv(fresh.results / "corpora" / name / "manifest.csv", dtype=str) for name in manifests]
    assert tables[0]["utterance"].tolist() == [f"meine Aufnahmen/{name}" for name in tables[1]["utterance"]]
    same = ["speaker", "label", "split", "sha256"]
    pd.testing.assert_frame_equal(tables[0][same], tables[1][same])
    report = (fresh.results / "corpora" / "folders" / "check.md").read_text(encoding="utf-8")
    assert re.search(r"\| Ärger +\| angry +\|", report)
    assert fresh.plan("corpora", **settings) == []
