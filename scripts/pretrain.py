"""Pretrain the backbone on the source corpus, for one seed."""

from dataclasses import asdict
from pathlib import Path

from nnpm.files import write_csv, write_json
from nnpm.model.backbone import BackboneSettings
from nnpm.training import checkpoints, devices
from nnpm.training.domain import Domain
from nnpm.training.header import Header
from nnpm.training.pretraining import PretrainingSettings, pretrain
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files, params, output, wildcards = snakemake.input, snakemake.params, snakemake.output, snakemake.wildcards
    settings = PretrainingSettings(**params.settings)
    device = devices.prepare(params.device, params.threads, settings.precision)
    resume = Path(output.last).with_name("resume.safetensors")
    source = Domain.load_source(params.sources, files.frames, files.manifests, device, descriptions=files.descriptions)
    sizes = BackboneSettings(**params.backbone, channels=source.channels)
    done = pretrain(
        source,
        settings,
        sizes,
        seed=int(wildcards.seed),
        resume=resume,
        identity=checkpoints.identity(
            dict(params.settings),
            asdict(sizes),
            [device.type, params.threads, params.code],
            *map(Path, files.identity),
        ),
    )
    for name, backbone in (("last", done.last), ("best", done.best)):
        about = {"source": wildcards.source, "variant": wildcards.variant, "seed": done.metrics["seed"]}
        about |= {"checkpoint": name, "epoch": done.metrics[name]["epoch"], "pretraining": dict(params.settings)}
        header = Header.compose(sizes, files.descriptions, corpus=wildcards.source, run=about)
        checkpoints.save_backbone(output[name], backbone, header)
    write_csv(output.history, done.history)
    write_csv(output.predictions, done.predictions)
    write_json(output.metrics, {"source": wildcards.source} | done.metrics)
    resume.unlink(missing_ok=True)
