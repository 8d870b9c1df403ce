"""The second view's own predictions as a run, so that what NNPM-plus adds to them can be seen."""

import torch

from nnpm.evaluation.scoring import predictions, without_epochs
from nnpm.files import read_manifest, write_csv, write_json
from nnpm.training.domain import load_second_view
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files, output, wildcards = snakemake.input, snakemake.output, snakemake.wildcards
    run = {name: value.item() for name, value in snakemake.params.run.items()}
    manifest = read_manifest(files.target_manifest)
    table = predictions(manifest, load_second_view(files.second_view, manifest, torch.device("cpu")))
    history, metrics = without_epochs(table, seconds=0.0)
    write_csv(output.predictions, table)
    write_csv(output.history, history)
    write_json(output.metrics, {"target": wildcards.target, "method": "second-view", **run, **metrics})
