"""Run one method that reads only functionals on one target, or on the held-out speakers of its own source."""

import time

from threadpoolctl import threadpool_limits

from nnpm.evaluation import scoring
from nnpm.files import write_csv, write_json
from nnpm.methods import base
from nnpm.methods.described import Described
from nnpm.methods.linear import LinearClassifier
from nnpm.training.header import Header
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files, output, wildcards = snakemake.input, snakemake.output, snakemake.wildcards
    run = {name: wildcards[name] for name in ("source", "target", "method", "variant")} | {"seed": int(wildcards.seed)}
    classify, started = base.load(snakemake.params.place), time.perf_counter()
    names = snakemake.params.sources
    source = Described.load_source(names, files.source, files.source_manifests)
    target = Described.load(
        files.target, files.target_manifest, labelled=run["target"] in names, kind=snakemake.params.kind
    )
    with threadpool_limits(1, user_api="blas"):  # sums do not depend on the number of threads
        classified = classify(source, target)
    predictions = scoring.predictions(target.manifest, classified.probabilities)
    history, metrics = scoring.without_epochs(predictions, seconds=time.perf_counter() - started)
    write_csv(output.predictions, predictions)
    write_csv(output.history, history)
    described = classified.classifier
    if isinstance(described, LinearClassifier):
        header = Header.of_classifier(
            *(described, files.get("description") or None, snakemake.params.heard),
            corpus=run["target"],
            run=run | {"epoch": 0},
        )
        described = header.content()
    write_json(output.classifier, described)
    write_json(output.metrics, run | metrics)
