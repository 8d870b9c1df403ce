# The figures that this study draws, and their files in figures/, without the ending.
DRAWN = drawing.drawn(PLAN)
SHOWN_FIGURES = [stem for name in DRAWN for stem in drawing.stems(PLAN, name)] + (
    ["sensitivity"] if PLAN.readings else []
)


# Every figure is drawn by the same script: `nnpm.reporting.figures.table` declares what each one needs.
for name in DRAWN:

    rule:
        name:
            f"draw_{name}"
        input:
            unpack(lambda wildcards, name=name: drawing.inputs(PLAN, name, wildcards.get("target"))),
        output:
            png=report(
                f"<results>/figures/{drawing.stem(name)}.png",
                caption=f"../report/{name}.rst",
                category="Figures",
                labels={"target": "{target}" if FIGURES[name].per_target else "all", "figure": name},
            ),
            svg=f"<results>/figures/{drawing.stem(name)}.svg",
            csv=f"<results>/figures/{drawing.stem(name)}.csv",
            json=f"<results>/figures/{drawing.stem(name)}.json",
        log:
            f"<logs>/{drawing.stem(name)}.log",
        benchmark:
            f"<benchmarks>/{drawing.stem(name)}.tsv"
        localrule: "before" not in FIGURES[name].needs  # it runs a backbone
        conda:
            "../../envs/nnpm.yaml"
        threads: config["threads"]
        params:
            figure=name,
            content=lambda wildcards, name=name: drawing.content(PLAN, name, wildcards.get("target")),
            study=CAPTION,
            code=code("figure.py", FIGURES[name].file),
        script:
            "../../scripts/figure.py"

    # All targets: snakemake confusion
    rule:
        name:
            name
        input:
            expand("<results>/figures/{file}.svg", file=drawing.stems(PLAN, name)),


if PLAN.readings:

    # NNPM under each reading of what the paper leaves open, and the backbones that its runs start from.
    rule sensitivity:
        input:
            runs=PLAN.files(PLAN.shown["sensitivity"], "metrics.json"),
            histories=PLAN.files(PLAN.shown["sensitivity"], "history.csv"),
            predictions=PLAN.files(PLAN.shown["sensitivity"], "predictions.csv"),
            before_runs=PLAN.files(PLAN.shown["sensitivity_before"], "metrics.json"),
            before=PLAN.files(PLAN.shown["sensitivity_before"], "predictions.csv"),
        output:
            png=report(
                "<results>/figures/sensitivity.png",
                caption="../report/sensitivity.rst",
                category="Figures",
                labels={"target": "all", "figure": "sensitivity"},
            ),
            svg="<results>/figures/sensitivity.svg",
            csv="<results>/figures/sensitivity.csv",
            runs="<results>/figures/sensitivity_runs.csv",
            json="<results>/figures/sensitivity.json",
            md=report(
                "<results>/tables/sensitivity.md",
                caption="../report/sensitivity.rst",
                category="Tables",
                labels={"target": "all", "table": "sensitivity"},
            ),
            best="<results>/tables/sensitivity-best.yaml",
        log:
            "<logs>/sensitivity.log",
        benchmark:
            "<benchmarks>/sensitivity.tsv"
        localrule: True
        conda:
            "../../envs/nnpm.yaml"
        params:
            readings=[
                [title, dict(variant.changes), variant.name, variant.of_method(UNADAPTED).name]
                for title, variant in PLAN.readings
            ],
            targets=PLAN.figures["sensitivity"]["targets"],
            study=CAPTION,
            code=code("sensitivity.py"),
        script:
            "../../scripts/sensitivity.py"
