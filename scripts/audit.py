"""The paper's printed numbers, checked by arithmetic."""

from nnpm.files import write_csv, write_text
from nnpm.reporting import audit
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    findings = audit.audit()
    write_csv(snakemake.output.csv, findings)
    write_text(snakemake.output.md, audit.to_markdown(findings))
