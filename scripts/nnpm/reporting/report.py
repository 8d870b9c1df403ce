"""The report: one self-contained HTML file with everything that a study found."""

import base64
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
import yaml
from markupsafe import Markup

from nnpm import CLASSES, pages, templates
from nnpm.corpora.base import Corpus
from nnpm.methods import table as methods
from nnpm.reporting import audit, comparison, intervals, paper, summaries, writers
from nnpm.reporting.audit.statements import unswapped
from nnpm.reporting.cells import Table
from nnpm.reporting.drawing import Illustration
from nnpm.reporting.evidence import Evidence
from nnpm.reporting.readings import readings, stated
from nnpm.reporting.study import Study
from nnpm.reporting.tables import target_table

#: Allows the page its own script, styles and pictures, all inside the file, and nothing else.
_POLICY = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; img-src data:; base-uri 'none'; form-action 'none'"
)

#: Where the scale of an interval plot begins and ends, in the units of its SVG.
_PLOT = (150, 350)

#: Figures that have a section of their own.
_APART = ("figure2", "gains", "sensitivity")

#: The sections of a page as JSON holds them (`pages.to_json`).
Page = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class CorpusPart:
    """A corpus in the study: its description, its role ("source" or "target"), its manifest and its check."""

    corpus: Corpus
    role: str
    manifest: pd.DataFrame
    check: Page


@dataclass(frozen=True)
class Context:
    """Everything the report shows.

    `metrics` is the frame of `metrics.metrics_frame`, `evidence` the same runs' predictions; `methods` are those of
    Table 1. `comparison` is the table of all methods, None if the study has none. `choice` and `sensitivity` are pages,
    empty if the study has none; `figures` are shown with the target that they are about. `matrix` and `matrix_page` are
    the figure and the tables of all sources by all targets, None and empty for a study of one source; `pages` are then
    the file names of all its pages, each with its source. `pools` is what its pools share. `pretrained` are the loaded
    metrics.json of pretraining, `source_predictions` those of their last checkpoints (`summaries.source_predictions`),
    `findings` the audit, `settings` the resolved config. `versions` names software, `machine` hardware.
    """

    study: Study
    targets: Sequence[str]
    methods: Sequence[str]
    metrics: pd.DataFrame
    evidence: Evidence
    tables: Sequence[Table]
    pretrained: Sequence[Mapping[str, Any]]
    source_predictions: pd.DataFrame
    findings: pd.DataFrame
    corpora: Sequence[CorpusPart]
    settings: Mapping[str, Any]
    versions: Mapping[str, str] = field(default_factory=dict)
    machine: Mapping[str, str] = field(default_factory=dict)
    comparison: Table | None = None
    choice: Page = ()
    sensitivity: Page = ()
    figures: Sequence[Illustration] = ()
    matrix: Illustration | None = None
    matrix_page: Page = ()
    pages: Mapping[str, str] = field(default_factory=dict)
    pools: Page = ()


def environment(study: Study) -> jinja2.Environment:
    """Return what the report's templates are rendered with."""
    made = templates.environment(Path(__file__).parent)
    made.filters |= {
        "decimals": decimals,
        "signed": lambda value: decimals(value, sign="+"),
        "duration": templates.duration,
        "score": writers.format_score,
        "interval": writers.format_interval,
        "corpus_title": study.title,
        "method_title": methods.title,
        "frame": lambda text: pd.read_csv(io.StringIO(text)).to_dict("records"),
        "csv": lambda table: table.cells.to_csv(index=False, float_format="%.6f", lineterminator="\n"),
        "csv_uri": lambda text: _uri("text/csv;charset=utf-8", text),
        "svg_uri": lambda text: _uri("image/svg+xml", text),
        "intervals": intervals.of_table,
        "x": lambda plot, value: f"{_PLOT[0] + (_PLOT[1] - _PLOT[0]) * plot.place(value):.1f}",
    }
    made.globals |= {
        "printed": writers.format_paper,
        "beside": writers.format_beside,
        "measured_heading": writers.MEASURED,
        "cited_heading": writers.CITED,
        "label_counts": summaries.label_counts,
    }
    return made


def render(context: Context) -> str:
    """Return the report as HTML; the same context gives the same text."""
    study, metrics, compared = context.study, context.metrics, context.comparison
    source = summaries.source_frame(context.pretrained, context.source_predictions)
    pretraining = source.assign(mean=source["test"]).to_dict("records")
    briefs = summaries.brief(metrics, context.evidence, context.targets, study)
    made = environment(study)
    plain = json.loads(json.dumps(context.settings, default=str))  # plain types, for YAML
    style = made.get_template("report.css.j2").render()
    script = made.get_template("report.js.j2").render()
    figures = {name: next((each for each in context.figures if each.words.name == name), None) for name in _APART}
    return made.get_template("report.html.j2").render(
        context=context,
        study=study,
        style=Markup(style),
        script=Markup(script),
        policy=_POLICY.format(style=templates.digest(style), script=templates.digest(script)),
        classes=CLASSES,
        methods=methods.ordered(metrics["method"]),
        proposed=methods.title(methods.PROPOSED),
        unadapted=methods.title(methods.UNADAPTED),
        seeds=sorted({int(seed) for seed in metrics["seed"]}),
        devices=sorted(set(metrics["device"].dropna()) - {""}),
        paper=paper,
        briefs=briefs,
        brief_plots=intervals.of_briefs(briefs, study),
        by_target=[
            (
                target_table(metrics, context.evidence, target, context.methods, study),
                target,
                summaries.confusions(metrics, target, context.methods, study),
                [figure for figure in context.figures if figure.words.target == target],
            )
            for target in context.targets
        ],
        figures=[each for each in context.figures if not each.words.target and each.words.name not in _APART],
        figure2=figures["figure2"],
        gains=figures["gains"],
        sensitivity_figure=figures["sensitivity"],
        swapped=_swapped(context.targets),
        tests=[]
        if compared is None or compared.tests.empty
        else pages.to_json(comparison.tests_page(compared.tests, study)),
        pretraining={
            "tbody": [row for row in pretraining if row["seed"] != "mean"],
            "tfoot": [row for row in pretraining if row["seed"] == "mean"],
        },
        source_interval=summaries.source_interval(source),
        parameters=sorted({int(run["parameters"]) for run in context.pretrained}),
        audit_introduction=audit.INTRODUCTION,
        topics=[(topic, rows.to_dict("records")) for topic, rows in context.findings.groupby("topic", sort=False)],
        stated=stated(context.settings),
        readings=readings(context.settings),
        settings=yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100),
        timings=summaries.timings(metrics, context.pretrained),
    )


def _uri(kind: str, text: str) -> str:
    """Return a text as a data URI, an address that needs no file."""
    return f"data:{kind};base64," + base64.b64encode(text.encode()).decode()


def _swapped(targets: Sequence[str]) -> tuple[str, float] | None:
    """A target whose columns the paper swaps, and its corrected difference in UA; None if there is none."""
    for target in targets:
        if printed := paper.TABLE1[methods.PROPOSED].get(target):
            before, after = (unswapped(method, target) for method in (methods.UNADAPTED, methods.PROPOSED))
            if after != printed:
                return target, after.ua - before.ua
    return None


def decimals(value: float, places: int = 1, sign: str = "") -> str:
    """Return a number with a fixed number of decimals and a true minus sign, "—" if it is missing."""
    return "—" if pd.isna(value) or math.isinf(value) else f"{value:{sign}.{places}f}".replace("-", "−")
