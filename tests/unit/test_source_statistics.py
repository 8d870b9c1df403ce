"""A target under the source's statistics: as if it had been standardised by them from the start."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from benchmarks.source_statistics import OWN, SOURCE, Restated, restated, row
from domains import described, labelled
from nnpm import CLASSES
from nnpm.errors import InputError
from nnpm.evaluation.inference import Ragged
from nnpm.features import base
from nnpm.features.mels import Mels
from nnpm.features.settings import FeatureSettings
from nnpm.methods.described import Described


@pytest.mark.parametrize(("padding", "normalisation"), [("paper", "speech"), ("masked", "speech"), ("paper", "padded")])
def test_restated_frames_are_those_that_the_source_would_have_given(padding, normalisation):
    settings = FeatureSettings(padding=padding, normalisation=normalisation, duration=1.0, n_mels=8)
    front_end, random = Mels(settings), np.random.default_rng(0)
    signals = [random.normal(size=count).astype(np.float32) for count in (5000, 9000, 16000)]
    signals[1][:3000] = 0  # silence, which is left out of the standardisation
    measured = front_end.measure(signals)
    own = list(base.mean_and_deviation(sum(base.moments(front_end, frames) for frames in measured)))
    other = [own[0] + random.normal(size=8), own[1] * random.uniform(0.5, 2, 8)]
    cached, wanted = (
        [torch.from_numpy(base.standardised(front_end, frames, *statistics)) for frames in measured]
        for statistics in (own, other)
    )
    if padding == "masked":
        inputs = Ragged(torch.cat(cached), torch.tensor([len(frames) for frames in cached]))
    else:
        inputs = torch.stack(cached)
    found = Restated(inputs, own, other)[torch.tensor([2, 0, 1])]
    for values, expected in zip(found, [wanted[2], wanted[0], wanted[1]], strict=True):
        assert torch.allclose(values[: len(expected)], expected, atol=1e-4)
        assert not values[len(expected) :].any()
    assert (wanted[1] - cached[1]).abs().max() > 0.1


def test_a_channel_that_does_not_vary_is_refused():
    flat = [np.zeros(8), np.array([0.0, *[1.0] * 7])]
    with pytest.raises(InputError, match="does not vary"):
        Restated(torch.zeros(1, 5, 8), flat, [np.zeros(8), np.ones(8)])


def test_restated_functionals_by_hand():
    source = replace(described(20, seed=0), mean=np.full(8, 2.0), deviation=np.array([2.0] * 7 + [np.inf]))
    measured = np.random.default_rng(1).normal(size=(20, 8))
    measured[:, 3] = 5.0  # constant in the target
    found = restated(Described.of(measured, labelled(20)), source)
    expected = (measured - 2) / 2
    expected[:, 7] = 0  # constant in the source
    assert np.allclose(found.values, expected)
    assert np.array_equal(found.mean, source.mean) and np.array_equal(found.deviation, source.deviation)


def test_scores_of_a_row_by_hand():
    manifest = labelled(40).assign(split="test")
    right = [manifest.assign(predicted=manifest["label"], seed=seed) for seed in (0, 1)]
    half = [part.assign(predicted=np.where(part["label"].isin(CLASSES[:2]), part["label"], "angry")) for part in right]
    found = row("snsa-f", "emodb", {OWN: pd.concat(right), SOURCE: pd.concat(half)})
    assert (found["seeds"], found["own"], found["source"], found["difference"]) == (2, 100, 50, -50)
    assert found["own_std"] == 0 and found["low"] <= -50 <= found["high"]
