"""A corpus of functionals is standardised by itself; files that do not fit each other are in tests/faults."""

import numpy as np
import pandas as pd
import pytest

from domains import described
from nnpm.files import write_csv
from nnpm.methods.described import Described


def test_standardisation_by_hand():
    values = np.array([[1.0, 7.0, 0.1], [3.0, 7.0, 0.1], [5.0, 7.0, 0.1]])
    root = 1.5**0.5  # deviation of 1, 3, 5: the root of 8/3
    assert Described.of(values, pd.DataFrame()).values == pytest.approx(
        np.array([[-root, 0, 0], [0, 0, 0], [root, 0, 0]])
    )


def test_the_unit_of_a_corpus_is_gone(tmp_path):
    """A target of another scale is described as one of the source's own."""
    manifest, values = described(40, seed=1).manifest, np.random.default_rng(2).normal(size=(40, 8)).round(3)
    write_csv(tmp_path / "manifest.csv", manifest)
    loaded = []
    for name, content in (("plain.csv", values), ("moved.csv", 1000 + 50 * values)):
        write_csv(tmp_path / name, pd.DataFrame(content).assign(utterance=manifest["utterance"]))
        loaded.append(Described.load(tmp_path / name, tmp_path / "manifest.csv"))
    plain, moved = loaded
    assert plain.values == pytest.approx(moved.values, abs=1e-9)
    assert plain.mean + plain.deviation * plain.values == pytest.approx(values)
    assert moved.mean + moved.deviation * moved.values == pytest.approx(1000 + 50 * values)
    assert plain.names == tuple("01234567")


def test_training_rows_and_their_labels():
    corpus = described(40, seed=1)
    values, labels = corpus.labelled_training()
    assert (values == corpus.values[corpus.training]).all() and len(values) == 24
    assert labels.tolist() == [row % 4 for row in range(40) if row % 10 < 6]


def test_each_corpus_of_a_pool_is_standardised_by_itself():
    first, second = described(40, seed=1), described(40, seed=2)
    pool = Described.pool({"emodb": first, "urdu": second})
    assert (pool.values == np.concatenate([first.values, second.values])).all() and np.isnan(pool.mean).all()
    values, labels = pool.labelled_training()
    assert len(values) == len(labels) == 48
    assert Described.pool({"emodb": first}) is first
