"""Corpora thinned to other class frequencies."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]

#: Frequencies of angry, happy, sad, neutral.
FREQUENCIES: dict[str, Sequence[int]] = {"10:20:30:40": (10, 20, 30, 40), "40:30:20:10": (40, 30, 20, 10)}


EQUAL = (1, 1, 1, 1)


def rows(labels: Rows, frequencies: Sequence[int], random: np.random.Generator, most: float = np.inf) -> Rows:
    """As many utterances, drawn at random, as allow these frequencies of their labels, `most` at most, in order."""
    wanted = np.array(frequencies) / sum(frequencies)
    places = [np.flatnonzero(labels == label) for label in range(len(wanted))]
    size = min(most, *(len(place) / share for place, share in zip(places, wanted, strict=True)))
    drawn = [random.choice(p, int(size * w), replace=False) for p, w in zip(places, wanted, strict=True)]
    return np.sort(np.concatenate(drawn))
