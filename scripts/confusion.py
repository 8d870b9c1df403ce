"""Confusion matrices of all methods on one target, as PNG, SVG and the plotted numbers."""

from nnpm.reporting import drawing, metrics
from nnpm.reporting.diagnostics import confusion
from nnpm.reporting.evidence import Evidence
from nnpm.reporting.tables import Study
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files, target, study = snakemake.input, snakemake.wildcards.target, Study(**snakemake.params.study)
    evidence = Evidence(metrics.predictions_frame(files.metrics, files.predictions))
    plotted = confusion.numbers(metrics.metrics_frame(files.metrics), evidence, target, study)
    words = confusion.describe(plotted)
    drawing.publish(confusion.draw(plotted, target), plotted, confusion.title(target), words, snakemake.output)
