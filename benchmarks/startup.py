"""What a training job spends before its first step: imports, and the first call of the optimizer."""

import subprocess
import sys
import time

from benchmarks.rows import Row, table

OURS = """
import torch
from nnpm import methods
from nnpm.training import adaptation
from nnpm.training import devices

from nnpm.training.optimizer import Adam
devices.prepare("cpu", 1)
weight = torch.ones(2, requires_grad=True)
optimizer = Adam([weight], 0.1, 0.0)
weight.sum().backward()
optimizer.step()
"""
#: The same with PyTorch's deterministic mode and optimizer, and with scikit-learn for a table of confusions.
PLAIN = (
    OURS.replace('devices.prepare("cpu", 1)', "torch.use_deterministic_algorithms(True)").replace(
        "Adam([weight], 0.1, 0.0)", "torch.optim.Adam([weight])"
    )
    + "import sklearn.metrics\n"
)


def measure(repeats: int = 4) -> list[Row]:
    """Row 5: the best of several starts each, in turn."""
    times = [(_seconds(PLAIN), _seconds(OURS)) for _ in range(repeats)]
    before, after = map(min, zip(*times, strict=True))
    return [
        Row(
            "start of a training job against the first version's",
            f"{before / after:.1f}x",
            "",
            None,
            f"{before:.1f} s and {after:.1f} s to the end of the optimizer's first step",
        )
    ]


def _seconds(code: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    print(table(measure()))
