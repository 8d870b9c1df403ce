"""A large load: 200,000 tiny utterances through check, mel cache, pretraining and adaptation.

Run by itself: .venv/bin/python -m benchmarks.load [UTTERANCES]
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile
import yaml

from benchmarks.processes import snakemake
from benchmarks.rows import Row, table
from nnpm import CLASSES
from nnpm.files import write_text

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
    """A row per stage: wall time, and the peak memory of all its processes together."""
    rows = []
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name, count in (("many", utterances), ("few", 1000)):
            write_corpus(folder, name, count)
        write_text(folder / "load.yaml", yaml.safe_dump(STUDY))
        for stage, arguments in STAGES.items():
            ended = snakemake(folder, *arguments, overlays=["load.yaml"])
            what = f"{stage}, {utterances:,} utterances"
            rows.append(Row(what, f"{ended.peak} MiB", f"< {LIMIT} MiB", ended.peak < LIMIT, f"{ended.seconds:.0f} s"))
            print(f"{what}: {ended.seconds:.0f} s, {ended.peak} MiB", flush=True)
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


if __name__ == "__main__":
    print(table(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)))
