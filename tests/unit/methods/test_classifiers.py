"""Classifiers of functionals learn from the source's training rows alone; the target's labels have no part in it."""

from dataclasses import replace

import numpy as np
import pytest

from domains import described
from nnpm.methods import discriminant, nnpm_plus, svm

SOURCE, TARGET = described(80, seed=0), described(40, seed=1, shift=5)


@pytest.fixture(params=[svm, discriminant, nnpm_plus], ids=["svm", "lda", "nnpm-plus"])
def classify(request):
    return request.param.classify


def test_it_recognises_what_the_source_taught(classify):
    p = classify(SOURCE, TARGET).probabilities
    assert p.shape == (40, 4) and p.sum(axis=1) == pytest.approx(1)
    assert (p.argmax(axis=1) == np.arange(40) % 4).mean() > 0.8


def test_nothing_else_is_learned_from(classify):
    expected = classify(SOURCE, TARGET).probabilities
    for label in ("sad", np.nan):
        other = replace(TARGET, manifest=TARGET.manifest.assign(label=label))
        assert (classify(SOURCE, other).probabilities == expected).all()
    held_out = ~SOURCE.training
    labels = SOURCE.manifest["label"].mask(held_out, "sad")
    other = replace(SOURCE, manifest=SOURCE.manifest.assign(label=labels), values=SOURCE.values.copy())
    other.values[held_out] += 100
    assert (classify(other, TARGET).probabilities == expected).all()


def test_the_svm_describes_itself():
    classifier = svm.classify(SOURCE, TARGET).classifier
    assert len(classifier["support_vectors"]) == 4 and classifier["kernel"] == "rbf"
