"""Contents of tables and figures, and the input files of figures; `source` is always one of the plan's sources."""

from typing import Any

from nnpm.corpora import pools
from nnpm.features import table as features
from nnpm.methods.table import METHODS
from nnpm.reporting.figures.table import FIGURES
from nnpm.workflow.plan import Plan, Run


def folder(plan: Plan, kind: str, source: str = "{source}") -> str:
    """The folder of a source's "tables", "figures", "logs" or "benchmarks"; by default with a wildcard.

    With one source they lie in tables/ and figures/; each of several sources has a folder of its own in these.
    """
    return f"{plan.root}{kind}" + (f"/{source}" if len(plan.sources) > 1 else "")


def drawn(plan: Plan, source: str) -> list[str]:
    """The figures that the configuration asks for, as far as the source goes with their targets."""
    return [name for name, entry in FIGURES.items() if entry.shows in plan.shown[source]]


def stem(name: str) -> str:
    """The name of a figure's files, without the ending; with a placeholder where there is one per target."""
    return f"{name}-{{target}}" if FIGURES[name].per_target else name


def stems(plan: Plan, source: str, name: str) -> list[str]:
    """The names of all files of a figure, without the ending."""
    if not FIGURES[name].per_target:
        return [name]
    return [stem(name).format(target=target) for target in plan.pairs(source)]


def inputs(plan: Plan, source: str, name: str, target: str | None) -> dict[str, Any]:
    """The input files of a figure, by the names in its declaration."""
    runs, pairs = plan.shown[source][FIGURES[name].shows], plan.pairs(source)
    if target:
        runs = [run for run in runs if run.target == target]
    found: dict[str, Any] = {
        "metrics": plan.files(runs, "metrics.json"),
        "predictions": plan.files(runs, "predictions.csv"),
        "histories": plan.files(runs, "history.csv"),
        "source_manifests": list(dict.fromkeys(path for one in pairs.values() for path in plan.manifests(one))),
        "target_manifests": [plan.manifest(name) for name in pairs],
        "tests": f"{folder(plan, 'tables', source)}/comparisons.csv",
    }
    if target and "before" in FIGURES[name].needs:
        start = Run(pairs[target], target, "", "default", embedded_seed(plan))
        found |= {
            "source": plan.inputs(pools.members(start.source), start),
            "source_manifests": plan.manifests(start.source),
            "source_descriptions": plan.descriptions_of(pools.members(start.source), start.variant),
            "target_description": plan.features_file(target, start.variant, "json"),
            "target": plan.inputs([target], start)[0],
            "target_manifest": plan.manifest(target),
            "before": plan.checkpoint(start.source, start.variant, start.seed),
            "after": plan.files(embedded(plan, source, target), "backbone.safetensors"),
        }
    return {key: found[key] for key in FIGURES[name].needs}


def content(plan: Plan, source: str, name: str, target: str | None) -> dict[str, Any]:
    """The parameters of a figure, for its `Drawing`."""
    pairs = plan.pairs(source)
    if name == "figure2":
        variants = [[value, variant.name] for value, variant in plan.thresholds.items()]
        return {"targets": [one for one in plan.figures["figure2"]["targets"] if one in pairs], "variants": variants}
    if name == "memory":
        return {"targets": list(pairs), "methods": plan.figures["diagnostics"]["methods"]}
    if name == "embedding":
        return {
            "target": target,
            "methods": plan.figures["diagnostics"]["methods"],
            "seed": embedded_seed(plan),
            "freeze": plan.config["adaptation"]["freeze"],
            "backbone": plan.config["backbone"],
            "device": "cpu",  # one pass over two corpora
            "threads": plan.config["threads"],
        }
    return {"target": target} if target else {}


def tables(plan: Plan, source: str) -> dict[str, dict[str, Any]]:
    """The keyword arguments of each table, by name; tables that are left out are absent."""
    chosen, targets, shown = plan.tables, list(plan.pairs(source)), plan.shown[source]
    found = {"table1": {"methods": chosen["table1"]["methods"], "targets": targets}}
    if "table2" in shown:
        found["table2"] = chosen["table2"]
    if "table3" in shown:
        variants = [[count, variant.name] for count, variant in plan.frozen.items()]
        found["table3"] = {"target": chosen["table3"]["target"], "variants": variants}
    if "front_ends" in shown:
        found["front_ends"] = {"rows": _described(plan), "targets": targets}
    if "comparison" in shown:
        found["comparison"] = {**chosen["comparison"], "targets": targets}
    return found


def _described(plan: Plan) -> list[list[str]]:
    """The rows of the table of front ends: description, method, variant.

    A method that several descriptions give the same has one row, titled by what it reads of them.
    """
    rows: dict[tuple[str, str], list[str]] = {}
    for method in plan.tables["front_ends"]["methods"]:
        for title, variant in plan.descriptions:
            part, config = variant.of_method(method, plan.config), variant.settings(plan.config)
            if part.name != variant.name or (METHODS[method].reads == "functionals" and not variant.changes):
                title = features.brief(config, METHODS[method].reads == "functionals")
            rows.setdefault((method, part.name), [title, method, part.name])
    return list(rows.values())


def table(plan: Plan, source: str, name: str) -> dict[str, Any]:
    """The keyword arguments of one table; `name` may be a target, which has one of its own."""
    if name in plan.targets:
        return {"methods": plan.tables["table1"]["methods"], "target": name}
    return tables(plan, source)[name]


def plain_tables(plan: Plan) -> dict[str, dict[str, str]]:
    """The labels of each table that nothing but runs makes, by the name of its files; {target} is any target."""
    paper = {"table1": "all"} | {name: (plan.tables[name] or {}).get("target", "") for name in ("table2", "table3")}
    paper |= {"front_ends": "all"} if plan.tables["front_ends"] else {}
    found = {name: {"target": target, "table": name} for name, target in paper.items() if target}
    return found | {"{target}": {"target": "{target}", "table": "target"}}


def source_label(plan: Plan) -> dict[str, str]:
    """The label of a source's tables and figures in Snakemake's report, if there are several sources."""
    return {"source": "{source}"} if len(plan.sources) > 1 else {}


def sensitivity_targets(plan: Plan, source: str) -> list[str]:
    """The targets of the sensitivity study that go with a source."""
    return [target for target in plan.figures["sensitivity"]["targets"] if target in plan.pairs(source)]


def embedded_seed(plan: Plan) -> int:
    """The seed of the runs whose embeddings are shown."""
    seed: int = plan.figures["diagnostics"].get("seed", plan.config["seeds"][0])
    return seed


def embedded(plan: Plan, source: str, target: str) -> list[Run]:
    """The runs whose embeddings are shown, in the order of their methods."""
    return plan.of(source, [target], plan.figures["diagnostics"]["methods"], seeds=[embedded_seed(plan)])
