"""What the Snakemake workflow catalogue asks of a workflow, and the recipe of its container."""

import re
from pathlib import Path

import yaml

from nnpm.reporting.figures.table import FIGURES

ROOT = Path(__file__).parents[3]


def test_the_files_of_standardised_usage_are_there():
    for name in (
        "workflow/Snakefile",
        "config/README.md",
        "config/config.yaml",
        "LICENSE",
        "README.md",
        "CHANGELOG.md",
    ):
        assert (ROOT / name).stat().st_size, name
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text(encoding="utf-8"))["usage"]
    assert usage["report"] is True
    assert usage["software-stack-deployment"]["conda"] is True
    assert set(usage["mandatory-flags"]) == {"desc", "flags"}


def test_every_result_shown_in_a_report_has_a_caption_and_a_category():
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "workflow" / "rules").glob("*.smk"))
    calls = re.findall(r"report\(\s*f?\"<(?:results|tables|figures)>.*?\n?(?<=\)),\n", text, flags=re.DOTALL)
    assert len(calls) == len(re.findall(r"\breport\(", text)) > 10
    for call in calls:
        caption = re.search(r"caption=f?\"\.\./(report/[^\"]+\.rst)\"", call)
        assert caption, call
        files = [caption[1]]
        if "{name" in caption[1]:
            names = [*FIGURES] if "{name}" in caption[1] else ["table1", "table2", "table3", "target"]
            files = [f"report/{name}.rst" for name in names]
        for file in files:
            assert (ROOT / "workflow" / file).stat().st_size, call
        assert "category=" in call and "labels=" in call, call


def test_the_container_is_made_by_the_command_that_tests_run_in():
    """An engine builds it in CI; `make .venv/installed` is how every test environment is made."""
    recipe = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^RUN make \.venv/installed\b", recipe, flags=re.MULTILINE)
    assert ".venv/installed:" in (ROOT / "Makefile").read_text(encoding="utf-8")
    excluded = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".git", "results", "resources"} <= set(excluded), "no corpus and no checkpoint goes into an image"
