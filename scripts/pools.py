"""What the corpora of pooled sources bring and share, as a page and as JSON."""

from nnpm import pages
from nnpm.corpora import pool_report, pools
from nnpm.files import read_manifest, write_json, write_text
from nnpm.reporting.study import Study
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files, params, output = snakemake.input, snakemake.params, snakemake.output
    titles = Study(**params.study).titles
    as_source = {name for source in params.pools for name in pools.members(source)}
    manifests = {
        name: read_manifest(path, labelled=name in as_source, alone=False)
        for name, path in zip(titles, files.manifests, strict=True)
    }
    given = params.pools, params.targets, manifests, titles
    page = pool_report.report(*given)
    write_text(output.md, pages.to_markdown(page, "Pools of corpora"))
    write_json(output.json, {"warnings": pool_report.warnings(*given), "sections": pages.to_json(page)})
