"""Blocks of these pages that are made from what the library and the configuration declare; see refresh.py."""

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from textwrap import fill
from typing import Any

import pandas as pd
import yaml

from nnpm import CLASSES, corpora
from nnpm.corpora.lists import formats
from nnpm.corpora.lists.columns import FIELDS
from nnpm.corpora.named import Named
from nnpm.corpora.offers import total
from nnpm.methods import table as methods
from nnpm.reporting import audit

ROOT = Path(__file__).parents[1]


def audited() -> str:
    """The audit of the paper's numbers, its topics one level below a section."""
    _, _, text = audit.to_markdown(audit.audit()).partition("\n")
    return text.strip().replace("\n## ", "\n### ")


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
    "columns": columns,
    "corpora_cited": corpora_cited,
    "corpora_files": corpora_files,
    "formats": listable,
    "found_corpora": found_corpora,
    "methods": listed,
    "settings": settings,
}
