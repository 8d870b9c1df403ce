"""The tables, figures and pages of each source of a study.

Imported while the workflow is planned, so it stays light: no torch, no pandas.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from nnpm.corpora import Corpus
from nnpm.features import table as features
from nnpm.workflow import drawing
from nnpm.workflow.plan import Plan, files_in


def caption(plan: Plan, corpora: Mapping[str, Corpus], source: str) -> dict[str, Any]:
    """The facts that captions name, as `reporting.study.Study` takes them."""
    config = plan.config
    return {
        "name": config["name"],
        "source": source,
        "note": config["note"],
        "protocol": config["splits"]["protocol"],
        "description": features.sentence(config),
        "titles": {name: corpus.title for name, corpus in corpora.items()},
    }


def tables(plan: Plan, source: str) -> list[str]:
    """The names of the files in a source's tables/, without the ending."""
    shown = plan.shown[source]
    names = [*drawing.tables(plan, source), *plan.pairs(source), "source"]
    return names + ["choice"] * bool(plan.watched(source)) + ["sensitivity"] * ("sensitivity" in shown)


def figures(plan: Plan, source: str) -> list[str]:
    """The names of the files in a source's figures/, without the ending."""
    drawn = [stem for name in drawing.drawn(plan, source) for stem in drawing.stems(plan, source, name)]
    return drawn + ["sensitivity"] * ("sensitivity" in plan.shown[source])


def table_files(plan: Plan, name: str, *endings: str) -> list[str]:
    """The files of a table, of every source that has it."""
    return [
        f"{drawing.folder(plan, 'tables', source)}/{name}.{ending}"
        for source in plan.sources
        if name in tables(plan, source)
        for ending in endings
    ]


def figure_files(plan: Plan, name: str) -> list[str]:
    """The pictures of a figure, of every source and target that has it."""
    return [
        f"{drawing.folder(plan, 'figures', source)}/{stem}.svg"
        for source in plan.sources
        if name in drawing.drawn(plan, source)
        for stem in drawing.stems(plan, source, name)
    ]


def everything(plan: Plan) -> Iterator[str]:
    """Yield a file of each table and figure of every source."""
    for source in plan.sources:
        yield from (f"{drawing.folder(plan, 'tables', source)}/{name}.md" for name in tables(plan, source))
        yield from (f"{drawing.folder(plan, 'figures', source)}/{name}.svg" for name in figures(plan, source))


def pages(plan: Plan) -> dict[str, str]:
    """The source of each page, by the name of its file without the ending; the first is the study's own."""
    return {f"report-{source}" if number else "report": source for number, source in enumerate(plan.sources)}


def page(plan: Plan, source: str) -> dict[str, Any]:
    """The input files of a source's page, but for those that all pages share."""
    runs, pretrained = plan.of_source(source), plan.own_pretrained(source)
    drawn = [f"{drawing.folder(plan, 'figures', source)}/{name}" for name in figures(plan, source)]
    return {
        "runs": plan.files(runs, "metrics.json"),
        "predictions": plan.files(runs, "predictions.csv"),
        "pretrained": files_in(pretrained, "metrics.json"),
        "source_predictions": files_in(pretrained, "predictions.csv"),
        "figures": [f"{path}.svg" for path in drawn],
        "numbers": [f"{path}.csv" for path in drawn],
        "words": [f"{path}.json" for path in drawn],
        "choice": f"{drawing.folder(plan, 'tables', source)}/choice.json" if plan.watched(source) else [],
        "sensitivity": next((f"{path}.json" for path in drawn if path.endswith("/sensitivity")), []),
    }
