"""What makes training fast changes no result beyond the order of a sum: the library against its plain form."""

import copy
import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from nnpm.methods.base import MethodSettings, Start, Utterances, load
from nnpm.methods.pseudo_multilabel import PseudoMultilabel
from nnpm.methods.table import METHODS
from nnpm.model.backbone import SNSA
from nnpm.training import devices, domain
from plain import PlainAdaptation
from processors import needs_bfloat16
from runs import adaptation

SETTINGS = MethodSettings(threshold=0.6, hard_negative_ratio=0.2)
RUN = {"blocks": 2, "method_settings": SETTINGS, "batch_size": 8}
PLACES = {name: entry.place for name, entry in METHODS.items() if entry.place and entry.reads == "frames"}


@pytest.fixture
def backbone(backbone_settings):
    torch.manual_seed(0)
    return SNSA(dataclasses.replace(backbone_settings, dropout=0.0))  # else each form draws other masks


def test_nine_steps_end_in_the_weights_of_the_plain_form(backbone, source, target):
    ours = adaptation(backbone, source, target, PseudoMultilabel, **RUN)
    ours.modules.train()
    ours.method.begin_epoch(1, 3)
    labels = source.labels[ours.train["source"]]
    plain = PlainAdaptation(copy.deepcopy(backbone), ours.method.memory.slots, labels, SETTINGS, 1e-3)
    plain.backbone.train()
    positives = set()
    for index in range(9):
        rows = torch.arange(4) + 4 * index
        source_rows, target_rows = ours.train["source"][rows], ours.train["target"][rows % len(ours.train["target"])]
        measured = ours.step(source_rows, target_rows)
        loss = plain.step(source.inputs[source_rows], rows, target.inputs[target_rows], rate=0.2)
        assert measured["loss"].item() == pytest.approx(loss, rel=1e-5)
        positives.add(measured["positives"].item() > 0)
    assert True in positives  # else half of the loss was never compared
    ours_now, plain_now = ours.backbone.state_dict(), plain.backbone.state_dict()
    for name in ours_now:
        assert torch.allclose(ours_now[name], plain_now[name], atol=1e-5), name
    assert torch.allclose(ours.method.memory.slots, plain.memory, atol=1e-5)
    assert not torch.allclose(ours_now["lstm.weight_hh_l0"], backbone.lstm.weight_hh_l0, atol=1e-3)


class HostTensors(TorchDispatchMode):
    """Notes every operation that takes a tensor from the host, but for single numbers, which no device waits for."""

    def __init__(self):
        super().__init__()
        self.seen = set()

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        tensors = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]
        if any(tensor.device.type == "cpu" and tensor.dim() for tensor in tensors):
            self.seen.add(operation.overloadpacket)
        return operation(*args, **(kwargs or {}))


@pytest.mark.parametrize(
    ("large", "blocks", "method"),
    [
        pytest.param(large, blocks, name, id=f"{large}-{blocks}-{name}")
        for name in PLACES
        for large, blocks in ((False, 2), (False, 0), (True, 2))
        if (not large or "memory" in METHODS[name].settings) and (blocks or name == "nnpm")
    ],
)
def test_an_epoch_reads_nothing_back_from_the_device(monkeypatch, backbone, source, target, large, blocks, method):
    """PyTorch's meta device has no values: to read one raises. Only the order of the rows comes from the host."""
    if large:
        monkeypatch.setattr("nnpm.model.large_memory.MOST_SCORES", 250)  # 13 of 36 slots at a time
    of = {"blocks": blocks, "device": torch.device("meta"), "batch_size": 18}
    run = adaptation(backbone, source, target, load(PLACES[method]), **RUN | of)
    with HostTensors() as host:
        measured = run.epoch(1)
    assert host.seen == {torch.ops.aten.lift_fresh, torch.ops.aten._to_copy}
    assert all(value.device.type == "meta" and value.shape == () for value in measured.values())
    with pytest.raises(RuntimeError, match="meta"):
        measured["loss"].item()


def matching(hard=True, **settings):
    """A memory of 53 slots, and the features of seven target utterances."""
    generator = torch.Generator().manual_seed(0)
    slots = Utterances(torch.randn(53, 6, generator=generator), None, torch.zeros(53), torch.zeros(53))
    method = PseudoMultilabel(Start(dataclasses.replace(SETTINGS, **settings), None, 2, slots, slots), hard=hard)
    return method, torch.randn(7, 6, generator=generator, requires_grad=True)


@pytest.mark.parametrize(("threshold", "fewest", "most"), [(-1.1, 53, 53), (0.6, 2, 7), (0.8, 0, 2), (1.1, 0, 0)])
@pytest.mark.parametrize(("hard", "ratio"), [(True, 0.2), (True, 0.01), (True, 0), (False, 0.2)])
def test_a_large_memory_is_matched_in_parts(monkeypatch, hard, ratio, threshold, fewest, most):
    method, z = matching(hard, hard_negative_ratio=ratio, threshold=threshold)

    def gradient():
        loss, count = method.match(z)
        return loss.detach(), count, *torch.autograd.grad((loss * torch.arange(7)).sum(), z)

    whole = gradient()
    monkeypatch.setattr("nnpm.model.large_memory.MOST_SCORES", 100)  # 14 slots at a time
    for one, other in zip(whole, gradient(), strict=True):
        assert torch.allclose(one, other, atol=1e-6)
    assert (whole[1].min(), whole[1].max()) == (fewest, most)


def test_no_scores_of_a_large_memory_are_kept_for_the_gradient(monkeypatch):
    monkeypatch.setattr("nnpm.model.large_memory.MOST_SCORES", 100)  # 14 slots at a time
    method, z = matching()
    kept = []
    with torch.autograd.graph.saved_tensors_hooks(
        lambda tensor: kept.append(tensor.shape) or tensor, lambda kept: kept
    ):
        method.match(z)
    assert kept and not any({7, 14} <= set(shape) for shape in kept)


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_inputs_are_the_memory_map_itself(tmp_path):
    np.save(tmp_path / "x.npy", np.ones((3, 4, 5), dtype=np.float32), allow_pickle=False)
    inputs = domain.load_inputs(tmp_path / "x.npy", torch.device("cpu"))
    (line,) = (line for line in Path("/proc/self/maps").read_text().splitlines() if str(tmp_path) in line)
    start, end = (int(bound, 16) for bound in line.split()[0].split("-"))
    assert start <= inputs.data_ptr() < end
    inputs[0] = 7  # stays in this process
    assert np.load(tmp_path / "x.npy", allow_pickle=False).max() == 1


@needs_bfloat16
def test_bfloat16_rounds_products_and_nothing_else(backbone, source, target):
    runs = {}
    for precision in ("float32", "bfloat16"):
        devices.prepare("cpu", threads=1, precision=precision)
        runs[precision] = adaptation(backbone, source, target, PseudoMultilabel, **RUN, precision=precision)
        runs[precision].epoch(0)
        assert all(parameter.dtype == torch.float32 for parameter in runs[precision].backbone.parameters())
    weights = {name: run.backbone.classifier.weight for name, run in runs.items()}
    assert not torch.equal(weights["bfloat16"], weights["float32"])
    assert torch.allclose(weights["bfloat16"], weights["float32"], atol=1e-2)
