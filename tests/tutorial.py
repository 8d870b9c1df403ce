"""A page that is followed to the letter: its fenced blocks are what a reader writes, changes, runs, and gets to see.

- `sh`: run from the repository's root; must succeed.
- `diff`: applied with `git apply`.
- `text`: what the last command printed or, below a line that ends in "`path`:", what is in that file. A line of three
  dots stands for any lines. What training may bring out differently elsewhere is not compared (in a line with decimals,
  all numbers, classes and marks of significance), nor the width of a table's columns.
- any other: below a line that ends in "`path`:", the content of that file, to be written.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

from nnpm import CLASSES
from workspace import ROOT, clean_environment

_DECIMAL = re.compile(r"\d\.\d")
_NUMBER = re.compile(r"[-+−]?\d+(\.\d+)?")
_CLASS = re.compile(rf"\b({'|'.join(CLASSES)})\b")


@dataclass(frozen=True)
class Block:
    """A fenced block: its kind, its text, the file that the line before it names (if it does), and its line."""

    kind: str
    text: str
    file: str | None
    line: int


def blocks(page: str) -> Iterator[Block]:
    """The fenced blocks of a page in their order."""
    lead = ""
    for token in MarkdownIt("commonmark").parse(page):
        if token.type == "fence":
            named = re.search(r"`([^`\s]+)`:$", lead)
            yield Block(token.info.strip(), token.content, named[1] if named else None, (token.map or [0])[0] + 1)
        lead = token.content if token.type == "inline" else lead if token.type.endswith("_close") else ""


def paths(page: str, folder: str) -> list[str]:
    """The paths below a folder that a page names in its text."""
    found = [
        child.content
        for token in MarkdownIt("commonmark").enable("table").parse(page)
        for child in token.children or []
        if child.type == "code_inline" and child.content.startswith(f"{folder}/")
    ]
    return [path for path in dict.fromkeys(found) if not re.search(r"[{*\s]", path)]


def clone(folder: Path) -> Path:
    """What is worked on, as a reader has it: a copy of its files, and the environment that runs now as `.venv`."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0"):
        if name and (ROOT / name).is_file() and not (ROOT / name).is_symlink():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


def follow(page: str, folder: Path) -> None:
    """Do what a page says in a clone; AssertionError, with the block's line, where something else comes out."""
    printed = ""
    for block in blocks(page):
        where = f"line {block.line}"
        if block.kind == "sh":
            printed = _run(["bash", "-euo", "pipefail", "-c", block.text], folder, where)
        elif block.kind == "diff":
            _run(["git", "apply", "--verbose", "-"], folder, where, block.text)
        elif block.kind == "text":
            content = (folder / block.file).read_text(encoding="utf-8") if block.file else printed
            _assert_shown(block.text, content, where)
        else:
            assert block.file, f"{where}: the line before does not end in the name of a file"
            (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.file).write_text(block.text, encoding="utf-8")


def _run(command: list[str], folder: Path, where: str, text: str = "") -> str:
    environment = clean_environment() | {"PYTHONPATH": str(folder / "scripts"), "COLUMNS": "200"}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment | {"PATH": os.environ["PATH"]},
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=1800,
    )
    assert done.returncode == 0, f"{where}: {done.stdout}"
    return done.stdout


def comparable(line: str) -> str:
    """A line without what may differ."""
    if _DECIMAL.search(line):
        line = _CLASS.sub("class", _NUMBER.sub("1", line)).replace("**", "").replace(" †", "")
    return re.sub(r"-{2,}", "--", " ".join(line.split()))


def _assert_shown(expected: str, content: str, where: str) -> None:
    lines = [comparable(line) for line in content.splitlines()]
    parts: list[list[str]] = [[]]
    for line in expected.splitlines():
        if line.strip() == "...":
            parts.append([])
        else:
            parts[-1].append(comparable(line))
    start = 0
    for part in filter(None, parts):
        places = [at for at in range(start, len(lines)) if lines[at : at + len(part)] == part]
        assert places, f"{where}: not shown after line {start}: {chr(10).join(part)}\n\nbut: {content}"
        start = places[0] + len(part)
