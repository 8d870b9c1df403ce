"""Encode a corpus with the frozen blocks of a pretrained backbone, once for all runs that start from it."""

from nnpm.evaluation import inference
from nnpm.files import write_mels
from nnpm.training import checkpoints, devices, domain
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files, params = snakemake.input, snakemake.params
    device = devices.prepare(params.device, params.threads)
    backbone = checkpoints.load_backbone(files.backbone, params.backbone).to(device)
    mels = domain.load_inputs(files.mels, device, backbone.channels())
    encoded = inference.encode(backbone, mels, blocks=params.freeze)
    write_mels(snakemake.output[0], len(mels), (part.cpu().numpy() for part in encoded))
