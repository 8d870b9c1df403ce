"""The configuration: what it refuses and in which words, and what its page says."""

import re
import shlex
from pathlib import Path

import pytest
import yaml
from snakemake.cli import parse_config
from snakemake.utils import update_config

from nnpm.errors import InputError
from nnpm.methods.table import METHODS
from nnpm.model.backbone import steps_after
from nnpm.reporting import paper
from nnpm.reporting.figures.table import FIGURES
from nnpm.workflow import config
from tests.faults.settings import settings_with

ROOT = Path(__file__).parents[3]
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"


def load(name):
    return yaml.safe_load((ROOT / "config" / name).read_text(encoding="utf-8"))


def merge(base, overlay):
    """What Snakemake does with --configfile."""
    for key, value in overlay.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            merge(base[key], value)
        else:
            base[key] = value
    return base


def changed(**changes):
    """The paper's configuration with dotted keys (a__b) replaced."""
    return settings_with({key.replace("__", "."): value for key, value in changes.items()})


@pytest.mark.parametrize("overlay", ["config.yaml", "open.yaml", "toy.yaml"])
def test_ours_are_valid(overlay):
    config.check(merge(load("config.yaml"), load(overlay)), SCHEMA)


@pytest.mark.parametrize("before", [["open.yaml"], []])
def test_a_study_by_speakers_differs_in_its_splits_alone(before):
    """And in its name; of the paper's targets the one with a single speaker is left out."""
    usual, apart = load("config.yaml"), load("config.yaml")
    for name in before:
        merge(usual, load(name))
        merge(apart, load(name))
    merge(apart, load("open-speakers.yaml" if before else "paper-speakers.yaml"))
    config.check(apart, SCHEMA)
    assert apart["name"] == ("open-speakers" if before else "paper-speakers")
    assert apart["targets"] == [target for target in usual["targets"] if target != "ekorpus"]
    assert apart["splits"] == usual["splits"] | {"protocol": "speakers"}
    same = set(usual) - {"name", "targets", "splits"}
    assert {key: apart[key] for key in same} == {key: usual[key] for key in same}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"adaptation__threshold": 2}, ["adaptation.threshold", "2"]),
        ({"adaptation__freeze": 3}, ["adaptation.freeze", "3", "0, 1, 2"]),
        ({"features__n_mels": 0}, ["features.n_mels", "0"]),
        ({"adaptation__treshold": 0.9}, ["adaptation.treshold", "unknown", "threshold?"]),
        ({"sources": "iemocap"}, ["sources", "unknown", "source?"]),
        ({"seeds": "all"}, ["seeds", "array"]),
        ({"seeds": []}, ["seeds"]),
        ({"adaptation__learning_rate": "1e-3"}, ["adaptation.learning_rate", "0.001"]),
        ({"name": 2024}, ["name: 2024", "put it in quotes"]),
        ({"source": "imocap"}, ["source", "imocap", "iemocap?"]),
        ({"targets": ["urdu", "klingon"]}, ["targets", "klingon", "cremad"]),
        ({"targets": ["iemocap"]}, ["targets", "iemocap", "source"]),
        ({"targets": ["urdu"]}, ["tables.table2.target", "emodb", "null"]),
        ({"tables__table1__methods": ["nnpn"]}, ["tables.table1.methods", "unknown", "nnpn", "nnpm?"]),
        ({"tables__table2__methods": ["nnpm", 2]}, ["tables.table2.methods.1", "2", "string"]),
        ({"figures__diagnostics__methods": ["base"]}, ["figures.diagnostics.methods", "unknown", "base"]),
        ({"manifests": {"report": "x.csv"}}, ["manifests.report", "taken"]),
        ({"manifests": {"emodb": "x.csv"}}, ["manifests.emodb", "taken"]),
        ({"manifests": {"source": "x.csv"}}, ["manifests.source", "taken"]),
        (
            {"tables__comparison": {"methods": ["nnpm"], "reference": "snsa-f"}},
            ["tables.comparison.reference", "'snsa-f'", "not among its methods"],
        ),
        ({"figures__diagnostics__seed": 9}, ["figures.diagnostics.seed", "9", "not among seeds"]),
        ({"figures__diagnostics__methods": ["svm"]}, ["figures.diagnostics.methods", "svm", "no embeddings"]),
        ({"splits__protocol": "speaker"}, ["splits.protocol", "'speaker'", "paper", "speakers"]),
        ({"splits__test_size": 1}, ["splits.test_size", "1"]),
        ({"features__win_length": 1024}, ["features.win_length", "1024", "512"]),
        ({"features__duration": 0.1}, ["features.duration", "17"]),
        ({"device": "gpu"}, ["device", "gpu", "cuda"]),
        ({"name": "../elsewhere"}, ["name"]),
        ({"adaptation__epochs": 50.0}, ["adaptation.epochs", "50.0", "integer"]),
        ({"adaptation__freeze": 2.0}, ["adaptation.freeze", "2.0"]),
        ({"adaptation__threshold": float("nan")}, ["adaptation.threshold", "nan"]),
        ({"adaptation__learning_rate": float("inf")}, ["adaptation.learning_rate", "inf"]),
        ({"features__duration": float("inf")}, ["features.duration", "inf"]),
        ({"seeds": [2**70]}, ["seeds.0", "maximum"]),
        ({"seeds": [True]}, ["seeds.0", "True"]),
    ],
)
def test_a_fault_is_one_line_that_names_the_key(changes, words):
    with pytest.raises(InputError) as caught:
        config.check(changed(**changes), SCHEMA)
    message = str(caught.value)
    assert "\n" not in message
    assert all(word in message for word in words), message


def given(*arguments):
    """The configuration as the workflow takes it from `--config`."""
    content = load("config.yaml")
    update_config(content, parse_config(arguments))
    content = config.typed(content, SCHEMA, arguments)
    config.check(content, SCHEMA)
    return content


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        *((f"tensorboard={word}", True) for word in ("true", "True", "yes", "on")),
        *((f"tensorboard={word}", False) for word in ("false", "FALSE", "no", "off")),
        *((f"tables={{table3: {word}}}", None) for word in ("null", "~")),
        *((f"note={text}", text) for text in ("5", "1.10", "", "null", "true", "[draft]", "{a: b}", "a=b", "1e3")),
        *((f"name={text}", text) for text in ("2", "007", "2024_01", "yes", "1e3", "None")),
        ("corpora_dir=2024", "2024"),
        ("seeds=[0, 1]", [0, 1]),
        ("threads=2", 2),
        ("adaptation={learning_rate: 1e-3}", 0.001),
        ("adaptation={epochs: 5}", 5),
        ("features={duration: 3}", 3),
        (
            "figures={figure2: {targets: [emodb], thresholds: [0.5, 0.9]}}",
            {"targets": ["emodb"], "thresholds": [0.5, 0.9]},
        ),
        ("manifests={mine: 5}", "5"),
        ("splits={protocol: speakers}", "speakers"),
        ("device=cpu", "cpu"),
    ],
)
def test_a_value_on_the_command_line_has_the_type_that_the_schema_wants(argument, value):
    key, _, text = argument.partition("=")
    found = given(argument)[key]
    if isinstance(found, dict):
        found = found[next(iter(yaml.safe_load(text)))]
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("tensorboard=maybe", "tensorboard: 'maybe' is not of type 'boolean'"),
        ("threads=two", "threads: 'two' is not of type 'integer'"),
        ("threads=1.5", "threads: 1.5 is not of type 'integer'"),
        ("seeds=a: [", "seeds: 'a: [' is not of type 'array'"),
        ("tensorbord=true", "tensorbord: unknown key; did you mean tensorboard?"),
    ],
)
def test_a_value_that_fits_no_type_is_told_as_it_was_written(argument, words):
    with pytest.raises(InputError, match=re.escape(words)):
        given(argument)


def test_what_pages_give_on_the_command_line_is_valid():
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "config").glob("*.md")]
    texts = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    found = {shlex.split(words)[0] for words in re.findall(r"--config (\w+=[^`\n]+)", texts)}
    assert {"tensorboard=true", "device=cpu", "seeds=[0, 1]"} <= found
    for argument in found:
        given(argument)


def test_every_rule_is_a_reserved_name():
    rules = set()
    for path in (ROOT / "workflow").rglob("*"):
        if path.name == "Snakefile" or path.suffix == ".smk":
            text = path.read_text(encoding="utf-8")
            rules |= set(re.findall(r"^ *rule (\w+):", text, re.MULTILINE))
            rules |= set(re.findall(r"^ *use rule \w+ as (\w+) with", text, re.MULTILINE))
    drawn = {name for figure in FIGURES for name in (figure, f"draw_{figure}")}  # named in a loop
    assert {"all", "table2", "target_table"} <= rules | drawn == config.RESERVED


def test_a_missing_key_is_named():
    content = changed()
    del content["features"]
    with pytest.raises(InputError, match="features"):
        config.check(content, SCHEMA)


def test_tables_and_figures_can_be_left_out():
    content = changed(
        manifests={"mine": "mine.csv"},
        targets=["mine"],
        tables__table2=None,
        tables__table3=None,
        figures__figure2=None,
    )
    config.check(content, SCHEMA)


def test_the_smallest_duration_leaves_the_backbone_one_step():
    assert (steps_after(16), steps_after(17)) == (0, 1)
    config.check(changed(features__duration=0.16), SCHEMA)  # 17 frames


def test_every_method_there_is_can_be_chosen():
    content = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    config.check(changed(tables__table1__methods=[*METHODS]), SCHEMA)
    cited = content["properties"]["tables"]["properties"]["table2"]["properties"]["cited"]["items"]["enum"]
    assert set(cited) == {"fluda", "dann", "al"} <= set(paper.TABLE2)
