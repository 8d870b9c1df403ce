"""Both sets of functionals side by side: this project's own, and eGeMAPS."""

import numpy as np
import numpy.typing as npt

from nnpm.features import egemaps
from nnpm.features import functionals as own


def functionals(signal: npt.NDArray[np.float32], sample_rate: int) -> dict[str, float]:
    """Return both sets of a mono signal at `sample_rate` Hz, by name."""
    return own.functionals(signal, sample_rate) | egemaps.functionals(signal, sample_rate)
