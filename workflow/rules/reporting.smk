rule report:
    input:
        runs=PLAN.files(PLAN.runs, "metrics.json"),
        predictions=PLAN.files(PLAN.runs, "predictions.csv"),
        pretrained=files_in(PLAN.own_pretrained, "metrics.json"),
        source_predictions=files_in(PLAN.own_pretrained, "predictions.csv"),
        manifests=lambda wildcards: [PLAN.manifest(name) for name in PLAN.corpora],
        checks=lambda wildcards: [PLAN.found(name, "check.json") for name in PLAN.corpora],
        audit="<results>/tables/audit.csv",
        figures=expand("<results>/figures/{figure}.svg", figure=SHOWN_FIGURES),
        numbers=expand("<results>/figures/{figure}.csv", figure=SHOWN_FIGURES),
        words=expand("<results>/figures/{figure}.json", figure=SHOWN_FIGURES),
        choice="<results>/tables/choice.json" if PLAN.watched else [],
        sensitivity="<results>/figures/sensitivity.json" if PLAN.readings else [],
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
    conda:
        "../../envs/nnpm.yaml"
    params:
        settings=places.without(config),
        tables=drawing.tables(PLAN),
        study=CAPTION,
        code=code("report.py", *map(adapter, PLAN.corpora)),
    script:
        "../../scripts/report.py"


# One job for all cards: each takes a moment, and there are hundreds.
rule model_cards:
    input:
        runs=PLAN.files(PLAN.with_backbone, "backbone.safetensors"),
        metrics=PLAN.files(PLAN.with_backbone, "metrics.json"),
        pretrained=PLAN.checkpoints,
        pretrained_metrics=files_in(PLAN.pretrained, "metrics.json"),
        manifests=lambda wildcards: [PLAN.manifest(name) for name in PLAN.corpora],
    output:
        runs=PLAN.files(PLAN.with_backbone, "model_card.md"),
        pretrained=files_in(PLAN.pretrained, "model_card.md"),
    log:
        "<logs>/model_cards.log",
    benchmark:
        "<benchmarks>/model_cards.tsv"
    conda:
        "../../envs/nnpm.yaml"
    params:
        corpora=PLAN.corpora,
        manifests=places.without(config)["manifests"],
        pretraining=config["pretraining"],
        study=CAPTION,
        code=code("model_cards.py", *map(adapter, PLAN.corpora)),
    script:
        "../../scripts/model_cards.py"
