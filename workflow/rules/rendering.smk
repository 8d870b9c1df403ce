

rule table1:
    input:
        runs=metrics_of(SHOWN["table1"]),
        predictions=files_of(SHOWN["table1"], "predictions.csv"),
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
    localrule: True
    conda:
        "../../envs/nnpm.yaml"
    params:
        table="table1",
        content={"methods": TABLES["table1"]["methods"], "targets": TARGETS},
        study=CAPTION,
        code=code("table.py"),
    script:
        "../../scripts/table.py"


use rule table1 as target_table with:
    input:
        runs=lambda wildcards: metrics_of(SHOWN[wildcards.target]),
        predictions=lambda wildcards: files_of(SHOWN[wildcards.target], "predictions.csv"),
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
    localrule: True
    params:
        table="target_table",
        content=lambda wildcards: {"methods": TABLES["table1"]["methods"], "target": wildcards.target},
        study=CAPTION,
        code=code("table.py"),


rule source_table:
    input:
        metrics=expand("<results>/pretrained/seed~{seed}/metrics.json", seed=config["seeds"]),
        predictions=expand("<results>/pretrained/seed~{seed}/predictions.csv", seed=config["seeds"]),
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
    localrule: True
    conda:
        "../../envs/nnpm.yaml"
    params:
        checkpoint=config["pretraining"]["checkpoint"],
        study=CAPTION,
        code=code("source.py"),
    script:
        "../../scripts/source.py"


# One rule a target corpus: snakemake urdu
for target in TARGETS:

    rule:
        name:
            target
        input:
            expand("<results>/tables/{target}.{form}", target=target, form=["csv", "md", "tex"]),


if TABLES["table2"]:

    use rule table1 as table2 with:
        input:
            runs=metrics_of(SHOWN["table2"]),
            predictions=files_of(SHOWN["table2"], "predictions.csv"),
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
            content=TABLES["table2"],
            study=CAPTION,
            code=code("table.py"),


if TABLES["table3"]:

    use rule table1 as table3 with:
        input:
            runs=metrics_of(SHOWN["table3"]),
            predictions=files_of(SHOWN["table3"], "predictions.csv"),
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
            content=TABLES["table3"],
            study=CAPTION,
            code=code("table.py"),


if TABLES["comparison"]:

    rule comparison:
        input:
            runs=metrics_of(SHOWN["comparison"]),
            predictions=files_of(SHOWN["comparison"], "predictions.csv"),
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
            content=TABLES["comparison"] | {"targets": TARGETS},
            study=CAPTION,
            code=code("comparison.py"),
        script:
            "../../scripts/comparison.py"


if FIGURES["figure2"]:

    rule figure2:
        input:
            runs=metrics_of(SHOWN["figure2"]),
            predictions=files_of(SHOWN["figure2"], "predictions.csv"),
        output:
            png=report(
                "<results>/figures/figure2.png",
                caption="../report/figure2.rst",
                category="Figures",
                labels={"target": "all", "figure": "figure2"},
            ),
            svg="<results>/figures/figure2.svg",
            csv="<results>/figures/figure2.csv",
        log:
            "<logs>/figure2.log",
        benchmark:
            "<benchmarks>/figure2.tsv"
        localrule: True
        conda:
            "../../envs/nnpm.yaml"
        params:
            targets=FIGURES["figure2"]["targets"],
            study=CAPTION,
            code=code("figure2.py"),
        script:
            "../../scripts/figure2.py"


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
    localrule: True
    conda:
        "../../envs/nnpm.yaml"
    params:
        code=code("audit.py"),
    script:
        "../../scripts/audit.py"


# What the report shows beside Figure 2: names of files in figures/, without the ending.
ILLUSTRATIONS = [*DIAGNOSTICS, *(["sensitivity"] if READINGS else [])]


rule report:
    input:
        runs=metrics_of(RUNS),
        predictions=files_of(RUNS, "predictions.csv"),
        pretrained=expand("<results>/pretrained/seed~{seed}/metrics.json", seed=config["seeds"]),
        source_predictions=expand("<results>/pretrained/seed~{seed}/predictions.csv", seed=config["seeds"]),
        manifests=expand("<results>/corpora/{corpus}/manifest.csv", corpus=[SOURCE, *TARGETS]),
        checks=expand("<results>/corpora/{corpus}/check.md", corpus=[SOURCE, *TARGETS]),
        audit=rules.audit.output.csv,
        figure2=rules.figure2.output if FIGURES["figure2"] else [],
        figures=expand("<results>/figures/{figure}.svg", figure=ILLUSTRATIONS),
        numbers=expand("<results>/figures/{figure}.csv", figure=ILLUSTRATIONS),
        choice=rules.choice.output.md if len(WATCHED) else [],
        sensitivity="<results>/tables/sensitivity.md" if READINGS else [],
    output:
        report(
            "<results>/report.html",
            caption="../report/report.rst",
            category="Report",
            labels={"study": config["name"]},
        ),
    log:
        "<logs>/report.log",
    benchmark:
        "<benchmarks>/report.tsv"
    localrule: True
    conda:
        "../../envs/nnpm.yaml"
    params:
        settings=config,
        captions=list(map(caption_of, ILLUSTRATIONS)),
        study=CAPTION,
        code=code("report.py", *map(adapter, [SOURCE, *TARGETS])),
    script:
        "../../scripts/report.py"
