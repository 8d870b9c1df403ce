"""Adapt a pretrained backbone to one target by one method, for one seed, threshold and number of frozen blocks."""

from pathlib import Path

from nnpm.files import write_csv, write_json
from nnpm.methods.base import MethodSettings
from nnpm.prediction import provenance
from nnpm.training import checkpoints, devices, domain
from nnpm.training.adaptation import AdaptationSettings, adapt
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files, params, output, wildcards = snakemake.input, snakemake.params, snakemake.output, snakemake.wildcards
    run = {name: value.item() for name, value in params.run.items()}
    settings = AdaptationSettings(freeze=run["freeze"], **params.settings)
    device = devices.prepare(params.device, params.threads, settings.precision)
    views = files.get("second_view", [])  # of a method without one Snakemake gives an empty list
    view, classifier = views or (None, None)
    resume = Path(output.checkpoint).with_name("resume.safetensors")
    backbone = checkpoints.load_backbone(files.backbone, params.backbone).to(device)
    channels = backbone.channels(settings.freeze)
    done = adapt(
        backbone,
        domain.Domain.load(files.source, files.source_manifest, device, params.natural[0], None, channels, True),
        domain.Domain.load(files.target, files.target_manifest, device, params.natural[1], view, channels),
        wildcards.method,
        settings,
        MethodSettings(threshold=run["threshold"], **params.memory, **params.objective),
        seed=run["seed"],
        resume=resume,
        identity=checkpoints.fingerprint(
            dict(params.settings),
            dict(params.memory),
            dict(params.objective),
            [device.type, params.threads, params.code, params.natural],
            *map(Path, files.identity),
            *map(Path, [files.backbone, *filter(None, [view])]),
        ),
    )
    about = provenance.about(
        files.description,
        wildcards.target,
        classifier,
        {"source": params.source, "target": wildcards.target, "method": wildcards.method, **run}
        | {"epoch": done.metrics["epoch"], "adaptation": dict(params.settings)}
        | {name: dict(params[name]) for name in ("memory", "objective") if params[name]},
    )
    checkpoints.save_backbone(output.checkpoint, done.backbone, about)
    write_csv(output.history, done.history)
    write_csv(output.predictions, done.predictions)
    write_json(output.metrics, {"target": wildcards.target, "method": wildcards.method, **run, **done.metrics})
    resume.unlink(missing_ok=True)
