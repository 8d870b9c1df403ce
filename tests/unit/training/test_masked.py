"""Utterances of their own lengths: nothing is computed from padding, in training, in prediction and in pools."""

import dataclasses
import json

import numpy as np
import pytest
import torch

from domains import FRAMES, make_domain
from nnpm.errors import InputError
from nnpm.evaluation import inference
from nnpm.evaluation.inference import Ragged, encode, infer, take, together
from nnpm.files import write_inputs
from nnpm.methods import base
from nnpm.methods.table import METHODS, that_read
from nnpm.model.backbone import steps_after
from nnpm.training import batches
from nnpm.training.adaptation import Adaptation, AdaptationSettings, matched
from nnpm.training.domain import Domain, load_inputs
from nnpm.training.pretraining import PretrainingSettings, pretrain

CPU = torch.device("cpu")


def ragged(domain: Domain, seed: int = 0) -> Domain:
    """The domain with utterances of their own lengths, from 17 frames on."""
    lengths = torch.from_numpy(np.random.default_rng(seed).integers(17, FRAMES + 1, len(domain.inputs)))
    flat = torch.cat([frames[:length] for frames, length in zip(domain.inputs, lengths, strict=True)])
    return dataclasses.replace(domain, inputs=Ragged(flat, lengths))


@pytest.fixture
def masked() -> Domain:
    return ragged(make_domain(24, shift=0.0, seed=0))


def of(domain: Domain, row: int) -> torch.Tensor:
    """The frames of one utterance, as a batch of one."""
    start, length = domain.inputs.starts[row], domain.inputs.lengths[row]
    return domain.inputs.flat[start : start + length][None]


def test_rows_are_taken_with_zeros_after_their_ends(masked):
    rows = torch.tensor([5, 0, 23, 5])
    x, lengths = take(masked.inputs, rows)
    assert torch.equal(lengths, masked.inputs.lengths[rows]) and x.shape[:2] == (4, lengths.max())
    for frames, row, length in zip(x, rows, lengths, strict=True):
        assert torch.equal(frames[:length], of(masked, row)[0]) and not frames[length:].any()


def test_an_utterance_is_inferred_as_if_it_were_alone(masked, backbone):
    z, p = infer(backbone, masked.inputs, torch.arange(24))
    for row in range(24):
        alone, logits = backbone(of(masked, row))
        assert torch.allclose(z[row], alone[0], atol=1e-6)
        assert torch.allclose(p[row], logits.softmax(dim=1)[0], atol=1e-6)


@pytest.mark.parametrize("blocks", [1, 2])
def test_the_frozen_blocks_output_has_lengths_of_its_own(masked, backbone, blocks):
    encoded = Ragged(
        torch.cat(list(encode(backbone, masked.inputs, blocks))), steps_after(masked.inputs.lengths, blocks)
    )
    assert len(encoded.flat) == encoded.lengths.sum()
    z, _ = infer(backbone, encoded, torch.arange(24), blocks)
    assert torch.allclose(z, infer(backbone, masked.inputs, torch.arange(24))[0], atol=1e-6)


def test_utterances_of_one_length_are_as_without_lengths(source, backbone):
    flat, lengths = source.inputs.flatten(0, 1), torch.full((len(source.inputs),), FRAMES)
    rows = source.rows()
    for one, other in zip(
        infer(backbone, Ragged(flat, lengths), rows), infer(backbone, source.inputs, rows), strict=True
    ):
        assert torch.allclose(one, other, atol=1e-6)


def test_two_domains_make_one_batch():
    first, second = torch.ones(2, 5, 3), torch.ones(1, 8, 3)
    x, lengths = together((first, torch.tensor([5, 4])), (second, torch.tensor([8])))
    assert x.shape == (3, 8, 3) and lengths.tolist() == [5, 4, 8] and not x[:2, 5:].any()
    assert together((first, None), (first, None))[1] is None


def test_a_pool_has_the_lengths_of_its_corpora(backbone):
    parts = {name: ragged(make_domain(24, 0.0, seed), seed) for seed, name in enumerate("ab")}
    pool = Domain.pool(parts, CPU)
    lengths = inference.lengths_of(pool.inputs)
    assert torch.equal(lengths, torch.cat([part.inputs.lengths for part in parts.values()]))
    rows = torch.tensor([30, 3, 47, 0])
    x, own = take(pool.inputs, rows)
    for frames, row, length in zip(x, rows.tolist(), own, strict=True):
        part = parts["ab"[row // 24]]
        assert torch.equal(frames[:length], of(part, row % 24)[0]) and not frames[length:].any()
    elsewhere = Domain.pool(parts, torch.device("meta")).inputs
    assert isinstance(elsewhere, Ragged) and len(elsewhere.flat) == lengths.sum(), "a GPU gets one"


def test_batches_are_of_about_the_same_length_and_hold_each_row_once():
    lengths = torch.from_numpy(np.random.default_rng(0).integers(17, 400, 1000))
    rows = torch.arange(0, 1000, 2)
    found = batches.one_pass(rows, 32, np.random.default_rng(1), lengths)
    assert sorted(torch.cat(found).tolist()) == rows.tolist() and len(found) == 16
    plain = batches.one_pass(rows, 32, np.random.default_rng(1))
    spread = [np.mean([float(lengths[part].float().std()) for part in parts]) for parts in (found, plain)]
    assert spread[0] < spread[1] / 4
    first = [float(lengths[part].float().mean()) for part in found]
    assert first != sorted(first) and first != sorted(first, reverse=True), "the order of batches is shuffled"
    again = batches.endless(rows, 32, 40, np.random.default_rng(1), lengths)
    assert [len(part) for part in again] == [32] * 40


@pytest.mark.parametrize("method", [name for name in that_read("frames") if METHODS[name].place])
@pytest.mark.parametrize("freeze", [0, 2])
def test_every_method_trains_on_them(backbone, method, freeze):
    domains = [ragged(make_domain(24, shift, seed), seed) for shift, seed in ((0.0, 1), (0.3, 2))]
    backbone.freeze(freeze)
    if freeze:
        domains = [
            dataclasses.replace(
                domain,
                inputs=Ragged(
                    torch.cat(list(encode(backbone, domain.inputs, freeze))), steps_after(domain.inputs.lengths, freeze)
                ),
            )
            for domain in domains
        ]
    seen = [domain.training_utterances(backbone, freeze, labelled=not index) for index, domain in enumerate(domains)]
    made = base.load(METHODS[method].place)(base.Start(base.MethodSettings(), backbone, freeze, *seen))
    settings = AdaptationSettings(epochs=2, batch_size=6, freeze=freeze)
    adaptation = Adaptation(backbone, made, *domains, settings=settings, seed=0)
    assert all(value.isfinite() for value in adaptation.epoch(0).values())
    _, p = adaptation.predict()
    assert torch.allclose(p.sum(dim=1), torch.ones(24), atol=1e-5)


def test_pretraining_learns_from_them(backbone_settings, tmp_path):
    source = ragged(make_domain(60, shift=0.0, seed=0))
    settings = PretrainingSettings(epochs=12, batch_size=8, learning_rate=0.01)
    done = pretrain(source, settings, backbone_settings, seed=0, resume=tmp_path / "r", identity="")
    assert done.metrics["last"]["test"]["ua"] > 0.6


def test_lengths_that_are_not_of_these_inputs(tmp_path, backbone):
    write_inputs(tmp_path / "x.npy", 60, [np.zeros((60, 12), np.float32)])
    description = tmp_path / "x.json"
    for lengths, fault in (
        ([30, 29], "does not hold the utterances"),
        ([60, 0], "numbers of frames"),
        (None, "lengths is"),
    ):
        description.write_text(json.dumps({"lengths": lengths}))
        with pytest.raises(InputError, match=fault) as caught:
            load_inputs(tmp_path / "x.npy", description=description, backbone=backbone)
        assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="unknown lengths"):
        load_inputs(tmp_path / "x.npy")
    description.write_text(json.dumps({"lengths": [43, 17]}))
    assert len(load_inputs(tmp_path / "x.npy", description=description, backbone=backbone)) == 2
    with pytest.raises(InputError, match="has 12 channels, the backbone takes 8"):
        load_inputs(tmp_path / "x.npy", description=description, backbone=backbone, blocks=2)


def test_no_gradient_comes_from_padding(backbone):
    x = torch.randn(2, 40, 12, requires_grad=True)
    _, logits = backbone(x, lengths=torch.tensor([20, 40]))
    logits[0].sum().backward()
    assert x.grad[0, :20].any() and not x.grad[0, 20:].any() and not x.grad[1].any()


def test_long_batches_go_with_long_batches():
    """By hand: the source's batches are 9, 2 and 5 steps long, the target's 3, 8 and 1."""
    source = Ragged(torch.zeros(16, 1), torch.tensor([9, 2, 5]))
    target = Ragged(torch.zeros(14, 1), torch.tensor([3, 8, 1, 2]))
    batches_of = [torch.tensor([row]) for row in range(3)], [torch.tensor([3, 0]), torch.tensor([1]), torch.tensor([2])]
    found = matched(*map(tuple, batches_of), source, target)
    assert [rows.tolist() for rows in found] == [[1], [2], [3, 0]]
    assert matched(*map(tuple, batches_of), torch.zeros(3, 9, 1), torch.zeros(4, 9, 1)) == tuple(batches_of[1])
