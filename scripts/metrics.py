"""The study in three small files: a row a run, a row a run and test utterance, a row a run and epoch."""

from nnpm.files import write_text
from nnpm.job import job
from nnpm.rendering import metrics
from nnpm.rendering.diagnostics import histories

with job(snakemake.log[0]):
    files, output = snakemake.input, snakemake.output
    write_text(output.metrics, metrics.to_csv(metrics.metrics_frame(files.runs)))
    write_text(output.predictions, metrics.to_csv(metrics.predictions_frame(files.runs, files.predictions)))
    write_text(output.histories, metrics.to_csv(histories.load(files.runs)))
