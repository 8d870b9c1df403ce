"""A study of several sources, one of them all other corpora of each target, in which every utterance is scored."""

from pathlib import Path

import pandas as pd
import pytest

from workspace import Workspace

pytestmark = pytest.mark.slow

STUDY = {
    "source": ["iemocap", "others"],
    "targets": ["ekorpus", "emodb"],
    "splits": {"protocol": "all"},
    "tables": {"table1": {"methods": ["snsa-f", "svm", "nnpm"]}, "table2": None, "table3": None},
    "figures": {"figure2": None, "diagnostics": {"methods": ["nnpm"]}},
}
#: What each target's runs learn from.
OTHERS = {"ekorpus": "emodb+iemocap", "emodb": "ekorpus+iemocap"}


@pytest.fixture(scope="module")
def several(shared: Path, corpora: Path) -> Workspace:
    return Workspace.finished(shared / "several", corpora, **STUDY)


def predictions(workspace: Workspace, source: str, target: str, method: str) -> pd.DataFrame:
    folder = workspace.results / "runs" / source / target / method / "default" / "seed~0"
    return pd.read_csv(folder / "predictions.csv", dtype={"speaker": str})


def manifest(workspace: Workspace, corpus: str) -> pd.DataFrame:
    return pd.read_csv(workspace.results / "corpora" / corpus / "manifest.csv", dtype={"speaker": str})


def test_each_source_has_its_tables_and_page_and_all_have_the_matrix(several: Workspace) -> None:
    for source in STUDY["source"]:
        for name in ("table1", "ekorpus", "emodb", "source", "choice"):
            assert (several.results / "tables" / source / f"{name}.md").stat().st_size, name
        for name in ("embedding-emodb", "confusion-ekorpus", "memory"):
            told = (several.results / "figures" / source / f"{name}.json").read_text(encoding="utf-8")
            assert f"Source: {'IEMOCAP' if source == 'iemocap' else 'all other corpora'}." in told
            assert "the transductive setting" in told
    embedded = pd.read_csv(several.results / "figures" / "others" / "embedding-emodb.csv", dtype=str)
    assert set(embedded.loc[embedded["domain"] == "source", "utterance"].str.partition("/")[0]) == {
        "ekorpus",
        "iemocap",
    }
    matrix = pd.read_csv(several.results / "figures" / "matrix.csv")
    assert matrix.groupby("method").size().tolist() == [4] * 3 and matrix["ua"].notna().all()
    page = (several.results / "tables" / "matrix.md").read_text(encoding="utf-8")
    assert "| all other corpora |" in page and "the transductive setting" in page
    for name in ("report.html", "report-others.html"):
        report = (several.results / name).read_text(encoding="utf-8")
        assert 'id="matrix"' in report and 'aria-current="page"' in report
    assert "Source: all other corpora." in (several.results / "tables" / "others" / "table1.md").read_text("utf-8")
    assert several.plan("all") == [], "a second call does nothing"


def test_every_utterance_of_a_target_is_scored(several: Workspace) -> None:
    kept = pd.read_csv(several.results / "predictions.csv", dtype=str)
    for target, source in OTHERS.items():
        names = manifest(several, target)["utterance"].tolist()
        for method in ("snsa-f", "svm", "nnpm"):
            found = predictions(several, source, target, method)
            assert found["utterance"].tolist() == names and set(found["split"]) == {"all"}
        assert (kept["target"] == target).sum() == 2 * 3 * len(names)


def test_a_pool_learns_from_its_corpora_and_never_from_the_target(several: Workspace) -> None:
    for target, source in OTHERS.items():
        folder = several.results / "pretrained" / source / "default" / "seed~0"
        learned = pd.read_csv(folder / "predictions.csv", dtype=str)
        parts = {corpus: manifest(several, corpus)["utterance"] for corpus in source.split("+")}
        names = [f"{corpus}/{utterance}" for corpus, utterances in parts.items() for utterance in utterances]
        assert learned["utterance"].tolist() == names
        assert not any(name.startswith(f"{target}/") for name in names)
        card = (folder / "model_card.md").read_text(encoding="utf-8")
        assert "pretrained on the labelled corpora" in " ".join(card.split())
    # EKorpus has one speaker: nobody could be held out, so in a pool all of it is training.
    assert set(manifest(several, "ekorpus")["source_split"]) == {"train"}
    assert set(manifest(several, "emodb")["source_split"]) == {"train", "validation", "test"}
    pools = (several.results / "corpora" / "pools.md").read_text(encoding="utf-8")
    assert "## EKorpus + IEMOCAP" in pools and "## EMO-DB + IEMOCAP" in pools


def test_a_corpus_that_changes_concerns_no_pool_without_it(several: Workspace, tmp_path: Path) -> None:
    """Leave one corpus out, statistics included: nothing of a target is in what is adapted to it."""
    changed = several.copy(tmp_path / "changed")
    path = min((changed.own("emodb") / "wav").iterdir())
    path.unlink()
    jobs = [job for job in changed.plan("all") if job.startswith(("pretrain_seed", "encode"))]
    assert [job for job in jobs if job.startswith("pretrain_seed")] == ["pretrain_seed emodb+iemocap default 0"]
    assert {job for job in jobs if " ekorpus+iemocap " in job} == {"encode ekorpus+iemocap default 0 emodb"}


def test_a_source_without_a_table_says_so(several: Workspace) -> None:
    done = several.snakemake("--dry-run", "results/toy/tables/emodb/emodb.md", source=["iemocap", "emodb"])
    assert done.code == 1
    assert done.errors == ["Error: emodb: source 'emodb' has none in this study, as it does not go with this target"]


def test_the_way_a_source_is_written_changes_nothing(several: Workspace) -> None:
    """The order of a pool, a list of one, and a pool instead of all others."""
    assert several.plan("emodb", source=[["iemocap"], "others"]) == []
    wanted = ["results/toy/pretrained/emodb+iemocap/default/seed~0/metrics.json"]
    for pool in (["iemocap", "emodb"], ["emodb", "iemocap"]):
        assert several.plan(*wanted, source=["iemocap", pool, "others"]) == []
