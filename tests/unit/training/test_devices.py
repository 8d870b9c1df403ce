"""A precision that the device cannot compute in is refused in one line, before anything is trained."""

import os
import platform
import subprocess
import sys

import pytest
import torch

from nnpm.errors import InputError
from nnpm.training import devices
from processors import needs_bfloat16

PREPARE = """
from nnpm.errors import InputError
from nnpm.training import devices
for precision in ("float32", "bfloat16"):
    try:
        print(devices.prepare("cpu", 1, precision))
    except InputError as error:
        print(error)
"""
REFUSED = "precision: 'bfloat16' asked for, but this CPU cannot train an LSTM in it (x86 needs AVX-512): use 'float32'"


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="oneDNN plays older x86 processors only")
def test_bfloat16_is_refused_in_one_line_by_a_processor_without_avx512():
    environment = os.environ | {"ONEDNN_MAX_CPU_ISA": "AVX2", "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run(
        [sys.executable, "-c", PREPARE], env=environment, check=True, capture_output=True, encoding="utf-8"
    )
    assert run.stdout.splitlines() == ["cpu", REFUSED]


@needs_bfloat16
def test_bfloat16_is_taken_by_a_processor_that_has_it():
    """And asking draws no random numbers: else a run would begin with other weights than one in float32."""
    before = torch.get_rng_state()
    assert devices.prepare("cpu", threads=1, precision="bfloat16").type == "cpu"
    assert torch.equal(torch.get_rng_state(), before)


def test_no_cpu_has_tf32():
    with pytest.raises(InputError, match=r"^precision: 'tf32' asked for, but the run is on a CPU.*use 'float32'$"):
        devices.prepare("cpu", threads=1, precision="tf32")


def test_too_little_memory_is_not_taken_for_a_lack_of_the_processor(monkeypatch):
    def full(*_):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 4 bytes")

    monkeypatch.setattr(torch.nn.LSTM, "forward", full)
    with pytest.raises(RuntimeError, match="allocate"):
        devices.prepare("cpu", threads=1, precision="bfloat16")


@pytest.mark.parametrize("precision", ["tf32", "bfloat16"])
@pytest.mark.parametrize("major", [7, 8])
def test_gpus_before_ampere_have_neither(monkeypatch, precision, major):
    monkeypatch.setattr(torch.version, "hip", None)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
    monkeypatch.setattr(devices, "_compute", lambda _: None)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "Tesla V100")
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda index: type("Properties", (), {"major": major}))
    if major >= 8:
        assert devices.prepare("cuda", threads=1, precision=precision).type == "cuda"
        return
    with pytest.raises(InputError, match=f"^precision: '{precision}' asked for, but the GPU here .Tesla V100. does"):
        devices.prepare("cuda", threads=1, precision=precision)


def test_a_gpu_that_does_not_compute_is_one_line(monkeypatch):
    def broken(_):
        raise RuntimeError("CUDA error: no kernel image is available\nCompile with TORCH_USE_CUDA_DSA")

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(devices, "_compute", broken)
    with pytest.raises(
        InputError, match=r"cannot be used \(CUDA error: no kernel image is available\); .*--device cpu"
    ):
        devices.prepare("auto", threads=1)
    assert devices.prepare("cpu", threads=1).type == "cpu"


@pytest.fixture(autouse=True)
def float32_again():
    """The precision of products is this process's."""
    yield
    devices.prepare("cpu", threads=1)
