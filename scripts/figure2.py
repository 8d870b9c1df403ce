"""Figure 2: UA of NNPM against the similarity threshold, as PNG, SVG and the plotted numbers."""

from nnpm.files import replacing, write_text
from nnpm.job import job
from nnpm.rendering import figure2, metrics
from nnpm.rendering.tables import Study

with job(snakemake.log[0]):
    params, output = snakemake.params, snakemake.output
    study = Study(**params.study)
    plotted = figure2.numbers(metrics.metrics_frame(snakemake.input), params.targets, study)
    figure = figure2.draw(plotted, params.targets, study)
    for path, kind in ((output.png, "png"), (output.svg, "svg")):
        with replacing(path) as temporary:
            figure2.save(figure, temporary, kind)
    write_text(output.csv, figure2.to_csv(plotted))
