"""The study in three small files: one row per run, per run and test utterance, and per run and epoch."""

from nnpm.files import write_text
from nnpm.reporting import histories, metrics
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files, output = snakemake.input, snakemake.output
    write_text(output.metrics, metrics.to_csv(metrics.metrics_frame(files.runs)))
    write_text(output.predictions, metrics.to_csv(metrics.predictions_frame(files.runs, files.predictions)))
    write_text(output.histories, metrics.to_csv(histories.load(files.runs)))
