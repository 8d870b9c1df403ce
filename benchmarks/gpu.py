"""Training on a GPU, measured within a few minutes: `bash benchmarks/gpu.sh`.

Needs PyTorch 2.9 or newer, NumPy, pandas, SciPy, scikit-learn, tqdm and safetensors. It needs no network, no corpora,
no Snakemake and no installation of this project. Inputs are random, in the sizes of the paper's study.

Measured, in float32, TF32 and bfloat16 unless stated otherwise:

  start        seconds that a training job takes before its own work
  epoch        an adaptation epoch at IEMOCAP's size
  pretraining  a pretraining epoch at IEMOCAP's size
  waiting      share of the time in which the GPU waits for the CPU to launch its next kernel
  bytes        whether two equal runs end in the same weights and predictions, byte for byte
  runs         an epoch of a run to each target, with the scores and the checkpoint that follow it
  processes    runs per hour with 1, 2, 4 and 8 processes on one GPU, float32
  study        the paper's study with one seed, from start, pretraining, runs and processes
  ua           UA of NNPM with five seeds, on real inputs from a folder (--inputs)

FOLDER, the real inputs:

  {corpus}.csv                        results/{study}/corpora/{corpus}/manifest.csv
  and either the mels, on which each seed pretrains:
  {corpus}.npy                        results/{study}/features/{corpus}.npy
  or what the two frozen blocks made of them, and the backbone that it is for:
  seed~{seed}/{corpus}.npy            results/{study}/encoded/{corpus}/freeze~2/seed~{seed}.npy
  seed~{seed}/backbone.safetensors    results/{study}/pretrained/seed~{seed}/last.safetensors

Files without a folder seed~{seed} serve all seeds. Every corpus of the folder but the source is a target.
"""

import argparse
import multiprocessing
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from benchmarks import gpu_work
from benchmarks.gpu_work import PAPER, QUICK, Sizes
from benchmarks.sizes import RUNS
from nnpm.files import write_csv, write_text

PRECISIONS = ("float32", "tf32", "bfloat16")
#: Jobs of one seed beside the runs of `sizes.RUNS` and the pretraining: SNSA-F on each target, encoding each corpus.
UNADAPTED, ENCODED = 4, 5
FEW = 4  # steps of an epoch on a CPU
RESERVE = 15.0  # seconds of the budget that are kept for start and end


class OutOfTimeError(Exception):
    """The time budget is spent."""


class NotMeasuredError(Exception):
    """Something that a measurement needs is absent; the message says what."""


@dataclass(frozen=True)
class Row:
    """One line of the table; `value` is None where nothing was measured, `note` then says why."""

    what: str
    precision: str = ""
    value: float | str | None = None
    unit: str = ""
    note: str = ""

    def cells(self) -> list[str]:
        """As text, numbers with three significant digits."""
        value = "not measured" if self.value is None else self.value
        return [self.what, self.precision, value if isinstance(value, str) else _short(value), self.unit, self.note]


def _short(value: float) -> str:
    return f"{float(f'{value:.3g}'):.10g}"


def markdown(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table; pandas would need another package for it."""
    lines = [["what", "precision", "value", "unit", "note"], *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    lines.insert(1, ["-" * width for width in widths])
    padded = (" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join(f"| {line} |" for line in padded)


@dataclass
class Session:
    """What is measured with, what was measured so far, and the processes that do the work."""

    device: str
    sizes: Sizes
    begun: float
    minutes: float
    at_once: tuple[int, ...]  # numbers of processes
    further: int  # epochs that tell the time of one
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    inputs: Path | None = None
    source: str = "ravdess"
    seconds: dict[Any, Any] = field(default_factory=dict)  # what later parts need
    scores: list[dict[str, Any]] = field(default_factory=list)
    workers: dict[int, ProcessPoolExecutor] = field(default_factory=dict)

    def ask(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """The answer of a process that calls `function`. Raises OutOfTimeError."""
        return self.ask_all([(function, *arguments)])[0]

    def ask_all(self, calls: Sequence[tuple[Any, ...]]) -> list[Any]:
        """The answers to several calls, each in a process of its own, all at the same time. Raises OutOfTimeError."""
        answers = self.ask_some(calls)
        if None in answers:
            raise OutOfTimeError
        return answers

    def ask_some(self, calls: Sequence[tuple[Any, ...]]) -> list[Any]:
        """The same, but with None in place of what did not come in time; processes take several calls if need be."""
        if self.left() <= 0:
            return [None for _ in calls]
        futures = [self._worker(index % max(self.at_once)).submit(*call) for index, call in enumerate(calls)]
        answers = []
        try:
            for future in futures:
                try:
                    answers.append(future.result(max(0.0, self.left())))
                except TimeoutError:
                    answers.append(None)
        except Exception:
            self.stop()  # a process that died or has lost its GPU does no more work
            raise
        if None in answers:
            self.stop()
        return answers

    def _worker(self, index: int) -> ProcessPoolExecutor:
        if index not in self.workers:
            self.workers[index] = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
        return self.workers[index]

    def left(self) -> float:
        """Seconds that are left to measure."""
        return self.begun + 60 * self.minutes - RESERVE - time.monotonic()

    def stop(self) -> None:
        """End the processes, whatever they do; the next call starts new ones."""
        for worker in self.workers.values():
            worker.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():
            child.kill()
        self.workers.clear()

    def reduced(self) -> tuple[Sizes, float, str]:
        """Sizes whose epochs are short enough here, how many of them make a whole one, and what a row says of it."""
        sizes = self.sizes.first(FEW) if self.device == "cpu" else self.sizes
        note = "" if sizes is self.sizes else f"from {sizes.steps} of {self.sizes.steps} steps, corpora in proportion"
        return sizes, self.sizes.steps / sizes.steps, note


# --- The parts --------------------------------------------------------------------------------------------------------


def start(session: Session, precision: str) -> Iterator[Row]:
    """The better of two starts of a process, since the first reads the packages from the disk."""
    taken = []
    for _ in range(2):
        begun = time.monotonic()
        command = [sys.executable, "-c", gpu_work.START, session.device]
        subprocess.run(command, check=True, timeout=max(1.0, session.left()))
        taken.append(time.monotonic() - begun)
    session.seconds["start"] = min(taken)
    yield Row("start of a training job", "", min(taken), "s", "imports, and the device's first use")


def epoch(session: Session, precision: str) -> Iterator[Row]:
    """An adaptation epoch by itself."""
    sizes, times, note = session.reduced()
    taken, memory = session.ask(gpu_work.adaptation_epoch, sizes, session.device, precision)
    notes = [f"{1000 * taken / sizes.steps:.1f} ms per step", f"{memory:.0f} MiB on the GPU" if memory else "", note]
    yield Row("adaptation epoch at IEMOCAP's size", precision, times * taken, "s", _joined(notes))


def pretraining(session: Session, precision: str) -> Iterator[Row]:
    """A pretraining epoch."""
    sizes, times, note = session.reduced()
    each, beside = session.ask(gpu_work.pretraining_time, sizes, session.device, precision, session.further)
    session.seconds["pretraining", precision] = times * each, beside
    said = _joined(["with validation and saving", note])
    yield Row("pretraining epoch at IEMOCAP's size", precision, times * each, "s", said)


def waiting(session: Session, precision: str) -> Iterator[Row]:
    """Share of the time in which the GPU is idle, in epochs of eight steps."""
    sizes = session.sizes.first(8)
    for stage, share in session.ask(gpu_work.waiting, sizes, session.device, precision).items():
        what = f"time in which the GPU waits, {stage}"
        note = f"epochs of {sizes.steps} steps" if share is not None else "the profiler sees no kernels of a GPU here"
        yield Row(what, precision, "n/a" if share is None else 100 * share, "%", note)


def same_bytes(session: Session, precision: str) -> Iterator[Row]:
    """Whether two processes end in the same bytes."""
    sizes = session.sizes.first(8)
    call = (gpu_work.digests, sizes, session.device, precision)
    (one, warned), (other, _) = session.ask_all([call, call])
    note = f"weights and predictions, 3 epochs of {sizes.steps} steps"
    if warned:
        note += f"; PyTorch warns of {', '.join(warned)}"
    for kind in one:
        yield Row(f"same bytes twice, {kind}", precision, "yes" if one[kind] == other[kind] else "no", "", note)


def runs(session: Session, precision: str) -> Iterator[Row]:
    """An epoch of a run as the study has it, for each target and number of frozen blocks."""
    sizes, times, note = session.reduced()
    for target, blocks in RUNS:
        each, beside = session.ask(gpu_work.run_time, sizes, session.device, precision, target, blocks, session.further)
        session.seconds["run", precision, target, blocks] = times * each, beside
        what = f"epoch of a run to {target}, freeze {blocks}"
        yield Row(what, precision, times * each, "s", _joined(["with tracking and saving", note]))


def processes(session: Session, precision: str) -> Iterator[Row]:
    """Runs per hour with several processes on one device; one run has the study's epochs and the start of its job."""
    sizes, times, note = session.reduced()
    if "start" not in session.seconds:
        raise NotMeasuredError("needs start")
    for count in session.at_once:

        def seconds(epochs: int, count: int = count) -> float:
            begun = time.monotonic()
            session.ask_all([(gpu_work.run_epochs, sizes, session.device, precision, epochs)] * count)
            return time.monotonic() - begun

        seconds(1)  # what is new starts, and warms up
        short, long = seconds(1), seconds(1 + session.further)
        each = max(long - short, 1e-9) / session.further
        whole = session.seconds["start"] + max(short - each, 0.0) + session.sizes.epochs * times * each
        session.seconds["runs per hour", count] = 3600 * count / whole
        said = f"{_short(times * each)} s per epoch of all of them; epochs timed: {session.further}"
        what = f"runs per hour, {count} process{'es' if count > 1 else ''}"
        yield Row(what, precision, 3600 * count / whole, "runs/h", _joined([said, note]))


def study(session: Session, precision: str) -> Iterator[Row]:
    """Minutes of the training jobs of one seed, one after the other, and several at a time."""
    found = session.seconds
    try:
        minutes = [part / 60 for part in study_seconds(found, session.sizes.epochs, precision)]
    except KeyError:
        raise NotMeasuredError("needs start, pretraining and runs") from None
    note = f"{sum(RUNS.values())} runs of {session.sizes.epochs} epochs; training jobs alone, extrapolated"
    yield Row("the paper's study with one seed", precision, sum(minutes), "min", f"one job at a time; {note}")
    rates = {count: found[key] for count in session.at_once if (key := ("runs per hour", count)) in found}
    if precision == "float32" and 1 in rates and len(rates) > 1:
        best = max(rates, key=lambda count: rates[count])
        several = minutes[0] + minutes[1] * rates[1] / rates[best]
        yield Row("the paper's study with one seed", precision, several, "min", f"{best} runs at a time; {note}")


def study_seconds(found: dict[Any, Any], epochs: int, precision: str) -> tuple[float, float]:
    """Seconds of what comes before the runs of one seed, and of the runs one by one. KeyError: not all was measured."""
    each, beside = found["pretraining", precision]
    first = found["start"] + beside + epochs * each + ENCODED * found["start"]
    runs = UNADAPTED * found["start"]
    for (target, blocks), count in RUNS.items():
        each, beside = found["run", precision, target, blocks]
        runs += count * (found["start"] + beside + epochs * each)
    return first, runs


def ua(session: Session, precisions: Sequence[str]) -> Iterator[Row]:
    """UA on real inputs. A seed is begun in all precisions, so that they have the same seeds when time ends."""
    folder = session.inputs
    if folder is None:
        raise NotMeasuredError("no folder of inputs was given (--inputs)")
    targets = sorted(path.stem for path in folder.glob("*.csv") if path.stem != session.source)
    asked = [(precision, seed) for seed in session.seeds for precision in precisions]
    fixed = (gpu_work.scores, folder, session.source, targets, session.sizes, session.device)
    answers = session.ask_some([(*fixed, *each) for each in asked])
    for (precision, seed), answer in zip(asked, answers, strict=True):
        for target, found in (answer or {}).items():
            session.scores.append({"target": target, "precision": precision, "seed": seed, **found})
    if not session.scores:
        raise OutOfTimeError
    table = pd.DataFrame(session.scores)
    for target in targets:
        by_seed = 100 * table[table["target"] == target].pivot(index="seed", columns="precision", values="ua")
        for precision in precisions:
            values = by_seed[precision].dropna() if precision in by_seed else by_seed.iloc[:0, 0]
            yield _ua_row(f"UA of NNPM, {session.source} to {target}", precision, values, by_seed, len(session.seeds))


def _ua_row(what: str, precision: str, values: "pd.Series[float]", by_seed: pd.DataFrame, seeds: int) -> Row:
    """The mean over seeds, percent; the note has each seed, and the difference to float32 with the same seeds."""
    if values.empty:
        return Row(what, precision, unit="%", note="no time left")
    notes = [f"{len(values)} of {seeds} seeds"]
    if len(values) > 1:
        notes.append(f"standard deviation {values.std():.2f}")
    if precision != "float32" and "float32" in by_seed:
        notes.append(f"{(values - by_seed['float32']).mean():+.2f} against float32")
    notes.append("by seed " + ", ".join(f"{value:.2f}" for value in values))
    return Row(what, precision, f"{values.mean():.2f}", "%", _joined(notes))


def _joined(notes: Sequence[str]) -> str:
    return "; ".join(filter(None, notes))


#: What each part measures, in a row that could not be measured, and how.
PARTS: dict[str, tuple[str, Callable[..., Iterator[Row]]]] = {
    "start": ("start of a training job", start),
    "epoch": ("adaptation epoch at IEMOCAP's size", epoch),
    "pretraining": ("pretraining epoch at IEMOCAP's size", pretraining),
    "waiting": ("time in which the GPU waits", waiting),
    "bytes": ("same bytes twice", same_bytes),
    "runs": ("epoch of a run", runs),
    "processes": ("runs per hour", processes),
    "study": ("the paper's study with one seed", study),
    "ua": ("UA of NNPM", ua),
}


# --- The command ------------------------------------------------------------------------------------------------------


def options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line. Ends the process with one line where it cannot be followed."""
    parser = argparse.ArgumentParser(
        prog="benchmarks/gpu.sh", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    out = Path(os.environ.get("OUT") or "results/gpu")
    add("--out", type=Path, default=out, metavar="FOLDER", help="for table.md, table.csv, ua.csv; $OUT or results/gpu")
    add("--minutes", type=float, default=8.0, help="time budget; what does not fit is left out (8)")
    add("--device", choices=("auto", "cpu", "cuda"), default="auto", help="auto: the GPU where there is one")
    add("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART", help="parts to measure (all)")
    add("--inputs", type=Path, metavar="FOLDER", help="real inputs for ua, laid out as above")
    add("--source", default="ravdess", help="which corpus of FOLDER is the source (ravdess)")
    add("--quick", action="store_true", help="tiny sizes: shows that everything runs, the figures mean nothing")
    chosen = parser.parse_args(arguments)
    version = tuple(int(part) for part in torch.__version__.split("+")[0].split(".")[:2])
    if version < (2, 9):
        parser.exit(2, f"Error: PyTorch 2.9 or newer is needed, here is {torch.__version__}\n")
    if chosen.device == "cuda" and not torch.cuda.is_available():
        parser.exit(2, "Error: --device cuda: PyTorch sees no GPU here\n")
    if chosen.inputs and not (chosen.inputs / f"{chosen.source}.csv").exists():
        parser.exit(
            2, f"Error: --inputs: {chosen.inputs} has no {chosen.source}.csv; which corpus is the source? (--source)\n"
        )
    return chosen


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, part by part; after each the tables so far are written. Returns 1 if a measurement failed, else 0."""
    begun = time.monotonic()
    # One device, also where there are several: the processes share it.
    os.environ["CUDA_VISIBLE_DEVICES"] = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0]
    chosen = options(arguments)
    device = chosen.device if chosen.device != "auto" else ("cuda" if torch.cuda.is_available() else "cpu")
    session = Session(
        device,
        QUICK if chosen.quick else PAPER,
        begun=begun,
        minutes=chosen.minutes,
        at_once=(1, 2, 4, 8) if device == "cuda" else (1, 2),
        further=1 if chosen.quick else 4,
        inputs=chosen.inputs,
        source=chosen.source,
    )
    if chosen.quick:
        session.seeds = (0, 1)
    try:
        return measure(session, chosen.only, chosen.out)
    finally:
        session.stop()


def measure(session: Session, parts: Sequence[str], out: Path) -> int:
    """As `main`, with processes that are still to be ended."""
    precisions = PRECISIONS if session.device == "cuda" else ("float32", "bfloat16")  # TF32 is a GPU's
    rows: list[Row] = []
    about, text, failed = "", "", False
    for part in (name for name in PARTS if name in parts):
        title, measured = PARTS[part]
        for precision in {"start": [""], "processes": ["float32"], "ua": [precisions]}.get(part, precisions):
            try:
                about = about or session.ask(gpu_work.about, session.device)
                for row in measured(session, precision):
                    rows.append(row)
                    print(" | ".join(row.cells()), file=sys.stderr, flush=True)
            except Exception as error:
                failed |= not isinstance(error, EXPECTED)
                rows.append(Row(title, precision if isinstance(precision, str) else "", note=_reason(error)))
            text = f"{about or session.device}; {_said(session)}\n\n{markdown(rows)}\n"
            write_text(out / "table.md", text)
            write_csv(out / "table.csv", pd.DataFrame([asdict(row) for row in rows]))
            if session.scores:
                write_csv(out / "ua.csv", pd.DataFrame(session.scores))
    print(text, end="")
    return int(failed)


EXPECTED = (OutOfTimeError, NotMeasuredError, subprocess.TimeoutExpired)


def _reason(error: Exception) -> str:
    """Why nothing was measured; what nobody expected is printed in full as well."""
    if isinstance(error, NotMeasuredError):
        return str(error)
    if isinstance(error, EXPECTED):
        return "no time left"
    traceback.print_exception(error)
    return f"failed: {type(error).__name__}: {' '.join(str(error).split())[:200]}"


def _said(session: Session) -> str:
    """How long it took, and what the sizes were."""
    minutes = f"measured in {(time.monotonic() - session.begun) / 60:.1f} minutes."
    return minutes + (" Tiny sizes (--quick): the figures mean nothing." if session.sizes is QUICK else "")


if __name__ == "__main__":
    sys.exit(main())
