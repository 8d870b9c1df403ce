"""The precision of matrix products on a GPU."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch


def backends() -> tuple[Any, ...]:
    """The parts of PyTorch whose products have a precision: set their `fp32_precision` to "ieee" or "tf32"."""
    return (torch.backends.cuda.matmul, torch.backends.cudnn.conv, torch.backends.cudnn.rnn)  # type: ignore[attr-defined]


@contextmanager
def products_in(precision: str) -> Iterator[None]:
    """Matrix products in "ieee" (float32) or "tf32" within the context; restored after."""
    before = [products.fp32_precision for products in backends()]
    try:
        for products in backends():
            products.fp32_precision = precision
        yield
    finally:
        for products, each in zip(backends(), before, strict=True):
            products.fp32_precision = each
