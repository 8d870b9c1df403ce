"""Scores against numbers worked by hand."""

import math

import pandas as pd
import pytest
import torch

from nnpm.evaluation import label_indices, predictions, scores
from nnpm.files import read_csv, write_csv


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


def test_label_indices_follow_the_order_of_the_classes():
    assert label_indices(pd.Series(["neutral", "angry", math.nan, "sad"])).tolist() == [3, 0, -1, 2]
