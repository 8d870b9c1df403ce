"""Adapt a pretrained backbone to one target by one method, for one seed, threshold and number of frozen blocks."""

from dataclasses import asdict
from pathlib import Path

from nnpm import training
from nnpm.adaptation import AdaptationSettings, adapt
from nnpm.files import open_mels, read_csv, write_csv, write_json
from nnpm.job import job
from nnpm.methods import MethodSettings
from nnpm.model import SNSA, BackboneSettings

with job(snakemake.log[0]):
    files, params, output, wildcards = snakemake.input, snakemake.params, snakemake.output, snakemake.wildcards
    run = {name: value.item() for name, value in params.run.items()}
    source = training.Domain(open_mels(files.source_mels[0]), read_csv(files.source_manifest[0]))
    target = training.Domain(open_mels(files.target_mels), read_csv(files.target_manifest))
    shape = BackboneSettings(n_mels=source.mels.shape[2], **params.backbone)
    backbone = SNSA(shape)
    training.load_model(files.backbone, backbone)
    device = training.prepare(params.device, params.threads)
    resume = Path(output.checkpoint).with_name("resume.safetensors")
    done = adapt(
        backbone,
        source,
        target,
        wildcards.method,
        AdaptationSettings(freeze=run["freeze"], **params.settings),
        MethodSettings(threshold=run["threshold"], **params.memory, **params.objective),
        seed=run["seed"],
        device=device,
        resume=resume,
        identity=training.fingerprint(
            dict(params.settings),
            dict(params.memory),
            dict(params.objective),
            [device.type, params.threads, params.code],
            *map(Path, files.identity),
            Path(files.backbone),
        ),
    )
    training.save_model(output.checkpoint, done.backbone, asdict(shape))
    write_csv(output.history, done.history)
    write_csv(output.predictions, done.predictions)
    write_json(output.metrics, {"target": wildcards.target, "method": wildcards.method, **run, **done.metrics})
    resume.unlink(missing_ok=True)
