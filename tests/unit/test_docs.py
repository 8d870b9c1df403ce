"""The pages hold what the files that they speak of hold, and lead where they say."""

import importlib.util
import itertools
import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from functools import reduce
from operator import getitem
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml
from markdown_it import MarkdownIt

import nnpm
from nnpm.reporting.readings import readings

ROOT = Path(__file__).parents[2]
specification = importlib.util.spec_from_file_location("refresh", ROOT / "docs" / "refresh.py")
assert specification and specification.loader
refresh = importlib.util.module_from_spec(specification)
specification.loader.exec_module(refresh)

PAGES = sorted({*ROOT.glob("*.md"), *refresh.pages()})
ids = [page.relative_to(ROOT).as_posix() for page in PAGES]


def links(page: Path) -> Iterator[str]:
    for block in MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8")):
        for token in block.children or []:
            if target := token.attrGet("href") or token.attrGet("src"):
                yield unquote(str(target))


def anchors(page: Path) -> set[str]:
    """As GitHub makes them from headings."""
    found: set[str] = set()
    tokens = MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8"))
    for heading, text in itertools.pairwise(tokens):
        if heading.type == "heading_open":
            words = "".join(part.content for part in text.children or [] if part.type in ("text", "code_inline"))
            slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            found.add(next(s for n in range(99) if (s := f"{slug}-{n}" if n else slug) not in found))
    return found


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_what_is_made_from_other_files_is_fresh(page: Path) -> None:
    assert refresh.refreshed(page) == page.read_text(encoding="utf-8"), "call `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_links_lead_somewhere(page: Path) -> None:
    for target in links(page):
        if re.match(r"\w+:", target):
            continue
        path, _, anchor = target.partition("#")
        place = (page.parent / path).resolve() if path else page
        assert place.exists(), target
        if place.suffix == ".md" and anchor:
            assert anchor in anchors(place), target


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_links_to_lines_name_what_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = {match.end() for match in refresh.LINK.finditer(text)}
    assert {match.end() for match in re.finditer(r"\]\([^)\s]+#L\d[^)]*\)", text)} == named


def test_lines_are_those_of_the_definition(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text(
        "A, B = 1, 2\n\n\n@cache\ndef f():\n    pass\n\n\nclass C:\n    x: int = 0\n\n    def f(self):\n        pass\n",
        encoding="utf-8",
    )
    found = {name: refresh.lines(tmp_path / "x.py", name) for name in ("B", "f", "C", "C.x", "C.f")}
    assert found == {"B": "L1", "f": "L4-L6", "C": "L9-L13", "C.x": "L10", "C.f": "L12-L13"}
    with pytest.raises(KeyError):
        refresh.lines(tmp_path / "x.py", "C.g")


def test_a_stale_page_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.py").write_text("\ndef f(): ...\n", encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text("[`f`](x.py#L9-L10) and\n<!-- made: audit -->\nold\n<!-- made -->\n", encoding="utf-8")
    monkeypatch.setitem(refresh.BLOCKS, "audit", lambda: "new")
    assert refresh.refreshed(page) == "[`f`](x.py#L2) and\n<!-- made: audit -->\n\nnew\n\n<!-- made -->\n"


def test_every_reading_is_on_the_page_of_differences_with_its_default() -> None:
    page = (ROOT / "docs" / "differences.md").read_text(encoding="utf-8")
    config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))
    for key in (key for reading in readings(config) for key, _ in reading["values"]):
        value = reduce(getitem, key.split("."), config)
        shown = format(Decimal(str(value)), "f") if isinstance(value, float) else value
        assert f"`{key}: {shown}`" in page


def test_every_command_is_explained_to_contributors() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (targets,) = re.findall(r"^\.PHONY: (.*)", makefile, re.MULTILINE)
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert {target for target in targets.split() if not re.search(rf"\bmake {target}\b", page)} == set()


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert project["version"] == citation["version"] == nnpm.__version__
