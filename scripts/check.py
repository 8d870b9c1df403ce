"""Open every file of one corpus, split it, and write its manifest and the report on it."""

from pathlib import Path

from nnpm import corpora
from nnpm.corpora import check_report, manifest
from nnpm.files import write_csv, write_json, write_text
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    params, output = snakemake.params, snakemake.output
    corpus = corpora.get(snakemake.wildcards.corpus, params.manifest)
    checked = manifest.build(
        corpus,
        Path(params.corpora_dir) / corpus.name,
        params.role,
        duration=params.duration,
        test_size=params.splits["test_size"],
        split_seed=params.splits["seed"],
        protocol=params.splits["protocol"],
        skip_unreadable=params.skip_unreadable,
        threads=snakemake.threads,
    )
    write_csv(output.manifest, checked.manifest)
    # What decides the features: with other labels it stays the same, and the next call keeps them.
    write_csv(output.audio, checked.manifest[["utterance", "path", "sha256"]])
    write_text(output.report, check_report.to_markdown(checked, corpus))
    write_json(output.json, check_report.to_json(checked, corpus))
