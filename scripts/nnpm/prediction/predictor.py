"""Prediction of the emotions of audio files with a checkpoint, or with the model that comes with the package."""

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from nnpm import CLASSES
from nnpm.errors import InputError
from nnpm.evaluation import scoring
from nnpm.features import base
from nnpm.features.base import Array, FrontEnd, Statistic
from nnpm.features.table import FRONT_ENDS
from nnpm.prediction.notes import Note, lines
from nnpm.prediction.sounds import Sound, hear, listed, path_of
from nnpm.training.header import NEEDS_STUDY, NO_FRAMES, Header

if TYPE_CHECKING:  # classifiers of functionals need no PyTorch
    from nnpm.prediction.backbones import Backbone
    from nnpm.prediction.labeller import Labeller
    from nnpm.prediction.windows import Windows

T = TypeVar("T")

#: The mean and deviation that standardise the frames: those in the checkpoint, or those of the given files.
STATISTICS = ("checkpoint", "files")

#: Sounds that are in memory at once.
BATCH = 64


class Listened(NamedTuple):
    """A sound before its frames are measured: its samples, and the other parts of `Heard`."""

    signal: Array
    functionals: Mapping[str, float] | None
    notes: Sequence[Note]


class Heard(NamedTuple):
    """A sound as it is heard: its frames as measured, (frames, channels), and its functionals, where they are read.

    There are no frames, (0, 0), if functionals are measured from the sound.
    """

    frames: Array
    functionals: Mapping[str, float] | None
    notes: Sequence[Note]


class Predictor:
    """A trained backbone, or a classifier of functionals, that predicts the emotions of audio files or samples."""

    def __init__(
        self,
        header: Header,
        backbone: "Backbone | None",
        front_end: FrontEnd | None,
        threads: int | None = None,
    ) -> None:
        self.header, self.backbone, self.front_end = header, backbone, front_end
        self.threads = threads or os.cpu_count() or 1

    @staticmethod
    def load(
        checkpoint: str | Path,
        device: str = "auto",
        threads: int | None = None,
        model: str | Path | None = None,
        windows: "Windows | None" = None,
    ) -> "Predictor":
        """Read a checkpoint; `device` is "auto", "cpu" or "cuda", `threads` the number of files read at once.

        `model` is the folder of its self-supervised model, if that is not where it was in training. `windows` are for
        what `Labeller.save` wrote, which is a `Labeller` again. Raises InputError if it is no checkpoint, damaged, or
        from an old version that stored no front end, if there is a GPU that does not compute, or if the model is
        missing or another than the checkpoint's.
        """
        header = Header.read(checkpoint)
        if header.classifier is not None and "model" in header.run:
            from nnpm.prediction.labeller import Labeller
            from nnpm.prediction.ready import check_run

            load_front_end(header, device, checkpoint, model)  # it has none, and refuses a model
            check_run(header.run, checkpoint)
            return Labeller(header, windows, threads)
        if windows is not None:
            raise InputError(
                f"{checkpoint}: a study's checkpoint hears no windows; cut long recordings into utterances"
            )
        backbone = None
        if header.classifier is None:
            try:
                from nnpm.prediction.backbones import Backbone
            except ImportError as error:
                raise InputError(NEEDS_STUDY.format(checkpoint, error.name)) from None
            backbone = Backbone.load(checkpoint, device)
        front_end = load_front_end(header, backbone.device.type if backbone else device, checkpoint, model)
        return Predictor(header, backbone, front_end, threads)

    @staticmethod
    def default(windows: "Windows | None" = None, threads: int | None = None) -> "Labeller":
        """The model that comes with the package (`ready`), as it is; `adapt` fits it to recordings.

        Recordings longer than `windows.limit` are heard in windows. Raises InputError if the model's file is damaged.
        """
        from nnpm.prediction.labeller import Labeller
        from nnpm.prediction.ready import Fitted, ReadyModel

        model = ReadyModel.read()
        return Labeller.of(model, Fitted(model.as_it_is(), False, ""), windows, threads)

    def predict(
        self,
        sounds: Sound | Iterable[Sound] | pd.DataFrame,
        *,
        batch_size: int = BATCH,
        statistics: str = "checkpoint",
        on_error: Callable[[InputError], object] | None = None,
    ) -> pd.DataFrame:
        """One row per sound, in their order: path (None for samples), predicted, one probability per class.

        A `Labeller` has other rows, see its `columns`; the following is of checkpoints. `sounds` may be a pandas frame
        with a column path.

        Sounds are cut or zero-padded to the length of training. `batch_size` limits the memory, and may change the last
        digit. For `statistics` see `STATISTICS`. A file that cannot be used raises InputError; with `on_error`, that is
        called with the error instead, and the row is left out. A note on a sound that is used, such as that only
        its first seconds are heard, is a warning.
        """
        given, notes = listed(sounds), list[Note]()
        frames = list(
            self.stream(given, batch_size=batch_size, statistics=statistics, on_error=on_error, on_note=notes.append)
        )
        for line in lines(notes, len(given)):
            warnings.warn(line, stacklevel=2)
        empty = pd.DataFrame(columns=self.columns).astype(dict.fromkeys(CLASSES, "float64"))
        return pd.concat(frames, ignore_index=True) if frames else empty

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
        """The rows of `predict`, in parts of up to `batch_size` rows; `progress` shows a bar on a terminal.

        `on_note` gets the notes on sounds that are used.
        """
        self.check(batch_size, statistics)
        yield from self._tables(sounds, batch_size, statistics, on_error, on_note, progress)

    def _tables(
        self,
        sounds: Sequence[Sound],
        batch_size: int,
        statistics: str,
        on_error: Callable[[InputError], object] | None,
        on_note: Callable[[Note], object],
        progress: bool,
    ) -> Iterator[pd.DataFrame]:
        with ThreadPoolExecutor(self.threads) as pool:
            mean, deviation, numbered = self.header.mean, self.header.deviation, list(enumerate(sounds))
            heard_by = partial(self._heard, pool)
            read = partial(batches, heard=heard_by, batch_size=batch_size, on_error=on_error, progress=progress)
            if statistics == "files":
                usable, total = [], np.zeros((3, len(mean)))
                for part, heard in read(numbered, title="statistics"):
                    usable += part
                    total += sum(base.moments(self._frames, each.frames) for each in heard)
                if not usable:
                    return
                (mean, deviation), numbered = base.mean_and_deviation(total), usable
            for part, heard in read(numbered, title="predictions"):
                table = scoring.decisions(self._infer(heard, mean, deviation))
                for note in (note for each in heard for note in each.notes):
                    on_note(note)
                paths = [path_of(sound) for _, sound in part]
                table.insert(0, "path", pd.Series(paths, dtype=object))
                yield table

    @property
    def columns(self) -> list[str]:
        """The columns of `predict`."""
        return ["path", "predicted", *CLASSES]

    def check(self, batch_size: int, statistics: str) -> None:
        """Raise InputError for what `stream` cannot do."""
        if batch_size < 1:
            raise InputError(f"batch_size: {batch_size} is not above 0")
        if statistics not in STATISTICS:
            raise InputError(f"statistics: {statistics!r} is none of {', '.join(map(repr, STATISTICS))}")
        if statistics == "files" and self.header.classifier is not None:
            raise InputError(
                f"statistics: 'files' is not for this checkpoint, whose functionals are those of {self.header.corpus}"
            )

    def _heard(self, pool: ThreadPoolExecutor, sounds: Sequence[tuple[int, Sound]]) -> list[Heard | InputError]:
        """What is heard of each sound, or why it cannot be used."""
        outcomes = list(pool.map(self._listen, sounds))
        signals, front_end = [one.signal for one in outcomes if not isinstance(one, InputError)], self.front_end
        frames: Iterator[Array]
        if front_end is None:
            frames = iter([np.zeros((0, 0), dtype=np.float32)] * len(signals))
        elif front_end.batched:
            frames = iter(front_end.measure(signals))
        else:
            frames = pool.map(lambda signal: front_end.measure([signal])[0], signals)
        return [
            outcome if isinstance(outcome, InputError) else self._checked(next(frames), outcome, number, sound)
            for (number, sound), outcome in zip(sounds, outcomes, strict=True)
        ]

    @property
    def _frames(self) -> FrontEnd:
        """The front end, where there is one."""
        assert self.front_end is not None
        return self.front_end

    def _listen(self, numbered: tuple[int, Sound]) -> Listened | InputError:
        """What is heard of a sound, but for the frames."""
        (number, sound), features, classifier = numbered, self.header.features, self.header.classifier
        found, rate = None, self.front_end.sample_rate if self.front_end else features.sample_rate
        try:
            samples, notes = hear(sound, number + 1, rate, features.duration)
            signal = samples[:]
            if classifier and not self.front_end:
                found = base.functionals(classifier.kind)(signal, rate)
        except InputError as error:
            return error
        return Listened(signal, found, notes)

    def _checked(self, frames: Array, listened: Listened, number: int, sound: Sound) -> Heard | InputError:
        try:
            if self.front_end:
                base.check(self.front_end, frames, path_of(sound) or f"sound {number + 1}")
        except InputError as error:
            return error
        return Heard(frames, listened.functionals, listened.notes)

    def _infer(self, heard: Sequence[Heard], mean: Statistic, deviation: Statistic) -> npt.NDArray[np.floating]:
        """Class probabilities, (batch, classes)."""
        if (classifier := self.header.classifier) and not self.front_end:
            return np.array([classifier.probabilities(classifier.row(each.functionals or {})) for each in heard])
        values = [base.standardised(self._frames, each.frames, mean, deviation) for each in heard]
        # Rounded like the study's cache.
        values = [one.astype(self.header.features.dtype).astype(np.float32) for one in values]
        if classifier:
            pooled = (base.pooled(one[: len(each.frames)]) for each, one in zip(heard, values, strict=True))
            return np.array([classifier.probabilities(classifier.row(each)) for each in pooled])
        assert self.backbone is not None
        return self.backbone.probabilities(values, self.header.features.padding == "masked")


def batches(
    sounds: Sequence[tuple[int, Sound]],
    heard: Callable[[Sequence[tuple[int, Sound]]], Iterable[T | InputError]],
    *,
    batch_size: int,
    on_error: Callable[[InputError], object] | None,
    progress: bool,
    title: str,
) -> Iterator[tuple[list[tuple[int, Sound]], list[T]]]:
    """Yield, for each part of the numbered sounds, those that can be used and what is `heard` of them."""
    with tqdm(total=len(sounds), desc=title, unit="file", disable=None if progress else True, leave=False) as bar:
        for start in range(0, len(sounds), batch_size):
            part = sounds[start : start + batch_size]
            usable = []
            with threadpool_limits(1, user_api="blas"):  # as for the study's features
                for sound, outcome in zip(part, heard(part), strict=True):
                    bar.update()
                    if not isinstance(outcome, InputError):
                        usable.append((sound, outcome))
                    elif on_error is None:
                        raise outcome
                    else:
                        on_error(outcome)
            if usable:
                yield [sound for sound, _ in usable], [found for _, found in usable]


def load_front_end(
    header: Header, device: str, checkpoint: str | Path, model: str | Path | None = None
) -> FrontEnd | None:
    """The front end that a checkpoint was trained with, if it reads frames; `model` is its model's folder now.

    Raises InputError if it cannot be made, or is another.
    """
    features = header.features
    if model is not None and features.front_end in (*FRONT_ENDS, NO_FRAMES):
        raise InputError(f"{model}: {checkpoint} reads no model; leave --model out")
    if features.front_end == NO_FRAMES:
        return None
    if model is None and Path(features.model).is_absolute() and not Path(features.model).is_dir():
        raise InputError(f"{features.model}: the model of {checkpoint} is not here; give its folder with --model")
    front_end = base.load(features if model is None else replace(features, model=str(model)), device)
    for name in ("weights", "settings", "layer"):
        if front_end.about.get(name) != header.front_end.get(name):
            raise InputError(
                f"{front_end.about.get('model')}: not the model that {checkpoint} was trained with (other {name}); "
                f"give that of {header.front_end.get('model')!r} with --model"
            )
    return front_end
