"""The configurations that come with the project; what is refused, and in which words, is in tests/faults."""

import re
import shlex
from pathlib import Path

import pytest
import yaml
from snakemake.cli import parse_config
from snakemake.utils import update_config

from nnpm import corpora
from nnpm.errors import InputError
from nnpm.reporting import paper
from nnpm.reporting.figures.table import FIGURES
from nnpm.workflow import config
from nnpm.workflow.plan import Plan
from nnpm.workflow.variants import merged

ROOT = Path(__file__).parents[3]
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"


def load(name):
    return yaml.safe_load((ROOT / "config" / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("overlay", ["config.yaml", "open.yaml", "toy.yaml", "languages.yaml"])
def test_ours_are_valid(overlay):
    config.check(merged(load("config.yaml"), load(overlay)), SCHEMA)


def test_the_study_of_all_languages_has_every_corpus_without_a_form():
    free = {name for name in corpora.NAMES if corpora.get(name).offer or corpora.get(name).ask.startswith("nobody")}
    study = load("languages.yaml")
    assert set(study["targets"]) == free and study["targets"] == sorted(free)
    *single, others = study["source"]
    assert others == "others" and single == sorted(single) and set(single) < free
    assert all(all(corpora.get(name).published.values()) for name in single)
    found = Plan(merged(load("config.yaml"), study))
    assert len(found.learned) == len(single) + len(free) and len(found.across) > 18 * 22 * 2


@pytest.mark.parametrize("before", [["open.yaml"], []])
def test_a_study_by_speakers_differs_in_its_splits_alone(before):
    """And in its name; of the paper's targets the one with a single speaker is left out."""
    usual = load("config.yaml")
    for name in before:
        usual = merged(usual, load(name))
    study = "open-speakers" if before else "paper-speakers"
    apart = merged(usual, load(f"{study}.yaml"))
    config.check(apart, SCHEMA)
    assert apart["name"] == study
    assert apart["targets"] == [target for target in usual["targets"] if target != "ekorpus"]
    assert apart["splits"] == usual["splits"] | {"protocol": "speakers"}
    same = set(usual) - {"name", "targets", "splits"}
    assert {key: apart[key] for key in same} == {key: usual[key] for key in same}


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
        ("source=[ravdess, cremad, others]", ["ravdess", "cremad", "others"]),
        ("source=[iemocap, [ravdess, cremad]]", ["iemocap", ["ravdess", "cremad"]]),
        ("source=others", "others"),
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
    looped = {name for figure in FIGURES for name in (figure, f"draw_{figure}")}
    plain = ("table1", "table2", "table3", "front_ends")
    looped |= {name for table in plain for name in (table, f"make_{table}")} | {"make_target"}
    assert {"all", "matrix", "make_comparison"} <= rules | looped == config.RESERVED


def test_a_missing_key_is_named():
    content = load("config.yaml")
    del content["features"]
    with pytest.raises(InputError, match="features"):
        config.check(content, SCHEMA)


def test_what_table_2_may_cite_is_what_the_paper_cites():
    content = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    cited = content["properties"]["tables"]["properties"]["table2"]["properties"]["cited"]["items"]["enum"]
    assert set(cited) == {"fluda", "dann", "al"} <= set(paper.TABLE2)
