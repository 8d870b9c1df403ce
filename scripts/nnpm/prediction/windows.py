"""Long recordings: silence is left out by energy, the rest is divided into windows that overlap, then joined again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from nnpm import CLASSES
from nnpm.errors import InputError
from nnpm.prediction.sounds import Samples

Array = npt.NDArray[np.floating]
#: Start and end in seconds.
Span = tuple[float, float]

STEP = 0.010  # seconds per value of `levels`
PAUSE = 1.0  # seconds; a shorter silence belongs to the speech around it
SHORTEST = 0.5  # seconds of sound; less is a cough or a knock
_MARGIN = 0.1  # seconds of silence that are kept around sound
_CHUNK = 60.0  # seconds of sound that are measured at a time, at most

# In dB. Sound is what is less than RANGE below the loud sounds and RISE above the noise, but at least NEAR below.
_RANGE, _NEAR, _RISE, _LOUD = 35.0, 15.0, 6.0, 10.0
_NOISE, _TOP = 5, 95  # percentiles of the level: of all, and of what is LOUD above the noise
_FAINTEST, _DIGITAL = 1e-10, -99.0  # power; the level of digital silence, which says nothing about the noise


@dataclass(frozen=True)
class Windows:
    """Length of the windows and distance of their starts, in seconds. Raises InputError if they are not possible."""

    length: float = 7.5
    hop: float = 2.5

    def __post_init__(self) -> None:
        if not 1 <= self.length <= _CHUNK:
            raise InputError(f"window: {self.length:g} s is not from 1 to {_CHUNK:g} s")
        if not 0.1 <= self.hop <= self.length:
            raise InputError(f"hop: {self.hop:g} s is not from 0.1 s to the window's {self.length:g} s")

    @property
    def limit(self) -> float:
        """Recordings up to so many seconds are one window: a third more than its length."""
        return self.length * 4 / 3

    def of(self, stretches: Sequence[Span]) -> list[Span]:
        """The windows of stretches of sound: from the start of each, the last one up to its end."""
        return [window for stretch in stretches for window in self._of(*stretch)]

    def _of(self, start: float, end: float) -> Iterator[Span]:
        if end - start <= self.limit:
            yield start, end
            return
        number = int(np.ceil(round((end - start - self.length) / self.hop, 6)))
        for place in (start + self.hop * np.arange(number)).tolist():
            yield round(place, 2), round(place + self.length, 2)
        yield round(end - self.length, 2), end


def levels(signal: Samples, rate: int) -> Array:
    """The level in dB of full scale of each hundredth of a second, (steps,), read in blocks."""
    step = round(STEP * rate)
    power, block = [np.zeros(0)], 6000 * step
    for start in range(0, len(signal) - len(signal) % step, block):
        part = signal[start : start + block].astype(np.float64)
        power.append(np.square(part[: len(part) - len(part) % step].reshape(-1, step)).mean(axis=1))
    found: Array = 10 * np.log10(np.concatenate(power) + _FAINTEST)
    return found


def stretches(level: Array) -> list[Span]:
    """Where there is sound: start and end in seconds, in order, from `levels`; all of it if nothing is long enough."""
    heard = level[level > _DIGITAL]
    noise = np.percentile(heard if len(heard) else level, _NOISE)
    loud = level[level > noise + _LOUD]
    top = np.percentile(loud if len(loud) else level, _TOP)
    sound = np.flatnonzero(level > min(max(top - _RANGE, noise + _RISE), top - _NEAR))
    ends = np.flatnonzero(np.diff(sound) > PAUSE / STEP)
    parts = zip(np.append(0, ends + 1), np.append(ends, len(sound) - 1), strict=True)
    kept = [(int(sound[first]), int(sound[last]) + 1) for first, last in parts if (last + 1 - first) * STEP >= SHORTEST]
    margin, seconds = _MARGIN / STEP, len(level) * STEP
    found = [(round(max(a - margin, 0) * STEP, 2), round(min((b + margin) * STEP, seconds), 2)) for a, b in kept]
    return found or [(0.0, round(seconds, 2))]


def chunks(windows: Sequence[Span]) -> Iterator[list[Span]]:
    """Divide windows into groups of neighbours that lie within a bounded time."""
    for neighbours in _overlapping(windows):
        group: list[Span] = []
        for window in neighbours:
            if group and window[1] - group[0][0] > _CHUNK:
                yield group
                group = []
            group.append(window)
        yield group


def apart(windows: Sequence[Span]) -> list[int]:
    """The numbers of windows that do not overlap, from the first on."""
    found: list[int] = []
    for number, window in enumerate(windows):
        if not found or window[0] >= windows[found[-1]][1]:
            found.append(number)
    return found


def cells(windows: Sequence[Span], values: Array, hop: float) -> list[tuple[Span, Array]]:
    """What is known of each hop of time: the mean of `values`, (windows, ...), of the windows it lies in.

    Windows are weighted by the time that they share with it. What is left at the end belongs to the last hop if it is
    less than half a one.
    """
    found, place = [], 0
    for neighbours in _overlapping(windows):
        starts, ends = np.array(neighbours).T
        known = values[place : place + len(neighbours)]
        place += len(neighbours)
        number = 1 if len(neighbours) == 1 else max(1, round((ends[-1] - starts[0]) / hop))
        bounds = [*(starts[0] + hop * np.arange(number)).round(2).tolist(), neighbours[-1][1]]
        for start, end in pairwise(bounds):
            shared = np.maximum(np.minimum(ends, end) - np.maximum(starts, start), 0)
            found.append(((start, end), shared @ known / shared.sum()))
    return found


def merged(rows: pd.DataFrame) -> pd.DataFrame:
    """Join neighbours without silence between them that are of one sound and equal in predicted, speech and tested.

    `rows` have these four columns, start, end and the class probabilities, which become means over time.
    """
    kind, classes = ["sound", "predicted", "speech", "tested"], list(CLASSES)
    starts, ends = rows["start"].to_numpy(), rows["end"].to_numpy()
    other = (rows[kind] != rows[kind].shift()).any(axis=1).to_numpy()
    first = np.flatnonzero(other | (starts > np.append(-np.inf, ends[:-1])))
    seconds = (ends - starts)[:, None]
    means = np.add.reduceat(rows[classes].to_numpy() * seconds, first) / np.add.reduceat(seconds, first)
    found = rows.iloc[first].reset_index(drop=True)
    found["end"], found[classes] = ends[np.append(first[1:], len(rows)) - 1], means.round(6)
    return found


def _overlapping(windows: Sequence[Span]) -> Iterator[list[Span]]:
    """Windows in groups, each of neighbours that overlap."""
    group: list[Span] = []
    for window in windows:
        if group and window[0] >= group[-1][1]:
            yield group
            group = []
        group.append(window)
    if group:
        yield group
