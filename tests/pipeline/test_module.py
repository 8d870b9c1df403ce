"""The workflow inside another one: from a clone, and fetched from a git repository file by file."""

import shutil
import subprocess
import sys

import pytest
import yaml

from nnpm.workflow.variants import merged
from workspace import ROOT, clean_environment

pytestmark = pytest.mark.slow

SNAKEFILE = """
module nnpm:
    snakefile:
        "{snakefile}"
    config:
        config["nnpm"]


use rule * from nnpm as nnpm_*


rule count:
    default_target: True
    input:
        rules.nnpm_audit.output.csv,
        "results/mine/corpora/emodb/manifest.csv",
    output:
        "lines.txt",
    shell:
        "wc -l {{input}} > {{output}}"
"""


@pytest.fixture
def repository(tmp_path):
    """What is worked on, committed to a repository of its own."""
    folder = tmp_path / "repository"
    for part in ("workflow", "scripts", "config", "envs"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    for command in (("init", "--quiet", "--initial-branch", "main"), ("add", "."), ("commit", "--quiet", "-m", "all")):
        subprocess.run(["git", *identity, *command], cwd=folder, check=True)
    return folder


def snakemake(folder, *options):
    """Call Snakemake in a folder, where it must succeed."""
    command = [sys.executable, "-m", "snakemake", *options]
    done = subprocess.run(command, cwd=folder, env=clean_environment(), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def other_workflow(folder, corpora, snakefile, **changes):
    """Run another workflow, which says of the study only what differs from the paper's; return what it counted."""
    folder.mkdir()
    (folder / "Snakefile").write_text(SNAKEFILE.format(snakefile=snakefile))
    settings = {"name": "mine", "corpora_dir": str(corpora), "targets": ["emodb"]}
    settings |= {"tables": {"table2": None, "table3": None}, "figures": {"figure2": None}}
    (folder / "config.yaml").write_text(yaml.safe_dump({"nnpm": merged(settings, changes)}))
    options = ("--cores", "2", "--configfile", "config.yaml", "--rerun-triggers", "mtime", "params", "input")
    snakemake(folder, *options)
    return (folder / "lines.txt").read_text()


def test_a_clone_uses_its_own_library(repository, tmp_path, corpora):
    """In planning and in jobs, whatever is installed: here it has another title, and a method more."""
    table = repository / "scripts" / "nnpm" / "methods" / "table.py"
    text = table.read_text(encoding="utf-8")
    changed = text.replace('"SNSA-F"', '"of the clone"').replace(
        "_ENTRIES = (\n", '_ENTRIES = (\n    Entry("newcomer", "N", "peers", BLACK, "solid", "s", "coral:CORAL"),\n'
    )
    assert changed.count("of the clone") == 1 and "newcomer" in changed
    table.write_text(changed, encoding="utf-8")
    methods = {"tables": {"table1": {"methods": ["newcomer"]}}}
    lines = other_workflow(tmp_path / "other", corpora, repository / "workflow" / "Snakefile", **methods)
    assert "results/mine/tables/audit.csv" in lines
    audit = (tmp_path / "other" / "results" / "mine" / "tables" / "audit.md").read_text(encoding="utf-8")
    assert "of the clone" in audit


def test_fetched_from_a_repository(tmp_path, corpora, repository):
    """It alone shows that nothing but git and the installed package is needed."""
    lines = other_workflow(tmp_path / "other", corpora, f"git+file://{repository}/workflow/Snakefile@main")
    assert "results/mine/corpora/emodb/manifest.csv" in lines
