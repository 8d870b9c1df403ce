"""The site of these pages and of the library's docstrings, built by `make docs`; its root is the repository's."""

import re
import sys
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

project = "NNPM"
author = copyright = "The NNPM reproduction's contributors"
extensions = [
    "myst_parser",
    "sphinx.ext.apidoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.viewcode",
]

root_doc = "README"
include_patterns = ["*.md", "config/README.md", "docs/**.md", "docs/api/**.rst"]
# Kept results are tables for other pages, without a title of their own.
exclude_patterns = [
    "docs/results/open*",
    "docs/results/languages",
    "docs/results/front-ends",
    "docs/benchmarks",
    "docs/_build",
    "docs/api/modules.rst",
]
exclude_patterns += [".*", "results", "resources", "scripts", "tests"]  # not to be searched

# Markdown is GitHub's: $...$ is mathematics, and headings have the anchors that GitHub gives them.
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

# A page a module. Docstrings are plain text with `code`, and types that are others' are not looked up.
apidoc_modules = [
    {"path": "../scripts/nnpm", "destination": "docs/api", "separate_modules": True, "module_first": True}
]
autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
default_role = "code"
highlight_language = "none"
nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(?!nnpm\.).*"), ("py:class", r"nnpm\..*\.(T|Count)")]  # others, type variables

html_theme = "furo"
html_title = "NNPM"
html_copy_source = False

#: What README.md, which GitHub shows as it is, has no place for: the pages in their order.
CONTENTS = """
```{{toctree}}
:hidden:

{pages}
```
"""
FIRST = (
    "docs/demo/README",
    "docs/tutorials/own-corpus",
    "docs/lists",
    "docs/tutorials/own-method",
    "docs/front-ends",
    "docs/running",
    "docs/audio",
    "docs/outputs",
    "docs/method",
    "docs/statistics",
    "docs/differences",
    "docs/results/README",
    "docs/results/nnpm-plus",
    "docs/results/collapse",
    "docs/results/source-statistics",
    "docs/results/speech",
    "docs/speed",
    "docs/promises",
    "docs/testing",
    "docs/related",
    "docs/terms",
)
LAST = ("config/README", "CONTRIBUTING", "SECURITY", "CHANGELOG", "docs/api/nnpm")
FOUND = (path.relative_to(ROOT).with_suffix("").as_posix() for path in sorted((ROOT / "docs").glob("*.md")))
PAGES = (*FIRST, *(page for page in FOUND if page not in FIRST), *LAST)


def adapt_links(app: Sphinx, page: str, source: list[str]) -> None:
    """Links to the library's files lead to its reference, to other files for download, to folders nowhere."""
    folder = (ROOT / page).parent

    def adapted(link: re.Match[str]) -> str:
        text, target = link[1], (folder / link[2]).resolve()
        library = ROOT / "scripts" / "nnpm"
        if target.suffix == ".py" and library in target.parents:
            module = ".".join(target.relative_to(ROOT / "scripts").with_suffix("").parts).removesuffix(".__init__")
            name = text.strip("`")  # of what is at those lines, see refresh.py
            return f"{{py:obj}}`{name} <{module}{'.' + name if link[3] else ''}>`"
        if target.is_dir():
            return text
        is_page = app.project.path2doc(target) in app.project.docnames
        return f"[{text}]({'' if is_page else 'path:'}{link[2]}{link[3] or ''})"

    source[0] = re.sub(r"(?<!!)\[([^\]]+)\]\(([^)#:\s]+)(#[^)\s]+)?\)", adapted, source[0])
    if page == root_doc:
        source[0] += CONTENTS.format(pages="\n".join(PAGES))


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", adapt_links)
