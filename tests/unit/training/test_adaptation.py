"""Pretraining and adaptation as a whole, on small domains."""

import copy
import dataclasses
import weakref
from functools import cache

import numpy as np
import pytest
import torch

from nnpm.errors import InputError
from nnpm.files import open_inputs
from nnpm.methods.base import load
from nnpm.methods.pseudo_multilabel import PseudoMultilabel
from nnpm.methods.source_only import SourceOnly
from nnpm.methods.table import METHODS
from nnpm.model.backbone import SNSA
from nnpm.training import checkpoints
from nnpm.training.adaptation import Adaptation, AdaptationSettings, adapt
from nnpm.training.domain import Domain
from nnpm.training.pretraining import PretrainingSettings, class_weights, pretrain
from runs import METHOD, adaptation, encoded

SETTINGS = AdaptationSettings(epochs=3, batch_size=12)
ONE_EPOCH = dataclasses.replace(SETTINGS, epochs=1)
PLACES = {name: entry.place for name, entry in METHODS.items() if entry.reads == "frames"}
TRAINED = [name for name, place in PLACES.items() if place]


def adapted(backbone, source, target, method, settings, resume, method_settings=METHOD, seed=0, identity="test"):
    """The end of a run from a copy of the backbone."""
    return adapt(
        copy.deepcopy(backbone),
        encoded(backbone, source, settings.freeze),
        encoded(backbone, target, settings.freeze),
        load(PLACES[method]) if PLACES[method] else None,
        settings,
        method_settings,
        seed=seed,
        resume=resume,
        identity=identity,
    )


@pytest.fixture(scope="module")
def finished(backbone_settings, source, target, tmp_path_factory):
    """Undisturbed runs under the same settings, each made when it is first asked for; for reading only."""
    torch.manual_seed(0)
    start, folder = SNSA(backbone_settings), tmp_path_factory.mktemp("finished")
    return cache(lambda method: adapted(start, source, target, method, SETTINGS, folder / method))


@pytest.fixture
def run(backbone, source, target, tmp_path):
    """Adapt the same backbone each time; arguments replace the defaults."""

    def run(method="nnpm", settings=SETTINGS, resume="resume", **changes):
        domains = {"source": source, "target": target}
        return adapted(backbone, method=method, settings=settings, resume=tmp_path / resume, **domains | changes)

    return run


def first(domain, count):
    """The first utterances of a domain."""
    parts = {name: getattr(domain, name)[:count] for name in ("inputs", "manifest")}
    return dataclasses.replace(domain, **parts)


def weights(module):
    return {name: tensor.clone() for name, tensor in module.state_dict().items()}


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("method", PLACES)
def test_shuffled_target_labels_change_no_weight(finished, run, target, method):
    manifest = target.manifest.copy()
    manifest["label"] = np.random.default_rng(0).permutation(manifest["label"])
    honest, shuffled = finished(method), run(method, target=dataclasses.replace(target, manifest=manifest))
    assert same(weights(honest.backbone), weights(shuffled.backbone))
    assert honest.predictions["predicted"].equals(shuffled.predictions["predicted"])
    assert honest.metrics["splits"] != shuffled.metrics["splits"]  # the labels were indeed others


def test_where_all_utterances_are_scored_all_are_adapted_to_and_labels_change_no_weight(run, target):
    manifest = target.manifest.assign(split="all")
    done = run(target=dataclasses.replace(target, manifest=manifest), settings=ONE_EPOCH)
    assert done.metrics["splits"]["test"]["utterances"] == len(manifest)
    trained = run(
        target=dataclasses.replace(target, manifest=target.manifest.assign(split="train")), settings=ONE_EPOCH
    )
    assert same(weights(done.backbone), weights(trained.backbone)), "all of it is training"
    manifest["label"] = np.random.default_rng(0).permutation(manifest["label"])
    shuffled = run(target=dataclasses.replace(target, manifest=manifest), settings=ONE_EPOCH)
    assert same(weights(done.backbone), weights(shuffled.backbone))


def test_a_pool_is_trained_on_as_one_corpus(source, backbone_settings, tmp_path):
    """Its parts lie in arrays of their own; else nothing differs from the whole."""
    rest = {name: getattr(source, name)[20:] for name in ("inputs", "manifest")}
    pool = Domain.pool({"a": first(source, 20), "b": dataclasses.replace(source, **rest)}, torch.device("cpu"))
    assert len(pool.inputs) == len(source.inputs) and pool.inputs is not source.inputs
    settings = PretrainingSettings(epochs=2, batch_size=8)
    whole, pooled = (
        pretrain(domain, settings, backbone_settings, seed=0, resume=tmp_path / name, identity=name)
        for name, domain in (("whole", source), ("pool", pool))
    )
    assert same(weights(whole.last), weights(pooled.last))
    assert whole.predictions["predicted"].equals(pooled.predictions["predicted"])


def test_an_unlabelled_target_has_predictions_and_no_scores(run, target):
    manifest = target.manifest.assign(label=np.nan)
    done = run(target=dataclasses.replace(target, manifest=manifest), settings=ONE_EPOCH)
    assert done.metrics["splits"]["test"] is None and done.metrics["oracle"] is None
    assert len(done.predictions) == len(manifest)
    assert not any(name.startswith("test_") for name in done.history)
    assert not any("purity" in name for name in done.metrics["start"]) and done.metrics["start"]["im"] > 0


def test_snsa_f_is_the_pretrained_backbone(finished, backbone):
    done = finished("snsa-f")
    assert same(weights(done.backbone), weights(backbone))
    assert done.metrics["epoch"] == 0 and done.history.empty
    assert done.metrics["start"]["test_ua"] == done.metrics["splits"]["test"]["ua"]
    assert done.metrics["start"] == finished("coral").metrics["start"], "all methods start from it"


@pytest.mark.parametrize("method", ["snsa-wo-sl", "snsa-wo-hl", "nnpm"])
@pytest.mark.parametrize("freeze", [0, 1, 2])
def test_frozen_blocks_stay_and_the_rest_moves(run, backbone, method, freeze):
    before, after = weights(backbone), weights(run(method, dataclasses.replace(ONE_EPOCH, freeze=freeze)).backbone)
    for name in before:
        block = int(name.split(".")[1]) if name.startswith("blocks.") else 2
        frozen = block < freeze or (method == "snsa-wo-sl" and name.startswith("classifier"))
        assert torch.equal(before[name], after[name]) == frozen, name


def test_methods_differ_as_the_paper_says(finished, run):
    terms = {method: set(finished(method).history) for method in ("snsa-wo-sl", "snsa-wo-hl", "nnpm")}
    assert "source_loss" not in terms["snsa-wo-sl"]
    assert (
        terms["snsa-wo-hl"] == terms["nnpm"] >= {"epoch", "source_loss", "target_loss", "loss", "positives", "seconds"}
    )
    none = dataclasses.replace(METHOD, threshold=1.1)  # every slot is a negative
    hard, everything = (
        run(method, ONE_EPOCH, resume=method, method_settings=none).history["target_loss"][0]
        for method in ("nnpm", "snsa-wo-hl")
    )
    assert hard > everything  # the hardest negatives are further from their label than the average one


def test_history_adds_up(finished):
    history = finished("nnpm").history
    assert history["epoch"].tolist() == [1, 2, 3]
    assert np.allclose(history["loss"], history["source_loss"] + history["target_loss"])


@pytest.mark.parametrize("method", ["nnpm", "fluda"])
def test_the_history_scores_what_the_run_predicts_and_the_oracle_is_its_best_epoch(finished, method):
    """FLUDA predicts with prototypes, in the history as well."""
    done = finished(method)
    test = done.metrics["splits"]["test"]
    assert done.metrics["oracle"]["ua"] == done.history["test_ua"].max() >= test["ua"]
    assert test["ua"] == pytest.approx(done.history["test_ua"].iloc[-1])


def test_another_seed_gives_other_weights(finished, run):
    assert not same(weights(finished("nnpm").backbone), weights(run(seed=1).backbone))


@pytest.mark.parametrize("method", TRAINED)
def test_a_killed_run_resumes_to_the_same_weights(finished, run, monkeypatch, method):
    class Killed(BaseException):
        pass

    save = checkpoints.Resumable.save

    def save_then_die(self, history):
        save(self, history)
        if len(history) == 2:
            raise Killed

    monkeypatch.setattr(checkpoints.Resumable, "save", save_then_die)
    with pytest.raises(Killed):
        run(method)
    monkeypatch.undo()
    resumed, undisturbed = run(method), finished(method)
    assert same(weights(undisturbed.backbone), weights(resumed.backbone))
    assert undisturbed.predictions.equals(resumed.predictions)
    assert resumed.history["epoch"].tolist() == [1, 2, 3]


def test_a_resume_file_of_another_run_is_not_used(run):
    first = run(identity="one", seed=3, settings=ONE_EPOCH)
    second = run(identity="two", seed=4)
    assert not same(weights(first.backbone), weights(second.backbone))
    assert second.history["epoch"].tolist() == [1, 2, 3] and first.history["loss"][0] != second.history["loss"][0]


@pytest.mark.parametrize("passed", ["source", "target"])
def test_an_epoch_passes_over_one_domain_once(backbone, source, target, passed):
    seen = {"source": [], "target": []}

    class Watched(SourceOnly):
        def losses(self, step):
            seen["source"] += step.source.rows.tolist()
            seen["target"] += step.target.rows.tolist()
            return super().losses(step)

    few = first(target, 20)
    adaptation(backbone, source, few, Watched, epoch=passed, batch_size=8).epoch(0)
    size = {"source": 36, "target": 12}
    assert sorted(seen[passed]) == list(range(size[passed]))
    other = {"source": "target", "target": "source"}[passed]
    steps = -(-size[passed] // 8)
    assert len(seen[other]) == 8 * steps
    assert set(seen[other]) <= set(range(size[other])) and len(set(seen[other])) == min(8 * steps, size[other])


@pytest.mark.parametrize("method", PLACES)
def test_a_target_smaller_than_a_batch(run, target, method):
    few = first(target, 12)
    assert len(run(method, dataclasses.replace(ONE_EPOCH, batch_size=32), target=few).predictions) == 12


def test_pretraining_learns_and_keeps_the_best_epoch(source, backbone_settings, tmp_path):
    done = pretrain(
        source,
        PretrainingSettings(epochs=12, batch_size=8, learning_rate=0.01),
        backbone_settings,
        seed=0,
        resume=tmp_path / "resume",
        identity="test",
    )
    assert done.metrics["last"]["test"]["ua"] >= 0.8
    best = done.metrics["best"]
    assert best["validation"]["ua"] == done.history["validation_ua"].max()
    assert best["epoch"] == done.history["validation_ua"].idxmax() + 1
    assert done.metrics["last"]["validation"]["ua"] == pytest.approx(done.history["validation_ua"].iloc[-1])


def test_balanced_class_weights_by_hand():
    labels = torch.tensor([0, 0, 0, 1, 2, 2, 3, 3])
    assert class_weights(labels, "none") is None
    assert class_weights(labels, "balanced").tolist() == pytest.approx([8 / 12, 2.0, 1.0, 1.0])


def test_an_epoch_keeps_nothing_of_its_steps(backbone, source, target, monkeypatch):
    """Small tensors kept from each step once kept the large ones' memory from being used again: 3 MiB a step."""
    seen, alive, step = [], [], Adaptation.step

    def watched(self, *rows, **progress):
        alive.append(sum(tensor() is not None for tensor in seen))
        measured = step(self, *rows, **progress)
        seen.extend(weakref.ref(value) for value in measured.values())
        return measured

    monkeypatch.setattr(Adaptation, "step", watched)
    means = adaptation(backbone, source, target, PseudoMultilabel, batch_size=2).epoch(0)
    assert len(alive) == 18
    assert max(alive) <= len(means), "of the step before"


def test_a_training_that_diverges_ends_in_one_line_and_keeps_nothing_of_it(run, tmp_path):
    """Its probabilities would be no numbers, and its predictions the first class."""
    with pytest.raises(InputError, match=r"loss is nan in epoch \d, training diverged; lower its learning_rate"):
        run(settings=dataclasses.replace(SETTINGS, learning_rate=1e30), resume="diverged")
    assert not (tmp_path / "diverged").exists() or b"NaN" not in (tmp_path / "diverged").read_bytes()


@pytest.mark.parametrize("error", [MemoryError("x"), OSError(5, "Input/output error"), RuntimeError("out of memory")])
def test_too_little_memory_and_a_failing_disk_are_not_taken_for_damage(run, tmp_path, monkeypatch, error):
    """What took hours is neither started again nor told to be deleted."""
    (tmp_path / "kept").write_bytes(b"whole")
    (tmp_path / "x.npy").write_bytes(b"whole")

    def failing(*_, **__):
        raise error

    monkeypatch.setattr(checkpoints, "safe_open", failing)
    monkeypatch.setattr(np.lib.format, "open_memmap", failing)
    for read in (
        lambda: checkpoints.load_backbone(tmp_path / "kept"),
        lambda: run(resume="kept"),
        lambda: open_inputs(tmp_path / "x.npy"),
    ):
        with pytest.raises(type(error)):
            read()
    assert (tmp_path / "kept").read_bytes() == b"whole"
