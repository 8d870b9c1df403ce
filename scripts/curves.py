"""Training curves of all methods on one target, as PNG, SVG and the plotted numbers."""

from nnpm.reporting import drawing
from nnpm.reporting.diagnostics import curves, histories
from nnpm.reporting.tables import Study
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    target = snakemake.wildcards.target
    plotted = curves.numbers(histories.load(snakemake.input.metrics), target, Study(**snakemake.params.study))
    words = curves.describe(plotted)
    drawing.publish(curves.draw(plotted, target), plotted, curves.title(target), words, snakemake.output)
