"""Training curves of all methods on one target, as PNG, SVG and the plotted numbers."""

from nnpm.job import job
from nnpm.rendering import drawing
from nnpm.rendering.diagnostics import curves, histories
from nnpm.rendering.tables import Study

with job(snakemake.log[0]):
    target = snakemake.wildcards.target
    plotted = curves.numbers(histories.load(snakemake.input.metrics), target, Study(**snakemake.params.study))
    words = curves.describe(plotted)
    drawing.publish(curves.draw(plotted, target), plotted, curves.title(target), words, snakemake.output)
