"""What each rule plans, from nothing: just what it needs. Dry runs, so nothing is computed."""

import re

import pytest

from workspace import ROOT, Finished, Workspace

TARGETS = ("urdu", "ekorpus", "shemo", "emodb")
CORPORA = ("iemocap", *TARGETS)
METHODS = ("snsa-f", "snsa-wo-sl", "snsa-wo-hl", "nnpm")
PRETRAIN = ["check iemocap", "extract default iemocap", "pretrain_seed iemocap default 0"]


def run(target: str, method: str, variant: str = "default") -> str:
    """The job of a run."""
    return f"adapt iemocap {target} {method} {variant} 0"


def prepared(*targets: str) -> list[str]:
    """What the runs of these targets rest on, with two frozen blocks."""
    corpora = [job for target in targets for job in (f"check {target}", f"extract default {target}")]
    return PRETRAIN + corpora + [f"encode iemocap default 0 {corpus}" for corpus in ("iemocap", *targets)]


def compared(*targets: str) -> list[str]:
    """The runs of Table 1."""
    return [run(target, method) for target in targets for method in METHODS]


FREEZE = [run("emodb", "nnpm", f"freeze~{count}") for count in (0, 1)]  # whole mels are read where nothing is frozen
FREEZE += [f"encode iemocap freeze~1 0 {corpus}" for corpus in ("iemocap", "emodb")]
THRESHOLD = [run(target, "nnpm", "threshold~0.5") for target in ("shemo", "emodb")]
PEERS = [run("emodb", method) for method in ("fluda", "dann", "al", "gan")]
TABLE_1 = prepared(*TARGETS) + compared(*TARGETS)
EVERY_RUN = TABLE_1 + FREEZE + THRESHOLD + PEERS
FIGURE_2 = [*prepared("shemo", "emodb"), *THRESHOLD, run("shemo", "nnpm"), run("emodb", "nnpm"), "draw_figure2"]


def drawn(figure: str) -> list[str]:
    """A figure of each target."""
    return [f"draw_{figure} {target}" for target in TARGETS]


PER_TARGET = ("confusion", "curves", "recall", "embedding")
FIGURES = [*(job for figure in PER_TARGET for job in drawn(figure)), "draw_memory", "draw_figure2"]

PLANS = {
    "corpora": [f"check {corpus}" for corpus in CORPORA],
    "features": [job for corpus in CORPORA for job in (f"check {corpus}", f"extract default {corpus}")],
    "pretrain": [*PRETRAIN, "source_table"],
    "table1": [*TABLE_1, "make_table1"],
    "table2": [*prepared("emodb"), run("emodb", "nnpm"), *PEERS, "make_table2"],
    "table3": [*prepared("emodb"), *FREEZE, run("emodb", "nnpm"), "make_table3"],
    "figure2": FIGURE_2,
    **{figure: TABLE_1 + drawn(figure) for figure in ("confusion", "curves", "recall")},
    "memory": [*TABLE_1, "draw_memory"],
    "choice": [*TABLE_1, *PEERS, "make_choice"],
    "embedding": [*prepared(*TARGETS), *(run(target, "nnpm") for target in TARGETS), *drawn("embedding")],
    "report": [*EVERY_RUN, "audit", "make_choice", *FIGURES, "make_report report"],
    "urdu": [*prepared("urdu"), *compared("urdu"), "make_target urdu"],
    "emodb": [*prepared("emodb"), *compared("emodb"), "make_target emodb"],
    "all": [
        *(*EVERY_RUN, *FIGURES),
        *("metrics", "make_table1", "make_table2", "make_table3", "audit", "make_choice", "make_report report"),
        *("source_table", "model_cards", *(f"make_target {target}" for target in TARGETS)),
    ],
}


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory, corpora: object) -> Finished:
    """A dry run of all of these rules at once."""
    workspace = Workspace.create(tmp_path_factory.mktemp("plans") / "all", corpora)
    return workspace.make("--dry-run", *PLANS)


@pytest.mark.parametrize("rule", PLANS)
def test_a_rule_plans_just_what_it_needs(everything: Finished, rule: str) -> None:
    assert everything.graph.below(rule) == sorted([*PLANS[rule], rule])


def test_a_run_reads_its_source_and_its_target_alone(everything: Finished) -> None:
    """So that its memory does not grow with the number of corpora."""
    inputs = re.findall(r"^rule adapt:\n    input: (.*)$", everything.text, flags=re.MULTILINE)
    assert len(inputs) == sum(job.startswith("adapt ") for job in EVERY_RUN)
    for line in inputs:
        assert len({name for name in CORPORA if name in line}) == 2, line
        assert line.count(".npy") == 2, line


def test_the_picture_of_the_rules_shows_those_of_a_study() -> None:
    """`make docs` draws it."""
    picture = (ROOT / "docs" / "rulegraph.svg").read_text(encoding="utf-8")
    assert set(re.findall(r"<text [^>]*>(\w+)</text>", picture)) == {"all", *(job.split()[0] for job in PLANS["all"])}


def test_a_target_needs_no_other_corpus(fresh: Workspace) -> None:
    """And of every seed its own backbone."""
    for corpus in ("ekorpus", "shemo", "emodb"):
        (fresh.corpora / corpus).unlink()
    jobs = fresh.plan("urdu", seeds=[0, 7])
    other_epochs = fresh.plan("urdu", seeds=[0, 7], adaptation={"epoch": "target"})  # whose number counts all targets
    assert other_epochs == jobs
    seeded = [job for job in PLANS["urdu"] if job.startswith(("pretrain_seed", "encode", "adapt"))]
    again = [re.sub(r" 0( \w+)?$", r" 7\1", job) for job in seeded]
    assert jobs == sorted([*PLANS["urdu"], *again, "urdu"])


def test_a_plan_says_how_much_training_it_holds(everything: Finished) -> None:
    line = next(line for line in everything.stderr.splitlines() if line.startswith("study 'toy': "))
    assert re.match(
        r"study 'toy': 4 pairs of source and target, 1 pretraining and \d+ runs, all still to do: about ", line
    )
    assert everything.stderr.count("study 'toy': ") == 1


def test_the_audit_needs_no_corpus(fresh: Workspace) -> None:
    done = fresh.make("audit", corpora_dir="nowhere")
    assert "study 'toy'" not in done.text, "where nothing is trained, nothing is said of it"
    assert done.jobs == ["audit"]
    assert (fresh.results / "tables" / "audit.md").stat().st_size


def test_classifiers_of_functionals_need_neither_mels_nor_a_backbone(fresh: Workspace) -> None:
    """They are run once, whatever the seeds, and have no epochs to choose among.

    The report still tells how the source was learned, and the pretrained backbones have their cards.
    """
    alone = {
        "targets": ["emodb"],
        "tables": {"table1": {"methods": ["svm", "lda"]}, "table2": None, "table3": None},
        "figures": {"figure2": None, "diagnostics": None},
    }
    graph = fresh.make("--dry-run", "all", seeds=[0, 1], **alone).graph
    prepared = [f"{job} {corpus}" for job in ("check", "functionals default") for corpus in ("emodb", "iemocap")]
    runs = [f"classify iemocap emodb {method} default 0" for method in ("svm", "lda")]
    assert graph.below("make_table1") == sorted([*prepared, *runs, "make_table1"])
    source = ["extract default iemocap", *(f"pretrain_seed iemocap default {seed}" for seed in (0, 1)), "source_table"]
    shown = ["make_table1", "make_target emodb", "metrics", "audit", "make_report report", "model_cards"]
    assert sorted(graph.reads) == sorted([*prepared, *runs, *source, *shown, "all"])


def test_readings_are_variants_that_share_what_they_can(fresh: Workspace) -> None:
    """Of the seeds that the sensitivity study names. A combination is one more run; a title is never expanded."""
    readings = {
        "all frames": {"features": {"normalisation": "padded"}},
        "$(touch pwned); {wildcards} <results>": {"objective": {"hard_negative_ratio": 0}},
        "threshold 0.5": {"adaptation": {"threshold": 0.5}},
    }
    both = {"both": {**readings["all frames"], **readings["threshold 0.5"]}}
    study = {
        "targets": ["emodb"],
        "tables": {"table2": None, "table3": None},
        "figures": {
            "figure2": None,
            "sensitivity": {"targets": ["emodb"], "seeds": [0], "readings": readings | both},
        },
    }
    padded = [
        *(f"extract normalisation~padded {corpus}" for corpus in ("iemocap", "emodb")),
        "pretrain_seed iemocap normalisation~padded 0",
        *(f"encode iemocap normalisation~padded 0 {corpus}" for corpus in ("iemocap", "emodb")),
    ]
    runs = [run("emodb", "snsa-f", variant) for variant in ("default", "normalisation~padded")]
    runs += [
        run("emodb", "nnpm", variant)
        for variant in ("default", "normalisation~padded", "hard_negative_ratio~0", "threshold~0.5")
    ]
    runs.append(run("emodb", "nnpm", "threshold~0.5,normalisation~padded"))
    assert fresh.plan("sensitivity", seeds=[0, 7], **study) == sorted(
        [*prepared("emodb"), *padded, *runs, "make_sensitivity", "sensitivity"]
    )
