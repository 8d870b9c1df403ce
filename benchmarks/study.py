"""How long the paper's study takes, extrapolated from measured steps at the paper's sizes; on a GPU if there is one."""

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import torch
import yaml

from benchmarks.rows import Row, table
from benchmarks.side_by_side import Contender, in_turn
from benchmarks.sizes import BATCH, CORPUS, EPOCHS, SEEDS, SOURCE_VALIDATION, STEPS, TEST, TRAINING
from nnpm import CLASSES
from nnpm.evaluation import inference as evaluate
from nnpm.files import write_mels
from nnpm.methods.base import MethodSettings, Start, Utterances
from nnpm.methods.pseudo_multilabel import PseudoMultilabel
from nnpm.methods.table import METHODS
from nnpm.model.backbone import SNSA, BackboneSettings, steps_after
from nnpm.model.objectives import source_loss
from nnpm.training import devices, domain
from nnpm.training.adaptation import Adaptation, AdaptationSettings
from nnpm.training.domain import Domain
from nnpm.training.optimizer import Adam
from nnpm.workflow.plan import Plan

CONFIG = yaml.safe_load((Path(__file__).parents[1] / "config" / "config.yaml").read_text(encoding="utf-8"))
PLAN = Plan(CONFIG)

MEASURED = 8  # steps of a measured epoch

#: Runs of one seed that have epochs, by target and frozen blocks, as the study's plan has them.
RUNS = Counter(
    (run.target, PLAN.settings(run.variant)["adaptation"]["freeze"])
    for run in PLAN.with_backbone
    if run.seed == CONFIG["seeds"][0] and METHODS[run.method].place  # without one there are no epochs
)


def nnpm(settings: MethodSettings, features: torch.Tensor) -> PseudoMultilabel:
    """The method with a memory of these features, (slots, width)."""
    unknown = Utterances(features, None, torch.full((len(features),), -1), natural=-1)
    return PseudoMultilabel(Start(settings, SNSA(BackboneSettings()), 2, unknown, unknown))


def _inputs(blocks: int) -> torch.Tensor:
    return torch.randn(MEASURED * BATCH, steps_after(751, blocks), 64 if blocks else 128)


def adaptation_epoch(device: str, precision: str, blocks: int) -> Callable[[], Any]:
    """An epoch of MEASURED steps with the paper's memory; it ends when the device has done it."""
    chosen = devices.prepare(device, 1, precision)
    torch.manual_seed(0)
    manifest = pd.DataFrame({"split": "train", "label": [CLASSES[row % 4] for row in range(MEASURED * BATCH)]})
    source, target = (Domain(_inputs(blocks).to(chosen), manifest) for _ in range(2))
    backbone = SNSA(BackboneSettings()).to(chosen)
    backbone.freeze(blocks)
    method = nnpm(MethodSettings(), torch.randn(TRAINING, 200, device=chosen))
    settings = AdaptationSettings(freeze=blocks, precision=precision)
    adaptation = Adaptation(backbone, method, source, target, settings=settings, seed=0)
    return lambda: {name: mean.item() for name, mean in adaptation.epoch(1).items()}


def pretraining_steps(device: str, precision: str) -> Callable[[], Any]:
    """MEASURED steps of pretraining."""
    chosen = devices.prepare(device, 1, precision)
    backbone = SNSA(BackboneSettings()).to(chosen)
    optimizer = Adam(backbone.parameters(), 1e-3, 1e-5)
    mels, labels = _inputs(0).to(chosen), torch.arange(BATCH, device=chosen) % 4

    def work() -> float:
        for rows in torch.arange(len(mels), device=chosen).view(MEASURED, BATCH):
            with devices.autocast(chosen, precision):
                _, logits = backbone(mels[rows])
            loss = source_loss(logits.float(), labels)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        return loss.item()

    return work


def inference(device: str, precision: str, blocks: int) -> Callable[[], Any]:
    """Predictions for MEASURED batches of utterances, from mels or from what the blocks make of them."""
    chosen = devices.prepare(device, 1, precision)
    backbone, inputs = SNSA(BackboneSettings()).to(chosen), _inputs(blocks).to(chosen)
    rows = torch.arange(len(inputs), device=chosen)
    return lambda: evaluate.infer(backbone, inputs, rows, blocks)[1].sum().item()


def encoding(_: Path) -> Callable[[], Any]:
    """What a run would compute if it encoded for itself: the blocks' output for MEASURED batches."""
    devices.prepare("cpu", 1)
    backbone, mels = SNSA(BackboneSettings()), _inputs(0)
    return lambda: [part.sum() for part in evaluate.encode(backbone, mels, 2)]


def opening(folder: Path) -> Callable[[], Any]:
    """What it does instead: open the map that an `encode` job wrote, and read it."""
    device = devices.prepare("cpu", 1)
    write_mels(folder / "encoded.npy", MEASURED * BATCH, [_inputs(2).numpy()])
    return lambda: domain.load_inputs(folder / "encoded.npy", device).sum()


def frozen() -> list[Row]:
    """Row 3."""
    with tempfile.TemporaryDirectory() as scratch:
        forms = {"encode": encoding, "open": opening}
        timing = in_turn({name: [Contender(form, Path(scratch))] for name, form in forms.items()}, rounds=3, calls=2)
    scale = (CORPUS["iemocap"] + CORPUS["shemo"]) / (MEASURED * BATCH)
    encode, opened = (scale * timing.median(name) for name in ("encode", "open"))
    runs = SEEDS * sum(count for (_, blocks), count in RUNS.items() if blocks == 2)
    return [
        Row(
            "frozen encoder's output: spared in a run from IEMOCAP to ShEMO",
            f"{encode - opened:.1f} s",
            "computed once",
            None,
            f"{encode:.1f} s to compute, {opened:.2f} s to read; computed {SEEDS * len(CORPUS)} times for {runs} runs",
        )
    ]


def parts(device: str, precision: str = "float32", at_once: int = 1) -> dict[str, float]:
    """Seconds of each part of a study, a step of each kind and an utterance's prediction, `at_once` runs at a time."""
    works: dict[str, tuple[Any, ...]] = {"pretraining": (pretraining_steps, device, precision)}
    for blocks in range(3):
        works[f"adaptation {blocks}"] = (adaptation_epoch, device, precision, blocks)
        works[f"inference {blocks}"] = (inference, device, precision, blocks)
    groups = {name: [Contender(*work) for _ in range(at_once)] for name, work in works.items()}
    timing = in_turn(groups, rounds=3, calls=1 if device == "cpu" else 10)
    utterances = MEASURED * BATCH
    return {name: timing.median(name) / (utterances if "inference" in name else MEASURED) for name in works}


def study_seconds(seconds: Mapping[str, float]) -> dict[str, float]:
    """What the training of one seed takes, one run after the other: pretraining, and all of its adaptation runs."""
    pretraining = EPOCHS * (STEPS * seconds["pretraining"] + SOURCE_VALIDATION * seconds["inference 0"])
    adaptation = sum(
        count * EPOCHS * (STEPS * seconds[f"adaptation {blocks}"] + TEST[target] * seconds[f"inference {blocks}"])
        for (target, blocks), count in RUNS.items()
    )
    return {"pretraining": pretraining, "adaptation": adaptation}


def rehearsal(cores: int) -> list[Row]:
    """Rows 7 and 8."""
    measured = parts("cpu", at_once=cores)
    seconds = study_seconds(measured)
    hours = SEEDS * sum(seconds.values()) / cores / 3600
    rows = [
        Row(
            f"training in the paper's study, five seeds, --cores {cores}",
            f"{hours:.0f} h",
            "",
            None,
            f"extrapolated from steps, {cores} runs at a time: {1000 * measured['adaptation 2']:.0f} ms with two "
            f"frozen blocks, {1000 * measured['pretraining']:.0f} ms in pretraining; one seed: {hours / SEEDS:.1f} h",
        )
    ]
    return rows + (gpu() if torch.cuda.is_available() else NO_GPU)


NO_GPU = [
    Row("adaptation epoch at IEMOCAP's size on a GPU", "", "< 1 s on an H200", None, "no GPU here"),
    Row("the paper's study with one seed on a GPU", "", "< 15 min on an H200", None, "no GPU here"),
]


def gpu() -> list[Row]:
    """Row 7, in each precision; runs one after the other."""
    rows, name = [], torch.cuda.get_device_name()
    for precision in ("float32", "tf32", "bfloat16"):
        measured = parts("cuda", precision)
        epoch, minutes = STEPS * measured["adaptation 2"], sum(study_seconds(measured).values()) / 60
        rows += [
            Row(f"adaptation epoch at IEMOCAP's size, {precision}", f"{epoch:.2f} s", "< 1 s", epoch < 1, name),
            Row(f"the paper's study with one seed, {precision}", f"{minutes:.0f} min", "< 15 min", minutes < 15, name),
        ]
    return rows


if __name__ == "__main__":
    print(table(frozen() + rehearsal(cores=2)))
