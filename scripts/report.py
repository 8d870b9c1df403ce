"""The whole study in one self-contained HTML file."""

import os
import platform
from importlib.metadata import version

from nnpm import corpora
from nnpm.files import read_csv, read_json, read_text, write_text
from nnpm.reporting import audit, comparison, drawing, metrics, report, summaries, tables
from nnpm.reporting.evidence import Evidence
from nnpm.reporting.study import Study
from nnpm.workflow.job import job

PACKAGES = ("torch", "librosa", "numpy", "pandas", "scikit-learn", "scipy", "soundfile", "soxr", "snakemake")


def processor():
    """The processor's name, or its architecture if the system gives no name."""
    try:
        lines = read_text("/proc/cpuinfo").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def sections(file):
    """The sections of a page; empty if the study lacks it, since Snakemake then gives an empty list."""
    return read_json(file, sections=list)["sections"] if file else []


with job(snakemake.log[0]):
    files, params = snakemake.input, snakemake.params
    config, contents, study = params.settings, params.tables, Study(**params.study)
    frame = metrics.metrics_frame(files.runs)
    evidence = Evidence(metrics.predictions_frame(files.runs, files.predictions))
    pretrained = [summaries.load_pretrained(path, config["pretraining"]["checkpoint"]) for path in files.pretrained]
    columns, compared = ("utterance", "path", "speaker", "label", "split", "seconds"), contents.get("comparison")
    context = report.Context(
        study=study,
        targets=params.targets,
        methods=contents["table1"]["methods"],
        metrics=frame,
        evidence=evidence,
        tables=[
            getattr(tables, name)(frame, evidence, study=study, **contents[name])
            for name in contents
            if name != "comparison"
        ],
        comparison=comparison.comparison(frame, evidence, study=study, **compared) if compared else None,
        figures=[drawing.load(*each) for each in zip(files.figures, files.words, files.numbers, strict=True)],
        choice=sections(files.choice),
        sensitivity=sections(files.sensitivity),
        pretrained=pretrained,
        source_predictions=summaries.source_predictions(pretrained, files.source_predictions),
        findings=audit.load(files.audit),
        corpora=[
            report.CorpusPart(
                corpus=corpora.get(name, config["manifests"].get(name)),
                role=read_json(check, role=str)["role"],
                manifest=read_csv(manifest, columns),
                check=sections(check),
            )
            for name, manifest, check in zip(study.titles, files.manifests, files.checks, strict=True)
        ],
        pools=sections(files.pools),
        matrix=drawing.load(files.matrix[0], files.matrix[1], files.matrix[2]) if files.matrix else None,
        matrix_page=sections(files.matrix[1]) if files.matrix else (),
        pages=params.pages,
        settings=config,
        versions={"Python": platform.python_version()} | {name: version(name) for name in PACKAGES},
        machine={"system": platform.platform(), "processor": processor(), "cores": str(os.cpu_count())},
    )
    write_text(snakemake.output[0], report.render(context))
