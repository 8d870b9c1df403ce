"""All sources by all targets: a figure, and a table with intervals."""

import pandas as pd

from nnpm import pages
from nnpm.files import PREDICTIONS, read_csv, write_text
from nnpm.reporting import drawing, metrics
from nnpm.reporting.evidence import Evidence
from nnpm.reporting.matrix import figure, pairs, text
from nnpm.reporting.study import Study
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files, params, output = snakemake.input, snakemake.params, snakemake.output
    study = Study(**params.study)
    frame = metrics.metrics_frame(files.runs)
    evidence = Evidence(metrics.predictions_frame(files.runs, files.predictions))
    within = {}
    for (method, corpus, seed), path in zip(params.within, files.within, strict=True):
        within.setdefault((method, corpus), []).append(read_csv(path, PREDICTIONS).assign(seed=seed))
    within = {key: pd.concat(tables) for key, tables in within.items()}
    plotted = pairs.numbers(frame, evidence, within, params.methods, params.sources, params.targets, study)
    page, words = text.page(plotted, study), text.words(plotted, study)
    drawing.publish(figure.draw(plotted, study), plotted, words, output, {"sections": pages.to_json(page)})
    write_text(output.md, pages.to_markdown(page))
