"""Wrong input ends in words: one line that names the file or key, no traceback, nothing half written."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from nnpm import corpora as adapters
from nnpm.workflow import session
from workspace import Finished, Workspace

TARGETS = ("urdu", "ekorpus", "shemo", "emodb")


def refuses(done: Finished, *words: str) -> None:
    """Exit code 1, no traceback, and one line of error with these words."""
    assert done.code == 1, done.text
    assert "Traceback" not in done.text
    assert len(done.errors) == 1, done.stderr
    for word in words:
        assert word in done.errors[0]


# --- Configuration ----------------------------------------------------------------------------------------------------


def test_a_wrong_key(fresh: Workspace) -> None:
    """What else can be wrong with a configuration is in tests/faults."""
    done = fresh.snakemake("all", adaptation={"treshold": 0.5})
    refuses(done, "adaptation.treshold", "unknown key", "threshold")
    assert done.errors[0].startswith("Error: config: ")
    assert done.jobs == [] and not (fresh.folder / "results").exists()


# --- Missing corpora --------------------------------------------------------------------------------------------------


def test_missing_corpora_are_listed_all_at_once(fresh: Workspace) -> None:
    done = fresh.snakemake("all", corpora_dir="nowhere")
    refuses(done, "5 of the 5 corpora")
    assert done.stderr.count("There is no folder nowhere (corpora_dir)") == 1 and "does not exist" not in done.stderr
    for name in ("iemocap", *TARGETS):
        corpus = adapters.get(name)
        for words in (f"{name} ({corpus.title})", corpus.owner, corpus.url, corpus.terms, corpus.layout):
            assert words in done.stderr
    assert done.jobs == [] and not (fresh.folder / "results").exists()


def test_one_missing_corpus_stops_all(fresh: Workspace) -> None:
    (fresh.corpora / "shemo").unlink()
    done = fresh.snakemake("all")
    refuses(done, "1 of the 5 corpora")
    assert adapters.get("shemo").url in done.stderr and adapters.get("urdu").url not in done.stderr
    assert done.jobs == [] and not (fresh.folder / "results").exists()


def test_the_environment_variable_stands_for_the_usual_place_alone(
    fresh: Workspace, corpora: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the toy study, whose captions say so, could be made of real speech."""
    usual = {"corpora_dir": "resources/corpora"}
    elsewhere = {"NNPM_CORPORA_DIR": str(corpora)}
    assert "check urdu" in fresh.make("-n", "corpora", environment=elsewhere, **usual).jobs
    monkeypatch.setenv("NNPM_CORPORA_DIR", str(corpora))
    assert session.corpora_dir({"corpora_dir": "nowhere"}, usual) == Path("nowhere")


# --- Audio ------------------------------------------------------------------------------------------------------------


def empty(path: Path) -> None:
    path.write_bytes(b"")


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:2000])


def text(path: Path) -> None:
    path.write_text("This is not audio.\n" * 50, encoding="utf-8")


def not_a_number(path: Path) -> None:
    samples = np.full(8000, 0.1, dtype=np.float32)
    samples[4000] = np.nan
    soundfile.write(path, samples, 16000, subtype="FLOAT")


def silent(path: Path) -> None:
    soundfile.write(path, np.zeros(8000), 16000)


FAULTS: dict[str, Callable[[Path], None]] = {
    "0 bytes": empty,
    "cut short": truncated,
    "not audio": text,
    "not finite": not_a_number,
    "silent": silent,
}


def test_unusable_audio(fresh: Workspace) -> None:
    """It alone shows that what is skipped is in the report and in no manifest; all else that can be wrong with a corpus
    is in tests/faults.
    """
    folder = fresh.own("emodb") / "wav"
    paths = sorted(folder.glob("1[0-4]*[WFTN]?.wav"))[: len(FAULTS)]
    for path, spoil in zip(paths, FAULTS.values(), strict=True):
        spoil(path)
    before = len(list(folder.glob("*[WFTN]?.*")))
    done = fresh.snakemake("results/toy/corpora/emodb/manifest.csv")
    refuses(done, "5 unreadable files", *(path.name for path in paths[:3]), *list(FAULTS)[:3], "skip_unreadable: true")
    assert not list(fresh.results.glob("corpora/emodb/*"))

    fresh.make("results/toy/corpora/emodb/manifest.csv", skip_unreadable=True)
    report = (fresh.results / "corpora" / "emodb" / "check.md").read_text(encoding="utf-8")
    manifest = (fresh.results / "corpora" / "emodb" / "manifest.csv").read_text(encoding="utf-8")
    for path, words in zip(paths, FAULTS, strict=True):
        assert re.search(f"{re.escape(path.name)}.*{words}", report)
        assert path.stem not in manifest
    assert len(manifest.splitlines()) == 1 + before - len(paths)
