"""A finished study, opened by its configuration: its plan, and backbone and domains as rule `adapt` reads them."""

from argparse import ArgumentParser
from collections.abc import Iterable
from dataclasses import replace
from functools import reduce
from pathlib import Path

import torch
import yaml

from nnpm.corpora.pools import members
from nnpm.methods.described import Described
from nnpm.model.backbone import SNSA
from nnpm.training import checkpoints
from nnpm.training.domain import Domain
from nnpm.workflow.plan import Plan, Run
from nnpm.workflow.variants import merged

DEFAULTS = Path(__file__).parents[1] / "config" / "config.yaml"
CPU = torch.device("cpu")


def asked(about: str) -> tuple[Plan, Path]:
    """The plan of the study that the command line names, and the folder to write into."""
    parser = ArgumentParser(description=about)
    parser.add_argument("configfile", type=Path, nargs="+", help="the study's overlays of config/config.yaml")
    parser.add_argument("--into", type=Path, required=True, help="the folder to write into")
    parser.add_argument("--results", type=Path, default=Path("results"), help="where the study's folder is")
    given = parser.parse_args()
    return plan(*given.configfile, results=given.results), given.into


def plan(*overlays: Path, results: Path) -> Plan:
    """The plan of a configuration, given as overlays of config/config.yaml; its files lie below `results`."""
    parts = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in (DEFAULTS, *overlays)]
    config = reduce(merged, parts)
    return Plan(config, root=f"{results}/{config['name']}/")


def opened(study: Plan, run: Run) -> tuple[SNSA, Domain, Domain]:
    """The pretrained backbone of a run, its source and its target, on the CPU."""
    sources, blocks = members(run.source), study.settings(run.variant)["adaptation"]["freeze"]
    backbone = checkpoints.load_backbone(study.checkpoint(run.source, run.variant, run.seed))
    source = Domain.load_source(
        *(sources, study.inputs(sources, run), study.manifests(run.source), CPU),
        descriptions=study.descriptions_of(sources, run.variant),
        backbone=backbone,
        blocks=blocks,
    )
    (inputs,), (description,) = study.inputs([run.target], run), study.descriptions_of([run.target], run.variant)
    target = Domain.load(
        *(inputs, study.manifest(run.target)), description=description, backbone=backbone, blocks=blocks
    )
    return backbone, source, target


def described(study: Plan, names: Iterable[str]) -> dict[str, Described]:
    """The functionals of some corpora of a study as its sources, with their labels, by name."""
    return {
        name: Described.load(
            *(study.functionals_file(name, "default"), study.manifest(name)),
            labelled=True,
            alone=False,
            kind=study.config["functionals"],
        )
        for name in names
    }


def as_target(corpus: Described) -> Described:
    """A corpus as a target of which every utterance is adapted to and scored, whatever its splits as a source are."""
    return replace(corpus, manifest=corpus.manifest.assign(split="all"))
