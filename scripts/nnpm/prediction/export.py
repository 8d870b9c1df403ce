"""Export of a checkpoint as one graph from samples to probabilities, for programs without Python or this project."""

import io
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nnpm import CLASSES
from nnpm.errors import InputError
from nnpm.features.mels import window_and_filters
from nnpm.features.table import MELS
from nnpm.files import replacing
from nnpm.precision import products_in
from nnpm.prediction.predictor import Predictor
from nnpm.training.header import Header

FORMATS = (".onnx", ".pt2")
_OPSET = 18


class Graph(nn.Module):
    """Sound to class probabilities, (batch, samples) -> (batch, classes), as `Predictor` computes them.

    The samples are mono, at the rate and of the length of `FeatureSettings`, full scale -1..1. The Fourier transform is
    a convolution, which every runtime has; it adds in another order than the study's.
    """

    window_and_waves: Tensor
    filters: Tensor
    mean: Tensor
    scale: Tensor

    def __init__(self, predictor: Predictor) -> None:
        super().__init__()
        features, header = predictor.header.features, predictor.header
        assert predictor.backbone is not None  # see `check_exportable`
        self.features, self.backbone = features, predictor.backbone.network
        window, filters = window_and_filters(features)
        angle = 2 * np.pi * np.outer(np.arange(len(filters)), np.arange(features.n_fft)) / features.n_fft
        before = (features.n_fft - len(window)) // 2
        window = np.pad(window, (before, features.n_fft - len(window) - before))
        waves = window * np.concatenate([np.cos(angle), np.sin(angle)])
        scale = np.where(header.deviation > 1e-3, header.deviation, 1.0)  # as `features.standardised`
        for name, values in (
            ("window_and_waves", waves[:, None, :]),
            ("filters", filters),
            ("mean", header.mean),
            ("scale", scale),
        ):
            self.register_buffer(name, torch.from_numpy(np.asarray(values, dtype=np.float32)))

    def decibels(self, sound: Tensor) -> Tensor:
        """As `features.log_mels`, before the floor: (batch, samples) -> (batch, frames, mels)."""
        half = self.features.n_fft // 2
        padded = F.pad(sound[:, None, :], (half, self.features.n_fft - half))
        spectrum = F.conv1d(padded, self.window_and_waves, stride=self.features.hop_length)
        real, imaginary = spectrum.chunk(2, dim=1)
        power = (real.square() + imaginary.square()).transpose(1, 2)
        return 10 * torch.log10((power @ self.filters).clamp(min=1e-30))

    def forward(self, sound: Tensor) -> Tensor:
        """(batch, samples) -> (batch, classes)."""
        decibels = self.decibels(sound)
        if self.features.normalisation == "padded":
            mels = (decibels.clamp(min=-100.0) - self.mean) / self.scale
        else:
            floor = -self.features.dynamic_range
            decibels = (decibels - decibels.amax(dim=(1, 2), keepdim=True)).clamp(min=floor)
            speech = (decibels.amax(dim=2, keepdim=True) > floor).float()
            level = (decibels * speech).mean(dim=(1, 2), keepdim=True) / speech.mean(dim=1, keepdim=True)
            mels = (decibels - level - self.mean) / self.scale * speech
        if self.features.dtype == "float16":
            mels = mels.half().float()
        _, logits = self.backbone(mels)
        return torch.softmax(logits, dim=1)


def check_exportable(header: Header, path: Path) -> None:
    """Raise InputError if a checkpoint cannot be a graph, or the file's ending is none of FORMATS."""
    if path.suffix not in FORMATS:
        raise InputError(f"{path}: ends in none of {', '.join(FORMATS)}")
    if header.classifier is not None:
        raise InputError(f"{path}: this checkpoint cannot be exported, since a graph cannot compute its functionals")
    if (name := header.features.front_end) != MELS.name:
        raise InputError(f"{path}: front end {name!r} cannot be exported, since a graph holds no other model; mels can")
    if header.features.padding == "masked":
        raise InputError(f"{path}: padding 'masked' cannot be exported: inputs of a graph have one length")


# After training the precision of GPU products is not PyTorch's default; PyTorch then refuses to trace.
@products_in("tf32")
def export(predictor: Predictor, path: str | Path) -> None:
    """Write the graph as ONNX (`.onnx`) or as a PyTorch program (`.pt2`); it accepts any batch size.

    Classes and settings are stored in ONNX's metadata, or in the program's extra file `nnpm.json`. Raises InputError
    for another ending, and for ONNX if its packages are missing.
    """
    path, features = Path(path), predictor.header.features
    check_exportable(predictor.header, path)
    about = {"classes": list(CLASSES), "features": asdict(features), "run": dict(predictor.header.run)}
    graph = Graph(predictor).cpu().eval()
    example, batch = (torch.zeros(2, features.samples),), torch.export.Dim("batch", min=1)
    if path.suffix == ".pt2":
        program = torch.export.export(graph, example, dynamic_shapes=({0: batch},))
        content = io.BytesIO()  # since a file name would have to end in .pt2
        torch.export.save(program, content, extra_files={"nnpm.json": json.dumps(about)})
        with replacing(path) as temporary:
            temporary.write_bytes(content.getvalue())
        return
    try:
        import onnxscript  # noqa: F401
    except ImportError:
        raise InputError(f"{path}: ONNX needs packages that are not installed; pip install 'nnpm[export]'") from None
    made = torch.onnx.export(
        graph,
        example,
        dynamo=True,
        opset_version=_OPSET,
        input_names=["sound"],
        output_names=["probabilities"],
        dynamic_shapes=({0: batch},),
        verbose=False,
    )
    assert made is not None  # this exporter always returns a program
    made.model.metadata_props["nnpm"] = json.dumps(about)
    with replacing(path) as temporary:
        made.save(temporary, external_data=False)
