"""One table, as CSV, Markdown and LaTeX, from the metrics of the runs it shows."""

from nnpm.files import write_text
from nnpm.job import job
from nnpm.rendering import metrics, tables, writers

with job(snakemake.log[0]):
    params, output = snakemake.params, snakemake.output
    make = getattr(tables, params.table)
    table = make(metrics.metrics_frame(snakemake.input), study=tables.Study(**params.study), **params.content)
    write_text(output.csv, writers.to_csv(table))
    write_text(output.md, writers.to_markdown(table))
    write_text(output.tex, writers.to_latex(table))
