"""Whether a recording may hold no speech, from six of its functionals.

While a person speaks, spectrum, harmonicity and the voice's amplitude change from one hundredth of a second to the
next; in music and steady noise they change more slowly. The six are combined by a logistic regression on their
logarithms. `python -m benchmarks.speech` fitted it; docs/results/speech.md has the sounds and how often it is right.
"""

from collections.abc import Mapping
from math import log

#: What is added to each functional before its logarithm, a hundredth of its median; the weight of that logarithm.
TERMS: Mapping[str, tuple[float, float]] = {
    "mfcc1_slope": (0.0293, -2.281),
    "mfcc3_slope": (0.0158, -4.064),
    "harmonicity_slope": (0.0129, -2.776),
    "shimmer_deviation": (0.00727, -0.7297),
    "shimmer_slope": (0.0013, -3.347),
    "jitter_p50": (0.0125, -0.2581),
}
BIAS = -6.198


def score(functionals: Mapping[str, float]) -> float:
    """Return the log odds of no speech, relative to the chosen threshold: positive where it is marked.

    `functionals` are those of one recording or window of 1 s or more, by name, as
    `nnpm.features.functionals.functionals` gives them at 16 kHz. Slopes are per frame of 10 ms, harmonicity and shimmer
    are in dB, jitter is in percent. The recording's gain changes nothing.

    Measured with weights that were fitted without the corpus or package: 0.1 % of speech as recorded is marked, 0.8 %
    in noise at 20 dB, 5 % at 10 dB, 2 % of single seconds; 74 % of music, 82 to 93 % of other sounds without speech.
    Letters read one by one are marked in 43 % of cases.
    """
    return BIAS + sum(weight * log(functionals[name] + added) for name, (added, weight) in TERMS.items())


def may_not_be_speech(functionals: Mapping[str, float]) -> bool:
    """Whether a recording with these functionals is marked as possibly not speech: music, noise, tones, silence."""
    return score(functionals) > 0
