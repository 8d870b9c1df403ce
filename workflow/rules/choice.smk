# The study's main runs that have epochs, to choose one among.
WATCHED = pd.concat([SHOWN[name] for name in ("comparison", "table1", "table2") if name in SHOWN]).drop_duplicates()
WATCHED = WATCHED[~WATCHED["method"].isin(CLASSICAL)]


if len(WATCHED):

    rule choice:
        input:
            metrics=files_of(WATCHED, "metrics.json"),
            histories=files_of(WATCHED, "history.csv"),
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
