"""What in these pages is made from other files: `make docs` writes it anew, tests/unit/test_docs.py tells if it is old.

- The picture of the rules, if Graphviz is installed: `make docs` draws it anew when the rules are others.
- Line numbers: a link to lines of Python names what it leads to, as in [`Step.labels`](../scripts/nnpm/x.py#L1-L2): a
  function, class, method or constant of that file.
- Blocks: what stands between <!-- made: NAME --> and <!-- made -->, by the function of that name in BLOCKS.
"""

import ast
import json
import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from textwrap import fill
from typing import Any

import pandas as pd
import yaml

DOCS = Path(__file__).parent
ROOT = DOCS.parent
sys.path.insert(0, str(ROOT / "scripts"))

from nnpm import CLASSES, corpora  # noqa: E402, not installed where the pages alone are built
from nnpm.corpora.lists import formats  # noqa: E402
from nnpm.corpora.lists.columns import FIELDS  # noqa: E402
from nnpm.corpora.named import Named  # noqa: E402
from nnpm.corpora.offers import total  # noqa: E402
from nnpm.methods import table as methods  # noqa: E402
from nnpm.reporting import audit  # noqa: E402

LINK = re.compile(r"\[`([\w.]+)`\]\(([^)#\s]+\.py)#L\d+(?:-L\d+)?\)")
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


def audited() -> str:
    """The audit of the paper's numbers, its topics one level below a section."""
    _, _, text = audit.to_markdown(audit.audit()).partition("\n")
    return text.strip().replace("\n## ", "\n### ")


def comparison(shown: Sequence[str] = tuple(methods.METHODS), study: str = "open") -> str:
    """UA of methods in a study, on each target and on average: mean, deviation, interval, mark."""
    cells = pd.read_csv(DOCS / "results" / study / "comparison.csv")
    titles = [methods.title(name) for name in shown]
    cells = cells[(cells["metric"] == "UA") & cells["row"].isin(titles)]
    cells = cells.assign(cell=[_cell(cell) for cell in cells.itertuples()])
    table = cells.pivot(index="row", columns="column", values="cell")
    ordered = table.loc[[title for title in titles if title in table.index], list(dict.fromkeys(cells["column"]))]
    return ordered.rename_axis("Method").reset_index().to_markdown(index=False) + "\n"


def _cell(cell: Any) -> str:
    return f"{_spread(cell.mean, cell.std)} [{cell.low:.1f}, {cell.high:.1f}]{' †' if cell.differs else ''}"


def _spread(mean: float, deviation: float) -> str:
    return f"{mean:.1f}" if math.isnan(deviation) else f"{mean:.1f} ± {deviation:.1f}"


def comparison_others() -> str:
    """The same with all other corpora as the source."""
    return comparison(study="open/others")


def comparison_paper() -> str:
    """The same with the paper's protocol."""
    return comparison(study="open-paper")


def left_out() -> str:
    """NNPM-plus with constants chosen on the other languages: UA of SVM, before and after adaptation."""
    table = pd.read_csv(DOCS / "results" / "nnpm-plus" / "leave_one_language_out.csv")
    rows = []
    for source, part in table.groupby("source", sort=False):
        means = part[["svm", "before", "after"]].mean()
        mean = {"target": "mean", "SVM": means["svm"], "before": means["before"], "after": means["after"], "chosen": ""}
        for row in part.itertuples():
            chosen = f"{row.start:g}, {row.shrinkage:g}, {row.full:g}, {row.careful:g}"
            scores = {"SVM": row.svm, "before": row.before, "after": row.after, "chosen": chosen}
            rows.append({"source": _source(source), "target": corpora.title(row.target)} | scores)
        rows.append({"source": _source(source)} | mean)
    return pd.DataFrame(rows).to_markdown(index=False, floatfmt=".1f", disable_numparse=[0, 1, 5]) + "\n"


def proportions() -> str:
    """What NNPM-plus gains where classes are not equally frequent."""
    table = pd.read_csv(DOCS / "results" / "nnpm-plus" / "proportions.csv")
    table["source"] = table["source"].map(_source)
    keys = ["frequencies", "source"]
    gains = table.assign(gain=table["after"] - table["before"]).pivot_table(
        index=keys, columns="target", values="gain", sort=False
    )
    gains.columns = [corpora.title(name) for name in gains.columns]
    scores = table.groupby(keys, sort=False)[["before", "after"]].mean()
    made = scores.join(gains.map("{:+.1f}".format)).reset_index()
    return made.to_markdown(index=False, floatfmt=".1f", disable_numparse=[0, 1, 4, 5, 6, 7]) + "\n"


def inputs() -> str:
    """NNPM-plus on several descriptions: mean UA over the targets."""
    table = pd.read_csv(DOCS / "results" / "nnpm-plus" / "inputs.csv")
    table["source"] = table["source"].map(_source)
    means = table.groupby(["source", "inputs"], sort=False)[["svm", "before", "after"]].mean().reset_index()
    return means.rename(columns={"svm": "SVM"}).to_markdown(index=False, floatfmt=".1f") + "\n"


def _source(name: str) -> str:
    return "all others" if name == "others" else corpora.title(name)


def summary() -> str:
    """The README's table: from RAVDESS and, for classifiers of functionals, from all others."""
    return comparison()


def sensitivity() -> str:
    """NNPM under each reading in the open study: gain over SNSA-F on each target, and the label-free criterion."""
    table = pd.read_csv(DOCS / "results" / "open-paper" / "sensitivity.csv")
    targets = list(dict.fromkeys(table["target"]))
    rows = []
    for reading, part in table.groupby("reading", sort=False):
        percent = 100 * part.set_index("target")[["difference", "difference_low", "difference_high"]]
        gains = ["{:+.1f} [{:+.1f}, {:+.1f}]".format(*percent.loc[name]) for name in targets]
        rows.append(
            [reading, *gains, f"{part['im'].mean():.2f}", "{:g}".format(float(f"{part['positives'].mean():.2g}"))]
        )
    columns = ["reading", *(f"{corpora.title(name)}, gain" for name in targets), "IM", "positives"]
    made = pd.DataFrame(rows, columns=columns).to_markdown(index=False, disable_numparse=True)
    return made.replace(" -", " −").replace("[-", "[−")


def collapse() -> str:
    """NNPM's first epoch in the open study, mean over seeds: the target's matches before it and after it."""
    steps = pd.read_csv(DOCS / "results" / "collapse" / "collapse.csv")
    ends = steps[steps["step"].isin([0, steps["step"].max()])].drop(columns="seed")
    means = ends.groupby(["step", "target"]).mean()
    rows = []
    for target in dict.fromkeys(steps["target"]):
        before, after = (means.loc[step, target] for step in (0, steps["step"].max()))
        share = [100 * state["with_positives"] for state in (before, after)]
        rows.append(
            {
                "target": corpora.title(target),
                "positives per utterance": f"{before['positives']:.1f} → {after['positives']:.1f}",
                "utterances with positives (%)": "{:.0f} → {:.0f}".format(*share),
                "similarity: positives, hard negatives": "{similarity_positives:.3f}, "
                "{similarity_negatives:.3f}".format(**before),
                "slope: positives, hard negatives": "{slope_positives:.2f}, {slope_negatives:.2f}".format(**before),
                "class of most positives (%): positives, hard negatives": f"{100 * before['class_positives']:.0f}, "
                f"{100 * before['class_negatives']:.0f}",
            }
        )
    return pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True) + "\n"


def remedies() -> str:
    """`comparison` of NNPM and of this project's changes of it."""
    ours = [entry.name for entry in methods.METHODS.values() if entry.family == "NNPM, ours"]
    return comparison((methods.UNADAPTED, "source-only", methods.PROPOSED, *ours), study="open-paper")


def source_statistics() -> str:
    """UA of methods that are not adapted, with each target's own statistics and with the source's."""
    rows = [
        {
            "method": methods.title(row.method),
            "target": corpora.title(row.target),
            "own statistics": _spread(row.own, row.own_std),
            "the source's statistics": _spread(row.source, row.source_std),
            "difference": f"{row.difference:+.1f} [{row.low:+.1f}, {row.high:+.1f}]",
            "p, corrected": f"{row.p:.4f}, {row.corrected:.4f}",
        }
        for row in pd.read_csv(DOCS / "results" / "source-statistics" / "source_statistics.csv").itertuples()
    ]
    made = pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True) + "\n"
    return made.replace(" -", " −").replace("[-", "[−")


def benchmarks() -> str:
    """What `make bench` measured."""
    return (DOCS / "benchmarks" / "table.md").read_text(encoding="utf-8").strip()


def listed() -> str:
    """The names of all methods."""
    return fill(f"A *method* is one of {', '.join(f'`{name}`' for name in methods.METHODS)}.", 120)


def found_corpora() -> str:
    """Every corpus that has an adapter: by language, the largest first."""
    rows = [
        {
            "language": corpus.language,
            "corpus": f"[{corpus.title}]({_address(corpus.url)})",
            "folder": f"`{corpus.name}`",
            **{label: f"{corpus.published[label]:,}" for label in CLASSES},
            "all four": f"{sum(corpus.published.values()):,}",
            "speech": "natural" if corpus.natural else "acted",
            "terms": corpus.terms,
            "how to get it": _way(corpus),
        }
        for corpus in _by_language()
    ]
    return pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True) + "\n"


def corpora_files() -> str:
    """For each corpus where its files are expected, and those that are left out."""
    rows = [
        {
            "folder": f"`{corpus.name}`",
            "files such as": f"`{corpus.layout}`",
            "place": "at any depth" if isinstance(corpus, Named) and corpus.levels is None else "in these folders",
            "known bad files, left out": "; ".join(f"`{name}`: {why}" for name, why in corpus.flawed.items()),
        }
        for corpus in _by_language()
    ]
    return pd.DataFrame(rows).to_markdown(index=False) + "\n"


def corpora_cited() -> str:
    """Owner and citation of each corpus."""
    return "\n".join(f"- {corpus.title}, {corpus.owner}. {corpus.citation}." for corpus in _by_language())


def _by_language() -> list[corpora.Corpus]:
    found = [corpora.get(name) for name in corpora.NAMES]
    return sorted(found, key=lambda corpus: (corpus.language, -sum(corpus.published.values())))


def _way(corpus: corpora.Corpus) -> str:
    """How to get a corpus."""
    if corpus.offer:
        return f"`download`, {total(corpus.offer) / 1e6:,.0f} MB"
    whom, _, what = corpus.ask.partition("; ")
    return what if whom == "nobody" else f"ask {corpus.ask}"


def _address(url: str) -> str:
    """The first address in a text."""
    return url.split(" ")[0].rstrip(",")


def settings() -> str:
    """Every key of the configuration with its default, its values and what it means, from the schema."""
    schema = yaml.safe_load((ROOT / "workflow" / "schemas" / "config.schema.yaml").read_text(encoding="utf-8"))
    config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))
    rows = [
        f"| `{key}` | `{_default(config, key)}` | {_values(node, schema)} | {node['description']} |"
        for key, node in _leaves(schema, schema)
    ]
    return "\n".join(["| key | default | values | meaning |", "|---|---|---|---|", *rows])


def _leaves(node: Mapping[str, Any], schema: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every key that holds a value, dotted, in the order of the schema."""
    for name, child in node["properties"].items():
        resolved = _resolved(child, schema)
        if "properties" in resolved:
            yield from _leaves(resolved, schema, f"{prefix}{name}.")
        else:
            yield prefix + name, resolved
            each = dict(resolved.get("additionalProperties") or {})
            if any("description" in member for member in each.get("properties", {}).values()):
                yield from _leaves(each, schema, f"{prefix}{name}.NAME.")


def _resolved(node: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema node with its reference filled in."""
    reference = node.get("$ref")
    return {**schema["$defs"][reference.rsplit("/", 1)[1]], **node} if reference else dict(node)


def _values(node: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """The values that a key takes, in words."""
    if "enum" in node:
        return ", ".join(f"`{value}`" for value in node["enum"])
    if "anyOf" in node:
        return " or ".join(_values(_resolved(each, schema), schema) for each in node["anyOf"])
    if node["type"] == "array":
        items = _values(_resolved(node["items"], schema), schema)
        return f"list of ({items})" if " or " in items else f"list of {items}"
    bounds = {"minimum": ">= ", "exclusiveMinimum": "> ", "maximum": "<= ", "exclusiveMaximum": "< "}
    limits = [sign + str(node[key]) for key, sign in bounds.items() if key in node]
    kind = node.get("title") or {"object": "mapping", "string": "text"}.get(str(node["type"]), str(node["type"]))
    return f"{kind} {' and '.join(limits)}".strip()


def _default(config: Mapping[str, Any], key: str) -> str:
    """The default as YAML takes it (1e-05 would be text), `null` for what a table or figure that is left out has."""
    value: Any = config
    for part in key.split("."):
        value = (value or {}).get(part)
    return format(Decimal(str(value)), "f") if isinstance(value, float) else json.dumps(value)


def listable() -> str:
    """The formats of own lists, in the order in which they are tried."""
    rows = [f"| `{name}` | {each.what} |" for name, each in formats.FORMATS.items()]
    return "\n".join(["| format | is |", "|---|---|", *rows])


def columns() -> str:
    """The columns of own lists and their other names."""
    rows = [f"| `{name}` | {', '.join(f'`{other}`' for other in others)} |" for name, others in FIELDS.items()]
    return "\n".join(["| column | other names |", "|---|---|", *rows])


BLOCKS: Mapping[str, Callable[[], str]] = {
    "audit": audited,
    "benchmarks": benchmarks,
    "collapse": collapse,
    "columns": columns,
    "comparison": comparison,
    "comparison_others": comparison_others,
    "comparison_paper": comparison_paper,
    "corpora_cited": corpora_cited,
    "corpora_files": corpora_files,
    "found_corpora": found_corpora,
    "formats": listable,
    "inputs": inputs,
    "left_out": left_out,
    "methods": listed,
    "proportions": proportions,
    "remedies": remedies,
    "sensitivity": sensitivity,
    "settings": settings,
    "source_statistics": source_statistics,
    "summary": summary,
}


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
