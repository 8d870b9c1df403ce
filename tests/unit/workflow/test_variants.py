"""Variants: their names, and which part of one each stage and method depends on."""

import copy

import pytest

from nnpm.methods.table import METHODS
from nnpm.workflow.variants import DEFAULT, STAGES, Variant, differing, leaves, merged
from tests.faults.settings import PAPER


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({}, "default"),
        ({"adaptation": {"freeze": 2, "threshold": 0.9}}, "default"),  # the study's own
        ({"adaptation": {"freeze": 0}}, "freeze~0"),
        ({"adaptation": {"threshold": 0.6, "freeze": 2}}, "threshold~0.6"),
        (
            {"objective": {"negative_label": 0}, "memory": {"update": "retention_rate"}},
            "update~retention_rate,negative_label~0",
        ),
        ({"features": {"normalisation": "padded"}}, "normalisation~padded"),
        ({"adaptation": {"epochs": 9}, "pretraining": {"epochs": 9}}, "epochs~9,pretraining.epochs~9"),
    ],
)
def test_a_variant_is_named_after_what_differs(values, name):
    variant = differing(PAPER, values)
    assert variant.name == name and (variant == DEFAULT) == (name == "default")
    assert variant.settings(PAPER) == merged(PAPER, values)


def test_the_settings_of_a_variant_leave_the_configuration_as_it_was():
    variant, before = Variant({"memory.update": "retention_rate"}), copy.deepcopy(PAPER)
    assert variant.settings(PAPER)["memory"] == {"update": "retention_rate", "final_rate": 0.4}
    assert before == PAPER


def test_dotted_keys():
    values = {"a": {"b": 1, "c": {}}, "d": {"e": 2}}
    assert dict(leaves(values)) == {"a.b": 1, "d.e": 2}


#: What the folder of each stage is called under a variant: functionals, features, pretrained, encoded.
PARTS = {
    "default": ("default", "default", "default", "default"),
    "adaptation.freeze": ("default", "default", "default", "freeze~0"),
    "adaptation.threshold": ("default", "default", "default", "default"),
    "memory.update": ("default", "default", "default", "default"),
    "features.normalisation": ("default", *["normalisation~0"] * 3),
    "features.duration": ("duration~0",) * 4,
    "features.front_end": ("default", *["front_end~0"] * 3),
    "functionals": ("functionals~0", "default", "default", "default"),
    "backbone.hidden": ("default", "default", "hidden~0", "hidden~0"),
    "pretraining.epochs": ("default", "default", "pretraining.epochs~0", "pretraining.epochs~0"),
    "pretraining.checkpoint": ("default", "default", "default", "pretraining.checkpoint~0"),  # both are written
}


@pytest.mark.parametrize("key", PARTS)
def test_a_stage_is_shared_by_variants_that_it_does_not_depend_on(key):
    variant = Variant({} if key == "default" else {key: 0})
    assert tuple(variant.of_stage(stage, PAPER).name for stage in STAGES) == PARTS[key]


def test_a_section_is_not_one_whose_name_begins_alike():
    assert Variant({"memory_size.x": 1, "memory.update": 2}).only(["memory"]).changes == {"memory.update": 2}


#: The methods with a memory.
_MATCHING = {"snsa-wo-sl", "snsa-wo-hl", "nnpm", "nnpm-class-aware", "nnpm-target-slots", "nnpm-balanced"}
_CLASSIFIERS = {"svm", "lda", "nnpm-plus"}

#: Which methods have results of their own under a change.
CONCERNED = {
    "adaptation.threshold": _MATCHING,
    "memory.update": _MATCHING,
    "objective.negative_label": _MATCHING,
    "adaptation.freeze": METHODS.keys() - {"snsa-f"} - _CLASSIFIERS,
    "adaptation.learning_rate": METHODS.keys() - {"snsa-f"} - _CLASSIFIERS,
    "pretraining.checkpoint": METHODS.keys() - _CLASSIFIERS,
    "features.normalisation": METHODS.keys() - _CLASSIFIERS,
    "features.sample_rate": METHODS.keys(),
    "features.front_end": METHODS.keys() - _CLASSIFIERS,
    "functionals": _CLASSIFIERS,
}


@pytest.mark.parametrize("key", CONCERNED)
def test_a_method_has_results_of_its_own_where_it_reads_what_differs(key):
    variant = Variant({key: 0})
    assert {name for name in METHODS if variant.of_method(name, PAPER) == variant} == CONCERNED[key]
    assert {name for name in METHODS if variant.of_method(name, PAPER) == DEFAULT} == METHODS.keys() - CONCERNED[key]


def test_pooled_functionals_are_those_of_the_front_end():
    pooled = merged(PAPER, {"functionals": "pooled"})
    other = differing(pooled, {"features": {"normalisation": "padded"}})
    assert {name for name in METHODS if other.of_method(name, pooled).name == "normalisation~padded"} == set(METHODS)
    assert (
        other.of_stage("functionals", pooled).name == other.of_stage("features", pooled).name == "normalisation~padded"
    )
    own = differing(pooled, {"features": {"normalisation": "padded"}, "functionals": "own"})
    assert own.of_method("svm", pooled).name == "functionals~own"
    assert own.settings(pooled)["functionals"] == "own"


def test_what_variants_of_one_name_read_does_not_depend_on_their_order():
    pooled, frames = merged(PAPER, {"functionals": "pooled"}), {"features": {"normalisation": "padded"}}
    first, second = (differing(pooled, {**frames, **more}) for more in ({"functionals": "own"}, {}))
    parts = [each.of_method("snsa-f", pooled) for each in (first, second)]
    assert parts[0] == parts[1]
    assert {part.of_stage("functionals", pooled).name for part in parts} == {"normalisation~padded"}


def test_a_method_keeps_the_part_of_a_variant_that_it_reads():
    variant = Variant({"adaptation.threshold": 0.5, "adaptation.freeze": 0, "features.duration": 3})
    assert variant.of_method("nnpm", PAPER).name == "freeze~0,threshold~0.5,duration~3"
    assert variant.of_method("dann", PAPER).name == "freeze~0,duration~3"
    assert variant.of_method("snsa-f", PAPER).name == variant.of_method("svm", PAPER).name == "duration~3"


def test_equal_numbers_have_one_name():
    assert Variant({"adaptation.threshold": 1.0}).name == Variant({"adaptation.threshold": 1}).name == "threshold~1"
