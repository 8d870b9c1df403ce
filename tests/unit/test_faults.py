"""Every case of `tests/faults` in this process: one line that names file and remedy, nothing written; or it works."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import trees
from nnpm import corpora
from nnpm.errors import InputError, one_line
from nnpm.files import read_csv, write_csv
from nnpm.workflow import config
from tests.faults.case import OfCorpus
from tests.faults.damage import PICKLE
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
    return [
        pytest.param(case, id=f"{getattr(case, 'corpus', '')} {case.name}".strip(), marks=needed(case))
        for case in cases
    ]


def needed(case):
    program = getattr(case, "needs", "")
    return pytest.mark.skipif(bool(program) and not shutil.which(program), reason=f"needs {program}")


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
    settings = {name: value for name, value in case.changes.items() if name != "splits"}
    settings |= case.changes.get("splits", {})
    return trees.check(corpus, folder / case.corpus, case.role, **settings)


@pytest.mark.parametrize("case", named(OF_CORPORA))
def test_corpora(valid, tmp_path, case):
    shutil.copytree(valid / case.corpus, tmp_path / case.corpus)
    case.spoil(tmp_path / case.corpus)
    before = listing(tmp_path)
    if case.words:
        refused(case.words, check, case, tmp_path)
    else:
        checked = check(case, tmp_path)
        table = checked.manifest
        assert not case.warns or any(case.warns in line for line in checked.warnings)
        assert len(table) == case.utterances
        write_csv(tmp_path / "manifest.csv", table)
        again = read_csv(tmp_path / "manifest.csv")
        (tmp_path / "manifest.csv").unlink()
        assert again["path"].tolist() == table["path"].tolist()
    assert listing(tmp_path) == before


@pytest.mark.parametrize("case", named(SETTINGS))
def test_configurations(case):
    content = config.typed(settings_with(case.changes), SCHEMA)
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


def test_the_pickle_of_these_cases_is_a_live_one(tmp_path):
    (tmp_path / "x").write_bytes(PICKLE)
    subprocess.run([sys.executable, "-m", "pickle", "x"], check=True, capture_output=True, cwd=tmp_path)
    assert (tmp_path / "pwned").exists()


@pytest.mark.parametrize("case", named(FINISHED))
def test_results(finished, tmp_path, monkeypatch, case):
    results = tmp_path / "results"
    monkeypatch.chdir(tmp_path)
    shutil.copytree(finished, results)
    whole = case.read(results)
    case.spoil(results / case.file)
    before = listing(results)
    if case.words:
        refused(case.words, case.read, results)
    else:
        assert whole and not case.read(results)  # there is nothing any more that can be used
    assert listing(results) == before and not Path("pwned").exists()
