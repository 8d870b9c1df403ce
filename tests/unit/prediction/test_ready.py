"""The model that comes with the package: its file, what it adapts to, and when it does not."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from nnpm import CLASSES
from nnpm.errors import InputError
from nnpm.prediction import ready
from nnpm.prediction.ready import ENOUGH, FILE, ReadyModel

WIDTH = 12


def corpus(count, seed, shift=0.0, classes=(0.25, 0.25, 0.25, 0.25)):
    """Functionals whose first four tell the class, and all of which are shifted in another language."""
    random = np.random.default_rng(seed)
    labels = random.choice(4, size=count, p=classes)
    return random.normal(size=(count, WIDTH)) + 2 * np.eye(4, WIDTH)[labels] + shift, labels


MODEL = ReadyModel.of(
    {"a": corpus(300, 0), "b": corpus(80, 1, shift=1.0)}, tuple(map(str, range(WIDTH))), leans=["angry", "neutral"]
)


def right(classifier, values, labels):
    return float((classifier.scores(values).argmax(axis=1) == labels).mean())


def test_it_is_the_same_after_it_was_written(tmp_path):
    (tmp_path / "x.json").write_text(MODEL.written(), encoding="utf-8")
    again = ReadyModel.read(tmp_path / "x.json")
    values, _ = corpus(60, 2)
    for adapt in ("off", "on"):
        one, other = (model.fit(values, adapt).classifier.scores(values) for model in (MODEL, again))
        np.testing.assert_allclose(one, other, atol=1e-3)
    assert again.about == MODEL.about and again.names == MODEL.names


def test_corpora_count_the_same_whatever_their_size():
    assert MODEL.memory.counts == pytest.approx([0.5] * 4)
    a, b = corpus(300, 0)[0], corpus(80, 1, shift=1.0)[0]
    assert MODEL.mean == pytest.approx((a.mean(axis=0) + b.mean(axis=0)) / 2)
    assert MODEL.deviation == pytest.approx(np.sqrt((a.var(axis=0) + b.var(axis=0)) / 2))


def test_recordings_of_another_kind_are_adapted_to():
    values, labels = corpus(200, 3, shift=np.eye(1, WIDTH)[0] * 1.5)
    fitted = MODEL.fit(values)
    assert fitted.said == "adapted to 200 recordings, without labels"
    assert right(fitted.classifier, values, labels) > right(MODEL.as_it_is(), values, labels) + 0.05


def test_it_adapts_better_to_speakers_it_knows():
    """Ten loud voices; with one name for all it is as if none were known."""
    values, labels = corpus(300, 6)
    speakers = np.arange(300) % 10
    values += 1.5 * np.random.default_rng(7).normal(size=(10, WIDTH))[speakers]
    alone, one, known = (
        MODEL.fit(values, speakers=names).classifier for names in (None, ["x"] * 300, [f"s{each}" for each in speakers])
    )
    np.testing.assert_allclose(one.scores(values), alone.scores(values))
    assert right(known, values, labels) > right(alone, values, labels) + 0.03


def test_few_recordings_are_not():
    values, _ = corpus(ENOUGH - 1, 4)
    fitted, plain = MODEL.fit(values), MODEL.as_it_is()
    assert fitted.classifier.scores(values) == pytest.approx(plain.scores(values))
    assert fitted.said.startswith("only 29 recordings: ") and fitted.said.endswith("it leans to 'angry' and 'neutral'")
    assert MODEL.fit(values, "on").said == "adapted to 29 recordings, without labels; fewer than 30 gain little"
    assert MODEL.fit(values[:1], "on").said.startswith("only 1 recording: ")
    assert MODEL.fit(np.concatenate([values, values]), "off").said.startswith("not adapted, as asked")


def test_recordings_of_one_emotion_are_not_divided_among_four():
    values, labels = corpus(60, 5, classes=(0, 0, 1, 0))
    fitted = MODEL.fit(values)
    assert fitted.said.startswith("not adapted: the model as it is hears 'sad' in ")
    assert right(fitted.classifier, values, labels) > 0.7 > right(MODEL.fit(values, "on").classifier, values, labels)


def test_mean_and_deviation_of_a_few_are_between_theirs_and_the_corpora():
    """By hand: of ENOUGH recordings, half and half."""
    values, _ = corpus(ENOUGH, 6, shift=4.0)
    both = np.concatenate([values, MODEL.mean + MODEL.deviation * np.resize([1.0, -1.0], (ENOUGH, 1))])
    seen = {}

    def adapted(memory, given, weight, **_):
        seen.update(given=given, weight=weight)
        return ready.Discriminant.of(memory, 0.5)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ready.nnpm_plus, "adapted", adapted)
        MODEL.adapted(values)
    np.testing.assert_allclose(seen["given"], (values - both.mean(axis=0)) / both.std(axis=0))
    assert seen["weight"] == pytest.approx(0.25)


@pytest.mark.parametrize("change", [{"products": [1.0]}, {"counts": [1.0]}, {"names": None}, {"mean": ["x"]}])
def test_a_damaged_file_is_told_in_a_line(tmp_path, change):
    content = json.loads(MODEL.written()) | change
    (tmp_path / "x.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match="damaged"):
        ReadyModel.read(tmp_path / "x.json")
    with pytest.raises(InputError, match="adapt: 'maybe' is none of"):
        MODEL.fit(corpus(5, 0)[0], "maybe")


def test_the_file_of_the_package_is_small_and_says_what_it_is():
    model = ReadyModel.read()
    assert FILE.stat().st_size < 300_000
    assert model.about["corpora"] == ["ravdess", "emodb", "nemo"] and model.about["terms"] == "CC BY-NC-SA 4.0"
    assert set(model.about["leans"]) <= set(CLASSES)
    assert model.as_it_is().weight.shape == (4, len(model.names)) and len(model.names) == 233


@pytest.mark.slow
def test_the_file_of_the_package_can_be_made_again():
    """Where its corpora are at hand. Sums of other processors differ in the last digits."""
    from benchmarks.ready import OPEN, hear, made

    folder = Path(os.environ.get("NNPM_CORPORA_DIR", ""))
    if not folder.name or not all((folder / name).is_dir() for name in OPEN):
        pytest.skip("needs $NNPM_CORPORA_DIR with RAVDESS, EMO-DB and nEMO")
    heard = {}
    for name in OPEN:
        names, heard[name] = hear(folder, name, threads=2)
    again, kept = made(heard, names), ReadyModel.read()
    assert again.names == kept.names
    for name in ("counts", "sums", "products"):
        np.testing.assert_allclose(getattr(again.memory, name), getattr(kept.memory, name), atol=1e-3)
    for name in ("mean", "deviation"):
        np.testing.assert_allclose(getattr(again, name), getattr(kept, name), rtol=1e-4)
    assert {**again.about, "leans": kept.about["leans"]} == kept.about
