"""Methods are found by the names of their files."""

from pathlib import Path

import pytest

from nnpm import methods
from nnpm.errors import InputError
from nnpm.methods.coral import CORAL
from nnpm.reporting import paper
from nnpm.workflow.config import CLASSICAL


def test_every_method_can_be_made_and_has_a_title() -> None:
    assert {*methods.METHODS, *CLASSICAL} == set(paper.METHOD_TITLES)
    assert [name for name in methods.METHODS if methods.get(name) is None] == ["snsa-f"]
    assert methods.get("coral") is CORAL


def test_a_new_file_is_a_method_and_one_with_an_underscore_is_not(tmp_path: Path) -> None:
    for name in ("my_idea.py", "_kernels.py", "base.py", "notes.txt"):
        (tmp_path / name).touch()
    assert methods.found([str(tmp_path)]) == {"my-idea": ("my_idea", "METHOD")}


def test_a_file_that_names_no_method_is_said_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(methods.METHODS, "base", ("base", "METHOD"))
    with pytest.raises(InputError, match=r"methods/base\.py: names no method; let METHOD be"):
        methods.get("base")
