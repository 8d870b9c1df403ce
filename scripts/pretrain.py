"""Pretrain the backbone on the source corpus, for one seed."""

from dataclasses import asdict
from pathlib import Path

from nnpm import training
from nnpm.files import open_mels, read_csv, write_csv, write_json
from nnpm.job import job
from nnpm.model import BackboneSettings
from nnpm.pretraining import PretrainingSettings, pretrain

with job(snakemake.log[0]):
    params, output = snakemake.params, snakemake.output
    mels = open_mels(snakemake.input.mels[0])
    backbone = BackboneSettings(n_mels=mels.shape[2], **params.backbone)
    device = training.prepare(params.device, params.threads)
    resume = Path(output.last).with_name("resume.safetensors")
    done = pretrain(
        training.Domain(mels, read_csv(snakemake.input.manifest[0])),
        PretrainingSettings(**params.settings),
        backbone,
        seed=int(snakemake.wildcards.seed),
        device=device,
        resume=resume,
        identity=training.fingerprint(
            dict(params.settings),
            asdict(backbone),
            [device.type, params.threads, params.code],
            *map(Path, snakemake.input.identity),
        ),
    )
    training.save_model(output.last, done.last, asdict(backbone))
    training.save_model(output.best, done.best, asdict(backbone))
    write_csv(output.history, done.history)
    write_csv(output.predictions, done.predictions)
    write_json(output.metrics, done.metrics)
    resume.unlink(missing_ok=True)
