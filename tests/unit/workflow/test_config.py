"""The configurations that come with the project; what is refused, and in which words, is in tests/faults."""

import re
from pathlib import Path

import pytest
import yaml

from nnpm.errors import InputError
from nnpm.reporting import paper
from nnpm.reporting.figures.table import FIGURES
from nnpm.workflow import config
from nnpm.workflow.variants import merged

ROOT = Path(__file__).parents[3]
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"


def load(name):
    return yaml.safe_load((ROOT / "config" / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("overlay", ["config.yaml", "open.yaml", "toy.yaml"])
def test_ours_are_valid(overlay):
    config.check(merged(load("config.yaml"), load(overlay)), SCHEMA)


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
    content = load("config.yaml")
    del content["features"]
    with pytest.raises(InputError, match="features"):
        config.check(content, SCHEMA)


def test_what_table_2_may_cite_is_what_the_paper_cites():
    content = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    cited = content["properties"]["tables"]["properties"]["table2"]["properties"]["cited"]["items"]["enum"]
    assert set(cited) == {"fluda", "dann", "al"} <= set(paper.TABLE2)
