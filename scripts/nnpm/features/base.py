"""The interface of front ends, which turn a recording into frames, and the standardisation by corpus that all share."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from nnpm.errors import InputError
from nnpm.features import table
from nnpm.features.settings import FeatureSettings, stored

Array = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Statistic = npt.NDArray[np.float64]


class FrontEnd:
    """A description of speech.

    `sample_rate` is that of the signals it takes, in Hz, `channels` the width of a frame, `longest` the number of
    frames of an utterance of `duration` seconds, `device` "cpu" or "cuda". `about` are facts for checkpoints and model
    cards, as JSON can hold them.
    `fill` is the value of frames of padding; with None they are 0 after standardisation, the mean.
    """

    #: Whether `measure` is meant for many signals at a time.
    batched: ClassVar[bool] = False
    #: The deviation over a corpus below which a channel does not vary.
    flat: ClassVar[float] = 1e-6

    sample_rate: int
    channels: int
    longest: int
    about: Mapping[str, Any]
    fill: float | None = None

    def __init__(self, settings: FeatureSettings, device: str = "cpu", threads: int | None = None) -> None:
        """Take the settings, the device ("cpu", "cuda", or "auto", a GPU if there is one), and the most CPU threads.

        Without a number of `threads` this process's are left as they are. Only after 1 may it be forked.
        """
        self.settings, self.device = settings, device

    def measure(self, signals: Sequence[Array]) -> list[Array]:
        """The frames of mono signals, (samples,) -> (frames, channels) each, without padding."""
        raise NotImplementedError

    def levelled(self, frames: Array) -> tuple[Mask, Array]:
        """Return the mask of the frames that count, (frames,), and their values to standardise, (counted, channels)."""
        return np.ones(len(frames), dtype=np.bool_), frames

    def size(self, frames: int) -> int:
        """The number of frames that an utterance of so many has in the cache: as long as the longest, unless masked."""
        return stored(frames) if self.settings.padding == "masked" else self.longest


def load(settings: FeatureSettings, device: str = "cpu", threads: int | None = None) -> FrontEnd:
    """Make the front end that the settings name, as `FrontEnd` says. Raises InputError if it cannot be made."""
    made: FrontEnd = _named(table.of(settings.front_end))(settings, device, threads)
    return made


def functionals(kind: str) -> Callable[[Array, int], dict[str, float]]:
    """The function that measures some of `table.FUNCTIONALS`, from a signal and its rate in Hz to values by name."""
    found: Callable[[Array, int], dict[str, float]] = _named(table.FUNCTIONALS[kind])
    return found


def _named(entry: table.Entry) -> Any:
    """What the `place` of a row names."""
    module, _, name = entry.place.partition(":")
    return getattr(importlib.import_module(f"nnpm.features.{module}"), name)


def check(front_end: FrontEnd, frames: Array, name: object) -> None:
    """Raise InputError if one of a recording's frames is not finite."""
    if not np.isfinite(frames).all():
        raise InputError(
            f"{name}: front end {front_end.settings.front_end!r} gives values that are not finite (NaN); leave the "
            "file out, or take another model or layer"
        )


def _filled(front_end: FrontEnd, frames: Array) -> Array:
    """The frames with those of padding, if padding has a value of its own."""
    if front_end.fill is None:
        return frames
    filled = np.full((front_end.size(len(frames)), front_end.channels), front_end.fill, dtype=np.float32)
    filled[: len(frames)] = frames
    return filled


def moments(front_end: FrontEnd, frames: Array) -> Statistic:
    """Count, sum and sum of squares of each channel over an utterance's `levelled` frames, shape (3, channels)."""
    values = front_end.levelled(_filled(front_end, frames))[1].astype(np.float64)
    return np.stack([np.full(frames.shape[-1], len(values)), values.sum(axis=0), np.square(values).sum(axis=0)])


def mean_and_deviation(moments: Statistic) -> tuple[Statistic, Statistic]:
    """Mean and standard deviation of each channel, (channels,), from a corpus's summed `moments`."""
    count, total, squares = moments
    mean = total / count
    return mean, np.sqrt(np.maximum(squares / count - mean**2, 0))


def standardised(front_end: FrontEnd, frames: Array, mean: Statistic, deviation: Statistic) -> Array:
    """An utterance's `levelled` frames with each channel standardised, (size, channels); all others are 0, the mean.

    `mean` and `deviation` are those of the utterance's own corpus: only its unlabelled statistics are used.
    """
    scale = np.where(deviation > front_end.flat, deviation, 1.0)  # a channel without energy stays at 0, not at noise
    result = np.zeros((front_end.size(len(frames)), front_end.channels), dtype=np.float32)
    frames = _filled(front_end, frames)
    counted, values = front_end.levelled(frames)
    result[: len(frames)][counted] = (values - mean.astype(np.float32)) / scale.astype(np.float32)
    return result


def pooled(frames: npt.NDArray[np.floating]) -> dict[str, float]:
    """Mean and deviation of each channel over frames, (frames, channels), by name."""
    values = frames.astype(np.float64)
    found = {"mean": values.mean(axis=0), "deviation": values.std(axis=0)}
    return {f"{name}_{channel}": float(v) for name, row in found.items() for channel, v in enumerate(row)}
