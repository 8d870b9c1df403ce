"""Two loads: 200,000 tiny utterances through check, mel cache, pretraining and adaptation; and 8 jobs on 2 cores.

Run by itself: .venv/bin/python -m benchmarks.load [UTTERANCES]
"""

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psutil
import soundfile
import yaml

from benchmarks.rows import Row, table
from nnpm import CLASSES
from nnpm.files import write_text

ROOT = Path(__file__).parents[1]
RATE, SECONDS = 16000, 0.2
SPEAKERS = 100
LIMIT = 4096  # MiB, all processes together

#: The source is the large corpus, so that the memory is large too; the target is 1,000 utterances of the same kind.
STUDY = {
    "name": "load",
    "source": "many",
    "targets": ["few"],
    "manifests": {"many": "many.csv", "few": "few.csv"},
    "seeds": [0],
    "features": {"duration": SECONDS, "n_mels": 16},
    "backbone": {"filters": 8, "hidden": 8, "attention": 8, "dropout": 0.5},
    "pretraining": {"epochs": 1},
    "adaptation": {"epochs": 1},
    "tables": {"table1": {"methods": ["nnpm"]}, "table2": None, "table3": None},
    "figures": {"figure2": None, "diagnostics": None},
}
CORPORA = ("many", "few")
STAGES = {
    "plan of all of it (dry run)": ["--dry-run", "table1"],
    "check: every file opened, hashed, split": [f"results/load/corpora/{name}/manifest.csv" for name in CORPORA],
    "mel cache": [f"results/load/features/{name}.npy" for name in CORPORA],
    "pretraining, one epoch": ["results/load/pretrained/seed~0/last.safetensors"],
    "adaptation by NNPM, one epoch, and Table 1": ["table1"],
    "nothing left to do": ["table1"],
}


def measure(utterances: int) -> list[Row]:
    """A row a stage: wall time, and the peak memory of all its processes together."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name, count in (("many", utterances), ("few", 1000)):
            write_corpus(folder, name, count)
        write_text(folder / "load.yaml", yaml.safe_dump(STUDY))
        rows = []
        for stage, arguments in STAGES.items():
            seconds, peak = run(folder, arguments)
            what = f"{stage}, {utterances:,} utterances"
            rows.append(Row(what, f"{peak} MiB", f"< {LIMIT} MiB", peak < LIMIT, f"{seconds:.0f} s"))
            print(f"{what}: {seconds:.0f} s, {peak} MiB", flush=True)
    return rows


def write_corpus(folder: Path, name: str, count: int) -> None:
    """Tones in noise whose pitch tells the class, a hundred speakers, and the manifest that lists them."""
    random = np.random.default_rng(count)
    time_axis = np.arange(round(SECONDS * RATE)) / RATE
    lines = ["path,label,speaker"]
    for number in range(count):
        label = number % len(CLASSES)
        path = f"{name}/{number // 1000:03}/{number:06}.wav"
        if number % 1000 == 0:
            (folder / path).parent.mkdir(parents=True)
        tone = 0.3 * np.sin(2 * np.pi * (300 + 400 * label) * time_axis)
        soundfile.write(folder / path, tone + 0.05 * random.standard_normal(len(tone)), RATE)
        lines.append(f"{path},{CLASSES[label]},speaker {number // len(CLASSES) % SPEAKERS}")
    write_text(folder / f"{name}.csv", "\n".join(lines) + "\n")


def crowd() -> Row:
    """How much longer eight trainings of the paper's size take when all go on at once than two at a time."""
    seeds = list(range(8))
    study = {key: STUDY[key] for key in ("name", "source", "targets", "manifests", "tables", "figures")}
    study |= {"seeds": seeds, "threads": 1, "pretraining": {"epochs": 1}, "adaptation": {"epochs": 6}}
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name, count in (("many", 400), ("few", 100)):
            write_corpus(folder, name, count)
        write_text(folder / "load.yaml", yaml.safe_dump(study))
        ready = [f"results/load/encoded/{name}/freeze~2/seed~{seed}.npy" for name in CORPORA for seed in seeds]
        run(folder, ready)
        seconds = {}
        for cores in (2, 8, 2, 8):
            for made in ("runs", "tables"):
                shutil.rmtree(folder / "results" / "load" / made, ignore_errors=True)
            seconds.setdefault(cores, []).append(run(folder, ["table1"], cores)[0])
    two, eight = (min(seconds[cores]) for cores in (2, 8))
    what = f"eight trainings at --cores 8 against --cores 2, on {len(os.sched_getaffinity(0))} cores"
    return Row(what, f"{eight / two:.2f}x", "<= 1.25x", eight / two <= 1.25, f"{eight:.0f} s and {two:.0f} s")


def run(folder: Path, arguments: list[str], cores: int = 2) -> tuple[float, int]:
    """Seconds that Snakemake took for these targets, and the peak in MiB of all its processes' memory together."""
    command = [sys.executable, "-m", "snakemake", *arguments, "--cores", str(cores), "--quiet", "all"]
    command += ["--snakefile", str(ROOT / "workflow" / "Snakefile")]
    command += ["--configfile", str(ROOT / "config" / "config.yaml"), "load.yaml"]
    environment = {name: value for name, value in os.environ.items() if name != "NNPM_CORPORA_DIR"}
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = time.perf_counter()
    with subprocess.Popen(command, cwd=folder, env=environment, **silent) as process:
        peak, watching = [0], threading.Event()
        watcher = threading.Thread(target=watch, args=(psutil.Process(process.pid), peak, watching))
        watcher.start()
        process.wait()
        watching.set()
        watcher.join()
    if process.returncode:
        raise RuntimeError(f"{arguments} ended with {process.returncode}")
    return time.perf_counter() - started, peak[0] >> 20


def watch(process: psutil.Process, peak: list[int], over: threading.Event) -> None:
    """Keep the largest sum of memory that a process and its descendants have to themselves, mapped files left out."""
    while not over.wait(0.2):
        total = 0
        try:
            for one in (process, *process.children(recursive=True)):
                used = one.memory_info()
                total += used.rss - used.shared
        except psutil.Error:  # ended while it was looked at
            continue
        peak[0] = max(peak[0], total)


if __name__ == "__main__":
    print(table([crowd(), *measure(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)]))
