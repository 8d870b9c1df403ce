"""Confusion matrices of all methods on one target, as PNG, SVG and the plotted numbers."""

from nnpm.job import job
from nnpm.rendering import drawing, metrics
from nnpm.rendering.diagnostics import confusion
from nnpm.rendering.evidence import Evidence
from nnpm.rendering.tables import Study

with job(snakemake.log[0]):
    files, target, study = snakemake.input, snakemake.wildcards.target, Study(**snakemake.params.study)
    evidence = Evidence(metrics.predictions_frame(files.metrics, files.predictions))
    plotted = confusion.numbers(metrics.metrics_frame(files.metrics), evidence, target, study)
    words = confusion.describe(plotted)
    drawing.publish(confusion.draw(plotted, target), plotted, confusion.title(target), words, snakemake.output)
