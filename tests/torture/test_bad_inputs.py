"""Cases of `tests/faults` through the real workflow: exit code 1, one line, nothing half written; or it works.

tests/unit tries every case with the library. Here are those that Snakemake meets itself, since it looks at the files,
prints the names and hands them on, and one case of each file that a job reads.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from nnpm.files import read_csv
from tests.faults.case import OfConfig, OfCorpus, OfResults
from tests.faults.finished import FINISHED
from tests.faults.folders import FOLDERS
from tests.faults.manifests import MANIFESTS
from tests.faults.settings import SETTINGS, overlay
from tests.faults.sounds import SOUNDS
from tests.faults.valid import lay_out
from workspace import Finished, Workspace, once

pytestmark = pytest.mark.slow

#: One table alone, so that one target is enough.
ALONE = {
    "tables": {"table1": {"methods": ["nnpm"]}, "table2": None, "table3": None},
    "figures": {"figure2": None, "diagnostics": None},
}


#: Cases of corpora: files that Snakemake must not open or wait for, names that it must not expand.
OF_CORPORA = {
    *("0 bytes", "a link to nothing", "a link to itself", "a pipe that nobody writes", "a device", "a socket"),
    *("a link to a file elsewhere", "a folder x.wav beside the files", "no folder", "a file in the folder's place"),
    *("a name of two lines", "a name that is not UTF-8", "a folder that is not UTF-8", "folders linked in a circle"),
    *("a linked folder", "a folder in its place", "a pipe as TextGrid", "no manifest", "a folder as manifest"),
    *("a name of 300 letters", "a name of 250 letters", "an absolute path", "a name with half a brace"),
    *("a name with braces", "a source without labels"),
    *("a Persian name, with the joiner that it needs", "a name with a line break"),
}
#: Cases of configurations, which Snakemake reads and completes.
OF_CONFIGURATIONS = {
    *("an unknown key", "not a number", "nothing for a section", "a key that is no text", "a name of two lines"),
    *("a reading of an unknown key", "a note with umlauts and two lines"),
}


def named(cases: Iterable[OfCorpus | OfConfig | OfResults]) -> list[Any]:
    return [pytest.param(case, id=f"{getattr(case, 'corpus', '')} {case.name}".strip()) for case in cases]


def chosen(cases: Iterable[OfCorpus | OfConfig], names: set[str]) -> list[Any]:
    """The cases of these names, which must all be there."""
    found = [case for case in cases if case.name in names]
    assert {case.name for case in found} == names
    return named(found)


def one_of_each_file() -> list[Any]:
    """The first case of each file and of what is made from it."""
    first: dict[tuple[str, str], OfResults] = {}
    for case in FINISHED:
        first.setdefault((case.file, case.makes), case)
    return named(first.values())


def refused(done: Finished, words: Iterable[str], outputs: Iterable[Path], folder: Path) -> None:
    """One line of error, which may be followed by what is missing, and nothing that a failed job began."""
    assert done.code == 1, done.text
    assert "Traceback" not in done.text
    assert len(done.errors) == 1, done.stderr
    for word in words:
        assert word in done.stderr
    assert not [path for path in outputs if path.is_file() or list(path.glob("*"))]
    assert not list(folder.rglob("*.part"))


@pytest.fixture
def small(shared: Path, tmp_path: Path) -> Workspace:
    """A workspace with the corpora of `tests/faults`, to be changed."""
    valid = once(shared / "valid", lay_out)
    workspace = Workspace.create(tmp_path / "small", valid)
    for link in workspace.corpora.iterdir():
        workspace.own(link.name)
    return workspace


@pytest.mark.parametrize("case", chosen([*SOUNDS, *FOLDERS, *MANIFESTS], OF_CORPORA))
def test_corpora(small: Workspace, case: OfCorpus) -> None:
    """A file or name that makes Snakemake itself wait, fail or print a traceback."""
    case.spoil(small.corpora / case.corpus)
    name = "mine" if case.corpus == "own" else case.corpus
    other = "shemo" if name == "urdu" else "urdu"
    roles = {"source": name, "targets": [other]} if case.role == "source" else {"source": other, "targets": [name]}
    folder = small.results / "corpora" / name
    settings = {"manifests": {"mine": "corpora/own/mine.csv"}, **roles, **ALONE, **case.changes}
    done = small.snakemake(f"results/toy/corpora/{name}/manifest.csv", **settings)
    if case.words:
        refused(done, case.words, [folder], small.folder)
    else:
        assert done.code == 0, done.text
        assert len(read_csv(folder / "manifest.csv")) == case.utterances


@pytest.mark.parametrize("case", chosen(SETTINGS, OF_CONFIGURATIONS))
def test_configurations(small: Workspace, case: OfConfig) -> None:
    """A value that Snakemake changes or rejects before it is checked."""
    done = small.snakemake("--dry-run", "all", **overlay(case.changes))
    if case.words:
        refused(done, case.words, [small.folder / "results"], small.folder)
        assert done.errors[0].startswith("Error: config: ")
    else:
        assert done.code == 0, done.text


@pytest.mark.parametrize("case", one_of_each_file())
def test_results(finished: Workspace, case: OfResults) -> None:
    """A job that reads a file without the check that the library has for it."""
    case.spoil(finished.results / case.file)
    made = finished.results / case.makes
    done = finished.snakemake("--force", str(made.relative_to(finished.folder)))
    if case.words:
        refused(done, case.words, [made], finished.folder)
    else:
        assert done.code == 0, done.text
        assert made.exists()
