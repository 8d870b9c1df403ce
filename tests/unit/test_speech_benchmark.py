"""The benchmark of `nnpm.features.speech`: what is counted, left out and fitted."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from benchmarks import speech


def table(rng):
    """Two corpora and two packages of each of two kinds, apart in the first of two functionals."""
    rows = [("speech", "as recorded", name, 0.0) for name in ("a", "b")]
    rows += [("other", kind, f"{kind}{number}", 2.0) for kind in ("music", "drums") for number in (1, 2)]
    about = pd.DataFrame([row[:3] for row in rows for _ in range(20)], columns=["role", "kind", "package"])
    apart = np.repeat([row[3] for row in rows], 20)
    values = np.exp(np.stack([apart + 0.3 * rng.normal(size=120), rng.normal(size=120)], axis=1))
    return about.assign(clip="x"), values, (about["role"] == "other").to_numpy()


def test_kinds_count_the_same_however_many_clips_they_have():
    about, _, other = table(np.random.default_rng(0))
    kept = ~((about["package"] == "music1") & (np.arange(120) % 4 > 0)).to_numpy()
    counts = speech.weights(about[kept], other[kept])
    assert counts.sum() == pytest.approx(kept.sum()) and counts[other[kept]].sum() == pytest.approx(kept.sum() / 2)
    kinds = pd.Series(counts).groupby(about["kind"][kept].to_numpy()).sum()
    assert kinds["music"] == pytest.approx(kinds["drums"])


def test_a_package_is_scored_by_weights_that_have_not_seen_it():
    about, values, other = table(np.random.default_rng(0))
    counts = speech.weights(about, other)
    found = speech.held_out(about, values, other, counts)
    assert (found[other] > 0).mean() > 0.95 and (found[~other] < 0).mean() > 0.95
    changed, mine = values.copy(), (about["package"] == "a").to_numpy()
    changed[np.flatnonzero(mine)[:10]] *= 50
    again = speech.held_out(about, changed, other, counts)
    assert np.allclose(found[mine][10:], again[mine][10:]) and not np.allclose(found[~mine], again[~mine])


def test_the_threshold_leaves_the_share_above_it():
    scores = np.random.default_rng(0).permutation(1000.0 * np.arange(1000))
    assert (scores > speech.threshold(scores, np.ones(1000))).mean() == pytest.approx(speech.MARKED, abs=0.0011)


def test_an_interval_of_a_proportion_by_hand():
    assert speech.wilson(0, 20) == pytest.approx((0, 0.1611), abs=1e-4)
    assert speech.wilson(10, 20) == pytest.approx((0.2993, 0.7007), abs=1e-4)


def test_voices_short_and_silent_sounds_are_left_out(tmp_path: Path):
    noise = 0.1 * np.random.default_rng(0).normal(size=40 * speech.RATE)
    (tmp_path / "music").mkdir()
    for name, samples in {"long": noise, "short": noise[:8000], "silent": 0 * noise, "human-die-1": noise}.items():
        soundfile.write(tmp_path / "music" / f"{name}.wav", samples, speech.RATE)
    (tmp_path / "notes.wav").write_bytes(b"MThd")
    found = list(speech.clips(tmp_path, 8, parts=True))
    assert {name.partition("@")[0] for name, _ in found} == {"music/long.wav"} and len(found) > 1
    assert {len(signal) for _, signal in found} <= set(range(speech.RATE, 120001))
    assert len(list(speech.clips(tmp_path, 8, parts=False))) == 2, "one clip per file, whatever its name"


def test_packages_are_told_by_where_folders_differ():
    folders = [Path("x/one/usr/sounds"), Path("x/two/usr/music")]
    assert [speech.package(folder, folders) for folder in folders] == ["one", "two"]


@pytest.mark.parametrize("decibels", [10, 20])
def test_noise_is_so_much_weaker(decibels):
    signal = np.sin(np.arange(speech.RATE) / 5).astype(np.float32)
    added = speech.noisy(decibels)(signal, np.random.default_rng(0)) - signal
    assert 20 * np.log10(signal.std() / added.std()) == pytest.approx(decibels, abs=0.1)
