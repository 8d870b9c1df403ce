"""Contents of tables and figures, and the input files of figures."""

from typing import Any

from nnpm.reporting.figures.table import FIGURES
from nnpm.workflow.plan import Plan, Run, backbone_sizes


def drawn(plan: Plan) -> list[str]:
    """The figures that the configuration asks for."""
    return [name for name in FIGURES if plan.figures["figure2" if name == "figure2" else "diagnostics"]]


def stem(name: str) -> str:
    """The name of a figure's files, without the ending; with a placeholder where there is one per target."""
    return f"{name}-{{target}}" if FIGURES[name].per_target else name


def stems(plan: Plan, name: str) -> list[str]:
    """The names of all files of a figure, without the ending."""
    return [stem(name).format(target=target) for target in plan.targets] if FIGURES[name].per_target else [name]


def inputs(plan: Plan, name: str, target: str | None) -> dict[str, Any]:
    """The input files of a figure, by the names in its declaration."""
    runs = plan.shown["figure2" if name == "figure2" else "diagnostics"]
    if target:
        runs = [run for run in runs if run.target == target]
    found: dict[str, Any] = {
        "metrics": plan.files(runs, "metrics.json"),
        "predictions": plan.files(runs, "predictions.csv"),
        "histories": plan.files(runs, "history.csv"),
        "source_manifest": plan.manifest(plan.source),
        "target_manifests": [plan.manifest(name) for name in plan.targets],
    }
    if target and "before" in FIGURES[name].needs:
        start = (plan.source, "default", embedded_seed(plan))
        found |= {
            "source": plan.inputs_file(plan.source, *start),
            "target": plan.inputs_file(target, *start),
            "target_manifest": plan.manifest(target),
            "before": plan.checkpoint(*start),
            "after": plan.files(embedded(plan, target), "backbone.safetensors"),
        }
    return {key: found[key] for key in FIGURES[name].needs}


def content(plan: Plan, name: str, target: str | None) -> dict[str, Any]:
    """The parameters of a figure, for its `Drawing`."""
    if name == "figure2":
        variants = [[value, variant.name] for value, variant in plan.thresholds.items()]
        return {"targets": plan.figures["figure2"]["targets"], "variants": variants}
    if name == "memory":
        return {"targets": plan.targets, "methods": plan.figures["diagnostics"]["methods"]}
    if name == "embedding":
        return {
            "target": target,
            "methods": plan.figures["diagnostics"]["methods"],
            "seed": embedded_seed(plan),
            "freeze": plan.config["adaptation"]["freeze"],
            "backbone": backbone_sizes(plan.config),
            "device": "cpu",  # one pass over two corpora
            "threads": plan.config["threads"],
        }
    return {"target": target}


def tables(plan: Plan) -> dict[str, dict[str, Any]]:
    """The keyword arguments of each table, by name; tables that the configuration leaves out are absent."""
    chosen = plan.tables
    found = {"table1": {"methods": chosen["table1"]["methods"], "targets": plan.targets}}
    if chosen["table2"]:
        found["table2"] = chosen["table2"]
    if chosen["table3"]:
        variants = [[count, variant.name] for count, variant in plan.frozen.items()]
        found["table3"] = {"target": chosen["table3"]["target"], "variants": variants}
    if chosen["comparison"]:
        found["comparison"] = {**chosen["comparison"], "targets": plan.targets}
    return found


def embedded_seed(plan: Plan) -> int:
    """The seed of the runs whose embeddings are shown."""
    seed: int = plan.figures["diagnostics"].get("seed", plan.config["seeds"][0])
    return seed


def embedded(plan: Plan, target: str) -> list[Run]:
    """The runs whose embeddings are shown, in the order of their methods."""
    return plan.of([target], plan.figures["diagnostics"]["methods"], seeds=[embedded_seed(plan)])
