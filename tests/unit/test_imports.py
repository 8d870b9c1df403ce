"""What starts often imports little: a process of its own does the work, and then looks at what it has imported."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import nnpm
from nnpm.progress import DISPLAY
from snakemake_logger_plugin_nnpm import DISPLAY as PLUGINS

HELP = "from nnpm.prediction.cli import main\ntry: main(['predict', '-h'])\nexcept SystemExit: pass"
#: PyTorch's compiler alone would be seconds of every job's start.
RUN = """
from pathlib import Path
import pandas as pd
import torch
from nnpm.methods.base import MethodSettings, load
from nnpm.methods.table import METHODS
from nnpm.model.backbone import SNSA, BackboneSettings
from nnpm.training import adaptation, devices, domain, pretraining
device = devices.prepare("cpu", 1)
labels = ["angry", "happy", "sad", "neutral"]
splits = ["train"] * 6 + ["validation", "test"]
manifest = pd.DataFrame({"label": labels * 2, "split": splits, "gender": ["f", "m"] * 4})
manifest["utterance"] = manifest["speaker"] = manifest.index.astype(str)
sizes = BackboneSettings(channels=8, filters=8, hidden=8, attention=8)
source, target = (domain.Domain(torch.randn(8, 20, 8), manifest) for _ in range(2))
for name, entry in METHODS.items():
    if entry.place and entry.reads == "frames":
        adaptation.adapt(
            SNSA(sizes), source, target, load(entry.place), adaptation.AdaptationSettings(epochs=1), MethodSettings(),
            seed=0, resume=Path("resume"), identity=name,
        )
"""
WORK = {
    "the package": ("import nnpm", "torch librosa pandas numpy"),
    "the table of methods": ("import nnpm.methods.table", "numpy torch yaml"),
    "the plan": ("import nnpm.workflow.estimate, nnpm.workflow.plan", "numpy pandas torch"),
    "the adapters": (
        "import nnpm.corpora as c; [c.get(name) for name in c.NAMES]",
        "numpy pandas soundfile praatio torch",
    ),
    "help": (HELP, "torch librosa"),
    "the page of predictions": ("import nnpm.prediction.page", "torch librosa scipy sklearn matplotlib"),
    "the logger, which may show another clone's study": ("import snakemake_logger_plugin_nnpm", "nnpm rich tqdm torch"),
    "a run": (RUN, "torch._dynamo torch._inductor sympy sklearn scipy librosa matplotlib"),
}


@pytest.mark.parametrize("work", WORK)
def test_it_imports_nothing_heavy(tmp_path: Path, work: str) -> None:
    code, heavy = WORK[work]
    code += f"\nimport sys\nassert not (found := set({heavy.split()}) & set(sys.modules)), found"
    environment = os.environ | {"PYTHONPATH": str(Path(nnpm.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert work != "help" or ("7.5 s" in done.stdout and "exit status is 1" in done.stdout)


def test_the_logger_repeats_what_it_may_not_import() -> None:
    assert PLUGINS == DISPLAY
