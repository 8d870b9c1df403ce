"""Jobs at the same time on a machine with several GPUs each train on one of their own."""

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
import torch

from nnpm.training import devices, gpus

TAKING = """
import sys
from pathlib import Path
from nnpm.training import gpus
print(gpus.take(["a", "b"], Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


def test_each_job_takes_a_gpu_of_its_own_and_gives_it_back(tmp_path: Path) -> None:
    scripts = str(Path(gpus.__file__).parents[2])
    with ExitStack() as stack:

        def start() -> tuple[subprocess.Popen[str], int]:
            process = subprocess.Popen(
                [sys.executable, "-c", TAKING, str(tmp_path)],
                env=os.environ | {"PYTHONPATH": scripts},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.callback(process.communicate)
            return process, int(process.stdout.readline())

        first, gpu = start()
        assert gpu == 0
        assert start()[1] == 1
        third, gpu = start()
        assert gpu == third.pid % 2, "more jobs than GPUs share them"
        first.communicate()
        assert start()[1] == 0


def test_training_is_on_the_gpu_that_was_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    chosen: list[int] = []
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda index: type("Properties", (), {"uuid": index}))
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    monkeypatch.setattr(devices, "_compute", lambda _: None)
    monkeypatch.setattr(gpus, "_taken", [])
    assert [devices.prepare("auto", threads=1).type for _ in range(2)] == ["cuda", "cuda"]
    assert chosen == [0, 1]
    assert devices.prepare("cpu", threads=1).type == "cpu" and len(chosen) == 2
