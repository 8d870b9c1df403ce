"""eGeMAPS through openSMILE, where it is installed, and how our own descriptors agree with it."""

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

from nnpm.errors import InputError
from nnpm.features import egemaps
from nnpm.features.functionals import functionals
from voices import RATE, breathy, bursts, jittered, shimmering, steady, vowel


@pytest.fixture(autouse=True)
def fresh():
    egemaps._smile.cache_clear()


def test_without_the_package_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "opensmile", None)
    with pytest.raises(InputError, match=r"needs the package opensmile.*; pip install '\.\[egemaps\]', or opensmile$"):
        egemaps.functionals(np.zeros(RATE, np.float32), RATE)


def theirs(signal, name, rate=RATE):
    """The mean of one of openSMILE's descriptors."""
    pytest.importorskip("opensmile")
    (value,) = (value for key, value in egemaps.functionals(signal, rate).items() if key.endswith(f"_{name}"))
    return value


@pytest.mark.parametrize(
    "signal",
    [np.zeros(RATE), np.ones(1), np.zeros(0), np.full(RATE, 0.5), np.eye(1, 4000)[0], vowel(steady(200, 0.05))],
    ids=["silence", "one sample", "no sample", "constant", "a click", "50 ms"],
)
@pytest.mark.parametrize("rate", [8000, RATE, 48000])
def test_nothing_is_nan(signal, rate):
    pytest.importorskip("opensmile")
    found = egemaps.functionals(signal.astype(np.float32), rate)
    assert len(found) == 88 and np.isfinite(list(found.values())).all()


def test_no_name_is_one_of_ours():
    pytest.importorskip("opensmile")
    signal = vowel(steady())
    assert not set(egemaps.functionals(signal, RATE)) & set(functionals(signal, RATE))


def test_values_beyond_full_scale_are_clipped():
    """openSMILE is given 16 bits, where they would come out with the other sign."""
    pytest.importorskip("opensmile")
    signal = 2 * vowel(steady())  # peak 1.0
    assert egemaps.functionals(1.2 * signal, RATE) == egemaps.functionals(np.clip(1.2 * signal, -1, 1), RATE)
    loud, full = (theirs(gain * signal, "mfcc1_sma3_amean") for gain in (0.9, 1.0))
    assert full == pytest.approx(loud, rel=0.01)


def test_threads_and_forked_processes_find_the_same():
    pytest.importorskip("opensmile")
    signals = [vowel(steady(100 + 20 * k, 1 + 0.1 * k)) for k in range(8)]
    with ThreadPoolExecutor(8) as pool:  # they make the extractor, too
        in_threads = list(pool.map(egemaps.functionals, signals * 3, [RATE] * 24))
    alone = [egemaps.functionals(signal, RATE) for signal in signals]
    assert in_threads == alone * 3
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
        assert list(pool.map(egemaps.functionals, signals, [RATE] * 8)) == alone


def agree(signals, ours, name, sign=1):
    """Whether both put the signals into the same order."""
    measured = [functionals(signal, RATE)[ours] for signal in signals]
    assert np.argsort(measured).tolist() == np.argsort([sign * theirs(signal, name) for signal in signals]).tolist()


def test_jitter_shimmer_and_harmonicity_rise_together():
    agree([vowel(jittered(percent, 200)) for percent in (0, 0.5, 1, 2)], "jitter_mean", "jitterLocal_sma3nz_amean")
    agree([vowel(shimmering(decibels, 200)) for decibels in (0, 0.5, 1)], "shimmer_mean", "shimmerLocaldB_sma3nz_amean")
    agree([breathy(decibels, 200) for decibels in (0, 5, 10, 20)], "harmonicity_mean", "HNRdBACF_sma3nz_amean")


@pytest.mark.parametrize("formants", [(500, 1500, 2500), (730, 1090, 2440), (300, 870, 2240)])
def test_balance_agrees(formants):
    """openSMILE's alpha ratio is the inverse of ours; both are those of voiced frames."""
    signal = vowel(steady(110, 2.0), formants)
    found = functionals(signal, RATE)
    assert found["alpha_mean"] == pytest.approx(-theirs(signal, "alphaRatioV_sma3nz_amean"), abs=0.5)
    assert found["hammarberg_mean"] == pytest.approx(theirs(signal, "hammarbergIndexV_sma3nz_amean"), abs=0.5)


def test_slopes_rise_together():
    vowels = [
        vowel(steady(110, 2.0), formants) for formants in ((300, 870, 2240), (730, 1090, 2440), (500, 1500, 2500))
    ]
    agree(vowels, "tilt_high_mean", "slopeV500-1500_sma3nz_amean")


def test_segments_and_peaks_rise_together():
    signals = [bursts(vowel(steady(150)), seconds, 0.15, 5) for seconds in (0.4, 0.25, 0.15)]
    agree(signals, "voiced_rate", "VoicedSegmentsPerSec")
    agree(signals, "voiced_mean", "MeanVoicedSegmentLengthSec")
    agree(signals, "peaks_rate", "loudnessPeaksPerSec")
