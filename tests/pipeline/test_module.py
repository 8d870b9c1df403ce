"""The workflow inside another one: from a clone, and fetched from a git repository file by file."""

import shutil
import subprocess
import sys

import pytest
import yaml

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


def other_workflow(folder, corpora, snakefile):
    """Another workflow, which says of the study only what differs from the paper's."""
    folder.mkdir()
    (folder / "Snakefile").write_text(SNAKEFILE.format(snakefile=snakefile))
    settings = {"nnpm": {"name": "mine", "corpora_dir": str(corpora), "targets": ["emodb"]}}
    settings["nnpm"]["tables"] = {"table2": None, "table3": None}
    settings["nnpm"]["figures"] = {"figure2": None}
    (folder / "config.yaml").write_text(yaml.safe_dump(settings))
    options = ("--cores", "2", "--configfile", "config.yaml", "--rerun-triggers", "mtime", "params", "input")
    snakemake(folder, *options)
    return (folder / "lines.txt").read_text()


def test_a_clone_uses_its_own_library(repository, tmp_path):
    """In planning and in jobs, whatever is installed: here it has another title, and a method more."""
    library = repository / "scripts" / "nnpm"
    titles = (library / "paper.py").read_text(encoding="utf-8")
    (library / "paper.py").write_text(
        titles.replace('"snsa-f": "SNSA-F"', '"snsa-f": "of the clone"'), encoding="utf-8"
    )
    shutil.copy(library / "methods" / "entropy.py", library / "methods" / "newcomer.py")
    overlay = tmp_path / "here.yaml"
    overlay.write_text("tables: {table1: {methods: [newcomer]}}")
    options = ("--cores", "1", "--configfile", "config/config.yaml", str(overlay), "--", "audit")
    snakemake(repository, *options)
    assert "of the clone" in (repository / "results" / "paper" / "tables" / "audit.md").read_text(encoding="utf-8")


def test_from_a_clone(tmp_path, corpora):
    lines = other_workflow(tmp_path / "other", corpora, ROOT / "workflow" / "Snakefile")
    assert "results/mine/tables/audit.csv" in lines
    assert "results/mine/corpora/emodb/manifest.csv" in lines


def test_fetched_from_a_repository(tmp_path, corpora, repository):
    lines = other_workflow(tmp_path / "other", corpora, f"git+file://{repository}/workflow/Snakefile@main")
    assert "results/mine/corpora/emodb/manifest.csv" in lines
