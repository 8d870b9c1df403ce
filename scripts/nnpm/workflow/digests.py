"""Digests of the modules that a script imports, so that a change in one re-runs the rules that depend on it."""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def modules(script: Path) -> list[Path]:
    """The package's files that `script` imports, directly or not, sorted; imports inside functions count too."""
    found: set[Path] = set()
    waiting = [script]
    while waiting:
        for name in _imported(waiting.pop().read_text(encoding="utf-8")):
            path = _file(name)
            if path is not None and path not in found:
                found.add(path)
                waiting.append(path)
    return sorted(found)


def digest(scripts: Iterable[Path]) -> str:
    """SHA-256 of the scripts, of every module they import, and of the templates named after these modules."""
    files: set[Path] = set()
    for script in scripts:
        files |= {script, *modules(script)}
    ours = (path for path in files if PACKAGE in path.parents)
    templates = {template for path in ours for template in path.parent.glob(f"{path.stem}*.j2")}
    content = hashlib.sha256()
    for path in sorted(files | templates):
        content.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return content.hexdigest()


@cache  # planning asks for every script, and they share most modules
def _imported(source: str) -> frozenset[str]:
    """Dotted names of this package that a source text imports, with their parent packages, whose files run too."""
    names: set[str] = set()
    for node in _statements(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    names = {name for name in names if name.partition(".")[0] == PACKAGE.name}
    return frozenset(names | {name.rsplit(".", depth)[0] for name in names for depth in range(1, name.count(".") + 1)})


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """The statements below a node; expressions, most of a tree, hold none."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
            yield child
            yield from _statements(child)


def _file(name: str) -> Path | None:
    """The file of a module of this package; None for a name within a module."""
    path = PACKAGE.joinpath(*name.split(".")[1:])
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((candidate for candidate in candidates if candidate.is_file()), None)
