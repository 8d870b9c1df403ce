"""The 88 functionals of eGeMAPSv02, computed by openSMILE: another row of numbers for a classical classifier.

Eyben et al. 2016, IEEE Trans. Affective Computing 7(2). The package `opensmile` is optional because of its licence: it
is free for private use, teaching and research. Use in a product needs a commercial licence of audEERING
(info@audeering.com), and so does a product with a model that was trained on its functionals. The text is in the
package, `opensmile-*.dist-info/licenses`; the "MIT" among its classifiers on PyPI is not its licence.
"""

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from nnpm.errors import InputError

#: Every name begins with it, so that none is one of `nnpm.features.functionals`.
PREFIX = "egemaps_"

_SHORTEST = 0.1  # seconds; below 0.07 openSMILE has no frames to describe
_FULL = 32767 / 32768  # the largest value of 16 bits


def functionals(signal: npt.NDArray[np.float32], sample_rate: int) -> dict[str, float]:
    """Return the functionals of a mono signal, full scale -1..1, at `sample_rate` Hz, by openSMILE's names, prefixed.

    openSMILE's own values for silence are kept: most are 0, formant amplitudes -201 dB. A signal below 0.1 s is
    continued by silence, since openSMILE returns NaN for less than 0.07 s. Values that are still not finite become 0,
    as openSMILE's own are where nothing is voiced. Unlike ours, loudness and level depend on the recording's gain.

    Safe in threads and in forked processes: each call has an openSMILE instance of its own. Raises InputError if the
    package is missing.
    """
    signal = np.pad(signal, (0, max(0, round(_SHORTEST * sample_rate) - len(signal))))
    smile = _smile()
    # openSMILE is given 16 bits, where 1.0 would become -1.0; a resampled recording may even exceed it.
    values = smile(np.clip(signal, -1.0, _FULL).astype(np.float32), sample_rate).ravel()
    values = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    return {PREFIX + name: float(value) for name, value in zip(smile.feature_names, values, strict=True)}


@functools.cache
def _smile() -> Any:
    """The extractor: its configuration is read once per process."""
    try:
        import opensmile
    except (ImportError, OSError) as error:  # OSError: its library, compiled for other machines
        raise InputError(
            f"eGeMAPS needs the package opensmile, not to be loaded ({error}); pip install '.[egemaps]', or opensmile"
        ) from error
    return opensmile.Smile(
        feature_set=opensmile.FeatureSet.eGeMAPSv02, feature_level=opensmile.FeatureLevel.Functionals
    )
