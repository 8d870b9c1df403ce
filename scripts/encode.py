"""Encode a corpus with the frozen blocks of a pretrained backbone, once for all runs that start from it."""

from nnpm.evaluation import inference
from nnpm.files import write_inputs
from nnpm.model.backbone import steps_after
from nnpm.training import checkpoints, devices, domain
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files, params = snakemake.input, snakemake.params
    device = devices.prepare(params.device, params.threads)
    backbone = checkpoints.load_backbone(files.backbone, params.backbone).to(device)
    frames = domain.load_inputs(files.frames, device, files.description, backbone)
    lengths = inference.lengths_of(frames)
    rows = len(frames) if lengths is None else int(steps_after(lengths, params.freeze).sum())
    encoded = inference.encode(backbone, frames, blocks=params.freeze)
    write_inputs(snakemake.output[0], rows, (part.cpu().numpy() for part in encoded))
