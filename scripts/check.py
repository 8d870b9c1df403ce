"""Open every file of one corpus, split the corpus, and write its manifest and check report."""

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
        **params.settings,
        threads=snakemake.threads,
    )
    write_csv(output.manifest, checked.manifest)
    # Features depend on this file only: it stays the same if labels change, or if the corpus moves.
    write_csv(output.audio, checked.manifest[["utterance", "start", "end", "sha256"]])
    write_csv(output.paths, checked.paths)
    write_text(output.report, check_report.to_markdown(checked, corpus))
    write_json(output.json, check_report.to_json(checked, corpus))
    write_text(output.fingerprint, f"{params.fingerprint}\n")
