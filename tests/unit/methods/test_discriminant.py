"""The discriminant against scikit-learn's, a slow reference, and hand-worked numbers."""

import operator
from dataclasses import replace
from functools import reduce

import numpy as np
import pytest
from sklearn.covariance import shrunk_covariance
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from domains import described
from nnpm.methods import discriminant
from nnpm.methods.described import Described
from nnpm.methods.discriminant import ClassMemory, Discriminant


def labelled(count, seed, classes=(0.25, 0.25, 0.25, 0.25)):
    random = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(4), random.choice(4, size=count - 4, p=classes)])
    return (random.normal(size=(count, 6)) + 2 * np.eye(6)[labels], np.eye(4)[labels]), labels


def fit(corpora, shrinkage):
    """The discriminant of corpora, each given by values and shares, and a weight unless that is 1."""
    return Discriminant.of(reduce(operator.add, [ClassMemory.of(*corpus) for corpus in corpora]), shrinkage)


def reference(corpora, shrinkage):
    """Utterance by utterance, class by class."""
    rows = [
        (x, y, sum(weight or [1.0]) * share / all_shares[:, y].sum())
        for values, all_shares, *weight in corpora
        for x, shares in zip(values, all_shares, strict=True)
        for y, share in enumerate(shares)
        if share
    ]
    means = [
        sum(w * x for x, label, w in rows if label == y) / sum(w for _, label, w in rows if label == y)
        for y in range(4)
    ]
    within = sum(w * np.outer(x - means[y], x - means[y]) for x, y, w in rows) / sum(w for *_, w in rows)
    covariance = (1 - shrinkage) * within + shrinkage * np.trace(within) / len(within) * np.eye(len(within))
    return means, np.linalg.inv(covariance)


def test_one_balanced_corpus_is_scikit_learns():
    values = np.random.default_rng(0).normal(size=(80, 5))
    labels = np.arange(80) % 4
    values += 2 * np.eye(5)[labels]
    found = fit([(values, np.eye(4)[labels])], 0.3)
    within = np.mean([np.cov(values[labels == y].T, bias=True) for y in range(4)], axis=0)
    known = LinearDiscriminantAnalysis(
        solver="lsqr", priors=[0.25] * 4, covariance_estimator=_Fixed(shrunk_covariance(within, 0.3))
    ).fit(values, labels)
    differences = found.scores(values) - known.decision_function(values)
    np.testing.assert_allclose(differences, differences[:, :1].repeat(4, axis=1), atol=1e-8)


class _Fixed:
    """A covariance estimator that has found its covariance already."""

    def __init__(self, covariance):
        self.covariance_ = covariance

    def fit(self, values):
        return self


@pytest.mark.parametrize("shrinkage", [0.1, 0.8])
def test_corpora_of_any_size_and_weight_are_the_slow_references(shrinkage):
    first, _ = labelled(30, 0, (0.7, 0.1, 0.1, 0.1))
    soft = np.random.default_rng(3).dirichlet([1] * 4, size=50)
    corpora = [first, (labelled(50, 1)[0][0], soft, 2.0)]
    means, inverse = reference(corpora, shrinkage)
    found = fit(corpora, shrinkage)
    for x in corpora[1][0][:5]:
        distances = [(x - mean) @ inverse @ (x - mean) for mean in means]
        expected = -0.5 * np.array(distances)
        scores = found.scores(x[None])[0]
        np.testing.assert_allclose(scores - scores[0], expected - expected[0], atol=1e-8)


def test_it_does_not_matter_how_often_a_class_occurs():
    """A class that is recorded twice as often, in the same way, changes nothing."""
    corpus, labels = labelled(40, 2)
    twice = [np.concatenate([part, part[labels == 0]]) for part in corpus]
    for one, other in zip(fit([corpus], 0.5), fit([twice], 0.5), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-10)


def test_blocks_change_nothing(monkeypatch):
    corpus, _ = labelled(50, 4)
    whole = fit([corpus], 0.5)
    monkeypatch.setattr(discriminant, "_BLOCK", 7)
    for one, other in zip(whole, fit([corpus], 0.5), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-10)


def test_a_corpus_without_a_class_leaves_it_to_the_others():
    (full, _), (lacking, labels) = labelled(40, 5), labelled(40, 6)
    lacking = [part[labels != 3] for part in lacking]
    means, _ = reference([full, lacking], 0.5)
    np.testing.assert_allclose(means[3], full[0][full[1][:, 3] == 1].mean(axis=0))
    assert np.isfinite(fit([full, lacking], 0.5).weight).all()


def test_every_corpus_of_a_pool_counts_the_same():
    small, large = described(40, seed=1), described(400, seed=2)
    pool = Described.pool({"a": small, "b": large})
    found, own = discriminant.memory(pool), [discriminant.memory(each) for each in (small, large)]
    np.testing.assert_allclose(found.counts, [0.5] * 4)
    np.testing.assert_allclose(found.products, own[0].products + own[1].products)
    swapped = Described.pool({"b": large, "a": small})
    target = described(40, seed=3)
    one, other = (discriminant.classify(source, target).probabilities for source in (pool, swapped))
    np.testing.assert_allclose(one, other, atol=1e-12)


def test_a_part_of_the_memory_is_the_memory_of_a_part():
    (values, shares), _ = labelled(40, 8)
    view = np.array([True, False, True, True, False, False])
    one, other = ClassMemory.of(values, shares).part(view), ClassMemory.of(values[:, view], shares)
    for name in ("counts", "sums", "products"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name))


def test_labels_outside_training_are_not_read():
    source = described(80, seed=1)
    other = replace(source, manifest=source.manifest.assign(label=source.manifest["label"].mask(~source.training)))
    target = described(40, seed=3)
    one, two = (discriminant.classify(each, target).probabilities for each in (source, other))
    assert (one == two).all()


def test_the_classifier_alone_gives_the_probabilities_of_the_target():
    """From functionals as measured; each utterance's are a softmax of its own."""
    source, target = described(60, seed=1), described(30, seed=2, shift=1.0)
    found = discriminant.classify(source, target)
    measured = target.values * target.deviation + target.mean
    np.testing.assert_allclose(found.classifier.probabilities(measured), found.probabilities, atol=2e-6)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1)
