"""Which utterances come in which batch."""

import numpy as np
import pytest
import torch

from nnpm.evaluation.inference import take
from nnpm.training.batches import endless, one_pass

ROWS = torch.tensor([2, 3, 5, 7, 11])


def test_inputs_are_single_precision_whatever_the_cache_holds():
    inputs = torch.arange(24.0).reshape(4, 3, 2)
    taken, _ = take(inputs.half(), torch.tensor([3, 0]))
    assert taken.dtype == torch.float32 and torch.equal(taken, inputs[[3, 0]])


def test_one_pass_has_each_row_once():
    parts = one_pass(ROWS, 2, np.random.default_rng(0))
    assert [len(part) for part in parts] == [2, 2, 1]
    assert sorted(torch.cat(parts).tolist()) == ROWS.tolist() != torch.cat(parts).tolist()


@pytest.mark.parametrize(("size", "count"), [(3, 4), (5, 1), (5, 2), (1, 6)])
def test_endless_batches_are_full_and_pass_over_the_rows_anew(size, count):
    parts = endless(ROWS, size, count, np.random.default_rng(0))
    assert [len(part) for part in parts] == [size] * count
    order = torch.cat(parts).tolist()
    passes = [order[start : start + len(ROWS)] for start in range(0, len(order), len(ROWS))]
    assert all(sorted(whole) == ROWS.tolist() for whole in passes if len(whole) == len(ROWS))
    assert len(set(map(tuple, passes))) == len(passes)
    assert set(passes[-1]) <= set(ROWS.tolist()) and len(set(passes[-1])) == len(passes[-1])


def test_the_order_is_drawn_from_the_generator_alone():
    orders = [one_pass(ROWS, 5, np.random.default_rng(seed))[0].tolist() for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]
