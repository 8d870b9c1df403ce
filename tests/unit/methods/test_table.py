"""The table of methods: every row can be used, is told apart, and is the only place that names its method."""

import ast
from pathlib import Path

import pytest

from nnpm.methods.base import Method, load
from nnpm.methods.table import METHODS, PROPOSED, UNADAPTED, Entry, ordered, title

SCRIPTS = Path(__file__).parents[3] / "scripts"
ENTRIES = pytest.mark.parametrize("entry", METHODS.values(), ids=METHODS)


@ENTRIES
def test_a_place_is_a_method_or_a_classifier(entry: Entry) -> None:
    if entry.name == UNADAPTED:
        assert (entry.place, entry.file) == ("", "")
        return
    made = load(entry.place)
    assert callable(made) and (SCRIPTS / entry.file).is_file()
    if entry.reads == "frames" and isinstance(made, type):
        assert issubclass(made, Method)
    assert Path(entry.file).stem == made.__module__.rpartition(".")[2]


@ENTRIES
def test_a_row_says_what_the_workflow_can_give(entry: Entry) -> None:
    assert entry.reads in ("frames", "functionals")
    assert set(entry.settings) <= {"threshold", "memory", "objective"}
    assert not entry.linear or entry.reads == "functionals"
    assert entry.seeded == (entry.reads == "frames"), "no classifier of functionals draws random numbers"
    assert not entry.note or entry.note.endswith(".")


def test_methods_are_told_apart() -> None:
    entries = METHODS.values()
    assert len({entry.title for entry in entries}) == len(METHODS)
    coloured = [entry for entry in entries if entry.family != "not adapted"]
    assert len({entry.colour for entry in coloured}) == len(coloured), "any two that adapt differ in their colour"
    assert len({(entry.colour, entry.line, entry.marker) for entry in entries}) == len(METHODS)
    for family in {entry.family for entry in entries}:
        members = [entry for entry in entries if entry.family == family]
        assert len({entry.line for entry in members}) == len(members), family
        assert len({entry.marker for entry in members}) == len(members), family
        places = [list(METHODS).index(entry.name) for entry in members]
        assert places == list(range(places[0], places[0] + len(places))), "a family stands together"


def test_the_papers_method_and_the_backbone_before_it_are_rows() -> None:
    assert {PROPOSED, UNADAPTED} <= set(METHODS)


def test_titles_and_order_of_methods_that_are_no_longer_declared() -> None:
    assert title("nnpm-plus") == "NNPM-plus" and title("of-old") == "of-old"
    assert ordered(["of-old", "nnpm", "gone", "svm", "nnpm"]) == ["svm", "nnpm", "gone", "of-old"]


def texts(path: Path) -> set[str]:
    """All strings of a Python file."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_no_other_file_names_a_method() -> None:
    """But for what the paper prints of them, and the logger plugin's name, which is the package's."""
    allowed = {SCRIPTS / "nnpm" / "methods" / "table.py", SCRIPTS / "nnpm" / "reporting" / "paper.py"}
    audit = SCRIPTS / "nnpm" / "reporting" / "audit"
    package = {"nnpm"}  # the package is called like the method
    found = {
        (path.relative_to(SCRIPTS).as_posix(), name)
        for path in SCRIPTS.rglob("*.py")
        if path not in allowed and audit not in path.parents
        for name in texts(path) & (METHODS.keys() - package)
    }
    assert found == set()
