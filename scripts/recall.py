"""Recall of each class with its interval, all methods on one target, as PNG, SVG and the plotted numbers."""

from nnpm.reporting import drawing, metrics
from nnpm.reporting.diagnostics import recall
from nnpm.reporting.evidence import Evidence
from nnpm.reporting.tables import Study
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files, target, study = snakemake.input, snakemake.wildcards.target, Study(**snakemake.params.study)
    evidence = Evidence(metrics.predictions_frame(files.metrics, files.predictions))
    plotted = recall.numbers(metrics.metrics_frame(files.metrics), evidence, target, study)
    words = recall.describe(plotted)
    drawing.publish(recall.draw(plotted, target), plotted, recall.title(target), words, snakemake.output)
