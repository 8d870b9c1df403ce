"""The adaptation step against the plain reference, and what was tried to make the LSTM faster on a CPU."""

import os
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from benchmarks import contenders
from benchmarks.rows import Row, table
from benchmarks.side_by_side import Contender, in_turn

SIZE = 1024  # of the square matrices whose product is the peak
#: Floating-point operations of LSTM, attention and classifier for 64 utterances, forward and backward: three times the
#: forward products, but for the gradient of the first layer's input, which nobody asks for.
_LAYERS = 2 * 2 * 400 * ((64 + 100) + (200 + 100))
OPERATIONS = 64 * contenders.STEPS * (3 * (_LAYERS + 2 * 200 * 256) - 2 * 2 * 400 * 64)


def product() -> Callable[[], Any]:
    """One large matrix product, the most that a core can do."""
    torch.set_num_threads(1)
    a, b = torch.randn(2, SIZE, SIZE)
    return lambda: a @ b


def adaptation_step() -> list[Row]:
    """Row 1: the step against the plain one, and against its own forward and backward pass."""
    with tempfile.TemporaryDirectory() as scratch:
        contenders.write_utterances(Path(scratch))
        timing = in_turn(
            {
                "plain": [Contender(contenders.plain, Path(scratch))],
                "library": [Contender(contenders.library)],
                "bare": [Contender(contenders.bare)],
                "product": [Contender(product)],
            },
            rounds=5,
            calls=7,
        )
    faster, overhead = timing.ratio("plain", "library"), timing.ratio("library", "bare")
    bound = 1000 * OPERATIONS / (2 * SIZE**3 / timing.median("product"))
    plain, library, bare = (1000 * timing.median(name) for name in ("plain", "library", "bare"))
    return [
        Row(
            "adaptation step against the plain one",
            f"{faster:.2f}x",
            ">= 4x",
            faster >= 4,
            f"{plain:.0f} ms and {library:.0f} ms, one thread; its products alone at the core's peak: {bound:.0f} ms",
        ),
        Row(
            "adaptation step against its bare LSTM, attention, classifier",
            f"{overhead:.2f}x",
            "<= 1.15x",
            overhead <= 1.15,
            f"{library:.0f} ms and {bare:.0f} ms, forward and backward on the same shapes",
        ),
    ]


def tried() -> pd.DataFrame:
    """Row 2: milliseconds of the bare pass for 64 utterances of one run, and the share of the peak that it reaches."""
    now = "and keeping freed memory: as it is now"
    forms: dict[str, Callable[..., Any]] = {
        "as first written: deterministic mode, glibc's defaults": partial(
            contenders.bare, fill=True, keep_memory=False
        ),
        "without filling new tensors": partial(contenders.bare, keep_memory=False),
        now: contenders.bare,
        "now, with dropout from uniform numbers": contenders.uniform_dropout,
        "now, with each domain by itself": contenders.two_passes,
        "now, with PyTorch's own LSTM kernels for oneDNN's": contenders.without_onednn,
        "now, with torch.compile": contenders.compiled,
        "now, with an LSTM in Python, both directions at once": partial(contenders.grouped, 1),
        "the same with two runs as one model, for one of them": partial(contenders.grouped, 2),
    }
    groups = {name: [Contender(form)] for name, form in forms.items()}
    timing = in_turn({**groups, "product": [Contender(product)]}, rounds=3, calls=4)
    peak = 2 * SIZE**3 / timing.median("product")
    rows = []
    for name in forms:
        runs = 2 if "two runs" in name else 1
        seconds = timing.median(name) / runs
        rows.append(
            {
                "form": name,
                "ms": round(1000 * seconds),
                "times the present one": f"{timing.ratio(name, now) / runs:.2f}",
                "share of the peak": f"{OPERATIONS / seconds / peak:.0%}",
            }
        )
    frame = pd.DataFrame(rows)
    frame.attrs["peak"] = peak / 1e9
    return frame


def throughput() -> list[Row]:
    """Row 2: as many runs at a time as there are cores, as first written and now."""
    cores = len(os.sched_getaffinity(0))
    first = partial(contenders.library, fill=True, keep_memory=False)
    timing = in_turn(
        {
            "first": [Contender(first) for _ in range(cores)],
            "now": [Contender(contenders.library) for _ in range(cores)],
        },
        rounds=5,
        calls=7,
    )
    faster = timing.ratio("first", "now")
    milliseconds = " and ".join(f"{1000 * timing.median(name):.0f} ms" for name in ("first", "now"))
    return [
        Row(
            f"adaptation steps an hour at --cores {cores} against the first version",
            f"{faster:.2f}x",
            ">= 2x",
            faster >= 2,
            f"{milliseconds} a step, {cores} runs at a time",
        )
    ]


if __name__ == "__main__":
    print(table(adaptation_step() + throughput()))
    found = tried()
    print(f"\nPeak of one core: {found.attrs['peak']:.0f} GFLOP/s\n")
    print(found.to_markdown(index=False))
