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
    tests = comparison.tests(frame, evidence, study=study, **params.content)
    write_text(output.csv, writers.to_csv(table))
    write_text(output.md, writers.to_markdown(table))
    write_text(output.tex, writers.to_latex(table))
    write_text(output.tests, comparison.tests_to_csv(tests))
    write_text(output.tests_md, pages.to_markdown(comparison.tests_page(tests, study)))
