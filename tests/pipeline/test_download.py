"""`snakemake download` as a user calls it, with a toy corpus on a local server in place of a published one."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from file_server import Server, cut, page, running
from workspace import ROOT, Workspace

pytestmark = pytest.mark.slow


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running() as started:
        yield started


@pytest.fixture
def offering(fresh: Workspace, server: Server) -> Workspace:
    """A copy of the project whose EMO-DB is the toy one, at two places of the server, and is not there yet."""
    corpus = fresh.own("emodb")
    packed = Path(shutil.make_archive(str(fresh.folder / "packed"), "zip", corpus.parent, corpus.name))
    shutil.rmtree(corpus)
    fresh.root = fresh.folder / "project"
    for folder in ("config", "envs", "scripts", "workflow"):
        shutil.copytree(ROOT / folder, fresh.root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    corpora = fresh.root / "scripts" / "nnpm" / "corpora"
    rules = (corpora / "downloads.py").read_text(encoding="utf-8")
    (corpora / "downloads.py").write_text(rules.replace('("https://",)', '("http://127.0.0.1:",)'), encoding="utf-8")
    adapter = corpora / "adapters" / "emodb.py"
    text = adapter.read_text(encoding="utf-8")
    content = packed.read_bytes()
    for place, path in (("/records/7447302/files/emodb.zip", "/files/emodb.zip"), ("/content", "/mirror/emodb.zip")):
        url, checksum = server.offer(path, content)
        text, changed = re.subn(rf'"https://zenodo.org[^"]*{place}"', f'"{url}"', text, count=1)
        assert changed
    text = text.replace("md5:9d21362dbc5676ef3ab4745d83ced0db", checksum).replace("39_981_818", str(len(content)))
    adapter.write_text(text, encoding="utf-8")
    return fresh


def test_a_corpus_is_fetched_when_it_can_be(offering: Workspace, server: Server) -> None:
    """It alone shows that rule download runs as often as something is missing, and what its user is told."""
    (offering.corpora / "iemocap").unlink()
    before = sorted(offering.corpora.iterdir())
    server.always |= {"files": page(403), "mirror": page(404)}
    done = offering.snakemake("download")
    assert done.code == 1 and "Traceback" not in done.text
    (error,) = done.errors
    assert "still missing are emodb (could not be fetched, see above), iemocap (not offered for download" in error
    for words in ("emodb.zip could not be fetched", "iemocap_release.htm", "snakemake --cores 1 corpora"):
        assert words in done.stderr
    assert not (offering.corpora / "emodb").exists()
    assert [path for path in sorted(offering.corpora.iterdir()) if not path.name.startswith(".")] == before

    server.always.clear()
    server.requests.clear()
    server.faults["/files/emodb.zip"] = [cut, page(403)]
    done = offering.snakemake("download")
    for words in ("connection failed", "; trying again", "403 Forbidden; trying the next place", "fetched into"):
        assert words in done.stderr
    assert done.code == 1 and "still missing are iemocap (not offered for download" in done.errors[0]
    assert [path for path, _ in server.requests] == [*["/files/emodb.zip"] * 2, "/mirror/emodb.zip"]
    assert not list(offering.corpora.glob(".*"))
    source = {"source": "ravdess", "targets": ["emodb"], "figures": {"figure2": None}}
    offering.make("download", "results/toy/corpora/emodb/manifest.csv", **source)
    assert len(server.requests) == 3, "nothing of this study is missing any more"
