"""A large load: many tiny utterances, in corpora that are pooled as one source, through the whole workflow.

Run by itself: .venv/bin/python -m benchmarks.load [UTTERANCES [CORPORA]]
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import soundfile
import yaml

from benchmarks.processes import ROOT, snakemake
from benchmarks.rows import Row, table
from nnpm import CLASSES
from nnpm.files import write_text
from nnpm.workflow.plan import Plan
from nnpm.workflow.variants import DEFAULT, merged

RATE, SECONDS = 16000, 0.2
SPEAKERS = 100  # per corpus
UTTERANCES, CORPORA = 100_000, 10  # of the source
TARGET, FEW = "few", 1000  # its utterances are of the same kind
LIMIT = 4096  # MiB, all processes together

#: The source is the large part, so that the memory of NNPM is large too.
STUDY: dict[str, Any] = {
    "name": "load",
    "targets": [TARGET],
    "seeds": [0],
    "features": {"duration": SECONDS, "n_mels": 16},
    "backbone": {"filters": 8, "hidden": 8, "attention": 8, "dropout": 0.5},
    "pretraining": {"epochs": 1},
    "adaptation": {"epochs": 1},
    "tables": {"table1": {"methods": ["nnpm"]}, "table2": None, "table3": None, "comparison": None},
    "figures": {"figure2": None, "diagnostics": None, "sensitivity": None},
}


def study(corpora: int) -> dict[str, Any]:
    """The study whose source pools so many corpora, laid over config/config.yaml."""
    pool = [f"many{number}" for number in range(corpora)]
    return STUDY | {"source": [pool], "manifests": {name: f"{name}.csv" for name in (*pool, TARGET)}}


def planned(overlay: dict[str, Any]) -> Plan:
    """The plan of a study, with paths from the folder that Snakemake works in."""
    config = merged(yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8")), overlay)
    return Plan(config, root=f"results/{config['name']}/")


def stages(plan: Plan) -> dict[str, list[str]]:
    """The arguments of Snakemake for each stage: the files that it makes, or none for everything."""
    return {
        "plan of all of it (dry run)": ["--dry-run"],
        "check: every file opened, hashed, split": [plan.manifest(name) for name in plan.corpora],
        "mel cache": [plan.features_file(name, DEFAULT.name) for name in plan.corpora],
        "pretraining, one epoch": [f"{folder}/metrics.json" for folder in plan.pretrained],
        "adaptation by NNPM, one epoch": plan.files(plan.runs, "metrics.json"),
        "tables, figures and the report": [],
        "nothing left to do": [],
    }


def measure(utterances: int, corpora: int) -> list[Row]:
    """A row per stage: wall time, and the peak memory of all its processes together."""
    rows = []
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        plan = write_study(folder, utterances, corpora)
        about = f"{utterances:,} utterances" + f" of {corpora} corpora" * (corpora > 1)
        for stage, arguments in stages(plan).items():
            ended = snakemake(folder, *arguments, overlays=["load.yaml"])
            what = f"{stage}, {about}"
            rows.append(Row(what, f"{ended.peak} MiB", f"< {LIMIT} MiB", ended.peak < LIMIT, f"{ended.seconds:.0f} s"))
            print(f"{what}: {ended.seconds:.0f} s, {ended.peak} MiB", flush=True)
    return rows


def write_study(folder: Path, utterances: int, corpora: int, few: int = FEW) -> Plan:
    """Write the corpora, about equally large, and load.yaml; return the plan of the study."""
    overlay = study(corpora)
    for number, name in enumerate(overlay["source"][0]):
        write_corpus(folder, name, (utterances + number) // corpora, number)
    write_corpus(folder, TARGET, few, corpora)
    write_text(folder / "load.yaml", yaml.safe_dump(overlay))
    return planned(overlay)


def write_corpus(folder: Path, name: str, count: int, seed: int) -> None:
    """Tones in noise whose pitch tells the class, a hundred speakers, and the manifest that lists them."""
    random = np.random.default_rng(seed)
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
    asked = [int(argument) for argument in sys.argv[1:]]
    print(table(measure(*asked, *(UTTERANCES, CORPORA)[len(asked) :])))
