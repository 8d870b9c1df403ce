"""The backbone: its size, its shapes, equations (1) and (2)."""

import math

import pytest
import torch

from nnpm.model.backbone import SNSA, BackboneSettings, SelfAttention, count_parameters, steps_after


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
    backbone = SNSA(BackboneSettings(n_mels=20, filters=8, hidden=8, attention=8)).eval()
    mels = torch.randn(3, 60, 20)
    whole, _ = backbone(mels)
    parts, _ = backbone(backbone.encode(mels, last=blocks), first=blocks)
    assert torch.allclose(whole, parts, atol=1e-6)


@pytest.mark.parametrize("blocks", [0, 1, 2])
def test_no_gradient_reaches_a_frozen_block(blocks):
    backbone = SNSA(BackboneSettings(n_mels=20, filters=8, hidden=8, attention=8))
    backbone.freeze(blocks)
    _, logits = backbone(torch.randn(3, 60, 20))
    logits.sum().backward()
    for index, block in enumerate(backbone.blocks):
        assert all((parameter.grad is None) == (index < blocks) for parameter in block.parameters())


def test_dropout_follows_both_lstm_layers():
    settings = BackboneSettings(n_mels=20, filters=8, hidden=8, attention=8)
    backbone = SNSA(settings)
    assert backbone.lstm.dropout == backbone.dropout.p == 0.5
    mels = torch.randn(1, 60, 20)
    backbone.lstm.dropout = 0.0
    assert not torch.equal(backbone(mels)[0], backbone(mels)[0])  # what follows the last layer
    backbone.eval()
    assert torch.equal(backbone(mels)[0], backbone(mels)[0])
