"""One figure as PNG and SVG, with the plotted numbers as CSV and its caption and description as JSON."""

from nnpm.reporting import drawing
from nnpm.reporting.figures import base
from nnpm.reporting.study import Study
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    name, content, study = snakemake.params.figure, snakemake.params.content, Study(**snakemake.params.study)
    figure = base.load(name, content)
    plotted = figure.numbers(base.Given(study, snakemake.input))
    words = base.words(name, content.get("target", ""), figure.describe(plotted, study), study)
    drawing.publish(figure.draw(plotted, study), plotted, words, snakemake.output)
