"""What SECURITY.md promises: nothing here can be told to run what a file, a name or a server says."""

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import yaml
from matplotlib.figure import Figure
from snakemake.parser import parse
from snakemake.sourcecache import LocalSourceFile

import trees
from nnpm.corpora import check_report
from nnpm.errors import InputError
from nnpm.reporting import drawing, report, writers
from nnpm.reporting.cells import COLUMNS, Table
from nnpm.reporting.study import Study

ROOT = Path(__file__).parents[2]

# --- The code ---------------------------------------------------------------------------------------------------------

PYTHON = sorted(path for folder in ("scripts", "benchmarks", "tests") for path in (ROOT / folder).rglob("*.py"))
RULES = [ROOT / "workflow" / "Snakefile", *sorted((ROOT / "workflow").rglob("*.smk"))]

UNPICKLERS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "jsonpickle", "joblib", "shelve", "marshal"}
#: Modules that one place alone may use, and its tests.
RESERVED = {
    "archives.py": ("zipfile", "tarfile", "shutil.unpack_archive"),
    "file_server.py": ("http.server",),
    "downloads.py": (
        *("requests", "urllib3", "pooch", "http.client", "socket", "ssl", "ftplib"),
        *("hashlib.md5", "hashlib.sha1"),
    ),
    "report.py": ("markupsafe.Markup",),
    "nobody.py": ("urllib.request", "httpx", "aiohttp", "hashlib.new"),
}
FORBIDDEN = {
    *("eval", "exec", "compile", "__import__", "os.system", "os.popen", "tempfile.mktemp"),
    *("subprocess.getoutput", "subprocess.getstatusoutput", "shell", "workflow.shellcmd"),
    *("torch.load", "torch.save", "torch.jit.load", "pandas.read_pickle", "numpy.savez", "numpy.savez_compressed"),
}


def dangers(tree: ast.AST, file: str) -> Iterator[str]:
    """What in a file's code can run data, or does elsewhere what one place does with care."""
    names: dict[str, str] = {}
    used: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname: alias.name for alias in node.names if alias.asname}
            used |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            used |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Attribute):
            used.add(dotted(node, names))
    yield from (f"{name} is in use" for name in used if name.split(".")[0] in UNPICKLERS)
    yield from (f"{name} is in use" for name in used if name.endswith(".to_pickle"))
    for owner, reserved in RESERVED.items():
        if file.removeprefix("test_") != owner:
            yield from (
                f"{name} is for {owner}" for name in used if f"{name}.".startswith(tuple(f"{r}." for r in reserved))
            )
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = dotted(node.func, names)
        given = {keyword.arg: getattr(keyword.value, "value", "computed") for keyword in node.keywords}
        if name in FORBIDDEN or re.match(r"os\.(exec|spawn)", name):
            yield f"{name} is called"
        if given.get("shell", False) is not False or given.get("verify", True) is False:
            yield f"{name} with shell=True or verify=False"
        if name in ("numpy.load", "numpy.save") and given.get("allow_pickle") is not False:
            yield f"{name} without allow_pickle=False"
        if re.match(r"yaml\.(?!safe_)\w*(load|dump)", name):
            yield f"{name} is not yaml.safe_load or yaml.safe_dump"
        if name == "jinja2.Environment" and given.get("autoescape") is not True:
            yield "jinja2.Environment without autoescape=True"


def dotted(node: ast.AST, names: dict[str, str]) -> str:
    """The whole name of what is called, aliases resolved; "" for a computed one."""
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute) and (owner := dotted(node.value, names)):
        return f"{owner}.{node.attr}"
    return ""


def compiled(rules: Path) -> ast.AST:
    """A file of rules as Snakemake turns it into Python."""
    source = SimpleNamespace(open=lambda _: io.StringIO(rules.read_text(encoding="utf-8")))
    code, _ = parse(LocalSourceFile(str(rules)), SimpleNamespace(sourcecache=source), {})
    return ast.parse(code)


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_code_runs_no_data(path: Path) -> None:
    assert list(dangers(ast.parse(path.read_text(encoding="utf-8")), path.name)) == []


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_rules_build_no_shell(path: Path) -> None:
    tree = compiled(path)
    assert list(dangers(tree, path.name)) == []
    assert "workflow" in {getattr(node, "id", "") for node in ast.walk(tree)}, "it was compiled"


@pytest.mark.parametrize(
    "code",
    [
        *("import pickle", "from joblib import load", "import torch as t\nt.load('x')", "frame.to_pickle('x')"),
        *("import numpy as np\nnp.load('x')", "from numpy import load\nload('x', allow_pickle=True)"),
        *("import yaml\nyaml.load(x)", "from yaml import full_load\nfull_load(x)", "eval(x)", "exec(x)"),
        *("import os\nos.system(x)", "import subprocess as s\ns.run(x, shell=True)", "s.run(x, shell=y)", "shell(x)"),
        *("import zipfile", "from urllib.request import urlopen", "import requests", "import hashlib\nhashlib.md5(x)"),
        *("import jinja2\njinja2.Environment()", "session.get(x, verify=False)"),
    ],
)
def test_what_is_looked_for_is_found(code: str) -> None:
    assert list(dangers(ast.parse(code), "any.py"))


def test_a_rule_with_a_shell_is_found(tmp_path: Path) -> None:
    (tmp_path / "x.smk").write_text('rule x:\n    input: "a"\n    shell: "cat {input}"\n', encoding="utf-8")
    assert list(dangers(compiled(tmp_path / "x.smk"), "x.smk"))


def test_templates_escape_everything() -> None:
    templates = list((ROOT / "scripts").rglob("*.html.j2"))
    assert templates
    for path in templates:
        text = path.read_text(encoding="utf-8")
        assert all(re.match("""["'] *$""", before[-2:]) for before in re.split(r"\|\s*safe\b", text)[:-1]), path
        assert "autoescape" not in text


def test_versions_are_pinned() -> None:
    locked = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    packages = [line for line in locked if not line.startswith("#")]
    assert packages and all(re.fullmatch(r"[\w.-]+==\d[\w.!+]*", line) for line in packages)


def test_actions_are_pinned_to_commits_and_may_read_alone() -> None:
    """A tag can be moved to other code, a commit cannot."""
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    assert workflows
    for path in workflows:
        text = path.read_text(encoding="utf-8")
        used = re.findall(r"uses: *(.*)", text)
        assert used and all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+", each) for each in used), path
        assert yaml.safe_load(text)["permissions"] == {"contents": "read"}


# --- Names ------------------------------------------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](https://example.org/x.png) [x](javascript:alert(1)) <https://example.org>",
    "a | b || c \\| d",
    "$(touch pwned)",
    "=HYPERLINK(1)",
]


def test_an_error_is_one_line_whatever_the_name() -> None:
    line = str(InputError("a\nb\x1b[2J\udcffc.wav: is not ü"))
    assert line == r"a\nb\x1b[2J\udcffc.wav: is not ü"


def test_names_in_the_report_stay_text(tmp_path: Path) -> None:
    names = [name.replace("/", "_").replace("<", "< ") for name in HOSTILE]  # else they are refused
    trees.tones(tmp_path, [f"{name}.wav" for name in names])
    rows = [f'"{name}.wav",angry,"{speaker}"\n' for name, speaker in zip(names, HOSTILE, strict=True)]
    corpus = trees.own(tmp_path, "path,label,speaker\n" + "".join(rows))
    checked = trees.check(corpus, tmp_path)
    parts = report.environment(Study("x", "ravdess")).get_template("report_parts.html.j2").module
    html = str(parts.page(check_report.to_json(checked, corpus)["sections"]))
    plain = ["p", "ul", "li", "h3", "div", "table", "thead", "tbody", "tr", "th", "td"]
    assert set(re.findall(r"<(\w+)", html)) <= set(plain)
    for name in HOSTILE[:3]:
        assert name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in html
    rows = re.findall("<tr>.*?</tr>", html.partition("Speakers</h3>")[2], re.DOTALL)
    assert [len(re.findall("<t[hd]", row)) for row in rows] == [3] * (1 + len(HOSTILE)), "no name adds a column"


def test_names_in_a_table_stay_text_in_latex() -> None:
    words = r"\input{/etc/passwd} $\write18{touch pwned}$ 50 % & ~^#_"
    cell = dict.fromkeys(COLUMNS, float("nan")) | {"row": words, "column": words, "metric": "UA", "seeds": 1}
    cell |= {"mean": 1.0, "cited": False, "best": False, "differs": False}
    latex = writers.to_latex(Table("x", words, pd.DataFrame([cell]), pd.DataFrame()))
    assert not re.search(r"\\(input|write18)", latex)
    escaped = (
        r"\textbackslash{}input\{/etc/passwd\} \$\textbackslash{}write18\{touch pwned\}\$ "
        r"50 \% \& \textasciitilde{}\textasciicircum{}\#\_"
    )
    assert latex.count(escaped) == 3, "row, column and caption"


def test_names_in_a_figure_stay_text(tmp_path: Path) -> None:
    words = '<script>alert(1)</script> ]]> & "x" \''
    told = drawing.Words("x", words, words)
    files = {kind: tmp_path / f"x.{kind}" for kind in ("png", "svg", "csv", "json")}
    drawing.publish(Figure(), pd.DataFrame(), told, SimpleNamespace(**files))
    loaded = drawing.load(files["svg"], files["json"], files["csv"])
    assert "<script" not in loaded.svg and loaded.words == told
