# A page per source; the first is the study's own.
PAGES = sources.pages(PLAN)


rule make_report:
    input:
        unpack(lambda wildcards: sources.page(PLAN, PAGES[wildcards.page])),
        manifests=lambda wildcards: [PLAN.manifest(name) for name in PLAN.corpora],
        checks=lambda wildcards: [PLAN.found(name, "check.json") for name in PLAN.corpora],
        audit="<results>/tables/audit.csv",
        matrix=expand("<results>/figures/matrix.{form}", form=["svg", "json", "csv"]) if len(PLAN.sources) > 1 else [],
        pools=rules.pools.output.json if PLAN.pools else [],
    output:
        report(
            "<results>/{page}.html",
            caption="../report/report.rst",
            category="Report",
            labels={"study": config["name"], "page": "{page}"},
        ),
    log:
        "<logs>/{page}.log",
    benchmark:
        "<benchmarks>/{page}.tsv"
    wildcard_constraints:
        page="|".join(map(re.escape, PAGES)),
    localrule: True
    conda:
        "../../envs/nnpm.yaml"
    params:
        settings=places.without(config),
        tables=lambda wildcards: drawing.tables(PLAN, PAGES[wildcards.page]),
        targets=lambda wildcards: list(PLAN.pairs(PAGES[wildcards.page])),
        pages={f"{page}.html": source for page, source in PAGES.items()},
        study=lambda wildcards: caption({"source": PAGES[wildcards.page]}),
        code=code("report.py", *map(adapter, PLAN.corpora)),
    script:
        "../../scripts/report.py"


rule report:
    input:
        expand("<results>/{page}.html", page=PAGES),


# One job for all cards: each takes a moment, and there are hundreds.
rule model_cards:
    input:
        runs=PLAN.adapted,
        metrics=PLAN.files(PLAN.with_checkpoint, "metrics.json"),
        pretrained=PLAN.checkpoints,
        pretrained_metrics=plan.files_in(PLAN.pretrained, "metrics.json"),
        manifests=lambda wildcards: [PLAN.manifest(name) for name in PLAN.corpora],
    output:
        runs=PLAN.files(PLAN.with_checkpoint, "model_card.md"),
        pretrained=plan.files_in(PLAN.pretrained, "model_card.md"),
    log:
        "<logs>/model_cards.log",
    benchmark:
        "<benchmarks>/model_cards.tsv"
    conda:
        "../../envs/nnpm.yaml"
    params:
        corpora=PLAN.corpora,
        learned=PLAN.learned,
        targets=TARGETS,
        manifests=places.without(config)["manifests"],
        pretraining=config["pretraining"],
        terms={name: model.get("terms", "") for name, model in config["front_ends"].items()},
        study=caption({}),
        code=code("model_cards.py", *map(adapter, PLAN.corpora)),
    script:
        "../../scripts/model_cards.py"
