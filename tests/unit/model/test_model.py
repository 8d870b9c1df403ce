"""The backbone: its size, its shapes, equations (1) and (2)."""

import math

import pytest
import torch

from nnpm.features.settings import SHORTEST
from nnpm.model.backbone import (
    SNSA,
    BackboneSettings,
    SelfAttention,
    count_parameters,
    masked_lstm,
    steps_after,
    within,
)

SMALL = BackboneSettings(channels=20, filters=8, hidden=8, attention=8)


def test_size_is_the_papers():
    assert round(count_parameters(SNSA(BackboneSettings())) / 1e6, 2) == 0.46


def test_shapes_of_the_paper():
    backbone = SNSA(BackboneSettings())
    mels = torch.randn(2, 751, 128)
    assert backbone.encode(mels, last=1).shape == (2, 249, 64)
    assert backbone.encode(mels).shape == (2, 82, 64)
    assert [steps_after(751, blocks) for blocks in (0, 1, 2)] == [751, 249, 82]
    z, logits = backbone(mels)
    assert z.shape == (2, 200)
    assert logits.shape == (2, 4)


def test_attention_equals_the_loop():
    attention = SelfAttention(width=6, attention=5)
    hidden = torch.randn(3, 4, 6)
    z = attention(hidden)
    w1, w2 = attention.w1.weight.detach(), attention.w2.weight.detach()
    for b in range(3):
        energies = [float(w2[0] @ torch.tanh(w1 @ hidden[b, t])) for t in range(4)]
        weights = [math.exp(e) / sum(math.exp(x) for x in energies) for e in energies]
        expected = sum(w * hidden[b, t] for t, w in enumerate(weights))
        assert torch.allclose(z[b], expected, atol=1e-6)


@pytest.mark.parametrize("blocks", [0, 1, 2])
def test_precomputed_blocks_change_nothing(blocks):
    backbone = SNSA(SMALL).eval()
    mels = torch.randn(3, 60, 20)
    whole, _ = backbone(mels)
    parts, _ = backbone(backbone.encode(mels, last=blocks), first=blocks)
    assert torch.allclose(whole, parts, atol=1e-6)


@pytest.mark.parametrize("blocks", [0, 1, 2])
def test_no_gradient_reaches_a_frozen_block(blocks):
    backbone = SNSA(SMALL)
    backbone.freeze(blocks)
    _, logits = backbone(torch.randn(3, 60, 20))
    logits.sum().backward()
    for index, block in enumerate(backbone.blocks):
        assert all((parameter.grad is None) == (index < blocks) for parameter in block.parameters())


def test_dropout_follows_both_lstm_layers():
    backbone = SNSA(SMALL)
    assert backbone.lstm.dropout == backbone.dropout.p == 0.5
    mels = torch.randn(1, 60, 20)
    backbone.lstm.dropout = 0.0
    assert not torch.equal(backbone(mels)[0], backbone(mels)[0])  # what follows the last layer
    backbone.eval()
    assert torch.equal(backbone(mels)[0], backbone(mels)[0])


def padded(frames, lengths):
    """Utterances of these lengths, and after each one noise that nothing may be computed from."""
    x = torch.randn(len(lengths), max(lengths), frames.shape[2]) * 100
    for row, length in enumerate(lengths):
        x[row, :length] = frames[row, :length]
    return x


@pytest.mark.parametrize("blocks", [0, 1, 2])
def test_what_is_after_an_utterances_end_changes_nothing(blocks):
    torch.manual_seed(0)
    backbone = SNSA(SMALL).eval()
    lengths = [17, 60, 41, 18, 59]
    x = padded(torch.randn(5, 60, 20), lengths)
    encoded, steps = backbone.encode(x, last=blocks), steps_after(torch.tensor(lengths), blocks)
    z, logits = backbone(encoded, blocks, steps)
    for row, length in enumerate(lengths):
        alone, own = backbone(x[row : row + 1, :length])
        assert torch.allclose(z[row], alone[0], atol=1e-6) and torch.allclose(logits[row], own[0], atol=1e-6)


def test_the_masked_lstm_is_pytorchs_on_packed_sequences_and_gradients_too():
    torch.manual_seed(0)
    lstm = torch.nn.LSTM(6, 5, num_layers=2, bidirectional=True, batch_first=True)
    lengths, x = torch.tensor([4, 9, 1, 7]), torch.randn(4, 9, 6)
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    expected, _ = torch.nn.utils.rnn.pad_packed_sequence(lstm(packed)[0], batch_first=True)
    found = masked_lstm(lstm, x, lengths)
    real = within(lengths, 9)
    assert torch.allclose(found[real], expected[real], atol=1e-6)
    gradients = []
    for output in (expected, found):
        lstm.zero_grad()
        output[real].square().sum().backward()
        gradients.append([weight.grad.clone() for weight in lstm.parameters()])
    assert all(torch.allclose(*pair, atol=1e-5) for pair in zip(*gradients, strict=True))


def test_the_masked_lstm_has_dropout_between_its_layers_in_training_alone():
    lstm = torch.nn.LSTM(6, 5, num_layers=2, bidirectional=True, batch_first=True, dropout=0.5)
    x, lengths = torch.randn(3, 8, 6), torch.tensor([8, 5, 3])
    assert not torch.equal(masked_lstm(lstm, x, lengths), masked_lstm(lstm, x, lengths))
    lstm.eval()
    assert torch.equal(masked_lstm(lstm, x, lengths), masked_lstm(lstm, x, lengths))


def test_the_fewest_frames_leave_one_step():
    assert steps_after(SHORTEST) == 1 and steps_after(SHORTEST - 1) < 1
