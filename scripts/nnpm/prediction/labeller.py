"""Labels for recordings of any length, by the model that comes with the package, as it is or adapted to them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from nnpm import CLASSES
from nnpm.errors import InputError
from nnpm.evaluation import scoring
from nnpm.features.functionals import functionals, of_parts
from nnpm.features.speech import may_not_be_speech
from nnpm.files import write_json
from nnpm.prediction import ready
from nnpm.prediction.notes import SPEECH, Note
from nnpm.prediction.predictor import BATCH, Predictor, batches
from nnpm.prediction.ready import Fitted, ReadyModel
from nnpm.prediction.sounds import Samples, Sound, hear, listed, path_of
from nnpm.prediction.windows import Span, Windows, apart, cells, chunks, levels, merged, stretches
from nnpm.training.header import Header

_SHORT = 1.0  # seconds; shorter sounds are not tested for speech


class Parts(NamedTuple):
    """A recording as it is heard: its windows, (start, end) in seconds, and what is known of each.

    `values` are functionals as measured, (windows, functionals) in the order of the classifier; `speech`, (windows,),
    is False where there may be none (`features.speech`).
    """

    windows: Sequence[Span]
    values: npt.NDArray[np.float64]
    speech: npt.NDArray[np.bool_]
    notes: Sequence[Note]


class Labeller(Predictor):
    """The model that comes with the package, as it is or adapted; it hears long recordings in windows.

    `said` tells how it was adapted, or why not.
    """

    def __init__(
        self,
        header: Header,
        windows: Windows | None = None,
        threads: int | None = None,
        model: ReadyModel | None = None,
    ) -> None:
        super().__init__(header, None, None, threads)
        assert header.classifier is not None
        self.classifier, self.windows, self.model = header.classifier, windows or Windows(), model
        self.said = str(header.run.get("adapted", ""))
        self._known: dict[str, Parts] = {}

    @classmethod
    def of(cls, model: ReadyModel, fitted: Fitted, windows: Windows | None, threads: int | None) -> Self:
        """The model with a classifier that was fitted to recordings, or is as it is."""
        heard = {"sample_rate": ready.RATE, "duration": ready.SECONDS}
        run = {"source": "+".join(model.about["corpora"]), "model": dict(model.about), "adapted": fitted.said}
        header = Header.of_classifier(fitted.classifier, None, heard, corpus="the recordings", run=run)
        return cls(header, windows, threads, model)

    def adapt(
        self, sounds: Sound | Iterable[Sound] | pd.DataFrame, adapt: str = "on", *, progress: bool = False
    ) -> "Labeller":
        """The model that comes with the package, adapted to recordings of one language, without labels.

        `adapt` is one of `prediction.ADAPT`; `said` of the result tells what was done and why. Sounds that cannot be
        used, and what may be no speech, are left out; windows that overlap count once. The result knows what it heard
        of files: to label them takes no second hearing. Raises InputError for a model that was adapted before.
        """
        if self.model is None:
            raise InputError("adapt: adapted before; begin with the model that comes with nnpm")
        known, values, recordings = {}, [np.zeros((0, len(self.model.names)))], 0
        numbered = list(enumerate(listed(sounds))) if adapt != "off" else []
        with ThreadPoolExecutor(self.threads) as pool:
            for part, heard in batches(
                numbered,
                lambda some: list(pool.map(self._hear, some)),
                batch_size=BATCH,
                on_error=lambda _: None,
                progress=progress,
                title="recordings",
            ):
                for (_, sound), parts in zip(part, heard, strict=True):
                    chosen = [number for number in apart(parts.windows) if parts.speech[number]]
                    values.append(parts.values[chosen])
                    recordings += bool(chosen)
                    if path := path_of(sound):
                        known[path] = parts
        fitted = self.model.fit(np.concatenate(values), adapt, recordings)
        adapted = Labeller.of(self.model, fitted, self.windows, self.threads)
        adapted._known = known
        return adapted

    def save(self, path: str | Path) -> None:
        """Write the classifier as `load` reads it; the name ends in .json."""
        if Path(path).suffix != ".json":
            raise InputError(f"{path}: does not end in .json; give it such a name")
        write_json(path, self.header.content())

    def stream(
        self,
        sounds: Sequence[Sound],
        *,
        batch_size: int = BATCH,
        statistics: str = "checkpoint",
        on_error: Callable[[InputError], object] | None = None,
        on_note: Callable[[Note], object] = lambda _: None,
        progress: bool = False,
    ) -> Iterator[pd.DataFrame]:
        """The rows of `predict`, as `Predictor.stream` yields them, with start, end, sure and speech.

        Start and end are in seconds; neighbours with the same label are one row. A label is `sure` if it is right more
        often than not (`ready.UNSURE`), and of what may be speech.
        """
        self._check(batch_size, statistics)
        yield from map(self.joined, self.hops(sounds, batch_size, on_error, on_note, progress))

    def hops(
        self,
        sounds: Sequence[Sound],
        batch_size: int = BATCH,
        on_error: Callable[[InputError], object] | None = None,
        on_note: Callable[[Note], object] = lambda _: None,
        progress: bool = False,
    ) -> Iterator[pd.DataFrame]:
        """A row per hop of each recording, one per short one, with the number of the `sound`; else as `stream`."""
        with ThreadPoolExecutor(self.threads) as pool:
            for part, heard in batches(
                list(enumerate(sounds)),
                lambda some: list(pool.map(self._hear, some)),
                batch_size=batch_size,
                on_error=on_error,
                progress=progress,
                title="labels",
            ):
                tables = []
                for (number, sound), parts in zip(part, heard, strict=True):
                    for note in parts.notes:
                        on_note(note)
                    tables.append(self._rows(parts).assign(sound=number, path=path_of(sound)))
                yield self._marked(pd.concat(tables, ignore_index=True).astype({"path": object}))

    def joined(self, hops: pd.DataFrame) -> pd.DataFrame:
        """The rows of `stream` from those of `hops`."""
        return self._marked(merged(hops, self.windows.hop))[self.columns]

    @property
    def columns(self) -> list[str]:
        """The columns of `predict`."""
        return ["path", "start", "end", "predicted", *CLASSES, "sure", "speech"]

    def _marked(self, rows: pd.DataFrame) -> pd.DataFrame:
        return rows.assign(sure=(rows[list(CLASSES)].max(axis=1) >= ready.UNSURE) & rows["speech"])

    def _rows(self, parts: Parts) -> pd.DataFrame:
        """A row per hop of a recording."""
        known = np.column_stack([self.classifier.probabilities(parts.values), parts.speech])
        spans, values = zip(*cells(parts.windows, known, self.windows.hop), strict=True)
        rows = scoring.decisions(np.array(values)[:, : len(CLASSES)])
        rows["start"], rows["end"] = np.array(spans).T
        return rows.assign(speech=np.array(values)[:, -1] >= 0.5)

    def _hear(self, numbered: tuple[int, Sound]) -> Parts | InputError:
        """What is heard of a sound, or why it cannot be used."""
        number, sound = numbered
        if known := self._known.get(path_of(sound) or ""):
            return known
        try:
            signal, notes = hear(sound, number + 1, ready.RATE, self.windows.limit, whole=True)
            return self._measured(signal, path_of(sound) or f"array {number + 1}", notes)
        except InputError as error:
            return error

    def _measured(self, signal: Samples, name: str, notes: Sequence[Note]) -> Parts:
        seconds = round(len(signal) / ready.RATE, 2)
        if seconds <= self.windows.limit:
            spans, found = [(0.0, seconds)], [functionals(signal[:], ready.RATE)]
        else:
            spans, found = self.windows.of(stretches(levels(signal, ready.RATE))), []
            for chunk in chunks(spans):
                start, end = chunk[0][0], chunk[-1][1]
                samples = signal[round(start * ready.RATE) : round(end * ready.RATE)]
                found += of_parts(samples, ready.RATE, [(first - start, last - start) for first, last in chunk])
        speech = np.array(
            [end - start < _SHORT or not may_not_be_speech(row) for (start, end), row in zip(spans, found, strict=True)]
        )
        if not speech.all():
            share = "" if len(speech) == 1 else f", {(~speech).sum()} of {len(speech)} windows"
            notes = [*notes, Note(name, SPEECH, f"may be no speech, but music or noise{share}")]
        return Parts(spans, np.array([self.classifier.row(each) for each in found]), speech, notes)
