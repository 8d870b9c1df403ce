"""Source pretraining as a table: validation and test UA of each seed, beside the paper's value."""

from nnpm.files import read_json, write_text
from nnpm.job import job
from nnpm.rendering import summaries, tables

with job(snakemake.log[0]):
    used = {"checkpoint_used": snakemake.params.checkpoint}
    rows = summaries.source_frame([read_json(path) | used for path in snakemake.input])
    write_text(snakemake.output.csv, rows.to_csv(index=False, float_format="%.2f", lineterminator="\n"))
    write_text(snakemake.output.md, summaries.source_markdown(rows, tables.Study(**snakemake.params.study)))
