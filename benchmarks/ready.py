"""Makes the model that comes with the package, and measures what it does on corpora that it was made without.

`python -m benchmarks.ready resources/corpora --into docs/results/ready --model scripts/nnpm/prediction/ready.json`
reads the corpora that lie in the folder. The model is made of OPEN; each corpus is labelled by the model of the others.
"""

from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from threadpoolctl import threadpool_limits

from benchmarks.thinning import FREQUENCIES, rows
from nnpm import CLASSES, corpora
from nnpm.evaluation import scoring
from nnpm.features import vectors
from nnpm.features.recordings import Recording
from nnpm.files import label_indices, write_csv, write_text
from nnpm.methods.linear import LinearClassifier
from nnpm.prediction import ready
from nnpm.prediction.ready import CALIBRATION, UNSURE, ReadyModel

#: Corpora whose terms allow to pass on what was made from them, without commercial purpose and under the same licence.
OPEN = ("ravdess", "emodb", "nemo")
MEASURED = (*OPEN, "urdu", "emovo")
ABOUT = {"version": "1", "terms": "CC BY-NC-SA 4.0", "terms_of": "RAVDESS and nEMO CC BY-NC-SA 4.0, EMO-DB CC0 1.0"}
SIZES, DRAWS = (5, 10, 20, 30, 50, 100, 200), 20
FEW = 60  # recordings of one emotion

Labels = npt.NDArray[np.int64]
Array = npt.NDArray[np.float64]


class Heard(NamedTuple):
    """A corpus: functionals as measured, (recordings, functionals), labels, and who speaks."""

    values: Array
    labels: Labels
    speakers: npt.NDArray[np.str_]

    def of(self, rows: Labels) -> "Heard":
        """Some of its recordings."""
        return Heard(self.values[rows], self.labels[rows], self.speakers[rows])


def hear(folder: Path, name: str, threads: int) -> tuple[tuple[str, ...], Heard]:
    """Measure the four emotions of a corpus; also return the names of the functionals."""
    corpus = corpora.get(name)
    clips = [clip for clip in corpus.find(corpus.place(folder)) if clip.label and clip.utterance not in corpus.flawed]
    recordings = [Recording(clip.utterance, "", clip.path) for clip in clips]
    found, values = vectors.measured(recordings, "own", ready.RATE, ready.SECONDS, folder / name, threads)
    labels, speakers = label_indices(pd.Series([clip.label for clip in clips])), [clip.speaker for clip in clips]
    return tuple(found), Heard(values.round(6), labels, np.array(speakers, dtype=str))


def made(
    heard: Mapping[str, Heard], names: tuple[str, ...], without: str = "", leans: Sequence[str] = ()
) -> ReadyModel:
    """The model of OPEN, without one corpus."""
    chosen = {name: (heard[name].values, heard[name].labels) for name in OPEN if name != without}
    return ReadyModel.of(chosen, names, **ABOUT, leans=list(leans))


def row(classifier: LinearClassifier, heard: Heard) -> dict[str, float]:
    """What a classifier scores: UA and recalls in percent, the share of each label, of sure ones, and how right."""
    shares = softmax(classifier.scores(heard.values), axis=1)
    top, label = shares.max(axis=1), shares.argmax(axis=1)
    named = {"label": np.take(CLASSES, heard.labels), "predicted": np.take(CLASSES, label)}
    scores = scoring.of_confusion(scoring.confusion(pd.DataFrame(named)))
    right, sure = label == heard.labels, top >= UNSURE
    found = {"recordings": len(label), "ua": 100 * scores["ua"], "wa": 100 * scores["wa"]}
    found |= {
        f"recall_{name}": 100 * (value if value is not None else np.nan) for name, value in scores["recall"].items()
    }
    found |= {f"said_{name}": 100 * float((label == index).mean()) for index, name in enumerate(CLASSES)}
    found |= {"sure": 100 * sure.mean(), "right_if_sure": 100 * right[sure].mean()}
    found |= {"right_if_unsure": 100 * right[~sure].mean(), "calibration_error": 100 * calibration_error(top, right)}
    return found


def calibration_error(top: Array, right: npt.NDArray[np.bool_]) -> float:
    """Expected calibration error over ten bins (Guo et al., ICML 2017), 0..1."""
    part = np.minimum((10 * top).astype(int), 9)
    return float(sum(abs((top - right)[part == each].sum()) for each in range(10)) / len(top))


def scores(heard: Mapping[str, Heard], names: tuple[str, ...]) -> Iterator[dict[str, object]]:
    """A row per corpus, class frequencies, and model: as it is, adapted, and adapted to known speakers."""
    for corpus, own in heard.items():
        model, random = made(heard, names, corpus), np.random.default_rng(0)
        targets = {"as recorded": own}
        targets |= {name: own.of(rows(own.labels, each, random)) for name, each in FREQUENCIES.items()}
        for frequencies, target in targets.items():
            models = {"as it is": model.as_it_is(), "adapted": model.adapted(target.values)}
            models["adapted, speakers known"] = model.adapted(target.values, target.speakers.tolist())
            for kind, classifier in models.items():
                yield {"corpus": corpus, "frequencies": frequencies, "model": kind} | row(classifier, target)


def sizes(heard: Mapping[str, Heard], names: tuple[str, ...]) -> Iterator[dict[str, object]]:
    """A row per corpus and number of recordings: the share that is right, in percent, mean over draws."""
    for corpus, own in heard.items():
        model, random = made(heard, names, corpus), np.random.default_rng(0)
        plain = model.as_it_is()
        for size in SIZES:
            right = {"as it is": 0.0, "adapted": 0.0}
            for _ in range(DRAWS):
                drawn = own.of(random.choice(len(own.labels), size, replace=False))
                for name, classifier in (("as it is", plain), ("adapted", model.adapted(drawn.values))):
                    found = classifier.scores(drawn.values).argmax(axis=1) == drawn.labels
                    right[name] += 100 * found.mean() / DRAWS
            yield {"corpus": corpus, "recordings": size, **right}


def alone(heard: Mapping[str, Heard], names: tuple[str, ...]) -> Iterator[dict[str, object]]:
    """A row per corpus and emotion, of recordings of it alone; "all" are of all four.

    How often the model adapts, and the share that is right as it is, adapted, and as `ReadyModel.fit` decides.
    """
    for corpus, own in heard.items():
        model, random = made(heard, names, corpus), np.random.default_rng(0)
        for label, name in enumerate((*CLASSES, "all")):
            pool = np.flatnonzero(own.labels == label) if label < len(CLASSES) else np.arange(len(own.labels))
            total = dict.fromkeys(("adapts", "as it is", "adapted", "chosen"), 0.0)
            for _ in range(DRAWS):
                drawn = own.of(random.choice(pool, min(FEW, len(pool)), replace=False))
                fitted = model.fit(drawn.values)
                each = {
                    "as it is": model.as_it_is(),
                    "adapted": model.adapted(drawn.values),
                    "chosen": fitted.classifier,
                }
                for key, classifier in each.items():
                    found = classifier.scores(drawn.values).argmax(axis=1) == drawn.labels
                    total[key] += 100 * found.mean() / DRAWS
                total["adapts"] += 100 * fitted.adapted / DRAWS
            yield {"corpus": corpus, "emotion": name, **total}


def calibration(heard: Mapping[str, Heard], names: tuple[str, ...]) -> Iterator[dict[str, object]]:
    """The factor of the scores by log-likelihood, classes counting the same: on all corpora, and without each."""
    for adapted, now in CALIBRATION.items():
        found = {}
        for corpus, own in heard.items():
            model = made(heard, names, corpus)
            classifier = model.adapted(own.values) if adapted else model.as_it_is()
            found[corpus] = classifier.scores(own.values) / now, own.labels

        def loss(logarithm: float, chosen: Sequence[str], found: Mapping[str, tuple[Array, Labels]] = found) -> float:
            each = []
            for values, labels in (found[name] for name in chosen):
                right = log_softmax(np.exp(logarithm) * values, axis=1)[np.arange(len(labels)), labels]
                each.append(np.mean([right[labels == label].mean() for label in range(len(CLASSES))]))
            return -float(np.mean(each))

        for without in ("", *heard):
            chosen = [name for name in heard if name != without]
            best = minimize_scalar(loss, bounds=(-5, 2), args=(chosen,), method="bounded").x
            yield {"adapted": adapted, "without": without, "factor": float(np.exp(best))}


def main() -> None:
    """Measure, write the tables, and the model if it is asked for."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("corpora", type=Path, help="the folder of the corpora, as config/README.md describes it")
    parser.add_argument("--into", type=Path, required=True, help="the folder of the tables")
    parser.add_argument("--model", type=Path, help="the file of the model")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    heard: dict[str, Heard] = {}
    for name in MEASURED:
        names, heard[name] = hear(given.corpora, name, given.threads)
    with threadpool_limits(1, user_api="blas"):
        found = pd.DataFrame(scores(heard, names))
        plain = found[(found["frequencies"] == "as recorded") & (found["model"] == "as it is")]
        leans = [name for name in CLASSES if plain[f"said_{name}"].mean() > 100 / len(CLASSES)]
        if given.model:
            write_text(given.model, made(heard, names, leans=leans).written())
        tables = {"scores": found, "sizes": sizes(heard, names), "alone": alone(heard, names)}
        tables["calibration"] = calibration(heard, names)
        for name, table in tables.items():
            write_csv(given.into / f"{name}.csv", pd.DataFrame(table).round(4))


if __name__ == "__main__":
    main()
