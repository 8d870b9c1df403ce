"""A linear classifier of functionals as measured, which a checkpoint holds."""

import json

import numpy as np
import pytest

from domains import described
from nnpm.errors import InputError
from nnpm.methods import discriminant, nnpm_plus
from nnpm.methods.described import Described
from nnpm.methods.linear import LinearClassifier

SOURCE = described(80, seed=1)


@pytest.mark.parametrize("classify", [discriminant.classify, nnpm_plus.classify])
@pytest.mark.parametrize("classes", [(0.4, 0.3, 0.2, 0.1), (0.97, 0.01, 0.01, 0.01)])
def test_it_gives_the_studys_probabilities_from_functionals_as_measured(classify, classes):
    """Whatever their units, and with a column that does not vary."""
    random = np.random.default_rng(0)
    scale = 10.0 ** random.integers(-3, 4, size=8)
    labels = random.choice(4, size=60, p=classes)
    values = random.normal(size=(60, 8)) + 3 * np.eye(8)[labels]
    values = (5 + values * scale).round(6)
    values[:, 7] = 3.25
    found = classify(SOURCE, Described.of(values, described(60, seed=2).manifest))
    linear = LinearClassifier.of(json.loads(json.dumps(found.classifier.described())))
    for row, probabilities in zip(values, found.probabilities, strict=True):
        again = linear.probabilities(linear.row({str(number): value for number, value in enumerate(row)}))
        assert np.allclose(again, probabilities, atol=1.1e-6, rtol=0)
    assert linear.described() == found.classifier.described()


def test_a_damaged_one_is_noticed():
    found = discriminant.classify(SOURCE, described(40, seed=2)).classifier.described()
    for change in ({"weight": [[0.0]]}, {"bias": [0.0]}, {"bias": [np.nan] * 4}, {"functionals": ["x"]}):
        with pytest.raises(ValueError, match="classifier"):
            LinearClassifier.of(found | change)
    with pytest.raises(InputError, match="functionals that this version does not measure, as '0'"):
        LinearClassifier.of(found).row({"pitch_mean": 1.0})
