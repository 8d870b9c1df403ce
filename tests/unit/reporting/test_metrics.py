"""The two frames that every table and figure is made from, against runs written down here."""

import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import fake_study as fake
from nnpm import CLASSES
from nnpm.errors import InputError
from nnpm.reporting.metrics import COUNTS, TEST_PREDICTIONS, metrics_frame, predictions_frame, to_csv

#: 13, 6, 4 and 11 utterances: recalls 1, 0, 3/4 and 2/11.
CONFUSION = [[13, 0, 0, 0], [6, 0, 0, 0], [0, 1, 3, 0], [9, 0, 0, 2]]


def one(**fields: Any) -> dict[str, Any]:
    return fake.run("emodb", "nnpm", 4, CONFUSION) | fields


def test_a_row_by_hand() -> None:
    frame = metrics_frame([one()])
    assert frame.to_dict("records") == [
        {"source": "iemocap", "target": "emodb", "method": "nnpm", "variant": "default", "seed": 4}
        | {"ua": pytest.approx((1 + 0 + 3 / 4 + 2 / 11) / 4), "wa": 18 / 34}
        | {"recall_angry": 1, "recall_happy": 0, "recall_sad": 3 / 4, "recall_neutral": 2 / 11, "utterances": 34}
        | {"epoch": 50, "oracle_epoch": 30, "oracle_ua": pytest.approx(0.482954 + 0.04, abs=1e-6), "oracle_wa": 18 / 34}
        | {"seconds": 104, "device": "cpu"}
        | {f"count_{a}_{b}": CONFUSION[i][j] for i, a in enumerate(CLASSES) for j, b in enumerate(CLASSES)}
    ]
    whole = ["seed", "utterances", "epoch", "oracle_epoch", *COUNTS]
    assert [column for column in frame if frame[column].dtype == "Int64"] == whole


def test_rows_are_sorted_by_what_tells_runs_apart() -> None:
    keys = [
        (source, target, method, variant, seed)
        for source in ("cremad", "ravdess")
        for target in ("emodb", "urdu")
        for method in ("nnpm", "snsa-f")
        for variant in ("default", "freeze~0", "threshold~0.4")
        for seed in (9, 10)
    ]
    runs = [
        fake.run(target, method, seed, CONFUSION, variant, source) for source, target, method, variant, seed in keys
    ]
    frame = metrics_frame(runs[::-1])
    assert list(frame[["source", "target", "method", "variant", "seed"]].itertuples(index=False, name=None)) == keys
    assert frame.index.tolist() == list(range(len(keys)))


def test_what_a_run_does_not_have_is_missing() -> None:
    unlabelled = fake.run("mine", "nnpm", 0, None)
    del unlabelled["device"], unlabelled["oracle"]
    (row,) = metrics_frame([unlabelled]).to_dict("records")
    present = {key: value for key, value in row.items() if not pd.isna(value)}
    told = {"source": "iemocap", "target": "mine", "method": "nnpm", "variant": "default", "seed": 0}
    assert present == told | {"epoch": 50, "seconds": 100, "device": ""}
    assert len(row) == 34 and metrics_frame([]).columns.tolist() == list(row)


def test_files_are_read_as_runs_are(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    path.write_text(json.dumps(one(device="Süd")), encoding="utf-8")
    expected = metrics_frame([one(device="Süd")])
    for given in (path, str(path)):
        pd.testing.assert_frame_equal(metrics_frame([given]), expected)


def three_classes() -> dict[str, Any]:
    test = one()["splits"]["test"]
    return one(splits={"test": test | {"confusion": test["confusion"][:3]}})


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"target": "emodb"}', json.dumps(three_classes())])
def test_a_file_that_is_no_metrics_is_named(tmp_path: Path, content: str) -> None:
    bad = tmp_path / "metrics.json"
    bad.write_text(content)
    with pytest.raises(InputError, match=r"metrics\.json: not a run's") as error:
        metrics_frame([bad])
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"metrics\.json: cannot be read \(No such file or directory\); run the adap"):
        metrics_frame([tmp_path / "metrics.json"])


def test_the_same_run_twice_is_an_error() -> None:
    message = "metrics: the run source iemocap, target emodb, method nnpm, variant default, seed 4 is given twice; pass"
    with pytest.raises(InputError, match=message):
        metrics_frame([one(seed=3), one(), one(seconds=7)])


def test_the_predictions_of_a_study_are_those_of_the_test(tmp_path: Path) -> None:
    runs = [one(seed=1), one(seed=0)]
    columns = ["utterance", "speaker", "split", "label", "predicted", "angry"]
    tables = [
        pd.DataFrame(
            [["b", "03", "test", "sad", "happy", 0.1], ["a", "NA", "test", None, "sad", 0.2]], columns=columns
        ),
        pd.DataFrame([["a", "NA", "test", None, "happy", 0.3], ["c", "7", "train", "sad", "sad", 0]], columns=columns),
    ]
    frame = predictions_frame(runs, tables)
    told = ("iemocap", "emodb", "nnpm", "default")
    assert frame.columns.tolist() == list(TEST_PREDICTIONS)
    assert list(frame.fillna({"label": "none"}).itertuples(name=None)) == [
        (0, *told, 0, "a", "NA", "none", "happy"),
        (1, *told, 1, "a", "NA", "none", "sad"),
        (2, *told, 1, "b", "03", "sad", "happy"),
    ]
    paths = [tmp_path / "1.csv", tmp_path / "0.csv"]
    for path, table in zip(paths, tables, strict=True):
        table.to_csv(path, index=False)
    pd.testing.assert_frame_equal(predictions_frame(runs, paths), frame, check_dtype=False)
    assert predictions_frame([], []).columns.tolist() == list(TEST_PREDICTIONS)


def test_every_run_has_predictions() -> None:
    with pytest.raises(ValueError, match="shorter"):
        predictions_frame([one(seed=0), one(seed=1)], [fake.predictions(one())])


def test_fractions_are_written_with_six_digits() -> None:
    frame = metrics_frame([one()])
    text = to_csv(frame)
    assert text.startswith("source,target,method,variant,seed,ua,wa,") and text.endswith("\n") and "\r" not in text
    assert text.splitlines()[1].startswith(
        "iemocap,emodb,nnpm,default,4,0.482955,0.529412,1,0,0.75,0.181818,34,50,30,0.522955,"
    )
    pd.testing.assert_frame_equal(pd.read_csv(io.StringIO(text)), frame, check_dtype=False, atol=1e-6)
