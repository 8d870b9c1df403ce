"""What in these pages is made from other files: `make docs` writes it anew, tests/unit/test_docs.py tells if it is old.

- The picture of the rules, if Graphviz is installed: `make docs` draws it anew when the rules are others.
- Line numbers: a link to lines of Python names what it leads to, as in [`Step.labels`](../scripts/nnpm/x.py#L1-L2): a
  function, class, method or constant of that file.
- Blocks: what stands between <!-- made: NAME --> and <!-- made -->, by the function that declared.py or measured.py
  have for that name.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parent
ROOT = DOCS.parent
sys.path[:0] = [str(ROOT / "scripts"), str(DOCS)]

import declared  # noqa: E402, see above
import measured  # noqa: E402

LINK = re.compile(r"\[`([\w.]+)`\]\(([^)#\s]+\.py)#L\d+(?:-L\d+)?\)")
BLOCKS = {**declared.BLOCKS, **measured.BLOCKS}
BLOCK = re.compile(r"(?<=<!-- made: )(\w+)( -->\n)(.*?)(?=<!-- made -->)", re.DOTALL)


def lines(path: Path, name: str) -> str:
    """The lines of what `name`, dotted for a class's member, is in a file, as in L3-L9; KeyError if it is nothing."""
    node: ast.AST = ast.parse(path.read_text(encoding="utf-8"))
    for part in name.split("."):
        members = {each: child for child in ast.iter_child_nodes(node) for each in _names(child)}
        node = members[part]
    assert isinstance(node, ast.stmt)
    first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
    return f"L{first}" if node.end_lineno == first else f"L{first}-L{node.end_lineno}"


def _names(node: ast.AST) -> list[str]:
    """What a statement defines."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    flat = [one for target in targets for one in getattr(target, "elts", [target])]
    return [one.id for one in flat if isinstance(one, ast.Name)]


def refreshed(page: Path) -> str:
    """A page as it has to be. KeyError or OSError where a link leads to nothing."""

    def link(found: re.Match[str]) -> str:
        name, path = found[1], found[2]
        return f"[`{name}`]({path}#{lines(page.parent / path, name)})"

    text = LINK.sub(link, page.read_text(encoding="utf-8"))
    return BLOCK.sub(lambda found: f"{found[1]}{found[2]}\n{BLOCKS[found[1]]()}\n\n", text)


def pages() -> list[Path]:
    """README, config/README and all pages of this folder, but for what was built of them."""
    found = (page for page in DOCS.rglob("*.md") if DOCS / "_build" not in page.parents)
    return [ROOT / "README.md", ROOT / "config" / "README.md", *sorted(found)]


def draw_rules(picture: Path = DOCS / "rulegraph.svg") -> bool:
    """Draw the rules of the toy study, without the arrows that follow from others, if the picture has other rules."""
    environment = {name: value for name, value in os.environ.items() if name != "NNPM_CORPORA_DIR"}

    def run(*command: str, given: str | None = None) -> str:
        return subprocess.run(
            command, input=given, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
        ).stdout

    snakemake = (sys.executable, "-m", "snakemake", "--configfile", "config/toy.yaml")
    graph = run(*snakemake, "--forceall", "--rulegraph", "dot", "--", "all")
    shown = re.findall(r"<text [^>]*>(\w+)</text>", picture.read_text(encoding="utf-8"))
    if set(shown) == set(re.findall(r'label ?= ?"(\w+)"', graph)):
        return False
    options = ("-Tsvg", "-Grankdir=LR", "-Gnodesep=0.12", "-Granksep=0.5")
    picture.write_text(run("dot", *options, given=run("tred", given=graph)), encoding="utf-8")
    return True


if __name__ == "__main__":
    if shutil.which("dot") is None:
        print("docs/rulegraph.svg: not drawn, Graphviz is not installed")
    elif draw_rules():
        print("docs/rulegraph.svg: drawn")
    for page in pages():
        content = refreshed(page)
        if content != page.read_text(encoding="utf-8"):
            page.write_text(content, encoding="utf-8")
            print(f"{page.relative_to(ROOT)}: refreshed")
