# Plain tables are made by one script from the runs that they show. Each target has one of its own.
for name, labels in drawing.plain_tables(PLAN).items():

    rule:
        name:
            f"make_{name.strip('{}')}"
        input:
            runs=shown(name, "metrics.json"),
            predictions=shown(name, "predictions.csv"),
        output:
            csv=f"<tables>/{name}.csv",
            md=report(
                f"<tables>/{name}.md",
                caption=f"../report/{name.strip('{}')}.rst",
                category="Tables",
                labels={**drawing.source_label(PLAN), **labels},
            ),
            tex=f"<tables>/{name}.tex",
        log:
            f"<source_logs>/table-{name}.log",
        benchmark:
            f"<source_benchmarks>/table-{name}.tsv"
        localrule: True
        conda:
            "../../envs/nnpm.yaml"
        params:
            table=labels["table"],
            content=lambda wildcards, name=name: drawing.table(PLAN, source_of(wildcards), name.format(**wildcards)),
            study=caption,
            code=code("table.py"),
        script:
            "../../scripts/table.py"


# By name: snakemake table1, or a target: snakemake urdu
for name in [*(name for name in drawing.plain_tables(PLAN) if name != "{target}"), *TARGETS]:

    rule:
        name:
            name
        input:
            sources.table_files(PLAN, name, "csv", "md", "tex"),


if TABLES["comparison"]:

    rule make_comparison:
        input:
            runs=shown("comparison", "metrics.json"),
            predictions=shown("comparison", "predictions.csv"),
        output:
            csv="<tables>/comparison.csv",
            md=report(
                "<tables>/comparison.md",
                caption="../report/comparison.rst",
                category="Tables",
                labels={**drawing.source_label(PLAN), "target": "all", "table": "comparison"},
            ),
            tex="<tables>/comparison.tex",
            tests="<tables>/comparisons.csv",
            tests_md=report(
                "<tables>/comparisons.md",
                caption="../report/comparisons.rst",
                category="Tables",
                labels={**drawing.source_label(PLAN), "target": "all", "table": "comparisons"},
            ),
        log:
            "<source_logs>/comparison.log",
        benchmark:
            "<source_benchmarks>/comparison.tsv"
        localrule: True
        conda:
            "../../envs/nnpm.yaml"
        params:
            content=lambda wildcards: drawing.table(PLAN, source_of(wildcards), "comparison"),
            study=caption,
            code=code("comparison.py"),
        script:
            "../../scripts/comparison.py"

    rule comparison:
        input:
            sources.table_files(PLAN, "comparison", "csv", "md", "tex"),


rule source_table:
    input:
        metrics=lambda wildcards: plan.files_in(PLAN.own_pretrained(source_of(wildcards)), "metrics.json"),
        predictions=lambda wildcards: plan.files_in(PLAN.own_pretrained(source_of(wildcards)), "predictions.csv"),
    output:
        csv="<tables>/source.csv",
        md=report(
            "<tables>/source.md",
            caption="../report/source.rst",
            category="Tables",
            labels={**drawing.source_label(PLAN), "target": "-", "table": "source"},
        ),
    log:
        "<source_logs>/source.log",
    benchmark:
        "<source_benchmarks>/source.tsv"
    localrule: True
    conda:
        "../../envs/nnpm.yaml"
    params:
        checkpoint=config["pretraining"]["checkpoint"],
        study=caption,
        code=code("source_table.py"),
    script:
        "../../scripts/source_table.py"


if any(map(PLAN.watched, PLAN.sources)):

    rule make_choice:
        input:
            metrics=lambda wildcards: PLAN.files(PLAN.watched(source_of(wildcards)), "metrics.json"),
            histories=lambda wildcards: PLAN.files(PLAN.watched(source_of(wildcards)), "history.csv"),
        output:
            csv="<tables>/choice.csv",
            methods="<tables>/choice.methods.csv",
            agreement="<tables>/choice.agreement.csv",
            md=report(
                "<tables>/choice.md",
                caption="../report/choice.rst",
                category="Tables",
                labels={**drawing.source_label(PLAN), "target": "all", "table": "choice"},
            ),
            json="<tables>/choice.json",
        log:
            "<source_logs>/choice.log",
        benchmark:
            "<source_benchmarks>/choice.tsv"
        localrule: True
        conda:
            "../../envs/nnpm.yaml"
        params:
            targets=lambda wildcards: list(PLAN.pairs(source_of(wildcards))),
            study=caption,
            code=code("choice.py"),
        script:
            "../../scripts/choice.py"

    rule choice:
        input:
            sources.table_files(PLAN, "choice", "md"),


if len(PLAN.sources) > 1:

    # Sources by targets. The diagonal is a corpus by itself: its held-out speakers.
    rule matrix:
        input:
            runs=PLAN.files(PLAN.across, "metrics.json"),
            predictions=PLAN.files(PLAN.across, "predictions.csv"),
            within=list(PLAN.within.values()),
        output:
            png=report(
                "<results>/figures/matrix.png",
                caption="../report/matrix.rst",
                category="Figures",
                labels={"source": "all", "target": "all", "figure": "matrix"},
            ),
            svg="<results>/figures/matrix.svg",
            csv="<results>/figures/matrix.csv",
            json="<results>/figures/matrix.json",
            md=report(
                "<results>/tables/matrix.md",
                caption="../report/matrix.rst",
                category="Tables",
                labels={"source": "all", "target": "all", "table": "matrix"},
            ),
        log:
            "<logs>/matrix.log",
        benchmark:
            "<benchmarks>/matrix.tsv"
        localrule: True
        conda:
            "../../envs/nnpm.yaml"
        params:
            methods=PLAN.compared,
            sources=PLAN.sources,
            targets=TARGETS,
            within=[list(key) for key in PLAN.within],
            study=caption({}),
            code=code("matrix.py"),
        script:
            "../../scripts/matrix.py"


# The paper's printed numbers, checked by arithmetic.
rule audit:
    output:
        csv="<results>/tables/audit.csv",
        md=report(
            "<results>/tables/audit.md",
            caption="../report/audit.rst",
            category="Tables",
            labels={"target": "-", "table": "audit"},
        ),
    log:
        "<logs>/audit.log",
    benchmark:
        "<benchmarks>/audit.tsv"
    conda:
        "../../envs/nnpm.yaml"
    params:
        code=code("audit.py"),
    script:
        "../../scripts/audit.py"
