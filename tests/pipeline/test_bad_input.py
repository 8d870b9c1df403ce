"""Wrong input ends in words: one line that names the file or key, no traceback, nothing half written."""

from nnpm import corpora as adapters
from workspace import Finished, Workspace


def refuses(done: Finished, *words: str) -> None:
    """Exit code 1, no traceback, and one line of error with these words."""
    assert done.code == 1, done.text
    assert "Traceback" not in done.text
    assert len(done.errors) == 1, done.stderr
    for word in words:
        assert word in done.errors[0]


def test_a_wrong_key(fresh: Workspace) -> None:
    """What else can be wrong with a configuration, a corpus or a sound is in tests/faults."""
    done = fresh.snakemake("all", adaptation={"treshold": 0.5})
    refuses(done, "adaptation.treshold", "unknown key", "threshold")
    assert done.errors[0].startswith("Error: config: ")
    assert done.jobs == [] and not (fresh.folder / "results").exists()


def test_one_missing_corpus_stops_all(fresh: Workspace) -> None:
    """In the place that the environment names."""
    (fresh.corpora / "shemo").unlink()
    elsewhere = {"NNPM_CORPORA_DIR": str(fresh.corpora)}
    done = fresh.snakemake("all", environment=elsewhere, corpora_dir="resources/corpora")
    refuses(done, "1 of the 5 corpora")
    assert adapters.get("shemo").url in done.stderr and adapters.get("urdu").url not in done.stderr
    assert done.jobs == [] and not (fresh.folder / "results").exists()


def test_unusable_audio(fresh: Workspace) -> None:
    """It alone shows that what is skipped is in the study's report and in no manifest."""
    broken = fresh.own("emodb") / "wav" / "15a01Fa.wav"
    broken.write_bytes(b"")
    done = fresh.snakemake("results/toy/corpora/emodb/manifest.csv")
    refuses(done, "1 unreadable file", broken.name, "0 bytes", "skip_unreadable: true")
    assert not list(fresh.results.glob("corpora/emodb/*"))

    fresh.make("results/toy/corpora/emodb/manifest.csv", skip_unreadable=True)
    check = fresh.results / "corpora" / "emodb"
    assert broken.name in (check / "check.md").read_text(encoding="utf-8")
    assert broken.stem not in (check / "manifest.csv").read_text(encoding="utf-8")
