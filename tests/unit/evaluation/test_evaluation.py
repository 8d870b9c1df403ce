"""Scores against numbers worked by hand."""

import math

import pandas as pd
import pytest
import torch

from nnpm.errors import InputError
from nnpm.evaluation.inference import encode, infer
from nnpm.evaluation.scoring import predictions, scores, without_epochs
from nnpm.files import label_indices, read_csv, write_csv


def table(pairs, split="test"):
    labels, predicted = zip(*pairs, strict=True)
    return pd.DataFrame({"split": split, "label": labels, "predicted": predicted})


def test_scores_by_hand():
    pairs = [("angry", "angry")] * 3 + [("angry", "sad"), ("happy", "angry"), ("sad", "sad"), ("sad", "neutral")]
    found = scores(table(pairs), "test")
    assert found["utterances"] == 7
    assert found["wa"] == pytest.approx(4 / 7)
    assert found["ua"] == pytest.approx((3 / 4 + 0 + 1 / 2) / 3)  # no utterance is neutral
    assert found["recall"] == {"angry": 0.75, "happy": 0.0, "sad": 0.5, "neutral": None}
    assert found["confusion"] == [[3, 0, 1, 0], [1, 0, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0]]


def test_the_papers_emodb_result():
    # 13 angry, 6 happy, 4 sad, 11 neutral; NNPM's printed UA 50.57 and WA 55.88
    right, count = (13, 0, 3, 3), (13, 6, 4, 11)
    pairs = [
        (label, label if k < hits else "angry" if label != "angry" else "sad")
        for label, hits, n in zip(("angry", "happy", "sad", "neutral"), right, count, strict=True)
        for k in range(n)
    ]
    found = scores(table(pairs), "test")
    assert (round(100 * found["ua"], 2), round(100 * found["wa"], 2)) == (50.57, 55.88)


def test_unlabelled_utterances_count_nowhere():
    both = pd.concat([table([("sad", "sad")]), table([(math.nan, "happy")])])
    assert scores(both, "test")["utterances"] == 1
    assert scores(table([(math.nan, "happy")]), "test") is None
    assert scores(table([("bored", "happy")]), "test") is None  # none of the classes


def test_other_splits_count_nowhere():
    both = pd.concat([table([("sad", "sad")]), table([("sad", "happy")], split="train")])
    assert scores(both, "test")["wa"] == 1.0


def test_predictions_survive_the_file(tmp_path):
    manifest = pd.DataFrame(
        {"utterance": ["a", "b"], "speaker": ["03", "NA"], "split": ["test", "train"], "label": ["sad", math.nan]}
    )
    made = predictions(manifest, torch.tensor([[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1]]))
    assert made["predicted"].tolist() == ["neutral", "angry"]
    write_csv(tmp_path / "p.csv", made)
    assert (tmp_path / "p.csv").read_text().splitlines()[:2] == [
        "utterance,speaker,split,label,predicted,angry,happy,sad,neutral",
        "a,03,test,sad,neutral,0.100000,0.200000,0.300000,0.400000",
    ]
    read = read_csv(tmp_path / "p.csv")
    assert read["speaker"].tolist() == ["03", "NA"]
    assert read["label"].isna().tolist() == [False, True]
    pd.testing.assert_frame_equal(read, made, check_exact=True)


def test_a_prediction_is_the_largest_of_the_rounded_probabilities():
    """Else "happy", which is larger in the seventh digit alone, would not be the file's first largest."""
    manifest = pd.DataFrame({"utterance": ["a"], "speaker": ["1"], "split": ["test"], "label": ["sad"]}, index=[7])
    made = predictions(manifest, torch.tensor([[0.2500001, 0.2500004, 0.25, 0.2499996]], dtype=torch.float64))
    assert made.loc[0, ["predicted", "angry", "happy", "sad", "neutral"]].tolist() == ["angry", 0.25, 0.25, 0.25, 0.25]


def test_label_indices_follow_the_order_of_the_classes():
    indices = label_indices(pd.Series(["neutral", "angry", math.nan, "sad"]))
    assert indices.tolist() == [3, 0, -1, 2] and indices.dtype == "int64"  # what PyTorch's cross-entropy takes


def test_inference_is_the_backbone_without_dropout(backbone):
    inputs, rows = torch.randn(90, 40, 12), torch.randperm(90)[:70]
    z, probabilities = infer(backbone, inputs.half(), rows)
    assert not (backbone.training or z.requires_grad or probabilities.requires_grad)
    expected, logits = backbone(inputs.half().float()[rows])
    assert torch.allclose(z, expected, atol=1e-6)
    assert torch.allclose(probabilities, logits.exp() / logits.exp().sum(dim=1, keepdim=True), atol=1e-6)


@pytest.mark.parametrize("blocks", [0, 1, 2])
def test_what_the_first_blocks_made_is_inferred_from_as_mels_are(backbone, blocks):
    inputs = torch.randn(70, 40, 12)
    parts = list(encode(backbone, inputs.half(), blocks))
    assert [len(part) for part in parts] == [64, 6]
    assert not any(part.requires_grad for part in parts) and all(part.dtype == torch.float32 for part in parts)
    rows = torch.arange(70)
    found, expected = infer(backbone, torch.cat(parts), rows, blocks), infer(backbone, inputs.half(), rows)
    assert all(torch.allclose(one, other, atol=1e-6) for one, other in zip(found, expected, strict=True))


def test_a_run_without_epochs():
    made = table([("sad", "sad"), ("sad", "happy")])
    history, metrics = without_epochs(made, seconds=1.23456)
    assert history.empty and list(history.columns) == ["epoch", "seconds"]
    expected = {"device": "cpu", "epoch": 0, "seconds": 1.235, "start": {}, "oracle": None}
    assert metrics == expected | {"splits": {"test": scores(made, "test")}}
    assert metrics["splits"]["test"]["wa"] == 0.5


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_predictions_that_are_no_numbers_are_refused(value):
    manifest = pd.DataFrame({"utterance": ["a"], "speaker": ["1"], "split": ["test"], "label": ["sad"]})
    with pytest.raises(InputError, match="predictions: not finite"):
        predictions(manifest, torch.tensor([[0.1, value, 0.2, 0.3]]))
