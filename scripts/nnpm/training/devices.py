"""Device, threads, precision of matrix products and memory of a process."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch import nn

from nnpm.errors import InputError, is_no_memory
from nnpm.precision import backends
from nnpm.training import gpus


def prepare(device: str, threads: int, precision: str = "float32") -> torch.device:
    """Choose the device ("auto", "cpu" or "cuda"), and make this process fast and its results repeatable.

    `threads` is the maximum number of CPU threads. `precision` is that of matrix products on a GPU: "float32", or
    "tf32", which rounds their operands to 10 bits of mantissa ("bfloat16" is for `autocast`). Raises InputError if
    "cuda" is asked for without a GPU, or if the device cannot compute, or not in this precision.
    """
    torch.set_num_threads(threads)
    chosen = choose_device(device)
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":16:8")  # what cuBLAS and the LSTM need to be deterministic
    # Deterministic algorithms; the log names operations that have none. `use_deterministic_algorithms` would import
    # PyTorch's compiler, which takes seconds at each job's start.
    torch.set_deterministic_debug_mode("warn")
    # Filling only helps to find errors in PyTorch itself: it changes no result and takes a fifth of a step.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    for products in backends():
        products.fp32_precision = "tf32" if precision == "tf32" else "ieee"
    _keep_freed_memory()
    with checked(chosen):
        if chosen.type == "cuda" and (count := torch.cuda.device_count()) > 1:
            names = [str(torch.cuda.get_device_properties(index).uuid) for index in range(count)]
            torch.cuda.set_device(gpus.take(names))
    _check_precision(chosen, precision)
    return chosen


def choose_device(device: str) -> torch.device:
    """The device that "auto", "cpu" or "cuda" means. Raises InputError for "cuda" without a GPU, or another word."""
    if device not in ("auto", "cpu", "cuda"):
        raise InputError(f"device: {device!r} is none of 'auto', 'cpu' and 'cuda'")
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("device: 'cuda' asked for, but PyTorch sees no GPU here: use 'auto' or 'cpu'")
    return torch.device("cuda" if device != "cpu" and torch.cuda.is_available() else "cpu")


@contextmanager
def checked(device: torch.device) -> Iterator[None]:
    """Try the device after what is done in the context; raises InputError if it is a GPU that does not compute."""
    try:
        yield
        if device.type == "cuda":
            _compute(device)
    except RuntimeError as error:  # too old for this PyTorch, or another's alone, or full
        reason = str(error).splitlines()[0]
        raise InputError(
            f"device: the GPU here cannot be used ({reason}); use 'cpu' (--device cpu), or free or update it"
        ) from error


def _compute(device: torch.device) -> None:
    torch.ones(1, device=device).add(1).item()


def _check_precision(device: torch.device, precision: str) -> None:
    """Raise InputError if the device cannot train in this precision."""
    asked = f"precision: {precision!r} asked for, but"
    if precision == "float32":
        return
    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
        if not (torch.cuda.is_tf32_supported() if precision == "tf32" else native):
            raise InputError(f"{asked} the GPU here ({torch.cuda.get_device_name()}) does not have it: use 'float32'")
    elif precision == "tf32":
        raise InputError(f"{asked} the run is on a CPU, and only GPUs have it: use 'float32'")
    elif not _cpu_trains_in_bfloat16():
        raise InputError(f"{asked} this CPU cannot train an LSTM in it (x86 needs AVX-512): use 'float32'")


def _cpu_trains_in_bfloat16() -> bool:
    """Whether a tiny LSTM can be trained; PyTorch has no flag for this that covers every processor."""
    lstm = nn.LSTM(1, 1, bidirectional=True, device="meta").to_empty(device="cpu")  # draws no random numbers
    try:
        with autocast(torch.device("cpu"), "bfloat16"):
            hidden, _ = lstm(torch.zeros(1, 1, 1))
        hidden.float().sum().backward()
    except RuntimeError as error:
        if is_no_memory(error):
            raise
        return False
    return True


def autocast(device: torch.device, precision: str) -> AbstractContextManager[Any]:
    """The context of a training step's forward pass; "bfloat16" rounds operands of products to 7 bits of mantissa."""
    return torch.autocast(device.type, torch.bfloat16) if precision == "bfloat16" else nullcontext()


def _keep_freed_memory() -> None:
    """Make glibc reuse freed memory; otherwise each step maps and clears its pages again, a sixth of its time."""
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)):  # musl has none
        m_trim_threshold, m_mmap_max = -1, -4
        mallopt(m_mmap_max, 0)
        mallopt(m_trim_threshold, -1)
