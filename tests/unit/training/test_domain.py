"""A corpus as training sees it: its rows, its labels, and what of them a method may see."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import torch

from nnpm import CLASSES
from nnpm.evaluation import inference
from nnpm.training.domain import Domain

MANIFEST = pd.DataFrame(
    {
        "utterance": list("abcd"),
        "split": ["test", "train", "validation", "train"],
        "label": ["neutral", "happy", np.nan, "angry"],
        "gender": ["f", "m", "f", np.nan],
    }
)


@pytest.fixture
def domain():
    return Domain(torch.zeros(4, 3, 2), MANIFEST)


def test_rows_and_labels_lie_where_the_inputs_lie(domain):
    assert domain.rows("train").tolist() == [1, 3] and domain.rows("train").dtype == torch.int64
    assert domain.rows().tolist() == [0, 1, 2, 3] and not len(domain.rows("none"))
    assert domain.labels.tolist() == [3, 1, -1, 0], "places in the classes"
    elsewhere = dataclasses.replace(domain, inputs=domain.inputs.to("meta"))
    found = (elsewhere, elsewhere.rows(), elsewhere.rows("train"), elsewhere.labels)
    assert {each.device.type for each in found} == {"meta"}


@pytest.mark.parametrize(("natural", "number"), [(None, -1), (False, 0), (True, 1)])
def test_a_method_sees_the_training_utterances_and_labels_only_if_allowed(backbone, natural, number):
    known = None if natural is None else torch.full((4,), int(natural))
    domain = Domain(torch.randn(4, 40, 12), MANIFEST, known)
    seen = domain.training_utterances(backbone, 0, labelled=True)
    assert torch.equal(seen.z, inference.infer(backbone, domain.inputs, torch.tensor([1, 3]))[0])
    assert (seen.labels.tolist(), seen.genders.tolist(), seen.natural.tolist()) == ([1, 0], [1, -1], [number, number])
    assert domain.training_utterances(backbone, 0, labelled=False).labels is None


def corpus(utterances, seed, **columns):
    """A corpus whose inputs are noise and whose splits and labels take turns."""
    rows = np.arange(utterances)
    manifest = pd.DataFrame(
        {
            "utterance": [f"u{row}" for row in rows],
            "speaker": [f"s{row % 3}" for row in rows],
            "split": [("train", "train", "train", "train", "validation", "test")[row % 6] for row in rows],
            "label": [CLASSES[row % 4] for row in rows],
            "gender": "f",
        }
    )
    inputs = torch.randn(utterances, 40, 12, generator=torch.Generator().manual_seed(seed))
    return Domain(inputs, manifest.assign(**columns), torch.full((utterances,), seed % 2))


CPU = torch.device("cpu")


def test_a_pool_of_one_is_the_corpus():
    alone = corpus(12, seed=1)
    pooled = Domain.pool({"emodb": alone}, CPU)
    assert pooled.inputs is alone.inputs and pooled.manifest is alone.manifest
    assert torch.equal(pooled.naturalness, alone.naturalness)


def test_a_pool_has_the_utterances_of_its_corpora_one_after_the_other(backbone):
    parts = {name: corpus(count, seed) for seed, (name, count) in enumerate({"a": 12, "b": 30, "c": 18}.items())}
    pool, joined = Domain.pool(parts, CPU), torch.cat([part.inputs for part in parts.values()])
    assert len(pool.inputs) == len(pool.manifest) == 60
    rows = torch.tensor([59, 0, 12, 11, 41, 42, 12])
    assert torch.equal(inference.take(pool.inputs, rows)[0], joined[rows])
    assert pool.manifest["utterance"].tolist()[:13:12] == ["a/u0", "b/u0"]
    seen = pool.training_utterances(backbone, 0, labelled=True)
    assert torch.equal(seen.z, inference.infer(backbone, joined, pool.rows("train"))[0]), "as of one corpus"
    assert seen.natural.tolist() == [0] * 8 + [1] * 20 + [0] * 12, "each utterance has its corpus's"
    # What a GPU gets: one tensor. (The device "meta" copies nothing, but takes the same way.)
    assert Domain.pool(parts, torch.device("meta")).inputs.shape == joined.shape
