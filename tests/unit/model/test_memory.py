"""Equations (3) and (4)."""

import pytest
import torch

from nnpm.model.memory import ExternalMemory, memory_rate, positives


def test_rate_grows_linearly_from_zero_to_the_final_rate():
    assert [memory_rate(epoch, 5, 0.4) for epoch in range(5)] == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4])
    assert [memory_rate(epoch, 2, 0.4) for epoch in range(2)] == [0.0, 0.4]
    assert memory_rate(0, 1, 0.4) == 0.0


def test_memory_starts_with_unit_rows_and_scores_are_cosines():
    memory = ExternalMemory(torch.tensor([[3.0, 4.0], [0.0, -2.0]]))
    assert memory.slots.tolist() == [pytest.approx([0.6, 0.8]), pytest.approx([0.0, -1.0])]
    # f = (1, 0): cosines 0.6 and 0; f = (0, 1): 0.8 and -1
    scores = memory.similarity(torch.tensor([[10.0, 0.0], [0.0, 0.5]]))
    assert scores.tolist() == [pytest.approx([0.6, 0.0]), pytest.approx([0.8, -1.0])]


@pytest.mark.parametrize(
    ("update", "mixed"), [("write_rate", (0.75 * 1.0, 0.25 * 1.0)), ("retention_rate", (0.25 * 1.0, 0.75 * 1.0))]
)
def test_write_by_hand(update, mixed):
    memory = ExternalMemory(torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]))
    memory.write(torch.tensor([2, 1]), torch.tensor([[0.0, 7.0], [0.5, 0.0]]), rate=0.25, update=update)
    norm = (mixed[0] ** 2 + mixed[1] ** 2) ** 0.5
    assert memory.slots[2].tolist() == pytest.approx([mixed[0] / norm, mixed[1] / norm])
    assert memory.slots[1].tolist() == pytest.approx([mixed[1] / norm, mixed[0] / norm])
    assert memory.slots[0].tolist() == [1.0, 0.0]  # the other slot stays


def test_a_rate_of_zero_writes_nothing():
    memory = ExternalMemory(torch.eye(3))
    memory.write(torch.tensor([1]), torch.ones(1, 3), rate=0.0)
    assert torch.equal(memory.slots, torch.eye(3))


def test_positives_are_the_scores_above_the_threshold():
    assert positives(torch.tensor([[0.89, 0.9, 0.91]]), 0.9).tolist() == [[False, False, True]]


def test_no_gradient_reaches_the_memory():
    features = torch.randn(4, 3, requires_grad=True)
    memory = ExternalMemory(features)
    z = torch.randn(2, 3, requires_grad=True)
    memory.similarity(z).sum().backward()
    memory.write(torch.tensor([0, 1]), z, rate=0.5)
    assert features.grad is None
    assert not memory.slots.requires_grad and memory.slots.grad is None
    assert z.grad is not None
