"""A corpus of one's own: a manifest CSV, with labels or without, as the target and as the source."""

import csv
import json
from pathlib import Path

import pandas as pd
import pytest
import soundfile

from workspace import Workspace

pytestmark = pytest.mark.slow

LETTERS = {"W": "angry", "F": "happy", "T": "sad", "N": "neutral"}
ALONE = {
    "targets": ["mine"],
    "manifests": {"mine": "my data/Übersicht.csv"},
    "tables": {"table1": {"methods": ["nnpm"]}, "table2": None, "table3": None},
    "figures": {"figure2": None},
}


def write_corpus(workspace: Workspace, labelled: bool, speakers: int = 6) -> list[str]:
    """EMO-DB's sounds under names of a user's own, as FLAC; returns the utterances."""
    folder = workspace.folder / "my data"
    (folder / "Töne und Stimmen").mkdir(parents=True)
    rows, seen = [], []
    for path in sorted((workspace.corpora / "emodb" / "wav").iterdir()):
        speaker, letter = path.stem[:2], path.stem[5]
        seen += [speaker] if speaker not in seen else []
        if letter not in LETTERS or seen.index(speaker) >= speakers:
            continue
        name = f"Töne und Stimmen/süß {path.stem}.flac"
        soundfile.write(folder / name, *soundfile.read(path))
        rows.append({"path": name, "label": LETTERS[letter] if labelled else "", "speaker": f"Frau {speaker}, Bonn"})
    with (folder / "Übersicht.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["path", "label", "speaker"])
        writer.writeheader()
        writer.writerows(rows)
    return sorted(str(Path(row["path"]).with_suffix("")) for row in rows)


@pytest.mark.parametrize("labelled", [True, False])
def test_as_the_target(finished: Workspace, labelled: bool) -> None:
    utterances = write_corpus(finished, labelled)
    done = finished.make("all", **ALONE)
    assert not {"extract iemocap", "pretrain_seed 0"} & set(done.jobs)
    run = finished.run_folder("mine", "nnpm")
    predictions = pd.read_csv(run / "predictions.csv", dtype=str)
    assert predictions["utterance"].tolist() == utterances
    assert predictions["predicted"].notna().all()
    test = json.loads((run / "metrics.json").read_text(encoding="utf-8"))["splits"]["test"]
    table = (finished.results / "tables" / "table1.md").read_text(encoding="utf-8")
    cells = [cell.strip() for line in table.splitlines() if line.startswith("| NNPM") for cell in line.split("|")[2:-1]]
    html = (finished.results / "report.html").read_text(encoding="utf-8")
    assert "mine" in html
    if labelled:
        assert 0 <= test["ua"] <= 1
        assert [cell.split(" [")[0] for cell in cells] == [f"{100 * test['ua']:.1f}", f"{100 * test['wa']:.1f}"]
        assert all(cell.endswith("]") for cell in cells)  # with an interval
    else:
        assert test is None
        assert predictions["label"].isna().all()
        assert cells == ["—", "—"]
        assert "no score is claimed" in (finished.results / "corpora" / "mine" / "check.md").read_text(encoding="utf-8")


def test_as_the_source(finished: Workspace) -> None:
    write_corpus(finished, labelled=True)
    done = finished.make("emodb", **{**ALONE, "source": "mine", "targets": ["emodb"]})
    assert not {"check emodb", "extract emodb"} & set(done.jobs), "EMO-DB was prepared before"
    assert "pretrain_seed 0" in done.jobs
    manifest = pd.read_csv(finished.results / "corpora" / "mine" / "manifest.csv", dtype=str)
    speakers = manifest.groupby("split")["speaker"].agg(set)
    assert set(speakers.index) == {"train", "validation", "test"}
    assert sum(map(len, speakers)) == len(set.union(*speakers)), "held-out speakers are not trained on"
    assert json.loads((finished.results / "pretrained" / "seed~0" / "metrics.json").read_text())["last"]["test"]
    assert (finished.run_folder("emodb", "nnpm") / "predictions.csv").is_file()


def test_an_unlabelled_source_is_refused(finished: Workspace) -> None:
    write_corpus(finished, labelled=False)
    done = finished.snakemake("emodb", **{**ALONE, "source": "mine", "targets": ["emodb"]})
    assert done.code == 1 and "Traceback" not in done.text
    assert len(done.errors) == 1 and "label" in done.errors[0]
