"""The epochs and methods that each criterion would have chosen, as a table."""

from nnpm import pages
from nnpm.files import write_csv, write_json, write_text
from nnpm.reporting import choice
from nnpm.reporting.study import Study
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files, params, output = snakemake.input, snakemake.params, snakemake.output
    epochs = choice.epochs_frame(files.metrics)
    page = choice.page(epochs, params.targets, Study(**params.study))
    write_csv(output.csv, choice.summarise(choice.choices(epochs)))
    write_csv(output.methods, choice.methods_frame(epochs))
    write_csv(output.agreement, choice.agreement(epochs))
    write_text(output.md, pages.to_markdown(page))
    write_json(output.json, {"sections": pages.to_json(page)})
