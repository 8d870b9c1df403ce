"""What each criterion would have chosen among the epochs of each run, and among the methods."""

from nnpm.files import write_csv, write_text
from nnpm.reporting import choice
from nnpm.reporting.tables import Study
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files, params, output = snakemake.input, snakemake.params, snakemake.output
    epochs = choice.epochs_frame(zip(files.metrics, files.histories, strict=True))
    write_csv(output.csv, choice.summarise(choice.choices(epochs)))
    write_csv(output.methods, choice.methods_frame(epochs))
    write_csv(output.agreement, choice.agreement(epochs))
    write_text(output.md, choice.to_markdown(epochs, params.targets, Study(**params.study)))
