"""`benchmarks/gpu.sh` runs to its end without what a machine with a GPU may lack; its arithmetic, by hand."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import yaml

from benchmarks import gpu, gpu_work, sizes

ROOT = Path(__file__).parents[2]
CONFIG = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
#: Everything that the project depends on, but for what such a machine has.
ABSENT = (
    *("jinja2", "jsonschema", "librosa", "markdown_it", "markupsafe", "matplotlib", "pooch", "praatio", "requests"),
    *("snakemake", "soundfile", "soxr", "tabulate", "tensorboard", "yaml"),
)
#: Python imports a module of this name at each start, so also at that of the processes that a process starts.
SITECUSTOMIZE = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {ABSENT!r}:
            raise ModuleNotFoundError(f"{{name}} is absent")

sys.meta_path.insert(0, Absent())
"""


def call(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Call the command from elsewhere, with this Python, in which those packages are absent."""
    site = folder / "site"
    site.mkdir(exist_ok=True)
    (site / "sitecustomize.py").write_text(SITECUSTOMIZE, encoding="utf-8")
    python = site / "python3"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{site}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(site),
        "OUT": str(folder / "out"),
    }
    command = ["bash", str(ROOT / "benchmarks" / "gpu.sh"), "--device", "cpu", *options]
    return subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)


def write_inputs(folder: Path, source, target) -> None:
    folder.mkdir()
    for name, domain in (("ravdess", source), ("urdu", target)):
        np.save(folder / f"{name}.npy", domain.inputs.numpy(), allow_pickle=False)
        domain.manifest.to_csv(folder / f"{name}.csv", index=False)


@pytest.mark.slow
def test_it_runs_where_little_is_installed(tmp_path, source, target):
    write_inputs(tmp_path / "inputs", source, target)
    done = call(tmp_path, "--quick", "--inputs", str(tmp_path / "inputs"))
    assert done.returncode == 0, done.stderr
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    absent = subprocess.run([sys.executable, "-c", "import yaml"], env=environment, capture_output=True, text=True)
    assert "yaml is absent" in absent.stderr
    assert "not measured" not in done.stdout
    assert (tmp_path / "out" / "table.md").read_text(encoding="utf-8") == done.stdout
    table = pd.read_csv(tmp_path / "out" / "table.csv")
    for title, _ in gpu.PARTS.values():
        assert table["what"].str.contains(title, regex=False).any(), title
    same = table[table["what"].str.startswith("same bytes")]
    assert set(same["value"]) == {"yes"}
    scores = pd.read_csv(tmp_path / "out" / "ua.csv")
    assert len(scores) == 2 * 2  # precisions, seeds
    assert scores["ua"].between(0, 1).all()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--inputs", "nowhere"), "Error: --inputs: nowhere has no ravdess.csv"),
        (("--device", "cuda"), "Error: --device cuda"),
    ],
)
def test_what_cannot_be_followed_is_one_line(options, said, capsys, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SystemExit) as stopped:
        gpu.options(options)
    assert stopped.value.code == 2
    printed = capsys.readouterr().err
    assert printed.startswith(said)
    assert printed.count("\n") == 1


def test_sizes_are_the_papers():
    paper = gpu_work.PAPER
    assert paper.steps == 102
    assert {"iemocap": sum(paper.source.values())} | {
        name: sum(counts.values()) for name, counts in paper.targets.items()
    } == sizes.CORPUS
    assert (paper.batch, paper.epochs) == (CONFIG["adaptation"]["batch_size"], CONFIG["adaptation"]["epochs"])
    assert CONFIG["adaptation"]["freeze"] == gpu_work.BLOCKS
    assert (len(CONFIG["targets"]), len(sizes.CORPUS)) == (gpu.UNADAPTED, gpu.ENCODED)
    assert "snsa-f" in CONFIG["tables"]["table1"]["methods"]


def test_the_time_of_a_study_by_hand():
    found = {"start": 1.0, ("pretraining", "tf32"): (2.0, 3.0)}
    found |= {("run", "tf32", target, blocks): (0.5, 4.0) for target, blocks in sizes.RUNS}
    first, runs = gpu.study_seconds(found, 10, "tf32")
    assert first == (1 + 3 + 10 * 2) + 5 * 1
    assert runs == 28 * (1 + 4 + 10 * 0.5) + 4 * 1
    with pytest.raises(KeyError):
        gpu.study_seconds(found, 10, "float32")


def test_a_part_of_an_epoch_keeps_the_proportions():
    less = gpu_work.PAPER.first(51)
    assert (less.steps, less.source["train"]) == (51, 51 * 32)
    assert less.targets["shemo"] == {"train": 916, "test": 452}
    assert gpu_work.PAPER.first(500) is gpu_work.PAPER


def test_kernels_at_the_same_time_count_once():
    assert gpu_work.covered([(5, 6), (0, 2), (1, 3), (1.5, 2)]) == 4
    assert gpu_work.covered([]) == 0


def test_encoded_inputs_come_with_their_backbone(tmp_path, source, target):
    """A folder per seed is used where there is one; mels and what their backbone makes of them score the same."""
    from nnpm.features.settings import FeatureSettings
    from nnpm.training.checkpoints import save_backbone
    from nnpm.training.header import Header

    write_inputs(tmp_path / "mels", source, target)
    write_inputs(tmp_path / "encoded", source, target)
    sizes = gpu_work.QUICK
    backbone = gpu_work._pretrain(source, sizes, "float32", sizes.epochs, seed=1).last
    place = tmp_path / "encoded" / "seed~1"
    place.mkdir()
    ones = np.ones(backbone.settings.channels)
    header = Header(vars(backbone.settings), FeatureSettings(), ones, ones, corpus="urdu", run={}, front_end={})
    save_backbone(place / "backbone.safetensors", backbone, header)
    for name, domain in (("ravdess", source), ("urdu", target)):
        inputs = gpu_work._encoded(backbone, domain).inputs.numpy()
        np.save(place / f"{name}.npy", inputs, allow_pickle=False)
    found = [
        gpu_work.scores(tmp_path / kind, "ravdess", ["urdu"], sizes, "cpu", "float32", 1)
        for kind in ("mels", "encoded")
    ]
    assert found[0] == found[1]
    assert set(found[0]["urdu"]) == {"ua", "wa"}


def session(minutes=8.0, **others) -> gpu.Session:
    values = {"at_once": (1, 2), "further": 1, "seeds": (0, 1), "inputs": None, "source": "ravdess"}
    return gpu.Session("cpu", gpu_work.QUICK, time.monotonic(), minutes, **(values | others))


def fail(session, precision):
    yield gpu.Row("first", precision, 1234.5, "s")
    raise RuntimeError("the device\nis lost")


def test_a_failure_is_a_row_and_the_rest_goes_on(tmp_path, monkeypatch, capsys):
    parts = {
        "epoch": ("an epoch", fail),
        "study": gpu.PARTS["study"],
        "ua": gpu.PARTS["ua"],
    }
    monkeypatch.setattr(gpu, "PARTS", parts)
    monkeypatch.setattr(gpu.Session, "ask", lambda self, *call: "a device")
    assert gpu.measure(session(), list(parts), tmp_path) == 1
    rows = re.findall(r"^\| (.*?) +\| (.*?) +\| (.*?) +\| .*\| (.*?) *\|$", capsys.readouterr().out, flags=re.MULTILINE)
    assert ("first", "float32", "1230", "") in rows
    assert ("an epoch", "float32", "not measured", "failed: RuntimeError: the device is lost") in rows
    assert (gpu.PARTS["study"][0], "float32", "not measured", "needs start, pretraining and runs") in rows
    assert rows[-1] == ("UA of NNPM", "", "not measured", "no folder of inputs was given (--inputs)")


def test_when_time_ends_a_process_is_ended():
    short = session(minutes=(gpu.RESERVE + 8) / 60)
    began = time.monotonic()
    try:
        assert short.ask_some([(time.sleep, 600), (pow, 2, 3)]) == [None, 8] or short.left() <= 0
        assert time.monotonic() - began < 60
        with pytest.raises(gpu.OutOfTimeError):
            short.ask(pow, 2, 3)
    finally:
        short.stop()


def test_seeds_that_came_in_time_count(monkeypatch, tmp_path):
    for name in ("ravdess", "urdu"):
        (tmp_path / f"{name}.csv").touch()
    answers = iter([{"urdu": {"ua": ua, "wa": 0.5}} for ua in (0.4, 0.43, 0.5)] + [None])
    measured = session(inputs=tmp_path)
    monkeypatch.setattr(measured, "ask_some", lambda calls: [next(answers) for _ in calls])
    one, other = gpu.ua(measured, ("float32", "bfloat16"))
    assert (one.value, other.value) == ("45.00", "43.00")
    assert "2 of 2 seeds" in one.note
    assert "by seed 40.00, 50.00" in one.note
    assert "1 of 2 seeds; +3.00 against float32" in other.note
