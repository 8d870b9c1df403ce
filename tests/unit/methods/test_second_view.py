"""The second view: what it is equalised over, and that it is one linear map."""

import json

import numpy as np
import pytest

from domains import described
from nnpm.errors import InputError
from nnpm.methods.described import Described
from nnpm.methods.second_view import SecondView, classify, equalised

SOURCE, TARGET = described(80, seed=1), described(40, seed=2)


@pytest.fixture(scope="module")
def found():
    return classify(SOURCE, TARGET)


@pytest.mark.parametrize("weights", [[4, 2, 1, 1], [1, 1, 1, 97]])
def test_classes_are_made_equally_frequent_among_some_rows(weights):
    p = np.random.default_rng(0).dirichlet(weights, size=50)
    rows = np.arange(50) < 40
    equal, factors = equalised(p, rows)
    assert np.allclose(equal[rows].mean(axis=0), 0.25, atol=1e-4) and np.allclose(equal.sum(axis=1), 1)
    scaled = p * factors  # the same odds are changed for all utterances
    assert np.allclose(equal, scaled / scaled.sum(axis=1, keepdims=True))


def test_it_takes_the_classes_of_the_target_to_be_as_frequent(found):
    assert np.allclose(found.probabilities[TARGET.training].mean(axis=0), 0.25, atol=1e-4)


@pytest.mark.parametrize("classes", [(0.4, 0.3, 0.2, 0.1), (0.97, 0.01, 0.01, 0.01)])
def test_it_is_a_linear_map_of_functionals_as_measured(classes):
    """Whatever their units, the columns that do not vary, and how far classes had to be equalised."""
    random = np.random.default_rng(0)
    scale = 10.0 ** random.integers(-3, 4, size=8)
    labels = random.choice(4, size=60, p=classes)
    values = random.normal(size=(60, 8)) + 3 * np.eye(8)[labels]
    values = (5 + values * scale).round(6)
    values[:, 7] = 3.25
    found = classify(SOURCE, Described.of(values, described(60, seed=2).manifest))
    view = SecondView.of(json.loads(json.dumps(found.classifier)))
    for row, probabilities in zip(values, found.probabilities, strict=True):
        again = view.probabilities({str(number): value for number, value in enumerate(row)})
        assert np.allclose(again, probabilities, atol=1.1e-6, rtol=0)
    assert view.described() == found.classifier


def test_a_damaged_one_is_noticed(found):
    for change in ({"weight": [[0.0]]}, {"bias": [0.0]}, {"bias": [np.nan] * 4}, {"functionals": ["x"]}):
        with pytest.raises(ValueError, match="second_view"):
            SecondView.of(found.classifier | change)
    with pytest.raises(InputError, match="functionals that this version does not measure, such as '0'"):
        SecondView.of(found.classifier).probabilities({"pitch_mean": 1.0})
