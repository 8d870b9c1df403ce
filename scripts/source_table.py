"""Source pretraining as a table: validation and test UA per seed, beside the paper's value."""

from nnpm.files import write_text
from nnpm.reporting import summaries
from nnpm.reporting.study import Study
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files, study = snakemake.input, Study(**snakemake.params.study)
    pretrained = [summaries.load_pretrained(path, snakemake.params.checkpoint) for path in files.metrics]
    predictions = summaries.source_predictions(pretrained, files.predictions)
    rows = summaries.source_frame(pretrained, predictions)
    write_text(snakemake.output.csv, rows.to_csv(index=False, float_format="%.2f", lineterminator="\n"))
    write_text(snakemake.output.md, summaries.source_markdown(rows, study))
