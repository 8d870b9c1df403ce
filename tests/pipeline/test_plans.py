"""What each rule name plans, from scratch: just what it needs. Dry runs, so nothing is computed."""

import re

import pytest

from workspace import ROOT, Workspace

TARGETS = ("urdu", "ekorpus", "shemo", "emodb")
METHODS = ("snsa-f", "snsa-wo-sl", "snsa-wo-hl", "nnpm")
PRETRAIN = ["check iemocap", "extract iemocap", "pretrain_seed 0"]


def prepared(*targets: str) -> list[str]:
    """What the runs of these targets rest on, with two frozen blocks."""
    corpora = [f"{rule} {target}" for target in targets for rule in ("check", "extract")]
    return PRETRAIN + corpora + [f"encode {corpus} 2 0" for corpus in ("iemocap", *targets)]


def compared(*targets: str) -> list[str]:
    """The runs of Table 1."""
    return [f"adapt {target} {method} 2 0.9 0" for target in targets for method in METHODS]


FREEZE = [f"adapt emodb nnpm {freeze} 0.9 0" for freeze in (0, 1)]
FREEZE += [f"encode {corpus} 1 0" for corpus in ("iemocap", "emodb")]
THRESHOLD = [f"adapt {target} nnpm 2 0.5 0" for target in ("shemo", "emodb")]
PEERS = [f"adapt emodb {method} 2 0.9 0" for method in ("fluda", "dann", "al", "gan")]
EVERY_RUN = prepared(*TARGETS) + compared(*TARGETS) + FREEZE + THRESHOLD + PEERS


def drawn(figure: str) -> list[str]:
    """A figure of each target."""
    return [f"target_{figure} {target}" for target in TARGETS]


DIAGNOSTICS = [job for figure in ("confusion", "curves", "recall", "embedding") for job in drawn(figure)] + ["memory"]

PLANS = {
    "corpora": [f"check {corpus}" for corpus in ("iemocap", *TARGETS)],
    "features": [f"{rule} {corpus}" for corpus in ("iemocap", *TARGETS) for rule in ("check", "extract")],
    "pretrain": [*PRETRAIN, "source_table"],
    "table1": prepared(*TARGETS) + compared(*TARGETS),
    "table2": [*prepared("emodb"), "adapt emodb nnpm 2 0.9 0", *PEERS],
    "table3": [*prepared("emodb"), *FREEZE, "adapt emodb nnpm 2 0.9 0"],
    "figure2": [*prepared("shemo", "emodb"), *THRESHOLD, "adapt shemo nnpm 2 0.9 0", "adapt emodb nnpm 2 0.9 0"],
    **{figure: prepared(*TARGETS) + compared(*TARGETS) + drawn(figure) for figure in ("confusion", "curves", "recall")},
    "memory": prepared(*TARGETS) + compared(*TARGETS),
    "choice": prepared(*TARGETS) + compared(*TARGETS) + PEERS,
    "embedding": [*prepared(*TARGETS), *(f"adapt {target} nnpm 2 0.9 0" for target in TARGETS), *drawn("embedding")],
    "report": [*EVERY_RUN, "audit", "choice", "figure2", *DIAGNOSTICS],
    "urdu": [*prepared("urdu"), *compared("urdu"), "target_table urdu"],
    "emodb": [*prepared("emodb"), *compared("emodb"), "target_table emodb"],
    "all": [
        *EVERY_RUN,
        *("metrics", "table1", "table2", "table3", "figure2", "audit", "choice", "report", "source_table"),
        "model_cards",
        *(f"target_table {target}" for target in TARGETS),
        *DIAGNOSTICS,
    ],
}


@pytest.mark.parametrize("rule", [rule for rule in PLANS if rule != "urdu"])
def test_a_rule_plans_just_what_it_needs(fresh: Workspace, rule: str) -> None:
    assert fresh.plan(rule) == sorted([*PLANS[rule], rule])


def test_the_picture_of_the_rules_shows_those_of_a_study() -> None:
    """`make docs` draws it."""
    picture = (ROOT / "docs" / "rulegraph.svg").read_text(encoding="utf-8")
    assert set(re.findall(r"<text [^>]*>(\w+)</text>", picture)) == {"all", *(job.split()[0] for job in PLANS["all"])}


def test_a_target_needs_no_other_corpus(fresh: Workspace) -> None:
    for corpus in ("ekorpus", "shemo", "emodb"):
        (fresh.corpora / corpus).unlink()
    assert fresh.plan("urdu") == sorted([*PLANS["urdu"], "urdu"])


def test_a_run_reads_its_source_and_its_target_alone(fresh: Workspace) -> None:
    """So that its memory does not grow with the number of corpora."""
    text = fresh.snakemake("table1", "--dry-run").text
    inputs = re.findall(r"^rule adapt:\n    input: (.*)$", text, flags=re.MULTILINE)
    assert len(inputs) == len(TARGETS) * len(METHODS)
    for line in inputs:
        assert len({name for name in ("iemocap", *TARGETS) if name in line}) == 2, line
        assert line.count(".npy") == 2, line


def test_the_audit_needs_no_corpus(fresh: Workspace) -> None:
    done = fresh.make("audit", corpora_dir="nowhere")
    assert done.jobs == ["audit"]
    assert (fresh.results / "tables" / "audit.md").stat().st_size


def test_several_seeds(fresh: Workspace) -> None:
    jobs = fresh.plan("urdu", seeds=[3, 7])
    assert [job for job in jobs if job.startswith("pretrain_seed")] == ["pretrain_seed 3", "pretrain_seed 7"]
    assert sum(job.startswith("adapt urdu") for job in jobs) == 2 * len(METHODS)


def test_the_studies_by_speakers(fresh: Workspace) -> None:
    for overlay, checked in (
        (("config/open.yaml", "config/open-speakers.yaml"), ["emodb", "ravdess", "urdu"]),
        (("config/paper-speakers.yaml",), ["emodb", "iemocap", "shemo", "urdu"]),
    ):
        jobs = fresh.plan("corpora", overlays=("config/config.yaml", *overlay))
        assert jobs == sorted(["corpora", *(f"check {corpus}" for corpus in checked)])


def test_the_open_study(fresh: Workspace) -> None:
    jobs = fresh.plan(
        "all",
        overlays=("config/config.yaml", "config/open.yaml"),
        figures={"figure2": {"thresholds": [0.5, 0.9]}},
    )
    assert [job for job in jobs if job.startswith("check")] == ["check emodb", "check ravdess", "check urdu"]
    assert {job.split()[1] for job in jobs if job.startswith("adapt")} == {"emodb", "urdu"}
    # Every method that is trained, Table 3's two other rows, and one more threshold for each curve.
    assert sum(job.startswith("adapt") for job in jobs) == 2 * 13 + 2 + 2
    assert {"comparison", "svm emodb 2 0.9 0", "svm urdu 2 0.9 0"} <= set(jobs)
