"""Corpora thinned to other class frequencies."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]

#: Frequencies of angry, happy, sad, neutral.
FREQUENCIES: dict[str, Sequence[int]] = {"10:20:30:40": (10, 20, 30, 40), "40:30:20:10": (40, 30, 20, 10)}


EQUAL = (1, 1, 1, 1)
#: Which shares of a speaker's four emotions are kept. The next speaker has the same shares of other emotions.
OF_SPEAKERS: dict[str, Sequence[float]] = {
    "8:4:2:1, other for each speaker": (1, 1 / 2, 1 / 4, 1 / 8),
    "two emotions per speaker": (1, 1, 0, 0),
    "one emotion per speaker": (1, 0, 0, 0),
}


def rows(labels: Rows, frequencies: Sequence[int], random: np.random.Generator, most: float = np.inf) -> Rows:
    """As many utterances, drawn at random, as allow these frequencies of their labels, `most` at most, in order."""
    wanted = np.array(frequencies) / sum(frequencies)
    places = [np.flatnonzero(labels == label) for label in range(len(wanted))]
    size = min(most, *(len(place) / share for place, share in zip(places, wanted, strict=True)))
    drawn = [random.choice(p, int(size * w), replace=False) for p, w in zip(places, wanted, strict=True)]
    return np.sort(np.concatenate(drawn))


def rows_of_speakers(labels: Rows, speakers: Rows, kept: Sequence[float], random: np.random.Generator) -> Rows:
    """Of each speaker's utterances the shares `kept` of its emotions, which are turned by one from speaker to speaker.

    `speakers` are numbers from 0.
    """
    found = []
    for speaker in np.unique(speakers):
        for label, share in enumerate(np.roll(kept, speaker)):
            place = np.flatnonzero((speakers == speaker) & (labels == label))
            found.append(random.choice(place, round(len(place) * share), replace=False))
    return np.sort(np.concatenate(found))
