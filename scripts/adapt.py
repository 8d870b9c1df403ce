"""Run one method: adapt a pretrained backbone to one target."""

from pathlib import Path

from nnpm.files import write_csv, write_json
from nnpm.methods import base
from nnpm.training import checkpoints, devices
from nnpm.training.adaptation import AdaptationSettings, adapt
from nnpm.training.domain import Domain
from nnpm.training.header import Header
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files, params, output, wildcards = snakemake.input, snakemake.params, snakemake.output, snakemake.wildcards
    run = {name: wildcards[name] for name in ("source", "target", "method", "variant")} | {"seed": int(wildcards.seed)}
    settings = AdaptationSettings(**params.settings)
    device = devices.prepare(params.device, params.threads, settings.precision)
    resume = Path(output.checkpoint).with_name("resume.safetensors")
    backbone = checkpoints.load_backbone(files.backbone, params.backbone).to(device)
    given_to = {"backbone": backbone, "blocks": settings.freeze}
    natural = dict(params.natural)
    source = Domain.load_source(
        *(params.sources, files.source, files.source_manifests, device),
        descriptions=files.source_descriptions,
        natural=natural,
        **given_to,
    )
    target = Domain.load(
        *(files.target, files.target_manifest, device),
        description=files.description,
        natural=natural[run["target"]],
        **given_to,
    )
    done = adapt(
        backbone,
        source,
        target,
        base.load(params.place) if params.place else None,
        settings,
        base.MethodSettings(**params.method),
        seed=run["seed"],
        resume=resume,
        identity=checkpoints.identity(
            dict(params.settings),
            dict(params.method),
            [device.type, params.threads, params.code, natural],
            *map(Path, files.identity),
            Path(files.backbone),
        ),
    )
    about = run | {"epoch": done.metrics["epoch"], "adaptation": dict(params.settings) | dict(params.method)}
    header = Header.compose(backbone.settings, [files.description], corpus=run["target"], run=about)
    checkpoints.save_backbone(output.checkpoint, done.backbone, header)
    write_csv(output.history, done.history)
    write_csv(output.predictions, done.predictions)
    write_json(output.metrics, run | done.metrics)
    resume.unlink(missing_ok=True)
