"""Checks of the configuration before anything runs; an error is one line that names the key.

Imported while the workflow is being planned, so it stays light: no torch, no pandas.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any, cast

import yaml
from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError, best_match

from nnpm import corpora
from nnpm.corpora import pools
from nnpm.corpora.lists import formats
from nnpm.errors import InputError, suggest
from nnpm.features import settings
from nnpm.features import table as features
from nnpm.methods.table import METHODS
from nnpm.reporting.figures.table import FIGURES
from nnpm.workflow import variants

#: Tables and pages, each with a rule that makes it for one source.
_MADE = ("table1", "table2", "table3", "front_ends", "comparison", "choice", "sensitivity", "report")

#: Names of rules, which no corpus may have since each target is a rule as well.
RESERVED = frozenset(
    {"all", "download", "check", "extract", "functionals", "corpora", "features"}
    | {"pretrain_seed", "pretrain", "encode", "adapt", "classify", "metrics"}
    | {
        "table1",
        "table2",
        "table3",
        "front_ends",
        "comparison",
        "source_table",
        "choice",
        "sensitivity",
        "matrix",
        "audit",
    }
    | {"make_target", *(f"make_{name}" for name in _MADE)}
    | {"pools", "report", "model_cards", *FIGURES, *(f"draw_{name}" for name in FIGURES)}
)

#: Names of other tables and figures, which no target may have either.
TAKEN = frozenset({"comparisons", "source", "diagnostics", "sensitivity-best", pools.OTHERS})

#: The longest name of a source: names of files have 255 bytes at most, and a page is `.report-NAME.html.part` first.
_LONGEST = 255 - len(".report-.html.part")

Config = Mapping[str, Any]


_LARGEST = 1e300  # excludes NaN, infinity and whole numbers too large for a float


def _is_number(_: object, value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST


#: JSON Schema accepts 50.0 as an integer, and YAML has .nan and .inf; here none of them is valid.
_VALIDATOR = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many(
        {"number": _is_number, "integer": lambda _, value: isinstance(value, int) and not isinstance(value, bool)}
    ),
)


def typed(config: Config, schema: Path, arguments: Iterable[str] = ()) -> dict[str, Any]:
    """Return the configuration with text as what the schema wants instead: a number, a truth value, null.

    Snakemake takes what `--config` is given (`arguments`, as in `note=5`) for a number, `True`, `False` or text; where
    the schema wants text, the argument is taken as it was written. A value that fits no type stays as it is.
    """
    node = yaml.safe_load(schema.read_text(encoding="utf-8"))
    definitions, found = node["$defs"], dict(config)
    for key, _, text in (argument.partition("=") for argument in arguments):
        kinds = _types(node["properties"].get(key, {}), definitions)
        is_list = isinstance(found.get(key), list) and "array" in kinds
        if key in found and "string" in kinds and not isinstance(found[key], str) and not is_list:
            found[key] = text
    result: dict[str, Any] = _typed(found, node, definitions)
    return result


def _typed(value: Any, node: Config, definitions: Config) -> Any:
    kinds = _types(node, definitions)
    if isinstance(value, str) and kinds and "string" not in kinds:
        value = _read(value, kinds)
    if isinstance(value, Mapping) and (kind := kinds.get("object")):
        known, other = kind.get("properties", {}), kind.get("additionalProperties")
        parts = {key: known.get(key, other if isinstance(other, Mapping) else {}) for key in value}
        return {key: _typed(value[key], part, definitions) for key, part in parts.items()}
    if isinstance(value, list) and (kind := kinds.get("array")):
        return [_typed(item, kind.get("items", {}), definitions) for item in value]
    return value


def _types(node: Config, definitions: Config) -> dict[str, Config]:
    """The types that a part of the schema allows, each with the part that describes it; empty if it names none."""
    found: dict[str, Config] = {}
    if "$ref" in node:
        found |= _types(definitions[node["$ref"].rpartition("/")[2]], definitions)
    for choice in (*node.get("anyOf", ()), *node.get("oneOf", ())):
        found |= _types(choice, definitions)
    names = node.get("type", ["string"] * any(isinstance(value, str) for value in node.get("enum", ())))
    return found | dict.fromkeys([names] if isinstance(names, str) else names, node)


def _read(text: str, kinds: Iterable[str]) -> Any:
    """The text as YAML reads it, or a number like 1e-3, which YAML takes for text."""
    try:
        value = yaml.safe_load(text)
        return float(value) if isinstance(value, str) and {"number", "integer"} & set(kinds) else value
    except (yaml.YAMLError, ValueError):
        return text


def check(config: Config, schema: Path) -> None:
    """Raise InputError, one line naming the key, if `config` does not follow `schema` or contradicts itself."""
    validator = _validator(schema)
    for complaint in _complaints(config, validator):
        raise InputError(f"config: {complaint}")
    readings = (config["figures"]["sensitivity"] or {}).get("readings", {})
    descriptions = (config["tables"]["front_ends"] or {}).get("variants", {})
    for key, titled in (("figures.sensitivity.readings", readings), ("tables.front_ends.variants", descriptions)):
        for title, values in titled.items():
            for complaint in _complaints(variants.merged(config, values), validator):
                raise InputError(f"config: {key}, {title!r}: {complaint}")


@cache
def _validator(schema: Path) -> Any:
    return _VALIDATOR(yaml.safe_load(schema.read_text(encoding="utf-8")))


def _complaints(config: Config, validator: Any) -> list[str]:
    """The errors, one line each; contradictions are checked only if the schema is followed."""
    error = best_match(validator.iter_errors(config))
    return _contradictions(config) if error is None else [_describe(error)]


def _describe(error: ValidationError) -> str:
    """One line for a schema violation, such as `adaptation.threshold: 2 is ...`."""
    key = ".".join(str(part) for part in error.absolute_path)
    if error.validator == "additionalProperties":
        known = cast(Config, error.schema)["properties"]
        unknown = min(set(cast(Config, error.instance)) - set(known), key=str)
        return f"{'.'.join([*filter(None, [key]), str(unknown)])}: unknown key; {suggest(str(unknown), known)}"
    message = " ".join(error.message.split())
    if isinstance(error.instance, str) and re.fullmatch(r"[-+.\de]+", error.instance, re.IGNORECASE):
        message += " (this is text: write 0.001 instead of 1e-3)"
    if error.validator == "type" and error.validator_value == "string" and isinstance(error.instance, int | float):
        message += "; put it in quotes"
    return f"{key}: {message}" if key else message


def _entries(config: Config) -> list[str | list[str]]:
    """The entries of `source`, which may be a single one."""
    return [config["source"]] if isinstance(config["source"], str) else config["source"]


def _pairing(config: Config) -> Iterable[str]:
    """Complaints about sources that are named twice, or that go with no target."""
    for entry in _entries(config):
        names = [] if isinstance(entry, str) else entry
        if twice := [name for name in names if names.count(name) > 1]:
            yield f"source: {twice[0]!r} is twice in the pool {names}; name it once"
        if pools.OTHERS in names:
            yield f"source: {pools.OTHERS!r} cannot be pooled; make it an entry of its own"
    sources, targets = pools.listed(config["source"]), config["targets"]
    if twice := [name for name in sources if sources.count(name) > 1]:
        named = " + ".join(map(repr, pools.members(twice[0]))) or repr(twice[0])
        yield f"source: {named} is named twice; name each source once"
    study = {*targets, *(name for source in sources for name in pools.members(source))}
    pairs = [(source, target, pools.of_target(source, target, study)) for source in sources for target in targets]
    for source in sources:
        if not any(learned for one, _, learned in pairs if one == source):
            yield (
                f"source: {pools.OTHERS!r} needs two corpora or more, this study has {', '.join(study)}"
                if source == pools.OTHERS
                else f"targets: {targets[0]!r} is the source, it cannot be its own target; add another target or source"
                if source == targets[0] and len(sources) == 1
                else f"source: {source!r} has every target in it, so no pair is left; add a target, or leave it out"
            )
    for target in targets:
        if len(sources) > 1 and not any(learned for _, one, learned in pairs if one == target):
            yield f"targets: no source is left for {target!r}; add a source without it"
    for first, second in combinations(sources, 2):
        if [pair[2] for pair in pairs if pair[0] == first] == [pair[2] for pair in pairs if pair[0] == second]:
            yield f"source: {second!r} is the same as {first!r} for every target of this study; leave one out"
    if len(sources) == 1 and (own := [target for target in targets if target in pools.members(sources[0])]):
        yield f"targets: {own[0]!r} is the source, it cannot be a target as well"
    for _, target, learned in pairs:
        if learned and len(learned) > _LONGEST:
            count = len(pools.members(learned))
            yield f"source: the names of {count} corpora, for {target!r}, are too long for a folder; pool fewer"


def _models(config: Config) -> list[str]:
    """Complaints about the front end, and about the models that may be one."""
    found, name = [], config["features"]["front_end"]
    if name not in (known := {*features.FRONT_ENDS, *config["front_ends"]}):
        found.append(f"features.front_end: unknown front end {name!r}; {suggest(name, known)} (models: key front_ends)")
    for name, entry in config["front_ends"].items():
        if name in features.FRONT_ENDS:
            found.append(f"front_ends.{name}: the name is taken, choose another")
        model, revision = entry["model"], entry.get("revision", "")
        if isinstance(layer := entry.get("layer", "mean"), str) and layer != "mean":
            found.append(f"front_ends.{name}.layer: {layer!r} is neither a number nor 'mean'")
        if features.is_folder(model):
            continue
        if model.count("/") != 1:
            found.append(f"front_ends.{name}.model: {model!r} is neither a folder nor a hub's ORGANISATION/NAME")
        elif not re.fullmatch("[0-9a-f]{40}", revision):
            found.append(
                f"front_ends.{name}.revision: {revision!r} is no commit; {model!r} is no folder here, and one of the "
                f"hub needs its commit, 40 hex digits: https://huggingface.co/{model}/commits/main"
            )
    return found


def _contradictions(config: Config) -> list[str]:
    """Contradictions between keys, which the schema cannot express."""
    found = []
    known = {*corpora.NAMES, *config["manifests"]}
    learned = [name for entry in _entries(config) for name in ([entry] if isinstance(entry, str) else entry)]
    for key, names in (("source", learned), ("targets", config["targets"])):
        for name in dict.fromkeys(names):
            if name not in known and not (key == "source" and name == pools.OTHERS):
                choices = known | {pools.OTHERS} if key == "source" else known
                found.append(
                    f"{key}: unknown corpus {name!r}; {suggest(name, choices)} (own corpora are named under manifests)"
                )
    for name, entry in config["manifests"].items():
        found += formats.contradictions(name, entry)
        if name in RESERVED | TAKEN or name in corpora.NAMES:
            found.append(f"manifests.{name}: the name is taken, choose another")
    found += _pairing(config)

    found += _models(config) + settings.contradictions(config["features"])

    tables, figures = config["tables"], config["figures"]
    naming = [(f"tables.{name}", table) for name, table in tables.items()]
    naming += [("figures.diagnostics", figures["diagnostics"])]
    for key, part in naming:
        for method in (part or {}).get("methods", []):
            if method not in METHODS:
                found.append(f"{key}.methods: unknown method {method!r}; {suggest(method, METHODS)}")
    chosen = [(f"tables.{name}.target", [tables[name]["target"]]) for name in ("table2", "table3") if tables[name]]
    chosen += [("figures.figure2.targets", figures["figure2"]["targets"])] if figures["figure2"] else []
    if (compared := tables["comparison"]) and compared["reference"] not in compared["methods"]:
        found.append(f"tables.comparison.reference: {compared['reference']!r} is not among its methods; add it there")
    if study := figures["sensitivity"]:
        chosen.append(("figures.sensitivity.targets", study["targets"]))
        for seed in sorted(set(study.get("seeds", [])) - set(config["seeds"])):
            found.append(f"figures.sensitivity.seeds: {seed} is not among seeds; change it, or leave the key out")
    if shown := figures["diagnostics"]:
        if "seed" in shown and shown["seed"] not in config["seeds"]:
            found.append(
                f"figures.diagnostics.seed: {shown['seed']} is not among seeds; change it, or leave the key out"
            )
        for method in shown["methods"]:
            if method in METHODS and METHODS[method].reads != "frames":
                found.append(f"figures.diagnostics.methods: {method!r} has no embeddings of a backbone; leave it out")
    for key, names in chosen:
        for name in names:
            if name not in config["targets"]:
                section = key.rsplit(".", 1)[0]
                found.append(
                    f"{key}: {name!r} is not among targets; change it, or set {section} to null to leave it out"
                )
    return found
