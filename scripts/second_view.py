"""What functionals alone say of each utterance of a target: the second view of NNPM-plus."""

from nnpm.files import write_csv, write_json
from nnpm.methods.classical import Described, second_view
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files = snakemake.input
    source = Described.load(files.source, files.source_manifest, labelled=True)
    table, classifier = second_view(source, Described.load(files.target, files.target_manifest))
    write_csv(snakemake.output.table, table)
    write_json(snakemake.output.classifier, classifier.described())
