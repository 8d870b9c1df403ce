# Every figure is drawn by the same script: `nnpm.reporting.figures.table` declares what each one needs.
for name in dict.fromkeys(name for source in PLAN.sources for name in drawing.drawn(PLAN, source)):

    rule:
        name:
            f"draw_{name}"
        input:
            unpack(
                lambda wildcards, name=name: drawing.inputs(PLAN, source_of(wildcards), name, wildcards.get("target"))
            ),
        output:
            png=report(
                f"<figures>/{drawing.stem(name)}.png",
                caption=f"../report/{name}.rst",
                category="Figures",
                labels={
                    **drawing.source_label(PLAN),
                    "target": "{target}" if FIGURES[name].per_target else "all",
                    "figure": name,
                },
            ),
            svg=f"<figures>/{drawing.stem(name)}.svg",
            csv=f"<figures>/{drawing.stem(name)}.csv",
            json=f"<figures>/{drawing.stem(name)}.json",
        log:
            f"<source_logs>/{drawing.stem(name)}.log",
        benchmark:
            f"<source_benchmarks>/{drawing.stem(name)}.tsv"
        localrule: "before" not in FIGURES[name].needs  # it runs a backbone
        conda:
            "../../envs/nnpm.yaml"
        threads: config["threads"]
        params:
            figure=name,
            content=lambda wildcards, name=name: drawing.content(
                PLAN, source_of(wildcards), name, wildcards.get("target")
            ),
            study=caption,
            code=code("figure.py", FIGURES[name].file),
        script:
            "../../scripts/figure.py"

    # All sources and targets: snakemake confusion
    rule:
        name:
            name
        input:
            sources.figure_files(PLAN, name),


if PLAN.readings:

    # NNPM under each reading of what the paper leaves open, and the backbones that its runs start from.
    rule make_sensitivity:
        input:
            runs=shown("sensitivity", "metrics.json"),
            histories=shown("sensitivity", "history.csv"),
            predictions=shown("sensitivity", "predictions.csv"),
            before_runs=shown("sensitivity_before", "metrics.json"),
            before=shown("sensitivity_before", "predictions.csv"),
        output:
            png=report(
                "<figures>/sensitivity.png",
                caption="../report/sensitivity.rst",
                category="Figures",
                labels={**drawing.source_label(PLAN), "target": "all", "figure": "sensitivity"},
            ),
            svg="<figures>/sensitivity.svg",
            csv="<figures>/sensitivity.csv",
            runs="<figures>/sensitivity_runs.csv",
            json="<figures>/sensitivity.json",
            md=report(
                "<tables>/sensitivity.md",
                caption="../report/sensitivity.rst",
                category="Tables",
                labels={**drawing.source_label(PLAN), "target": "all", "table": "sensitivity"},
            ),
            best="<tables>/sensitivity-best.yaml",
        log:
            "<source_logs>/sensitivity.log",
        benchmark:
            "<source_benchmarks>/sensitivity.tsv"
        localrule: True
        conda:
            "../../envs/nnpm.yaml"
        params:
            readings=[
                [title, dict(variant.changes), variant.name, variant.of_method(UNADAPTED, config).name]
                for title, variant in PLAN.readings
            ],
            targets=lambda wildcards: drawing.sensitivity_targets(PLAN, source_of(wildcards)),
            study=caption,
            code=code("sensitivity.py"),
        script:
            "../../scripts/sensitivity.py"

    rule sensitivity:
        input:
            sources.table_files(PLAN, "sensitivity", "md"),
