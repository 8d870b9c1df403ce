"""config/README.md, made from the schema: `python -m nnpm.workflow.config_readme > config/README.md`."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from textwrap import fill
from typing import Any

import yaml

from nnpm.methods import table
from nnpm.workflow.config import Config


def render(schema: Path, defaults: Path) -> str:
    """The text of config/README.md: every key with its default, values and meaning, from the schema."""
    content = yaml.safe_load(schema.read_text(encoding="utf-8"))
    config = yaml.safe_load(defaults.read_text(encoding="utf-8"))
    rows = [
        f"| `{key}` | `{_default(_look_up(config, key))}` | {_values(node, content)} | {node.get('description', '')} |"
        for key, node in _leaves(content)
    ]
    names = ", ".join(f"`{name}`" for name in table.METHODS)
    page = _README.format(methods=fill(f"A *method* is one of {names}.", 120))
    return "\n".join([page, "| key | default | values | meaning |", "|---|---|---|---|", *rows, ""])


_README = """# Configuration

`config.yaml` holds the paper's settings. An overlay holds only the keys that differ and is given on the command line;
several are applied in order:

    snakemake --configfile config/open.yaml my.yaml --cores 8 all

`open.yaml` compares all methods on corpora that need no licence form; `comparison.yaml` compares them in the paper's
study; `open-speakers.yaml` (after `open.yaml`) and `paper-speakers.yaml` use speaker-independent splits;
`sensitivity.yaml` (after `open.yaml`) tries every reading of what the paper leaves open; `toy.yaml` is the study on
synthetic speech. The environment variable `NNPM_CORPORA_DIR` overrides only the default of `corpora_dir`. Unknown keys,
values of the wrong type or range, and keys that contradict each other stop the study before anything runs, with one
line that names the key. Write lists into a file: values of `--config` on the command line are text.

A corpus of your own is a CSV file with the columns `path,label,speaker` (optional `gender`, and `split` as train,
validation or test for all rows or none). Paths are relative to the file. Labels are angry, happy, sad or neutral; an
empty label means unlabelled. Rows with any other label are left out and counted:

    name: mystudy                          # results are in results/mystudy
    manifests: {{mylanguage: data/mylanguage.csv}}
    targets: [mylanguage]
    tables: {{table2: null, table3: null}}   # they show a corpus that is no longer a target
    figures: {{figure2: null}}

{methods}

This page is made from `workflow/schemas/config.schema.yaml` by `make config-readme`.
"""


def _resolve(node: Config, content: Config) -> dict[str, Any]:
    """A schema node with its reference resolved."""
    reference = node.get("$ref")
    return {**content["$defs"][reference.rsplit("/", 1)[1]], **node} if reference else dict(node)


def _leaves(content: Config, node: Config | None = None, prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key that holds a value, dotted, in the order of the schema."""
    for name, child in (node or content)["properties"].items():
        resolved = _resolve(child, content)
        if "properties" in resolved:
            yield from _leaves(content, resolved, f"{prefix}{name}.")
        else:
            yield prefix + name, resolved


def _values(node: Config, content: Config) -> str:
    """The values that a key takes, in words."""
    if "enum" in node:
        return ", ".join(f"`{value}`" for value in node["enum"])
    if node["type"] == "array":
        return f"list of {_values(_resolve(node['items'], content), content)}"
    bounds = {"minimum": ">= ", "exclusiveMinimum": "> ", "maximum": "<= ", "exclusiveMaximum": "< "}
    limits = [sign + str(node[key]) for key, sign in bounds.items() if key in node]
    kind = node.get("title") or {"object": "mapping", "string": "text"}.get(str(node["type"]), str(node["type"]))
    return f"{kind} {' and '.join(limits)}".strip()


def _default(value: Any) -> str:
    """A value in YAML notation, in which 1e-05 would be text."""
    return format(Decimal(str(value)), "f") if isinstance(value, float) else json.dumps(value)


def _look_up(config: Config, key: str) -> Any:
    """The default of a key; None if it has none or its table or figure is left out."""
    value: Any = config
    for part in key.split("."):
        value = (value or {}).get(part)
    return value


if __name__ == "__main__":
    print(render(Path("workflow/schemas/config.schema.yaml"), Path("config/config.yaml")), end="")
