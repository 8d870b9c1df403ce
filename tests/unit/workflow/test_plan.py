"""The plan: which runs a configuration asks for, and where their files lie. Small studies are worked by hand."""

import copy
from collections import Counter
from pathlib import Path

import pytest
import yaml

from nnpm.methods.table import METHODS
from nnpm.workflow import drawing, plan
from nnpm.workflow.plan import Plan, Run
from nnpm.workflow.variants import merged
from tests.faults.settings import PAPER

ROOT = Path(__file__).parents[3]


def configured(*names, **changes):
    """The paper's configuration with overlays and sections laid over it."""
    content = {}
    for name in ("config.yaml", *names):
        content = merged(content, yaml.safe_load((ROOT / "config" / name).read_text(encoding="utf-8")))
    return merged(content, changes)


SMALL = configured(
    source="ravdess",
    targets=["urdu", "emodb"],
    seeds=[3, 7],
    tables={
        "table1": {"methods": ["snsa-f", "nnpm"]},
        "table2": None,
        "table3": {"target": "emodb", "freeze": [0, 1, 2]},
    },
    figures={
        "figure2": {"targets": ["urdu"], "thresholds": [0.5, 0.9]},
        "diagnostics": {"methods": ["nnpm"]},
        "sensitivity": {
            "targets": ["emodb"],
            "readings": {
                "the old slot": {"memory": {"update": "retention_rate"}},
                "the new feature": {"memory": {"update": "write_rate"}},
                "all frames": {"features": {"normalisation": "padded"}},
                "all frames again": {"features": {"normalisation": "padded"}},
            },
        },
    },
)


@pytest.fixture
def small():
    return Plan(copy.deepcopy(SMALL))


def short(runs):
    """Runs without what they have in common: target, method, variant, seed."""
    assert {run.source for run in runs} == {"ravdess"}
    return [f"{run.target} {run.method} {run.variant} {run.seed}" for run in runs]


def test_a_small_study_by_hand(small):
    shown = {name: short(runs) for name, runs in small.shown["ravdess"].items()}
    assert shown["urdu"] == [
        "urdu snsa-f default 3",
        "urdu snsa-f default 7",
        "urdu nnpm default 3",
        "urdu nnpm default 7",
    ]
    assert shown["table1"] == shown["diagnostics"] == [*shown["urdu"], *shown["emodb"]]
    assert shown["table3"] == [
        f"emodb nnpm {variant} {seed}" for variant in ("freeze~0", "freeze~1", "default") for seed in (3, 7)
    ]
    assert shown["figure2"] == [
        f"urdu nnpm {variant} {seed}" for variant in ("threshold~0.5", "default") for seed in (3, 7)
    ]
    variants = ["default", "update~retention_rate", "normalisation~padded"]
    assert shown["sensitivity"] == [f"emodb nnpm {variant} {seed}" for variant in variants for seed in (3, 7)]
    # Before adaptation a memory plays no part, but the mels do.
    assert shown["sensitivity_before"] == [
        f"emodb snsa-f {variant} {seed}" for variant in ("default", "normalisation~padded") for seed in (3, 7)
    ]
    others = {"figure2", "diagnostics", "sensitivity", "sensitivity_before"}
    assert shown.keys() == {"table1", "urdu", "emodb", "table3", *others}
    # 2 targets x 2 methods, two more of each of Table 3 and the readings, one more threshold and backbone; two seeds.
    assert len(small.runs) == len(set(small.runs)) == 2 * (4 + 2 + 1 + 2 + 1)
    assert set(small.runs) == set(small.of_source("ravdess"))


def test_readings_that_are_the_same_are_shown_once(small):
    assert [(reading.title, reading.variant.name) for reading in small.readings] == [
        ("default", "default"),
        ("the old slot", "update~retention_rate"),
        ("all frames", "normalisation~padded"),
    ]


def test_the_sensitivity_study_can_have_fewer_seeds():
    content = copy.deepcopy(SMALL)
    content["figures"]["sensitivity"]["seeds"] = [7]
    assert {run.seed for run in Plan(content).shown["ravdess"]["sensitivity"]} == {7}


def test_what_is_left_out_has_no_runs():
    nothing = Plan(
        configured(tables={"table2": None, "table3": None}, figures={"figure2": None, "diagnostics": None}, seeds=[0])
    )
    assert nothing.shown["iemocap"].keys() == {"table1", *nothing.targets} and nothing.readings == []
    assert nothing.variants.keys() == {"default"}


def test_a_method_without_random_numbers_is_run_once(small):
    runs = small.of("ravdess", ["urdu"], ["svm", "nnpm"], small.thresholds.values())
    assert short(runs) == [
        "urdu svm default 0",
        *(f"urdu nnpm {variant} {seed}" for variant in ("threshold~0.5", "default") for seed in (3, 7)),
    ]


def test_paths_by_hand(small):
    assert Run("ravdess", "urdu", "nnpm", "freeze~0", 3).folder == "runs/ravdess/urdu/nnpm/freeze~0/seed~3"
    start = ("ravdess", "freeze~1", 3)
    assert small.features_file("urdu", "freeze~1") == "features/default/urdu.npy"
    assert small.features_file("urdu", "normalisation~padded", "json") == "features/normalisation~padded/urdu.json"
    assert small.functionals_file("urdu", "normalisation~padded") == "features/default/urdu.functionals.csv"
    assert small.pretrained_folder(*start) == "pretrained/ravdess/default/seed~3"
    assert small.checkpoint(*start) == "pretrained/ravdess/default/seed~3/last.safetensors"
    assert small.pretrained == [
        f"pretrained/ravdess/{variant}/seed~{seed}"
        for variant in ("default", "normalisation~padded")
        for seed in (3, 7)
    ]
    assert small.checkpoints[0] == "pretrained/ravdess/default/seed~3/last.safetensors"


@pytest.mark.parametrize(
    ("variant", "place"),
    [
        ("default", "encoded/ravdess/default/seed~3/urdu.npy"),
        ("threshold~0.5", "encoded/ravdess/default/seed~3/urdu.npy"),
        ("freeze~1", "encoded/ravdess/freeze~1/seed~3/urdu.npy"),
        ("freeze~0", "features/default/urdu.npy"),  # nothing is frozen that could be computed once
        ("normalisation~padded", "encoded/ravdess/normalisation~padded/seed~3/urdu.npy"),
    ],
)
def test_what_a_run_trains_on(small, variant, place):
    assert small.inputs(["urdu"], Run("ravdess", "urdu", "nnpm", variant, 3)) == [place]


def test_every_folder_that_a_stage_has_is_a_variant_that_paths_may_name(small):
    stages = ("functionals", "features", "pretrained", "encoded")
    assert {small.stage(run.variant, stage) for run in small.runs for stage in stages} <= small.variants.keys()


def test_runs_with_a_checkpoint_and_runs_to_choose_an_epoch_of():
    study = Plan(configured("open.yaml", "open-paper.yaml"))
    reading = {name for name, entry in METHODS.items() if entry.reads == "frames"}
    assert {run.method for run in study.with_checkpoint} == reading | {"lda", "nnpm-plus"}
    assert {run.method for run in study.with_backbone} == {run.method for run in study.watched("ravdess")} == reading
    assert (
        {run.variant for run in study.watched("ravdess")} == {"default"} != {run.variant for run in study.with_backbone}
    )


#: Runs of each study in the repository, per method: counted by hand from its tables and figures.
STUDIES = {
    # 5 seeds: Table 1 on 4 targets; four other methods on EMO-DB; NNPM with 2 depths and 2 x 5 thresholds more.
    ("config.yaml",): {"snsa-f": 20, "snsa-wo-sl": 20, "snsa-wo-hl": 20, "nnpm": 20 + 10 + 50}
    | dict.fromkeys(("fluda", "dann", "al", "gan"), 5),
    # The same with 2 seeds.
    ("toy.yaml",): {"snsa-f": 8, "snsa-wo-sl": 8, "snsa-wo-hl": 8, "nnpm": 32}
    | dict.fromkeys(("fluda", "dann", "al", "gan"), 2),
    # 5 seeds on 2 targets, but for what draws no random numbers; of 18 readings 10 are not the study's own, one of
    # them a threshold that Figure 2 has as well; one has mels of its own, and so a backbone before adaptation.
    ("open.yaml", "open-paper.yaml", "sensitivity.yaml"): dict.fromkeys(METHODS, 10)
    | {"svm": 2, "lda": 2, "nnpm-plus": 2, "snsa-f": 10 + 10, "nnpm": 10 + 10 + 50 + 2 * 5 * 9},
}


@pytest.mark.parametrize("overlays", STUDIES, ids="+".join)
def test_the_runs_of_our_studies_by_hand(overlays):
    found = Counter(run.method for run in Plan(configured(*overlays)).runs)
    assert found == STUDIES[overlays]


def test_the_settings_are_what_training_takes():
    from nnpm.methods.base import MethodSettings
    from nnpm.model.backbone import BackboneSettings
    from nnpm.training.adaptation import AdaptationSettings
    from nnpm.training.pretraining import PretrainingSettings

    content = configured()
    assert MethodSettings(**plan.method_settings("nnpm", content)) == MethodSettings(), "defaults are the paper's"
    assert AdaptationSettings(**plan.adaptation_settings(content)) == AdaptationSettings()
    assert PretrainingSettings(**plan.pretraining_settings(content)) == PretrainingSettings()
    assert BackboneSettings(**content["backbone"]) == BackboneSettings()
    assert plan.method_settings("dann", content) == plan.method_settings("snsa-f", content) == {}


SEVERAL = configured(
    source=["iemocap", ["ravdess", "cremad"], "emodb", "others"],
    targets=["emodb", "urdu"],
    seeds=[3],
    tables={"table1": {"methods": ["snsa-f", "svm"]}, "table2": None, "table3": {"target": "emodb", "freeze": [0]}},
    figures={"figure2": None, "diagnostics": None},
)


@pytest.fixture
def several():
    return Plan(copy.deepcopy(SEVERAL))


def test_several_sources_by_hand(several):
    assert several.sources == ["iemocap", "cremad+ravdess", "emodb", "others"]
    assert several.corpora == ["iemocap", "cremad", "ravdess", "emodb", "urdu"]
    assert several.pairs("iemocap") == {"emodb": "iemocap", "urdu": "iemocap"}
    assert several.pairs("emodb") == {"urdu": "emodb"}, "a pair of a corpus with itself is left out"
    assert several.pairs("others") == {"emodb": "cremad+iemocap+ravdess+urdu", "urdu": "cremad+emodb+iemocap+ravdess"}
    pairs = {(run.source, run.target) for run in several.runs}
    assert pairs == {(source, target) for one in several.sources for target, source in several.pairs(one).items()}
    assert len(pairs) == 2 + 2 + 1 + 2
    assert set(several.learned) == {source for source, _ in pairs} and len(several.pools) == 3
    # Table 3 has EMO-DB as its target, so EMO-DB as a source has none.
    assert ["table3" in several.shown[source] for source in several.sources] == [True, True, False, True]


def test_what_a_corpus_is_used_as(several):
    assert several.roles("iemocap") == ["source"]
    assert several.roles("cremad") == ["pooled"]
    assert several.roles("urdu") == ["pooled", "target"]
    assert several.roles("emodb") == ["source", "target"]


def test_pretraining_is_shared_by_all_pairs_of_a_source(several):
    folders = [folder for folder in several.pretrained if "/iemocap/" in folder]
    assert folders == ["pretrained/iemocap/default/seed~3"]
    assert len(several.pretrained) == 5, "three sources, and a pool for each of the two targets"
    assert several.own_pretrained("others") == [
        f"pretrained/{several.pairs('others')[target]}/default/seed~3" for target in ("emodb", "urdu")
    ]


def test_a_pool_reads_the_inputs_of_its_corpora(several):
    run = Run("cremad+ravdess", "urdu", "nnpm", "default", 3)
    folder = "encoded/cremad+ravdess/default/seed~3"
    assert several.inputs(["cremad", "ravdess"], run) == [f"{folder}/cremad.npy", f"{folder}/ravdess.npy"]
    assert several.manifests("cremad+ravdess") == ["corpora/cremad/manifest.csv", "corpora/ravdess/manifest.csv"]


def test_the_matrix_has_every_pair_and_each_corpus_by_itself(several):
    assert {(run.source, run.target) for run in several.across} == {(run.source, run.target) for run in several.runs}
    assert several.within == {
        ("snsa-f", "emodb", 3): "pretrained/emodb/default/seed~3/predictions.csv",
        ("svm", "emodb", 0): "runs/emodb/emodb/svm/default/seed~0/predictions.csv",
    }


@pytest.mark.parametrize("source", ["ravdess", ["ravdess"], [["ravdess"]]])
def test_a_pool_of_one_is_the_corpus(source):
    alone, pooled = Plan(copy.deepcopy(SMALL)), Plan({**copy.deepcopy(SMALL), "source": source})
    assert pooled.runs == alone.runs and pooled.pretrained == alone.pretrained and pooled.pools == []


def test_the_order_of_a_pool_changes_nothing():
    first, second = (
        Plan({**copy.deepcopy(SMALL), "source": [pool]}) for pool in (["ravdess", "cremad"], ["cremad", "ravdess"])
    )
    assert first.runs == second.runs and first.corpora == second.corpora


def test_others_are_all_corpora_but_the_target():
    found = Plan({**copy.deepcopy(SMALL), "source": ["ravdess", "others"]}).pairs("others")
    assert found == {"urdu": "emodb+ravdess", "emodb": "ravdess+urdu"}


def described(**variants):
    """A study on pooled mels, with other descriptions of the speech beside them."""
    models = {"wavlm": {"model": "./wavlm", "layer": 3, "terms": "any"}}
    table = {"methods": ["snsa-f", "svm", "nnpm-plus"], "variants": variants}
    return Plan(configured(functionals="pooled", front_ends=models, tables={"front_ends": table}, seeds=[0]))


WAVLM = {"features": {"front_end": "wavlm"}}


@pytest.mark.parametrize("order", [1, -1])
def test_pooled_functionals_are_of_the_frames_of_their_variant(order):
    """Whatever other variant has the same name for another stage, and comes first."""
    variants = {"own functionals": {**WAVLM, "functionals": "own"}, "wavlm": WAVLM, "own": {"functionals": "own"}}
    found = described(**dict(list(variants.items())[::order]))
    assert found.functionals_file("urdu", "front_end~wavlm") == "features/front_end~wavlm/urdu.functionals.csv"
    assert found.pooled_from("urdu", "front_end~wavlm")["frames"] == "features/front_end~wavlm/urdu.npy"
    plus = {run.variant for run in found.shown["iemocap"]["front_ends"] if run.method == "nnpm-plus"}
    assert plus == {"default", "front_end~wavlm", "functionals~own"}


def test_rows_of_the_table_of_front_ends_say_what_their_method_reads():
    found = described(WavLM=WAVLM, both={**WAVLM, "functionals": "own"})
    rows = [(method, title) for title, method, _ in drawing.tables(found, "iemocap")["front_ends"]["rows"]]
    assert rows == [
        *(("snsa-f", "mels"), ("snsa-f", "WavLM")),
        *(("svm", "pooled mels"), ("svm", "WavLM"), ("svm", "own functionals")),
        *(("nnpm-plus", "pooled mels"), ("nnpm-plus", "WavLM"), ("nnpm-plus", "own functionals")),
    ]


def test_a_models_settings_are_those_of_its_features():
    found = plan.feature_settings(described(wavlm=WAVLM).settings("front_end~wavlm"))
    assert (found["front_end"], found["model"], found["layer"]) == ("wavlm", "./wavlm", 3) and "terms" not in found
    assert plan.feature_settings(PAPER) == PAPER["features"]
