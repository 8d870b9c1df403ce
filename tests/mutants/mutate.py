"""Mutants of a module: its source with one small thing changed, by the operators of mutmut and two more.

mutmut itself changes no decorated function and no constant, and knows no package in a folder like scripts.
"""

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import libcst
from libcst import matchers
from mutmut.mutation.mutators import mutation_operators

#: What is not changed: types, which Python does not check; decorators; and calls whose change only raises TypeError.
KEPT = (
    matchers.Annotation()
    | matchers.Decorator()
    | matchers.Import()
    | matchers.ImportFrom()
    | matchers.Call(matchers.Name("len") | matchers.Name("isinstance"))
)


def without_method(node: libcst.Call) -> Iterator[libcst.BaseExpression]:
    """`scores.detach()` becomes `scores`."""
    if isinstance(node.func, libcst.Attribute):
        yield node.func.value


def without_decorator(node: libcst.FunctionDef) -> Iterator[libcst.FunctionDef]:
    """A function without what is wrapped around it, for example `torch.no_grad`."""
    if node.decorators:
        yield node.with_changes(decorators=[])


OPERATORS = (*mutation_operators, (libcst.Call, without_method), (libcst.FunctionDef, without_decorator))


@dataclass(frozen=True)
class Mutant:
    """A changed source, and the changed lines before and after, without the indent."""

    source: str
    before: str
    after: str


def mutants(path: Path) -> Iterator[Mutant]:
    """Every mutant of a module, each once."""
    tree = libcst.parse_module(path.read_text(encoding="utf-8"))
    parts = [tree.code_for_node(part) for part in (*tree.header, *tree.body, *tree.footer)]
    for place, statement in enumerate(tree.body, start=len(tree.header)):
        seen = {parts[place]}
        for node, changed in _changes(statement):
            part = tree.code_for_node(libcst.ensure_type(statement.deep_replace(node, changed), libcst.CSTNode))
            if part not in seen and _compiles(part):
                seen.add(part)
                source = "".join([*parts[:place], part, *parts[place + 1 :]])
                yield Mutant(source, *_difference(parts[place], part))


def _changes(statement: libcst.CSTNode) -> Iterator[tuple[libcst.CSTNode, libcst.CSTNode]]:
    for node in _nodes(statement):
        for kind, operator in OPERATORS:
            if isinstance(node, kind):
                yield from ((node, changed) for changed in operator(node))


def _nodes(node: libcst.CSTNode, wording: bool = False) -> Iterator[libcst.CSTNode]:
    """What may be changed; of an error's message not the words."""
    if matchers.matches(node, KEPT) or (wording and matchers.matches(node, matchers.SimpleString())):
        return
    yield node
    for child in node.children:
        yield from _nodes(child, wording or isinstance(node, libcst.Raise))


def _compiles(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def _difference(before: str, after: str) -> tuple[str, str]:
    _, _, _, *lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0)
    return tuple(" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
