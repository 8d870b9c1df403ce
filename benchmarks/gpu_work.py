"""The work of the processes that `benchmarks.gpu` starts. All its calls into the library's training are on this page.

Inputs are random, in the sizes of the paper's study (`PAPER`) or in tiny ones (`QUICK`), or real, from a folder. Each
function can be sent to another process: it takes and returns plain values.
"""

import copy
import hashlib
import math
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile

from benchmarks.sizes import BATCH, CORPUS, EPOCHS, SOURCE_VALIDATION, TEST, TRAINING
from nnpm import CLASSES
from nnpm.evaluation import inference
from nnpm.methods.base import MethodSettings, Start, load
from nnpm.methods.table import METHODS, PROPOSED
from nnpm.model.backbone import SNSA, BackboneSettings, steps_after
from nnpm.training import checkpoints, devices
from nnpm.training.adaptation import Adaptation, AdaptationSettings, Adapted, adapt
from nnpm.training.domain import Domain
from nnpm.training.pretraining import Pretrained, PretrainingSettings, pretrain

PLACE = METHODS[PROPOSED].place
BLOCKS = 2  # frozen by default

#: What a training job does before its own work: it imports PyTorch and the library, and opens the device.
START = f"""
import sys, torch
from nnpm.methods import base
from nnpm.training import adaptation, devices
base.load("{PLACE}")
torch.ones(2, device=devices.prepare(sys.argv[1], 1)).sum().item()
"""


@dataclass(frozen=True)
class Sizes:
    """Sizes of a study: of its inputs and its backbone, utterances per split of each corpus, batch and epochs."""

    frames: int
    backbone: BackboneSettings
    source: Mapping[str, int]
    targets: Mapping[str, Mapping[str, int]]
    batch: int
    epochs: int

    @property
    def steps(self) -> int:
        """Steps per epoch: one pass over the source training utterances."""
        return math.ceil(self.source["train"] / self.batch)

    def first(self, steps: int) -> "Sizes":
        """The same with epochs of so many steps; all splits shrink in proportion."""
        if steps >= self.steps:
            return self
        part = steps / self.steps

        def less(counts: Mapping[str, int]) -> dict[str, int]:
            return {split: max(len(CLASSES), round(part * count)) for split, count in counts.items()}

        source = less(self.source) | {"train": steps * self.batch}
        return replace(self, source=source, targets={name: less(counts) for name, counts in self.targets.items()})


PAPER = Sizes(
    frames=751,
    backbone=BackboneSettings(),
    source={
        "train": TRAINING,
        "validation": SOURCE_VALIDATION,
        "test": CORPUS["iemocap"] - TRAINING - SOURCE_VALIDATION,
    },
    targets={name: {"train": CORPUS[name] - test, "test": test} for name, test in TEST.items()},
    batch=BATCH,
    epochs=EPOCHS,
)
QUICK = Sizes(
    frames=40,
    backbone=BackboneSettings(channels=12, filters=8, hidden=8, attention=8),
    source={"train": 16, "validation": 8, "test": 8},
    targets={name: {"train": 16, "test": 8} for name in TEST},
    batch=8,
    epochs=2,
)


# --- What is measured -------------------------------------------------------------------------------------------------


def about(device: str) -> str:
    """The device's name, and the versions that decide about its speed."""
    chosen = devices.prepare(device, 1)
    name = "CPU" if chosen.type == "cpu" else torch.cuda.get_device_name()
    return f"{name}; PyTorch {torch.__version__}" + (f", CUDA {torch.version.cuda}" if chosen.type == "cuda" else "")


def adaptation_epoch(sizes: Sizes, device: str, precision: str) -> tuple[float, float]:
    """Seconds of an adaptation epoch to ShEMO by itself, the median of three, and the most memory that it held, MiB.

    The memory is that of tensors on the GPU; 0 on a CPU.
    """
    work = _epoch(sizes, device, precision)
    work()
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    taken = statistics.median(_clocked(work) for _ in range(3))
    return taken, torch.cuda.max_memory_allocated() / 2**20 if device == "cuda" else 0.0


def pretraining_time(sizes: Sizes, device: str, precision: str, further: int) -> tuple[float, float]:
    """Seconds of a pretraining epoch, with validation and saving; and of what pretraining takes beside its epochs."""
    return _per_epoch(lambda epochs: pretraining(sizes, device, precision, epochs), further)


def run_time(sizes: Sizes, device: str, precision: str, target: str, blocks: int, further: int) -> tuple[float, float]:
    """Seconds of an epoch of a run, with tracking and saving; and of what the run takes beside its epochs."""
    return _per_epoch(lambda epochs: run(sizes, device, precision, target, blocks, epochs), further)


def run_epochs(sizes: Sizes, device: str, precision: str, epochs: int) -> int:
    """Adapt to ShEMO for so many epochs, and return when the device has done it."""
    return len(run(sizes, device, precision, "shemo", BLOCKS, epochs).history)


def waiting(sizes: Sizes, device: str, precision: str) -> dict[str, float | None]:
    """Share of a training epoch in which the GPU computes nothing, by stage; None where the profiler sees no kernel.

    The GPU's work is measured in an epoch under the profiler, the time in one without, since the profiler slows the
    launches.
    """
    if device == "cpu":
        return {"adaptation": None, "pretraining": None}
    epoch = _epoch(sizes, device, precision)
    epoch()
    shares = {"adaptation": _idle(_busy(epoch), _clocked(epoch))}

    def pretrained(epochs: int) -> Callable[[], Any]:
        return lambda: pretraining(sizes, device, precision, epochs)

    pretrained(1)()
    # What comes before and after the epochs is in both, and so not in the difference.
    busy, seconds = (measure(pretrained(3)) - measure(pretrained(1)) for measure in (_busy, _clocked))
    return shares | {"pretraining": _idle(busy, seconds)}


def digests(sizes: Sizes, device: str, precision: str) -> tuple[dict[str, str], list[str]]:
    """SHA-256 of weights and predictions after three epochs of each kind, and operations that PyTorch warns about.

    They are those without a deterministic form. The kinds: pretraining, adaptation with each number of frozen blocks.
    """
    found = {}
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        pretrained = pretraining(sizes, device, precision, epochs=3)
        found["pretraining"] = _digest(pretrained.last, pretrained.predictions)
        for blocks in range(BLOCKS, -1, -1):
            adapted = run(sizes, device, precision, "shemo", blocks, epochs=3)
            found[f"adaptation, freeze {blocks}"] = _digest(adapted.backbone, adapted.predictions)
    text = [str(each.message) for each in warned]
    return found, sorted({line.split()[0] for line in text if "deterministic" in line})


def _digest(backbone: SNSA, predictions: pd.DataFrame) -> str:
    digest = hashlib.sha256(predictions.to_csv(index=False, float_format="%.6f").encode())
    for name, tensor in backbone.state_dict().items():
        digest.update(name.encode() + tensor.cpu().numpy().tobytes())
    return digest.hexdigest()


def scores(
    folder: Path, source: str, targets: Iterable[str], sizes: Sizes, device: str, precision: str, seed: int
) -> dict[str, dict[str, float]]:
    """Test UA and WA of NNPM on each target, 0..1, with real inputs; how the folder is laid out: `benchmarks.gpu`."""
    chosen = devices.prepare(device, 1, precision)
    place = folder / f"seed~{seed}"
    place = place if place.is_dir() else folder

    def load(name: str, backbone: SNSA | None, blocks: int) -> Domain:
        files = place / f"{name}.npy", folder / f"{name}.csv"
        return Domain.load(*files, chosen, backbone=backbone, blocks=blocks, labelled=name == source)

    encoded = (checkpoint := place / "backbone.safetensors").exists()
    if encoded:
        backbone = checkpoints.load_backbone(checkpoint).to(chosen)
        domain = load(source, backbone, BLOCKS)
    else:
        mels = load(source, SNSA(sizes.backbone), 0)
        backbone = _pretrain(mels, sizes, precision, sizes.epochs, seed).last
        domain = _encoded(backbone, mels)
    found = {}
    for name in targets:
        target = load(name, backbone, BLOCKS if encoded else 0)
        target = target if encoded else _encoded(backbone, target)
        done = _adapt(copy.deepcopy(backbone), domain, target, sizes, precision, BLOCKS, sizes.epochs, seed)
        found[name] = {score: done.metrics["splits"]["test"][score] for score in ("ua", "wa")}
    return found


# --- Training, as the workflow's jobs call it -------------------------------------------------------------------------


def pretraining(sizes: Sizes, device: str, precision: str, epochs: int) -> Pretrained:
    """Pretrain on random mels."""
    chosen = devices.prepare(device, 1, precision)
    torch.manual_seed(0)
    return _pretrain(_random(sizes, sizes.source, 0, chosen), sizes, precision, epochs, seed=0)


def run(sizes: Sizes, device: str, precision: str, target: str, blocks: int, epochs: int) -> Adapted:
    """Adapt an untrained backbone to random inputs: what the frozen blocks would make of mels, or mels."""
    chosen = devices.prepare(device, 1, precision)
    torch.manual_seed(0)
    domains = [_random(sizes, counts, blocks, chosen) for counts in (sizes.source, sizes.targets[target])]
    return _adapt(SNSA(sizes.backbone).to(chosen), *domains, sizes, precision, blocks, epochs, seed=0)


def _pretrain(source: Domain, sizes: Sizes, precision: str, epochs: int, seed: int) -> Pretrained:
    settings = PretrainingSettings(epochs=epochs, batch_size=sizes.batch, precision=precision)
    with tempfile.TemporaryDirectory() as scratch:
        resume = Path(scratch, "resume.safetensors")
        return pretrain(source, settings, sizes.backbone, seed=seed, resume=resume, identity="")


def _adapt(
    backbone: SNSA, source: Domain, target: Domain, sizes: Sizes, precision: str, blocks: int, epochs: int, seed: int
) -> Adapted:
    settings = AdaptationSettings(epochs=epochs, batch_size=sizes.batch, freeze=blocks, precision=precision)
    method = load(PLACE), settings, MethodSettings()
    with tempfile.TemporaryDirectory() as scratch:
        resume = Path(scratch, "resume.safetensors")
        return adapt(backbone, source, target, *method, seed=seed, resume=resume, identity="")


def _epoch(sizes: Sizes, device: str, precision: str) -> Callable[[], Any]:
    """An epoch of adaptation to ShEMO, without tracking; it ends when the device has done it."""
    chosen = devices.prepare(device, 1, precision)
    torch.manual_seed(0)
    source, target = (_random(sizes, counts, BLOCKS, chosen) for counts in (sizes.source, sizes.targets["shemo"]))
    backbone = SNSA(sizes.backbone).to(chosen)
    backbone.freeze(BLOCKS)
    seen = [domain.training_utterances(backbone, BLOCKS, labelled=domain is source) for domain in (source, target)]
    method = load(PLACE)(Start(MethodSettings(), backbone, BLOCKS, *seen)).to(chosen)
    settings = AdaptationSettings(epochs=sizes.epochs, batch_size=sizes.batch, freeze=BLOCKS, precision=precision)
    adaptation = Adaptation(backbone, method, source, target, settings=settings, seed=0)
    return lambda: {name: mean.item() for name, mean in adaptation.epoch(1).items()}


# --- Inputs -----------------------------------------------------------------------------------------------------------


def _random(sizes: Sizes, counts: Mapping[str, int], blocks: int, device: torch.device) -> Domain:
    """A corpus of noise with so many utterances per split, as the first `blocks` blocks would hand it on."""
    split = [name for name, count in counts.items() for _ in range(count)]
    rows = range(len(split))
    channels = sizes.backbone.filters if blocks else sizes.backbone.channels
    manifest = pd.DataFrame(
        {
            "utterance": [f"u{row:05d}" for row in rows],
            "speaker": [f"{row % 10:02d}" for row in rows],
            "gender": ["fm"[row % 2] for row in rows],
            "split": split,
            "label": [CLASSES[row % len(CLASSES)] for row in rows],
        }
    )
    return Domain(torch.randn(len(split), steps_after(sizes.frames, blocks), channels, device=device), manifest)


def _encoded(backbone: SNSA, domain: Domain) -> Domain:
    """The same with what the frozen blocks make of its mels."""
    return replace(domain, inputs=torch.cat(list(inference.encode(backbone, domain.inputs, BLOCKS))))


# --- Clocks -----------------------------------------------------------------------------------------------------------


def _clocked(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    if torch.cuda.is_initialized():
        torch.cuda.synchronize()
    return time.perf_counter() - started


def _per_epoch(work: Callable[[int], Any], further: int) -> tuple[float, float]:
    """Seconds per epoch, from calls with one epoch and with `further` ones more; and of what is beside the epochs."""
    work(1)
    short, long = _clocked(lambda: work(1)), _clocked(lambda: work(1 + further))
    epoch = max(long - short, 0.0) / further
    return epoch, max(short - epoch, 0.0)


def _busy(work: Callable[[], Any], kind: str = "CUDA") -> float:
    """Seconds in which the GPU computes or copies."""
    with profile(activities=[getattr(ProfilerActivity, kind)]) as profiler:
        _clocked(work)
    spans = [
        (event.time_range.start, event.time_range.end)
        for event in profiler.events() or []
        if event.device_type == getattr(DeviceType, kind) and not getattr(event, "is_user_annotation", False)
    ]
    return covered(spans) / 1e6


def covered(spans: Iterable[tuple[float, float]]) -> float:
    """Length of the union of intervals: kernels on several streams run at the same time."""
    total, reached = 0.0, -math.inf
    for start, end in sorted(spans):
        total += max(end - max(start, reached), 0.0)
        reached = max(reached, end)
    return total


def _idle(busy: float, seconds: float) -> float | None:
    return max(0.0, 1 - busy / seconds) if busy > 0 else None
