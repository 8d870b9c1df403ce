"""Fit the test for sounds without speech (`nnpm.features.speech`), and measure how often it is right.

`python -m benchmarks.speech --speech FOLDER... --prompts FOLDER... --other KIND=FOLDER... --into docs/results/speech`
writes rates.csv and prints the weights. Corpora (`--speech`) are also changed as in CONDITIONS; `--prompts` is other
speech; KIND is a word such as music. `--tested-speech KIND=FOLDER...` and `--tested-other KIND=FOLDER...` are not
fitted. `--cache FOLDER` keeps functionals from one call to the next.

A clip is a file's first 7.5 s; of music and other sounds, several parts of a long file. Clips below 1 s and silent ones
are left out, and sounds whose name speaks of a voice. All folders are divided into five parts; each clip is scored by
weights that were fitted without its folder's package.
"""

import argparse
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.signal import butter, chirp, sosfilt
from sklearn.linear_model import LogisticRegression

from nnpm import audio
from nnpm.decoding import opened
from nnpm.errors import InputError
from nnpm.features.functionals import functionals
from nnpm.features.speech import TERMS
from nnpm.files import write_text
from nnpm.reporting.metrics import to_csv

Signal = npt.NDArray[np.float32]
Array = npt.NDArray[np.float64]

RATE, SECONDS, SHORTEST = 16000, 7.5, 1.0
CLIPS = {"speech": 150, "changed": 50, "prompts": 40, "other": 40, "synthetic": 10}  # of a folder
PARTS, MARKED = 5, 0.01  # MARKED: the share of speech that is marked, where the threshold is put
SOUNDS = {".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3"}
#: A sound effect whose name has one of these words may be a voice, or have voices in it.
VOICES = re.compile(
    r"voice|speak|speech|talk|radio|news|disco|choir|voxy|robot|laugh|giggle|scream|shriek|death|hurt|die\b|die-|die\d"
    r"|hit[-.]|hit\d|groan|growl|wail|ugg|cry|civilian|soldier|aliens/|prince|troll|areyousure|youcannot|tuxok|burp"
    r"|market|resident|school|university|commune|croud|crowd|shanty|health|audio-channel|seen-|zombie|witch|dwarf",
    re.IGNORECASE,
)

#: A prompt whose name has one of these may be an effect, or a voice changed by effects (Debian's fillets-ng-data-cs).
EFFECTS = re.compile(r"-x-|/gods/|/ending/|/border/|blackjokes|beep|tone")


def noise(size: int, rng: np.random.Generator, slope: float = 0.0) -> Signal:
    """Noise of deviation 1 whose spectrum falls by `slope` decades of power per decade: 0 is white, 1 is pink."""
    spectrum = np.fft.rfft(rng.normal(size=size))
    spectrum[1:] *= np.arange(1, len(spectrum)) ** (-slope / 2)
    spectrum[0] = 0
    found = np.fft.irfft(spectrum, size)
    return (found / found.std()).astype(np.float32)


def noisy(decibels: float) -> Callable[[Signal, np.random.Generator], Signal]:
    """Add white or pink noise, so many dB weaker than the recording."""

    def changed(signal: Signal, rng: np.random.Generator) -> Signal:
        added = noise(len(signal), rng, float(rng.integers(2)))
        return signal + added * np.float32(signal.std() * 10 ** (-decibels / 20))

    return changed


def telephone(signal: Signal, rng: np.random.Generator) -> Signal:
    """300 to 3400 Hz, 24 dB per octave."""
    return np.asarray(sosfilt(butter(4, (300, 3400), "bandpass", fs=RATE, output="sos"), signal), np.float32)


def quiet(signal: Signal, rng: np.random.Generator) -> Signal:
    """A hundredth of the amplitude, in 16 bits."""
    return (np.round(signal * 327.68) / 32768).astype(np.float32)


def second(signal: Signal, rng: np.random.Generator) -> Signal:
    """The middle second."""
    start = max(0, (len(signal) - RATE) // 2)
    return signal[start : start + RATE]


PLAIN, JOINED = "as recorded", "7.5 s of several"
CONDITIONS: Mapping[str, Callable[[Signal, np.random.Generator], Signal]] = {
    PLAIN: lambda signal, rng: signal,
    "noise at 20 dB": noisy(20),
    "noise at 10 dB": noisy(10),
    "telephone": telephone,
    "40 dB weaker": quiet,
    "1 s of it": second,
}


def synthetic(count: int, rng: np.random.Generator) -> Iterator[tuple[str, Signal]]:
    """Sounds that nobody recorded: their kind and `count` signals of each."""
    time = np.arange(round(SECONDS * RATE)) / RATE
    for _ in range(count):
        frequency = float(np.exp(rng.uniform(np.log(60), np.log(4000))))
        hum = float(rng.choice([50, 60]))
        clicks = np.zeros(len(time), np.float32)
        clicks[rng.integers(0, len(time), rng.integers(1, 60))] = 1
        beeps = np.sin(2 * np.pi * frequency * time) * (time * rng.uniform(0.5, 4) % 1 < 0.5)
        yield "white noise", noise(len(time), rng)
        yield "pink noise", noise(len(time), rng, 1.0)
        yield "tone", np.sin(2 * np.pi * frequency * time).astype(np.float32)
        yield "hum", np.sum([np.sin(2 * np.pi * k * hum * time) / k for k in range(1, 9)], axis=0).astype(np.float32)
        yield "chirp", chirp(time, 100, SECONDS, frequency + 500).astype(np.float32)
        yield "siren", np.sin(2 * np.pi * 800 * time + 400 * np.sin(2 * np.pi * 0.3 * time)).astype(np.float32)
        yield "beeps", beeps.astype(np.float32)
        yield "clicks", clicks
    yield "digital silence", np.zeros(len(time), np.float32)


def clips(folder: Path, count: int, parts: bool) -> Iterator[tuple[str, Signal]]:
    """Up to `count` clips of a folder, files in random order; with `parts`, several of a file that is long enough."""
    rng = np.random.default_rng(0)
    files = sorted(path for path in _walked(folder) if path.suffix.lower() in SOUNDS)
    files = [path for path in files if not (parts and VOICES.search(path.relative_to(folder).as_posix()))]
    each = max(1, -(-count // max(1, len(files)))) if parts else 1
    found = 0
    for path in (files[place] for place in rng.permutation(len(files))):
        try:
            with opened(path) as source:
                length = source.file.frames / source.rate
        except InputError:  # some names end in .wav and are MIDI
            continue
        starts = np.arange(each) * SECONDS if length < (each + 1) * SECONDS else np.linspace(0.05, 0.9, each) * length
        for start in starts if parts else [0.0]:
            try:
                signal = audio.read(path, RATE, SECONDS, float(start))
            except InputError:
                continue
            if found < count and len(signal) >= SHORTEST * RATE and np.abs(signal).max() > 1e-3:
                found += 1
                yield f"{path.relative_to(folder).as_posix()}@{start:.0f}", signal


def joined(signals: Sequence[Signal]) -> Signal:
    """The first 7.5 s of recordings with pauses of 0.25 s after them."""
    pause = np.zeros(RATE // 4, np.float32)
    return np.concatenate([part for signal in signals for part in (signal, pause)])[: round(SECONDS * RATE)]


def speech(folder: Path) -> Iterator[tuple[str, Iterable[tuple[str, Signal]]]]:
    """The clips of a corpus as recorded and under each condition, by the condition's name."""
    named = list(clips(folder, CLIPS["speech"], parts=False))
    for condition, change in CONDITIONS.items():
        rng = np.random.default_rng(2)
        chosen = named if condition == PLAIN else named[: CLIPS["changed"]]
        yield condition, ((name, change(signal, rng)) for name, signal in chosen)
    several = [named[place : place + 3] for place in range(0, 3 * CLIPS["changed"], 3)]
    yield JOINED, ((part[0][0], joined([signal for _, signal in part])) for part in several if part)


class Measured(NamedTuple):
    """Clips: a table of kind, package and clip, and what was measured of them, (clips, terms)."""

    about: pd.DataFrame
    values: Array


def measured(given: argparse.Namespace) -> Measured:
    """The functionals of all clips of the folders."""
    tables = []

    def measure(role: str, kind: str, package: str, folder: str, named: Iterable[tuple[str, Signal]]) -> None:
        file = given.cache / f"{role}~{package}~{kind}~{folder}.csv" if given.cache else None
        if file and file.exists():
            table = pd.read_csv(file)
        else:
            rows = [{"clip": clip} | functionals(signal.astype(np.float32), RATE) for clip, signal in named]
            table = pd.DataFrame(rows, columns=["clip", *TERMS])
            if file:
                write_text(file, to_csv(table))
        tables.append(table.assign(role=role, kind=kind, package=package))

    for folder in given.speech:
        for condition, named in speech(folder):
            measure("speech", condition, folder.name, folder.name, named)
    given_of = {"prompts": [("prompts", folder) for folder in given.prompts], "other": given.other}
    given_of |= {"tested speech": given.tested_speech, "tested other": given.tested_other}
    for role, named_folders in given_of.items():
        spoken, folders = role in ("prompts", "tested speech"), [folder for _, folder in named_folders]
        for kind, folder in named_folders:
            named = clips(folder, CLIPS["prompts" if spoken else "other"], parts=not spoken)
            measure(role, kind, package(folder, folders), folder.name, named)
    made = list(synthetic(CLIPS["synthetic"], np.random.default_rng(1)))
    for kind in dict.fromkeys(kind for kind, _ in made):
        measure("synthetic", kind, kind, kind, [each for each in made if each[0] == kind])
    found = pd.concat(tables, ignore_index=True)
    found = found[
        ~(found["clip"].str.contains(EFFECTS) & found["role"].isin(["prompts", "tested speech"]))
    ].reset_index(drop=True)
    return Measured(found[["role", "kind", "package", "clip"]], found[list(TERMS)].to_numpy())


def package(folder: Path, folders: Sequence[Path]) -> str:
    """The part of a folder's path from which on the folders differ: packages are unpacked side by side."""
    common = Path(os.path.commonpath(folders)) if len(folders) > 1 else folder.parent
    return folder.relative_to(common).parts[0]


def weights(about: pd.DataFrame, other: npt.NDArray[np.bool_]) -> Array:
    """What each clip counts for, both classes the same: kinds of other sounds alike, in them packages alike.

    A condition of a corpus counts 0.4 of a package of prompts.
    """
    found = np.zeros(len(about))
    groups = about.groupby(["role", "kind", "package"])["clip"].transform("size").to_numpy()
    found[~other] = np.where(about["role"] == "speech", 0.4, 1.0)[~other] / groups[~other]
    packages = about.groupby(["role", "kind"])["package"].transform("nunique").to_numpy()
    found[other] = 1 / groups[other] / packages[other]
    for part in (other, ~other):
        found[part] /= found[part].sum()
    return found * len(about) / 2


def fit(values: Array, other: npt.NDArray[np.bool_], counts: Array) -> tuple[Array, Array, float]:
    """Return what is added before the logarithm and the weights, (terms,), and the bias."""
    added = 0.01 * np.median(values, axis=0)
    logs = np.log(values + added)
    mean, deviation = logs.mean(axis=0), logs.std(axis=0)
    found = LogisticRegression(max_iter=1000).fit((logs - mean) / deviation, other, sample_weight=counts)
    slopes = found.coef_[0] / deviation
    return added, slopes, float(found.intercept_[0] - slopes @ mean)


def scores(values: Array, added: Array, slopes: Array, bias: float) -> Array:
    """The log odds of no speech, (clips,)."""
    found: Array = np.log(values + added) @ slopes + bias
    return found


def held_out(about: pd.DataFrame, values: Array, other: npt.NDArray[np.bool_], counts: Array) -> Array:
    """The score of each clip, (clips,), by weights that were fitted without its package."""
    found = np.zeros(len(about))
    for part in range(PARTS):
        left = np.zeros(len(about), dtype=bool)
        for side in (other, ~other):
            left |= about["package"].isin(about["package"][side].drop_duplicates()[part::PARTS]).to_numpy()
        found[left] = scores(values[left], *fit(values[~left], other[~left], counts[~left]))
    return found


def threshold(found: Array, counts: Array) -> float:
    """The score above which the share MARKED of speech lies, clips counting as in the fit."""
    order = np.argsort(found)
    shares = np.cumsum(counts[order]) / counts.sum()
    return float(found[order][np.searchsorted(shares, 1 - MARKED)])


def wilson(marked: int, clips: int) -> tuple[float, float]:
    """95 % interval of a proportion (Wilson), clips taken as independent."""
    z, share = 1.96, marked / clips
    middle, half = share + z**2 / (2 * clips), z * np.sqrt(share * (1 - share) / clips + z**2 / (4 * clips**2))
    low, high = ((middle + side * half) / (1 + z**2 / clips) for side in (-1, 1))
    return max(0.0, float(low)), min(1.0, float(high))


def rates(about: pd.DataFrame, marked: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """One row per kind, and per kind and package: clips, how many were marked, percent, interval."""
    table, rows = about.assign(marked=marked), []
    for keys in (["role", "kind"], ["role", "kind", "package"]):
        for key, part in table.groupby(keys, sort=False):
            low, high = wilson(int(part["marked"].sum()), len(part))
            count = {"clips": len(part), "marked": int(part["marked"].sum())}
            percent = {"percent": 100 * part["marked"].mean(), "low": 100 * low, "high": 100 * high}
            percent = {name: round(value, 1) for name, value in percent.items()}
            rows.append(dict(zip(keys, key, strict=True)) | count | percent)
    return pd.DataFrame(rows)[["role", "kind", "package", "clips", "marked", "percent", "low", "high"]]


def asked() -> argparse.Namespace:
    """The folders of the command line."""

    def named(text: str) -> tuple[str, Path]:
        kind, _, folder = text.partition("=")
        return kind, Path(folder)

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speech", type=Path, nargs="+", required=True, help="folders of corpora")
    parser.add_argument("--prompts", type=Path, nargs="*", default=[], help="folders of other speech")
    parser.add_argument("--other", type=named, nargs="+", required=True, help="KIND=FOLDER without speech")
    for role in ("speech", "other"):
        parser.add_argument(
            f"--tested-{role}", type=named, nargs="*", default=[], help="KIND=FOLDER that is not fitted"
        )
    parser.add_argument("--into", type=Path, required=True, help="the folder to write into")
    parser.add_argument("--cache", type=Path, help="a folder that keeps functionals")
    return parser.parse_args()


def main(given: argparse.Namespace) -> None:
    """Write rates.csv, and print the weights as they stand in `nnpm.features.speech`."""
    about, values = measured(given)
    fitted = about["role"].isin(["speech", "prompts", "other"]).to_numpy()
    other = (about["role"] == "other").to_numpy()
    counts = weights(about[fitted], other[fitted])
    found = np.zeros(len(about))
    found[fitted] = held_out(about[fitted], values[fitted], other[fitted], counts)
    limit = threshold(found[fitted][~other[fitted]], counts[~other[fitted]])
    added, slopes, bias = fit(values[fitted], other[fitted], counts)
    found[~fitted] = scores(values[~fitted], added, slopes, bias)
    write_text(given.into / "rates.csv", to_csv(rates(about, found > limit)))
    for name, term in zip(TERMS, zip(added, slopes, strict=True), strict=True):
        print(f'    "{name}": ({term[0]:.3g}, {term[1]:.4g}),')
    print(f"BIAS = {bias - limit:.4g}")


def _walked(folder: Path) -> Iterator[Path]:
    """All files of a folder; links to folders are followed."""
    for place, _, names in os.walk(folder, followlinks=True):
        yield from (Path(place) / name for name in names)


if __name__ == "__main__":
    main(asked())
