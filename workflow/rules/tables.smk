# The names of the tables that `all` makes: files in tables/, without the ending.
SHOWN_TABLES = [*(name for name in ("table1", "table2", "table3", "comparison") if name in PLAN.shown), *TARGETS]
SHOWN_TABLES += ["source", "audit", *(["choice"] if PLAN.watched else []), *(["sensitivity"] if PLAN.readings else [])]


rule table1:
    input:
        runs=PLAN.files(PLAN.shown["table1"], "metrics.json"),
        predictions=PLAN.files(PLAN.shown["table1"], "predictions.csv"),
    output:
        csv="<results>/tables/table1.csv",
        md=report(
            "<results>/tables/table1.md",
            caption="../report/table1.rst",
            category="Tables",
            labels={"target": "all", "table": "table1"},
        ),
        tex="<results>/tables/table1.tex",
    log:
        "<logs>/table1.log",
    benchmark:
        "<benchmarks>/table1.tsv"
    conda:
        "../../envs/nnpm.yaml"
    params:
        table="table1",
        content=drawing.tables(PLAN)["table1"],
        study=CAPTION,
        code=code("table.py"),
    script:
        "../../scripts/table.py"


use rule table1 as target_table with:
    input:
        runs=lambda wildcards: PLAN.files(PLAN.shown[wildcards.target], "metrics.json"),
        predictions=lambda wildcards: PLAN.files(PLAN.shown[wildcards.target], "predictions.csv"),
    output:
        csv="<results>/tables/{target}.csv",
        md=report(
            "<results>/tables/{target}.md",
            caption="../report/target.rst",
            category="Tables",
            labels={"target": "{target}", "table": "target"},
        ),
        tex="<results>/tables/{target}.tex",
    log:
        "<logs>/table-{target}.log",
    benchmark:
        "<benchmarks>/table-{target}.tsv"
    params:
        table="target_table",
        content=lambda wildcards: {"methods": TABLES["table1"]["methods"], "target": wildcards.target},
        study=CAPTION,
        code=code("table.py"),


# One rule per target corpus: snakemake urdu
for target in TARGETS:

    rule:
        name:
            target
        input:
            expand("<results>/tables/{target}.{form}", target=target, form=["csv", "md", "tex"]),


if TABLES["table2"]:

    use rule table1 as table2 with:
        input:
            runs=PLAN.files(PLAN.shown["table2"], "metrics.json"),
            predictions=PLAN.files(PLAN.shown["table2"], "predictions.csv"),
        output:
            csv="<results>/tables/table2.csv",
            md=report(
                "<results>/tables/table2.md",
                caption="../report/table2.rst",
                category="Tables",
                labels={"target": TABLES["table2"]["target"], "table": "table2"},
            ),
            tex="<results>/tables/table2.tex",
        log:
            "<logs>/table2.log",
        benchmark:
            "<benchmarks>/table2.tsv"
        localrule: True
        params:
            table="table2",
            content=drawing.tables(PLAN)["table2"],
            study=CAPTION,
            code=code("table.py"),


if TABLES["table3"]:

    use rule table1 as table3 with:
        input:
            runs=PLAN.files(PLAN.shown["table3"], "metrics.json"),
            predictions=PLAN.files(PLAN.shown["table3"], "predictions.csv"),
        output:
            csv="<results>/tables/table3.csv",
            md=report(
                "<results>/tables/table3.md",
                caption="../report/table3.rst",
                category="Tables",
                labels={"target": TABLES["table3"]["target"], "table": "table3"},
            ),
            tex="<results>/tables/table3.tex",
        log:
            "<logs>/table3.log",
        benchmark:
            "<benchmarks>/table3.tsv"
        localrule: True
        params:
            table="table3",
            content={"target": TABLES["table3"]["target"], "variants": [[n, v.name] for n, v in PLAN.frozen.items()]},
            study=CAPTION,
            code=code("table.py"),


if TABLES["comparison"]:

    rule comparison:
        input:
            runs=PLAN.files(PLAN.shown["comparison"], "metrics.json"),
            predictions=PLAN.files(PLAN.shown["comparison"], "predictions.csv"),
        output:
            csv="<results>/tables/comparison.csv",
            md=report(
                "<results>/tables/comparison.md",
                caption="../report/comparison.rst",
                category="Tables",
                labels={"target": "all", "table": "comparison"},
            ),
            tex="<results>/tables/comparison.tex",
            tests="<results>/tables/comparisons.csv",
            tests_md=report(
                "<results>/tables/comparisons.md",
                caption="../report/comparisons.rst",
                category="Tables",
                labels={"target": "all", "table": "comparisons"},
            ),
        log:
            "<logs>/comparison.log",
        benchmark:
            "<benchmarks>/comparison.tsv"
        localrule: True
        conda:
            "../../envs/nnpm.yaml"
        params:
            content=drawing.tables(PLAN)["comparison"],
            study=CAPTION,
            code=code("comparison.py"),
        script:
            "../../scripts/comparison.py"


rule source_table:
    input:
        metrics=files_in(PLAN.own_pretrained, "metrics.json"),
        predictions=files_in(PLAN.own_pretrained, "predictions.csv"),
    output:
        csv="<results>/tables/source.csv",
        md=report(
            "<results>/tables/source.md",
            caption="../report/source.rst",
            category="Tables",
            labels={"target": "-", "table": "source"},
        ),
    log:
        "<logs>/source.log",
    benchmark:
        "<benchmarks>/source.tsv"
    conda:
        "../../envs/nnpm.yaml"
    params:
        checkpoint=config["pretraining"]["checkpoint"],
        study=CAPTION,
        code=code("source_table.py"),
    script:
        "../../scripts/source_table.py"


if PLAN.watched:

    rule choice:
        input:
            metrics=PLAN.files(PLAN.watched, "metrics.json"),
            histories=PLAN.files(PLAN.watched, "history.csv"),
        output:
            csv="<results>/tables/choice.csv",
            methods="<results>/tables/choice.methods.csv",
            agreement="<results>/tables/choice.agreement.csv",
            md=report(
                "<results>/tables/choice.md",
                caption="../report/choice.rst",
                category="Tables",
                labels={"target": "all", "table": "choice"},
            ),
            json="<results>/tables/choice.json",
        log:
            "<logs>/choice.log",
        benchmark:
            "<benchmarks>/choice.tsv"
        localrule: True
        conda:
            "../../envs/nnpm.yaml"
        params:
            targets=TARGETS,
            study=CAPTION,
            code=code("choice.py"),
        script:
            "../../scripts/choice.py"


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
