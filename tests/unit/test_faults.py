"""Every case of `tests/faults` in this process: one line that names file and remedy, nothing written; or it works."""

import shutil
from pathlib import Path

import pytest

from nnpm import corpora
from nnpm.corpora import manifest
from nnpm.errors import InputError, one_line
from nnpm.files import read_csv, write_csv
from nnpm.workflow import config
from tests.faults.case import OfCorpus
from tests.faults.finished import FINISHED
from tests.faults.folders import FOLDERS
from tests.faults.lists import LISTS
from tests.faults.manifests import MANIFESTS
from tests.faults.settings import SCHEMA, SETTINGS, settings_with
from tests.faults.sounds import SOUNDS
from tests.faults.study import make_results
from tests.faults.valid import lay_out

OF_CORPORA = [*SOUNDS, *FOLDERS, *MANIFESTS, *LISTS]


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


def entry(case: OfCorpus, folder: Path):
    given = {"path": "mine.csv", **case.entry}
    return given | {key: str(folder / given[key]) for key in ("path", "root") if key in given}


def check(case: OfCorpus, folder: Path):
    """What planning and the rule check do."""
    corpus = corpora.get(case.corpus, entry(case, folder / "own") if case.corpus == "own" else None)
    if absent := corpora.missing({corpus.name: corpus}, folder):
        raise InputError(f"1 of the corpora: {absent[0].splitlines()[0]}")
    assert all(Path(path).is_file() for path in corpora.files(corpus, folder))
    sizes = {"duration": 7.5, "test_size": 0.33, "split_seed": 0}
    skip = bool(case.changes.get("skip_unreadable"))
    checked = manifest.build(corpus, folder / case.corpus, case.role, **sizes, skip_unreadable=skip)
    for words in case.warned:
        assert any(words in warning for warning in checked.warnings), checked.warnings
    return checked.manifest


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


@pytest.mark.parametrize("case", named(SETTINGS))
def test_configurations(case):
    content = settings_with(case.changes)
    if case.words:
        refused(("config: ", *case.words), config.check, content, SCHEMA)
    else:
        config.check(content, SCHEMA)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The files of a study, made by what makes them there."""
    results = tmp_path_factory.mktemp("results")
    make_results(results)
    return results


@pytest.mark.parametrize("case", named(FINISHED))
def test_results(finished, tmp_path, case):
    results = tmp_path / "results"
    shutil.copytree(finished, results)
    whole = case.read(results)
    case.spoil(results / case.file)
    before = listing(results)
    if case.words:
        refused(case.words, case.read, results)
    else:
        assert whole and not case.read(results)  # there is nothing any more that can be used
    assert listing(results) == before
