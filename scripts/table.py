"""One table, as CSV, Markdown and LaTeX, from the metrics and predictions of the runs it shows."""

from nnpm.reporting import metrics, tables, writers
from nnpm.reporting.evidence import Evidence
from nnpm.reporting.study import Study
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files, params, output = snakemake.input, snakemake.params, snakemake.output
    frame = metrics.metrics_frame(files.runs)
    evidence = Evidence(metrics.predictions_frame(files.runs, files.predictions))
    table = tables.TABLES[params.table](frame, evidence, study=Study(**params.study), **params.content)
    writers.publish(table, output)
