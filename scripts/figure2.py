"""Figure 2: UA of NNPM against the similarity threshold, as PNG, SVG and the plotted numbers."""

from nnpm.files import replacing, write_text
from nnpm.reporting import drawing, figure2, metrics
from nnpm.reporting.evidence import Evidence
from nnpm.reporting.tables import Study
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files, params, output = snakemake.input, snakemake.params, snakemake.output
    study = Study(**params.study)
    evidence = Evidence(metrics.predictions_frame(files.runs, files.predictions))
    plotted = figure2.numbers(metrics.metrics_frame(files.runs), evidence, params.targets, study)
    figure = figure2.draw(plotted, params.targets, study)
    for path, kind in ((output.png, "png"), (output.svg, "svg")):
        with replacing(path) as temporary:
            drawing.save(figure, temporary, kind, figure2.TITLE, figure2.describe(plotted))
    write_text(output.csv, figure2.to_csv(plotted))
