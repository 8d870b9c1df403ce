"""Prediction of the emotions of audio files with a checkpoint, processed as in the study that trained it."""

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from nnpm import CLASSES
from nnpm.errors import InputError
from nnpm.evaluation import inference, scoring
from nnpm.features.functionals import functionals
from nnpm.features.mels import Array, Statistic, log_mels, mean_and_deviation, moments, standardised
from nnpm.methods import nnpm_plus
from nnpm.model.backbone import SNSA
from nnpm.prediction.notes import Note, lines
from nnpm.prediction.sounds import Sound, hear, listed, path_of
from nnpm.training import checkpoints, devices
from nnpm.training.header import Header

#: The mean and deviation that standardise the mels: those in the checkpoint, or those of the given files.
STATISTICS = ("checkpoint", "files")


class Features(NamedTuple):
    """A sound's features: mels in dB, (frames, mels), and, for NNPM-plus, second-view probabilities, (classes,)."""

    mels: Array
    view: npt.NDArray[np.float64] | None = None
    notes: Sequence[Note] = ()


class Predictor:
    """A trained backbone that predicts the emotions of audio files or samples."""

    def __init__(self, backbone: SNSA, header: Header, device: torch.device, threads: int | None = None) -> None:
        self.backbone, self.header, self.device = backbone.to(device).eval(), header, device
        self.threads = threads or torch.get_num_threads()

    @classmethod
    def load(cls, checkpoint: str | Path, device: str = "auto", threads: int | None = None) -> Self:
        """Read a checkpoint; `device` is "auto", "cpu" or "cuda", `threads` the number of files read at once.

        Raises InputError if it is no checkpoint, damaged, or from an old version that stored no settings of features,
        or if there is a GPU that does not compute.
        """
        header = Header.read(checkpoint)
        chosen = devices.choose_device(device)
        with devices.checked(chosen):
            return cls(checkpoints.load_backbone(checkpoint), header, chosen, threads)

    def predict(
        self,
        sounds: Sound | Iterable[Sound],
        *,
        batch_size: int = inference.BATCH,
        statistics: str = "checkpoint",
        on_error: Callable[[InputError], object] | None = None,
    ) -> pd.DataFrame:
        """One row per sound, in their order: path (None for samples), predicted, one probability per class.

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
        empty = pd.DataFrame(columns=["path", "predicted", *CLASSES]).astype(dict.fromkeys(CLASSES, "float64"))
        return pd.concat(frames, ignore_index=True) if frames else empty

    def stream(
        self,
        sounds: Sequence[Sound],
        *,
        batch_size: int = inference.BATCH,
        statistics: str = "checkpoint",
        on_error: Callable[[InputError], object] | None = None,
        on_note: Callable[[Note], object] = lambda _: None,
        progress: bool = False,
    ) -> Iterator[pd.DataFrame]:
        """The rows of `predict`, in parts of up to `batch_size` rows; `progress` shows a bar on a terminal.

        `on_note` gets the notes on sounds that are used.
        """
        if batch_size < 1:
            raise InputError(f"batch_size: {batch_size} is not above 0")
        if statistics not in STATISTICS:
            raise InputError(f"statistics: {statistics!r} is none of {', '.join(map(repr, STATISTICS))}")
        if statistics == "files" and self.header.second_view is not None:
            raise InputError(
                f"statistics: 'files' is not for NNPM-plus, whose second view is made for {self.header.corpus} alone"
            )
        with ThreadPoolExecutor(self.threads) as pool:
            mean, deviation, numbered = self.header.mean, self.header.deviation, list(enumerate(sounds))
            read = partial(self._read, pool, batch_size=batch_size, on_error=on_error, progress=progress)
            if statistics == "files":
                usable, total = [], np.zeros((3, len(mean)))
                for part, heard in read(numbered, title="statistics"):
                    usable += part
                    total += sum(moments(each.mels, self.header.features) for each in heard)
                if not usable:
                    return
                (mean, deviation), numbered = mean_and_deviation(total), usable
            for part, heard in read(numbered, title="predictions"):
                table = scoring.decisions(self._infer(heard, mean, deviation))
                for note in (note for each in heard for note in each.notes):
                    on_note(note)
                paths = [path_of(sound) for _, sound in part]
                table.insert(0, "path", pd.Series(paths, dtype=object))
                yield table

    def _read(
        self,
        pool: ThreadPoolExecutor,
        sounds: Sequence[tuple[int, Sound]],
        *,
        batch_size: int,
        on_error: Callable[[InputError], object] | None,
        progress: bool,
        title: str,
    ) -> Iterator[tuple[list[tuple[int, Sound]], list[Features]]]:
        """Yield, for each part of the sounds, those that can be used and their features."""
        with tqdm(total=len(sounds), desc=title, unit="file", disable=None if progress else True, leave=False) as bar:
            for start in range(0, len(sounds), batch_size):
                part = sounds[start : start + batch_size]
                with threadpool_limits(1, user_api="blas"):  # as for the study's mels
                    outcomes = list(pool.map(self._hear, part))
                usable = []
                for sound, outcome in zip(part, outcomes, strict=True):
                    if not isinstance(outcome, InputError):
                        usable.append((sound, outcome))
                    elif on_error is None:
                        raise outcome
                    else:
                        on_error(outcome)
                if usable:
                    yield [sound for sound, _ in usable], [heard for _, heard in usable]
                bar.update(len(part))

    def _hear(self, numbered: tuple[int, Sound]) -> Features | InputError:
        (number, sound), features = numbered, self.header.features
        try:
            signal, notes = hear(sound, number + 1, features.sample_rate, features.duration)
        except InputError as error:
            return error
        mels, view = log_mels(signal, features), self.header.second_view
        if view is None:
            return Features(mels, notes=notes)
        return Features(mels, view.probabilities(functionals(signal, features.sample_rate)), notes)

    def _infer(self, heard: Sequence[Features], mean: Statistic, deviation: Statistic) -> torch.Tensor:
        """Class probabilities, (batch, classes)."""
        features = self.header.features
        mels = np.stack([standardised(each.mels, mean, deviation, features) for each in heard])
        inputs = torch.from_numpy(mels.astype(features.dtype).astype(np.float32))  # rounded like the study's cache
        rows = torch.arange(len(heard), device=self.device)
        with devices.products_in("ieee"):
            _, probabilities = inference.infer(self.backbone, inputs.to(self.device), rows)
        if self.header.second_view is None:
            return probabilities
        views = np.array([each.view for each in heard], dtype=np.float32)
        return nnpm_plus.fuse(probabilities, torch.from_numpy(views).to(self.device))
