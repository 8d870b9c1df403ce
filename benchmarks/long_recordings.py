"""Labels of long recordings: utterances of a speaker joined with pauses, labelled in windows, scored by time.

`python -m benchmarks.long_recordings resources/corpora --into docs/results/ready` writes long.csv. Each corpus is
labelled by the model that comes with the package, made without it.
"""

import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import soundfile

from benchmarks.ready import MEASURED, hear, made
from nnpm import CLASSES, audio, corpora
from nnpm.files import label_indices, write_csv
from nnpm.prediction.labeller import Labeller
from nnpm.prediction.ready import RATE, SECONDS, Fitted, ReadyModel
from nnpm.prediction.windows import PAUSE

PAUSES = (0.3, 2.0)  # seconds between utterances, drawn evenly
BLOCK = 5  # utterances of one emotion that follow each other
QUIET = 60.0  # dB of the speech over the noise in what is called quiet
CASES = {
    "emotion changes every five utterances": (BLOCK, QUIET),
    "emotion changes at random": (1, QUIET),
    "the first, noise 20 dB below the speech": (BLOCK, 20.0),
}


class Joined(NamedTuple):
    """A recording, (samples,), and where its utterances are: start and end in seconds, and number of the emotion."""

    samples: npt.NDArray[np.float32]
    truth: list[tuple[float, float, int]]


def joined(
    utterances: Sequence[tuple[npt.NDArray[np.float32], int]], block: int, ratio: float, random: np.random.Generator
) -> Joined:
    """Join utterances, samples and emotion, in random order, but `block` of one emotion together, in white noise."""
    chosen: list[list[int]] = []
    for label in range(len(CLASSES)):
        own = random.permutation([number for number, (_, each) in enumerate(utterances) if each == label]).tolist()
        chosen += [own[place : place + block] for place in range(0, len(own), block)]
    order = [number for place in random.permutation(len(chosen)) for number in chosen[place]]
    parts, truth, time = [], list[tuple[float, float, int]](), 0
    for number in order:
        pause = np.zeros(round(random.uniform(*PAUSES) * RATE), dtype=np.float32)
        samples, label = utterances[number]
        start = time + len(pause)
        time = start + len(samples)
        parts += [pause, samples]
        truth.append((start / RATE, time / RATE, label))
    samples = np.concatenate(parts)
    level = np.sqrt(np.mean(np.square(np.concatenate([samples for samples, _ in utterances]), dtype=np.float64)))
    noise = random.standard_normal(len(samples)) * level * 10 ** (-ratio / 20)
    samples = samples + noise.astype(np.float32)
    return Joined(samples / max(1.0, float(np.abs(samples).max())), truth)


def by_speaker(folder: Path, name: str) -> Iterator[list[tuple[npt.NDArray[np.float32], int]]]:
    """The utterances of each speaker of a corpus with one of the four emotions, at the same level."""
    corpus = corpora.get(name)
    clips = [clip for clip in corpus.find(corpus.place(folder)) if clip.label and clip.utterance not in corpus.flawed]
    speakers: dict[str, list[tuple[npt.NDArray[np.float32], int]]] = {}
    for clip, label in zip(clips, label_indices(pd.Series([clip.label for clip in clips])).tolist(), strict=True):
        samples = audio.read(clip.path, RATE, SECONDS)
        speakers.setdefault(clip.speaker, []).append((samples / (10 * samples.std()), label))
    yield from speakers.values()


def overlap(rows: pd.DataFrame, start: float, end: float) -> npt.NDArray[np.float64]:
    """The seconds of each row that lie between start and end."""
    shared = np.minimum(rows["end"], end) - np.maximum(rows["start"], start)
    return np.maximum(shared, 0).to_numpy(dtype=np.float64)


def scored(table: pd.DataFrame, paths: Sequence[Path], recordings: Sequence[Joined]) -> dict[str, float]:
    """UA by time, the share of speech and of pauses that is labelled, and the sure share and how right it is.

    All in percent. Pauses are those that are longer than `windows.PAUSE`.
    """
    seconds = np.zeros((len(CLASSES), len(CLASSES)))
    spoken = pauses = labelled = sure = right = 0.0
    for path, recording in zip(paths, recordings, strict=True):
        rows = table[table["path"] == str(path)]
        predicted = label_indices(rows["predicted"])
        before = 0.0
        for start, end, label in recording.truth:
            shared = overlap(rows, start, end)
            np.add.at(seconds[label], predicted, shared)
            sure += shared[rows["sure"]].sum()
            right += shared[rows["sure"] & (predicted == label)].sum()
            spoken += end - start
            if start - before > PAUSE:
                pauses, labelled = pauses + start - before, labelled + overlap(rows, before, start).sum()
            before = end
    recall = np.diag(seconds) / seconds.sum(axis=1)
    found = {"ua": 100 * recall.mean(), "speech_labelled": 100 * seconds.sum() / spoken}
    found |= {"pauses_labelled": 100 * labelled / pauses, "sure": 100 * sure / seconds.sum()}
    return found | {"right_if_sure": 100 * right / sure}


def cases(folder: Path, name: str, model: ReadyModel) -> Iterator[dict[str, object]]:
    """A row per case, and model as it is and adapted."""
    speakers = list(by_speaker(folder, name))
    for case, (block, ratio) in CASES.items():
        random = np.random.default_rng(0)
        recordings = [joined(utterances, block, ratio, random) for utterances in speakers]
        with tempfile.TemporaryDirectory() as place:
            paths = [Path(place) / f"{number}.wav" for number in range(len(recordings))]
            for path, recording in zip(paths, recordings, strict=True):
                soundfile.write(path, recording.samples, RATE, subtype="FLOAT")
            adapted = Labeller.of(model, Fitted(model.as_it_is(), False, "")).adapt(paths)
            tables = {
                "as it is": adapted.adapt(paths, "off").predict(paths),
                "adapted to all": adapted.predict(paths),
                "the same, voices kept": adapted.adapt(paths, speakers=[None] * len(paths)).predict(paths),
                "adapted to each alone": pd.concat([adapted.adapt(path).predict(path) for path in paths]),
            }
            for kind, table in tables.items():
                about = {"corpus": name, "case": case, "recordings": len(paths), "model": kind}
                yield about | scored(table, paths, recordings)


def main() -> None:
    """Measure and write the table."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("corpora", type=Path, help="the folder of the corpora, as config/README.md describes it")
    parser.add_argument("--into", type=Path, required=True, help="the folder of the table")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    found = {name: hear(given.corpora, name, given.threads) for name in MEASURED}
    names, heard = found[MEASURED[0]][0], {name: each for name, (_, each) in found.items()}
    rows = [row for name in MEASURED for row in cases(given.corpora, name, made(heard, names, name))]
    write_csv(given.into / "long.csv", pd.DataFrame(rows).round(4))


if __name__ == "__main__":
    main()
