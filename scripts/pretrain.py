"""Pretrain the backbone on the source corpus, for one seed."""

from dataclasses import asdict
from pathlib import Path

from nnpm.files import write_csv, write_json
from nnpm.model.backbone import BackboneSettings
from nnpm.prediction import provenance
from nnpm.training import checkpoints, devices, domain
from nnpm.training.pretraining import PretrainingSettings, pretrain
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    params, output = snakemake.params, snakemake.output
    settings = PretrainingSettings(**params.settings)
    device = devices.prepare(params.device, params.threads, settings.precision)
    backbone = BackboneSettings(**params.backbone)
    mels, manifest = snakemake.input.mels[0], snakemake.input.manifest[0]
    source = domain.Domain.load(mels, manifest, device, channels=backbone.n_mels, labelled=True)
    resume = Path(output.last).with_name("resume.safetensors")
    done = pretrain(
        source,
        settings,
        backbone,
        seed=int(snakemake.wildcards.seed),
        resume=resume,
        identity=checkpoints.fingerprint(
            dict(params.settings),
            asdict(backbone),
            [device.type, params.threads, params.code],
            *map(Path, snakemake.input.identity),
        ),
    )
    for name, backbone in (("last", done.last), ("best", done.best)):
        run = {"source": params.source, "seed": done.metrics["seed"], "checkpoint": name}
        run |= {"epoch": done.metrics[name]["epoch"], "pretraining": dict(params.settings)}
        about = provenance.about(snakemake.input.description[0], params.source, None, run)
        checkpoints.save_backbone(output[name], backbone, about)
    write_csv(output.history, done.history)
    write_csv(output.predictions, done.predictions)
    write_json(output.metrics, done.metrics)
    resume.unlink(missing_ok=True)
