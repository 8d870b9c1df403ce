"""The whole study in one HTML file that needs nothing beside itself."""

import os
import platform
from importlib.metadata import version

from nnpm import corpora
from nnpm.files import read_csv, read_text, write_text
from nnpm.reporting import audit, comparison, drawing, figure2, metrics, report, summaries, tables
from nnpm.reporting.evidence import Evidence
from nnpm.workflow.job import job

PACKAGES = ("torch", "librosa", "numpy", "pandas", "scikit-learn", "scipy", "soundfile", "soxr", "snakemake")


def processor():
    """The processor's name, or its kind where the system does not tell."""
    try:
        lines = read_text("/proc/cpuinfo").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def text_of(file):
    """The text of a file; "" for one that the study lacks, in whose place Snakemake gives an empty list."""
    return read_text(file) if file else ""


with job(snakemake.log[0]):
    files, config = snakemake.input, snakemake.params.settings
    study = tables.Study(**snakemake.params.study)
    frame = metrics.metrics_frame(files.runs)
    predictions = metrics.predictions_frame(files.runs, files.predictions)
    evidence = Evidence(predictions)
    shared = {"metrics": frame, "known": evidence, "targets": config["targets"], "study": study}
    names = [config["source"], *config["targets"]]
    shown = config["tables"]
    figure = config["figures"]["figure2"]
    drawn = frame[frame["threshold"].isin(figure["thresholds"])] if figure else frame
    pretrained = [summaries.load_pretrained(path, config["pretraining"]["checkpoint"]) for path in files.pretrained]
    sources = summaries.source_predictions(pretrained, files.source_predictions)
    columns = ("utterance", "path", "speaker", "label", "split", "seconds")
    manifests = dict(zip(names, (read_csv(file, columns) for file in files.manifests), strict=True))
    context = report.Context(
        study=study,
        targets=config["targets"],
        methods=shown["table1"]["methods"],
        metrics=frame,
        evidence=evidence,
        tables=[
            tables.table1(frame, evidence, targets=config["targets"], study=study, **shown["table1"]),
            *([tables.table2(frame, evidence, study=study, **shown["table2"])] if shown["table2"] else []),
            *([tables.table3(frame, evidence, study=study, **shown["table3"])] if shown["table3"] else []),
        ],
        comparison=comparison.comparison(**shared, **shown["comparison"]) if shown["comparison"] else None,
        tests=comparison.tests(**shared, **shown["comparison"]) if shown["comparison"] else None,
        figures=[
            drawing.load(*each) for each in zip(files.figures, snakemake.params.captions, files.numbers, strict=True)
        ],
        plotted=figure2.numbers(drawn, evidence, figure["targets"], study) if figure else None,
        figure_svg=text_of(files.figure2[1]) if figure else "",
        choice=text_of(files.choice),
        sensitivity=text_of(files.sensitivity),
        pretrained=pretrained,
        source_predictions=sources,
        findings=audit.load(files.audit),
        corpora=[
            report.CorpusPart(
                corpus=corpora.get(name, config["manifests"].get(name)),
                role="source" if name == config["source"] else "target",
                manifest=manifests[name],
                check=text_of(check),
            )
            for name, check in zip(names, files.checks, strict=True)
        ],
        settings=config,
        versions={"Python": platform.python_version()} | {name: version(name) for name in PACKAGES},
        machine={"system": platform.platform(), "processor": processor(), "cores": str(os.cpu_count())},
    )
    write_text(snakemake.output[0], report.render(context))
