"""Classify one target by the classical anchor; freeze, threshold and seed name the run's place and change nothing."""

import time

from nnpm.evaluation.scoring import without_epochs
from nnpm.files import write_csv, write_json
from nnpm.methods.classical import Described, classify
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files, output, wildcards = snakemake.input, snakemake.output, snakemake.wildcards
    run = {name: value.item() for name, value in snakemake.params.run.items()}
    started = time.perf_counter()
    predictions = classify(
        Described.load(files.source, files.source_manifest, labelled=True),
        Described.load(files.target, files.target_manifest),
    )
    history, metrics = without_epochs(predictions, seconds=time.perf_counter() - started)
    write_csv(output.predictions, predictions)
    write_csv(output.history, history)
    write_json(output.metrics, {"target": wildcards.target, "method": "svm", **run, **metrics})
