"""Source and target features before and after adaptation in two dimensions, as PNG, SVG and the plotted numbers."""

from nnpm.evaluation import inference
from nnpm.reporting import drawing
from nnpm.reporting.diagnostics import embedding
from nnpm.training import batches, checkpoints, devices
from nnpm.training.domain import Domain
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files, params, target = snakemake.input, snakemake.params, snakemake.wildcards.target
    device = devices.prepare(params.device, params.threads)
    backbones = [checkpoints.load_backbone(path, params.backbone).to(device) for path in (files.before, *files.after)]
    channels = backbones[0].channels(params.freeze)
    domains = [
        (Domain.load(files.source, files.source_manifest, device, channels=channels), "train"),
        (Domain.load(files.target, files.target_manifest, device, channels=channels), "test"),
    ]
    states = {}
    for state, backbone in zip([embedding.BEFORE, *params.methods], backbones, strict=True):
        z = (
            inference.infer(backbone, d.inputs, batches.split_rows(d.manifest["split"], split, device), params.freeze)[
                0
            ]
            for d, split in domains
        )
        states[state] = embedding.Features(*(features.cpu().numpy() for features in z))
    source, of_target = (d.manifest[d.manifest["split"] == split] for d, split in domains)
    plotted = embedding.numbers(states, source, of_target)
    figure = embedding.draw(plotted, params.study["source"], target, params.seed)
    drawing.publish(figure, plotted, embedding.title(target), embedding.describe(plotted), snakemake.output)
