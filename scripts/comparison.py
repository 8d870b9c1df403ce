"""All methods on all targets, and the paired tests between them."""

from nnpm import pages
from nnpm.files import write_text
from nnpm.reporting import comparison, metrics, writers
from nnpm.reporting.evidence import Evidence
from nnpm.reporting.study import Study
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files, params, output = snakemake.input, snakemake.params, snakemake.output
    frame = metrics.metrics_frame(files.runs)
    evidence = Evidence(metrics.predictions_frame(files.runs, files.predictions))
    study = Study(**params.study)
    table = comparison.comparison(frame, evidence, study=study, **params.content)
    writers.publish(table, output)
    write_text(output.tests, comparison.tests_to_csv(table.tests))
    write_text(output.tests_md, pages.to_markdown(comparison.tests_page(table.tests, study)))
