"""Every case of `tests/faults` in this process: one line that names file and remedy, nothing written; or it works."""

import shutil
from pathlib import Path

import pytest

from nnpm import corpora, manifest
from nnpm.errors import InputError, one_line
from nnpm.files import read_csv, write_csv
from tests.faults.case import OfCorpus
from tests.faults.folders import FOLDERS
from tests.faults.manifests import MANIFESTS
from tests.faults.sounds import SOUNDS
from tests.faults.valid import lay_out

OF_CORPORA = [*SOUNDS, *FOLDERS, *MANIFESTS]


def named(cases):
    return [pytest.param(case, id=f"{getattr(case, 'corpus', '')} {case.name}".strip()) for case in cases]


def refused(words, call, *arguments):
    """The call ends in one line with these words."""
    with pytest.raises(InputError) as caught:
        call(*arguments)
    message = str(caught.value)
    assert one_line(message) == message
    for word in words:
        assert word in message


def listing(folder):
    return sorted((str(path), path.is_file() and path.stat().st_mtime_ns) for path in folder.rglob("*"))


@pytest.fixture(scope="module")
def valid(tmp_path_factory):
    folder = tmp_path_factory.mktemp("valid")
    lay_out(folder)
    return folder


def check(case: OfCorpus, folder: Path):
    """What planning and the rule check do."""
    corpus = corpora.get(case.corpus, folder / "own" / "mine.csv" if case.corpus == "own" else None)
    if absent := corpora.missing({corpus.name: corpus}, folder):
        raise InputError(f"1 of the corpora: {absent[0].splitlines()[0]}")
    assert all(Path(path).is_file() for path in corpora.files(corpus, folder))
    sizes = {"duration": 7.5, "test_size": 0.33, "split_seed": 0}
    skip = bool(case.changes.get("skip_unreadable"))
    return manifest.build(corpus, folder / case.corpus, case.role, **sizes, skip_unreadable=skip).manifest


@pytest.mark.parametrize("case", named(OF_CORPORA))
def test_corpora(valid, tmp_path, case):
    shutil.copytree(valid / case.corpus, tmp_path / case.corpus)
    case.spoil(tmp_path / case.corpus)
    before = listing(tmp_path)
    if case.words:
        refused(case.words, check, case, tmp_path)
    else:
        table = check(case, tmp_path)
        assert len(table) == case.utterances
        write_csv(tmp_path / "manifest.csv", table)
        again = read_csv(tmp_path / "manifest.csv")
        (tmp_path / "manifest.csv").unlink()
        assert again["path"].tolist() == table["path"].tolist()
    assert listing(tmp_path) == before
