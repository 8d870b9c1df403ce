"""What the memory does over the epochs on each target, as PNG, SVG and the plotted numbers."""

from nnpm.files import read_csv
from nnpm.reporting import drawing
from nnpm.reporting.diagnostics import histories, memory
from nnpm.reporting.tables import Study
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files, params = snakemake.input, snakemake.params
    source = read_csv(files.source_manifest, ("label", "split"))
    chances = {
        target: memory.chance(source, read_csv(manifest, ("label", "split")))
        for target, manifest in zip(params.targets, files.target_manifests, strict=True)
    }
    plotted = memory.numbers(histories.load(files.metrics), params.targets, chances, Study(**params.study))
    figure = memory.draw(plotted, params.targets, params.methods)
    drawing.publish(figure, plotted, memory.TITLE, memory.describe(plotted), snakemake.output)
