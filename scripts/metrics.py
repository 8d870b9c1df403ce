"""One row a run: what every table, figure and report is made from."""

from nnpm.files import write_text
from nnpm.job import job
from nnpm.rendering import metrics

with job(snakemake.log[0]):
    write_text(snakemake.output[0], metrics.to_csv(metrics.metrics_frame(snakemake.input)))
