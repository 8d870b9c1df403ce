"""The SVM: it learns from the source's training rows alone, and the target's labels have no part in it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from nnpm.evaluation import scoring
from nnpm.methods.svm import classify
from test_described import described

SOURCE, TARGET = described(80, seed=0), described(40, seed=1, shift=5)


def test_it_learns_and_describes_itself():
    found = classify(SOURCE, TARGET)
    assert found.probabilities.shape == (40, 4)
    assert found.probabilities.sum(axis=1) == pytest.approx(1)
    assert (found.probabilities.argmax(axis=1) == np.arange(40) % 4).mean() > 0.8
    assert len(found.classifier["support_vectors"]) == 4 and found.classifier["kernel"] == "rbf"


@pytest.mark.parametrize("label", ["happy", np.nan])
def test_its_run_has_no_epochs(label):
    probabilities = torch.from_numpy(classify(SOURCE, TARGET).probabilities)
    table = scoring.predictions(TARGET.manifest.assign(label=label), probabilities)
    history, metrics = scoring.without_epochs(table, seconds=1.0)
    assert history.empty and metrics["epoch"] == 0 and metrics["oracle"] is None and metrics["start"] == {}
    assert (metrics["splits"]["test"] or {"utterances": None})["utterances"] == (16 if label == "happy" else None)


@pytest.mark.parametrize("label", ["sad", np.nan])
def test_target_labels_change_no_prediction(label):
    other = replace(TARGET, manifest=TARGET.manifest.assign(label=label))
    assert (classify(SOURCE, other).probabilities == classify(SOURCE, TARGET).probabilities).all()


def test_only_the_sources_training_rows_are_learned_from():
    held_out = ~SOURCE.training
    labels = SOURCE.manifest["label"].mask(held_out, "sad")
    other = replace(SOURCE, manifest=SOURCE.manifest.assign(label=labels), values=SOURCE.values.copy())
    other.values[held_out] += 100
    assert (classify(other, TARGET).probabilities == classify(SOURCE, TARGET).probabilities).all()
