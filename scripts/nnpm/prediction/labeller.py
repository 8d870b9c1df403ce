"""Labels for recordings of any length, by the model that comes with the package, as it is or adapted to them."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from nnpm import CLASSES
from nnpm.corpora.base import is_folder
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

_SHORTEST = 0.1  # seconds; shorter sounds are refused
_TESTED = 1.0  # seconds; windows as long are tested for speech, shorter ones are never sure


class Parts(NamedTuple):
    """A recording of some seconds as it is heard: its windows, (start, end) in seconds, and what is known of each.

    `values` are functionals as measured, (windows, functionals) in the order of the classifier; `speech`, (windows,),
    is False where there may be none (`features.speech`).
    """

    seconds: float
    windows: Sequence[Span]
    values: npt.NDArray[np.float64]
    speech: npt.NDArray[np.bool_]
    notes: Sequence[Note]


class Labeller(Predictor):
    """The model that comes with the package, as it is or adapted; it hears long recordings in windows."""

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
        self._heard_before: dict[tuple[str, int, int], Parts] = {}

    @classmethod
    def of(cls, model: ReadyModel, fitted: Fitted, windows: Windows | None = None, threads: int | None = None) -> Self:
        """The model with a classifier that was fitted to recordings, or is as it is."""
        heard = {"sample_rate": ready.RATE, "duration": ready.SECONDS}
        run: dict[str, Any] = {"source": "+".join(model.about["corpora"]), "model": dict(model.about)}
        run |= {"adapted": fitted.adapted, "said": fitted.said}
        header = Header.of_classifier(fitted.classifier, None, heard, corpus="the recordings", run=run)
        return cls(header, windows, threads, model)

    @property
    def adapted(self) -> bool:
        """Whether it was adapted to recordings."""
        return bool(self.header.run["adapted"])

    @property
    def said(self) -> str:
        """How it was adapted, or why not."""
        return str(self.header.run["said"])

    def adapt(
        self,
        sounds: Sound | Iterable[Sound] | pd.DataFrame,
        adapt: str = "on",
        *,
        speakers: Iterable[str | None] | None = None,
        on_error: Callable[[InputError], object] | None = None,
        progress: bool = False,
    ) -> "Labeller":
        """The model that comes with the package, adapted to recordings of one language, without labels.

        `adapt` is one of `prediction.ADAPT`; `said` of the result tells what was done and why. `speakers` names who
        speaks each sound, in their order, None where that is not known; a frame may have a column speaker. Without
        names each recording in several windows is taken for one speaker's. What may be no speech is left out; windows
        that overlap count once. The result knows what it heard of files: to label them takes no second hearing. Raises
        InputError for a model that was adapted before, and for a sound that cannot be used; with `on_error`, that is
        called with the error instead.
        """
        if self.model is None:
            raise InputError("adapt: adapted before; begin with the model that comes with nnpm")
        values, heard, recordings = [np.zeros((0, len(self.model.names)))], list[str | None](), 0
        known = dict(self._heard_before)
        given = listed(sounds) if adapt != "off" else []
        if speakers is None and isinstance(sounds, pd.DataFrame) and "speaker" in sounds:
            speakers = sounds["speaker"]
        names = None if speakers is None else _names(speakers, len(given))
        for part in self._parts(given, BATCH, on_error, progress, "recordings"):
            for number, sound, parts in part:
                chosen = [each for each in apart(parts.windows) if parts.speech[each]]
                values.append(parts.values[chosen])
                alone = str(number) if len(parts.windows) > 1 else None
                heard += [names[number] if names else alone] * len(chosen)
                recordings += 1
                if key := _key(sound):
                    known[key] = parts
        fitted = self.model.fit(np.concatenate(values), adapt, recordings, heard)
        if fitted.adapted and (told := Counter(filter(None, names or []))):
            fitted = fitted._replace(said=fitted.said + _known(told, fitted.voices))
        adapted = Labeller.of(self.model, fitted, self.windows, self.threads)
        adapted._heard_before = known
        return adapted

    def save(self, path: str | Path) -> None:
        """Write the classifier as `load` reads it; the name ends in .json. Raises InputError if it was not adapted."""
        if not self.adapted:
            raise InputError(f"{path}: not written, there is nothing to keep: {self.said or 'nothing was adapted'}")
        check_name(path)
        write_json(path, self.header.content())

    def _tables(
        self,
        sounds: Sequence[Sound],
        batch_size: int,
        statistics: str,
        on_error: Callable[[InputError], object] | None,
        on_note: Callable[[Note], object],
        progress: bool,
    ) -> Iterator[pd.DataFrame]:
        return map(self.joined, self.hops(sounds, batch_size, on_error, on_note, progress))

    def hops(
        self,
        sounds: Sequence[Sound],
        batch_size: int = BATCH,
        on_error: Callable[[InputError], object] | None = None,
        on_note: Callable[[Note], object] = lambda _: None,
        progress: bool = False,
    ) -> Iterator[pd.DataFrame]:
        """A row per hop of each recording, one per short one; else as `stream`.

        Other columns are the number of the `sound`, its `length` in seconds, and whether it was `tested` for speech.
        """
        for part in self._parts(sounds, batch_size, on_error, progress, "labels"):
            tables = []
            for number, sound, parts in part:
                for note in parts.notes:
                    on_note(note)
                table = self._rows(parts)
                tables.append(table.assign(sound=number, path=path_of(sound), length=parts.seconds))
            yield self._marked(pd.concat(tables, ignore_index=True).astype({"path": object}))

    def joined(self, hops: pd.DataFrame) -> pd.DataFrame:
        """The rows of `stream` from those of `hops`."""
        return self._marked(merged(hops))[self.columns]

    @property
    def columns(self) -> list[str]:
        """The columns of `predict`.

        Start and end are in seconds; neighbours with the same label and no silence between them are one row. A label is
        `sure` if its probability is `ready.UNSURE` or more, and it is of a second or more that may be speech.
        """
        return ["path", "start", "end", "predicted", *CLASSES, "sure", "speech"]

    def _marked(self, rows: pd.DataFrame) -> pd.DataFrame:
        likely = rows[list(CLASSES)].max(axis=1) >= ready.UNSURE
        return rows.assign(sure=likely & rows["speech"] & rows["tested"])

    def _parts(
        self,
        sounds: Sequence[Sound],
        batch_size: int,
        on_error: Callable[[InputError], object] | None,
        progress: bool,
        title: str,
    ) -> Iterator[list[tuple[int, Sound, Parts]]]:
        """Some sounds at a time, with their numbers and what is heard of them."""
        with ThreadPoolExecutor(self.threads) as pool:
            for part, heard in batches(
                list(enumerate(sounds)),
                lambda some: pool.map(self._hear, some),
                batch_size=batch_size,
                on_error=on_error,
                progress=progress,
                title=title,
            ):
                yield [(number, sound, parts) for (number, sound), parts in zip(part, heard, strict=True)]

    def _rows(self, parts: Parts) -> pd.DataFrame:
        """A row per hop of a recording."""
        tested = [end - start >= _TESTED for start, end in parts.windows]
        known = np.column_stack([self.classifier.probabilities(parts.values), parts.speech, tested])
        spans, values = zip(*cells(parts.windows, known, self.windows.hop), strict=True)
        rows = scoring.decisions(np.array(values)[:, : len(CLASSES)])
        rows["start"], rows["end"] = np.array(spans).T
        speech, tested = (np.array(values)[:, len(CLASSES) :] >= 0.5).T
        return rows.assign(speech=speech, tested=tested)

    def _hear(self, numbered: tuple[int, Sound]) -> Parts | InputError:
        """What is heard of a sound, or why it cannot be used."""
        number, sound = numbered
        if (key := _key(sound)) in self._heard_before:
            return self._heard_before[key]
        try:
            signal, notes = hear(sound, number + 1, ready.RATE, self.windows.limit, whole=True)
            return self._measured(signal, path_of(sound) or f"array {number + 1}", notes)
        except InputError as error:
            return error

    def _measured(self, signal: Samples, name: str, notes: Sequence[Note]) -> Parts:
        seconds = round(len(signal) / ready.RATE, 2)
        if seconds < _SHORTEST:
            raise InputError(f"{name}: shorter than {_SHORTEST:g} s, too short to label; leave it out")
        if seconds <= self.windows.limit:
            spans, found = [(0.0, seconds)], [functionals(signal[:], ready.RATE)]
        else:
            spans, found = self.windows.of(stretches(levels(signal, ready.RATE))), []
            for chunk in chunks(spans):
                start, end = chunk[0][0], chunk[-1][1]
                samples = signal[round(start * ready.RATE) : round(end * ready.RATE)]
                found += of_parts(samples, ready.RATE, [(first - start, last - start) for first, last in chunk])
        rows = zip(spans, found, strict=True)
        speech = np.array([end - start < _TESTED or not may_not_be_speech(row) for (start, end), row in rows])
        if not speech.all():
            share = "" if len(speech) == 1 else f", {(~speech).sum()} of {len(speech)} windows"
            notes = [*notes, Note(name, SPEECH, f"may be no speech, but music or noise{share}")]
        return Parts(seconds, spans, np.array([self.classifier.row(each) for each in found]), speech, notes)


def _known(told: Counter[str], voices: bool) -> str:
    """What is said of speakers, of each of whom so many sounds were given."""
    if len(told) == 1:
        why = "there is one alone"
    elif max(told.values()) == 1:
        why = "there is one recording of each"
    elif not voices:
        why = "the recordings of each show few emotions"
    else:
        return f", knowing {sum(count > 1 for count in told.values())} speakers"
    return f"; who speaks is left aside: {why}"


def _names(speakers: Iterable[str | None], count: int) -> list[str | None]:
    """The names of speakers, None where one is missing; of none if nothing is to be adapted to."""
    if isinstance(speakers, str):
        raise InputError(f"speakers: {speakers!r} is one name; give a list with one for each sound")
    names = [None if pd.isna(name) else str(name) for name in speakers]
    if count and len(names) != count:
        raise InputError(f"speakers: {len(names)} names for {count} sounds; give one for each")
    return names


def check_name(path: str | Path) -> None:
    """Raise InputError if `Labeller.save` could not write there."""
    if Path(path).suffix != ".json" or is_folder(Path(path)):
        raise InputError(f"{path}: does not end in .json, or is a folder; give it another name")


def _key(sound: Sound) -> tuple[str, int, int] | None:
    """What a file is known by, path, size and time of change; None for other sounds."""
    if not isinstance(sound, str | os.PathLike):
        return None
    try:
        status = os.stat(sound)  # noqa: PTH116
    except OSError:
        return None
    return os.fspath(sound), status.st_size, status.st_mtime_ns
