"""Label-free criteria against slow loops, and at their extremes."""

from math import exp, log

import pytest
import torch

from nnpm.evaluation import criteria

CLASSES = 4


def probabilities(utterances, seed=0, sharpness=2.0):
    generator = torch.Generator().manual_seed(seed)
    return (sharpness * torch.randn(utterances, CLASSES, generator=generator)).softmax(dim=1)


def entropy(distribution):
    return -sum(p * log(p) for p in distribution if p > 0)


def slow_information(rows):
    mean = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    return entropy(mean) - sum(entropy(row) for row in rows) / len(rows)


def slow_density(rows, itself=None):
    """`itself` is an utterance's cosine with itself; None leaves it out."""
    total = 0.0
    for i, row in enumerate(rows):
        weights = []
        for j, other in enumerate(rows):
            norms = sum(p * p for p in row) ** 0.5 * sum(p * p for p in other) ** 0.5
            cosine = sum(p * q for p, q in zip(row, other, strict=True)) / norms if i != j else itself
            weights += [] if cosine is None else [exp(cosine / 0.05)]
        total += entropy([weight / sum(weights) for weight in weights])
    return total / len(rows)


# --- Information maximisation -----------------------------------------------------------------------------------------


def test_information_is_that_of_a_slow_loop():
    p = probabilities(37)
    assert criteria.information_maximisation(p).item() == pytest.approx(slow_information(p.tolist()), abs=1e-7)


@pytest.mark.parametrize("row", [[1.0, 0.0, 0.0, 0.0], [0.25] * 4, [0.7, 0.1, 0.1, 0.1]])
def test_the_same_prediction_for_all_has_no_information(row):
    assert criteria.information_maximisation(torch.tensor([row] * 50)).item() == pytest.approx(0, abs=1e-12)


# --- Soft neighbourhood density ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("itself", "within"), [(None, 1e-10), (-1, 1e-6)])
def test_density_is_that_of_a_slow_loop_and_of_the_published_code(itself, within):
    """Which gives an utterance a cosine of -1 with itself."""
    p = probabilities(37).double()
    slow = slow_density(p.tolist(), itself)
    assert criteria.soft_neighbourhood_density(p).item() == pytest.approx(slow, abs=within)


@pytest.mark.parametrize("most", [1, 61 * 7, 61 * 60, 61 * 61])
def test_density_in_parts_is_that_of_the_whole(monkeypatch, most):
    p = probabilities(61)
    whole = criteria.soft_neighbourhood_density(p).item()
    monkeypatch.setattr(criteria, "MOST_COSINES", most)
    assert criteria.soft_neighbourhood_density(p).item() == pytest.approx(whole, abs=1e-12)


def test_no_part_is_larger_than_allowed(monkeypatch):
    sizes = []
    split = torch.split
    monkeypatch.setattr(criteria, "MOST_COSINES", 500)
    monkeypatch.setattr(torch, "split", lambda rows, size: sizes.append(size) or split(rows, size))
    criteria.soft_neighbourhood_density(probabilities(100))
    assert sizes == [5]


@pytest.mark.parametrize("utterances", [2, 3, 100])
def test_collapse_is_as_dense_as_can_be(utterances):
    """The known weakness: information is 0 here."""
    p = torch.tensor([[0.9, 0.1, 0.0, 0.0]] * utterances)
    assert criteria.soft_neighbourhood_density(p).item() == pytest.approx(log(utterances - 1), abs=1e-12)
    assert criteria.soft_neighbourhood_density(p) >= criteria.soft_neighbourhood_density(probabilities(utterances))


@pytest.mark.parametrize("p", [torch.eye(4), torch.eye(4).repeat(8, 1), probabilities(1), torch.full((5, 4), 0.25)])
def test_extremes_are_finite(p):
    assert criteria.information_maximisation(p).isfinite()
    assert criteria.soft_neighbourhood_density(p).isfinite()


def test_a_single_utterance_has_no_neighbours():
    assert criteria.soft_neighbourhood_density(probabilities(1)).item() == 0
