"""The whole study in one HTML file that needs nothing beside itself."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from nnpm import corpora
from nnpm.files import read_csv, read_json, write_text
from nnpm.job import job
from nnpm.rendering import figure2, metrics, report, tables

PACKAGES = ("torch", "librosa", "numpy", "pandas", "scikit-learn", "snakemake")

with job(snakemake.log[0]):
    files, config = snakemake.input, snakemake.params.settings
    study = tables.Study(**snakemake.params.study)
    frame = metrics.metrics_frame(files.runs)
    names = [config["source"], *config["targets"]]
    shown = config["tables"]
    figure = config["figures"]["figure2"]
    drawn = frame[frame["threshold"].isin(figure["thresholds"])] if figure else frame
    context = report.Context(
        study=study,
        targets=config["targets"],
        methods=shown["table1"]["methods"],
        metrics=frame,
        tables=[
            tables.table1(frame, targets=config["targets"], study=study, **shown["table1"]),
            *([tables.table2(frame, study=study, **shown["table2"])] if shown["table2"] else []),
            *([tables.table3(frame, study=study, **shown["table3"])] if shown["table3"] else []),
        ],
        plotted=figure2.numbers(drawn, figure["targets"], study) if figure else None,
        figure_svg=Path(files.figure2[1]).read_text(encoding="utf-8") if figure else "",
        pretrained=[
            read_json(path) | {"checkpoint_used": config["pretraining"]["checkpoint"]} for path in files.pretrained
        ],
        findings=pd.read_csv(files.audit, dtype=str, keep_default_na=False),
        corpora=[
            report.CorpusPart(
                corpus=corpora.get(name, config["manifests"].get(name)),
                role="source" if name == config["source"] else "target",
                manifest=read_csv(manifest),
                check=Path(check).read_text(encoding="utf-8"),
            )
            for name, manifest, check in zip(names, files.manifests, files.checks, strict=True)
        ],
        settings=config,
        versions={"Python": platform.python_version()} | {name: version(name) for name in PACKAGES},
        machine={"system": platform.platform(), "cores": str(os.cpu_count())},
    )
    write_text(snakemake.output[0], report.render(context))
