# Figures of the study's main runs, one a target, but for the memory, which shows all targets beside each other.
if FIGURES["diagnostics"]:

    rule target_confusion:
        input:
            metrics=lambda wildcards: metrics_of(diagnosed([wildcards.target])),
            predictions=lambda wildcards: files_of(diagnosed([wildcards.target]), "predictions.csv"),
        output:
            png=report(
                "<results>/figures/confusion-{target}.png",
                caption="../report/confusion.rst",
                category="Figures",
                labels={"target": "{target}", "figure": "confusion"},
            ),
            svg="<results>/figures/confusion-{target}.svg",
            csv="<results>/figures/confusion-{target}.csv",
        log:
            "<logs>/confusion-{target}.log",
        benchmark:
            "<benchmarks>/confusion-{target}.tsv"
        localrule: True
        conda:
            "../../envs/nnpm.yaml"
        params:
            study=CAPTION,
            code=code("confusion.py"),
        script:
            "../../scripts/confusion.py"

    rule target_curves:
        input:
            metrics=lambda wildcards: metrics_of(diagnosed([wildcards.target])),
            histories=lambda wildcards: files_of(diagnosed([wildcards.target]), "history.csv"),
        output:
            png=report(
                "<results>/figures/curves-{target}.png",
                caption="../report/curves.rst",
                category="Figures",
                labels={"target": "{target}", "figure": "curves"},
            ),
            svg="<results>/figures/curves-{target}.svg",
            csv="<results>/figures/curves-{target}.csv",
        log:
            "<logs>/curves-{target}.log",
        benchmark:
            "<benchmarks>/curves-{target}.tsv"
        localrule: True
        conda:
            "../../envs/nnpm.yaml"
        params:
            study=CAPTION,
            code=code("curves.py"),
        script:
            "../../scripts/curves.py"

    rule target_recall:
        input:
            metrics=lambda wildcards: metrics_of(diagnosed([wildcards.target])),
            predictions=lambda wildcards: files_of(diagnosed([wildcards.target]), "predictions.csv"),
        output:
            png=report(
                "<results>/figures/recall-{target}.png",
                caption="../report/recall.rst",
                category="Figures",
                labels={"target": "{target}", "figure": "recall"},
            ),
            svg="<results>/figures/recall-{target}.svg",
            csv="<results>/figures/recall-{target}.csv",
        log:
            "<logs>/recall-{target}.log",
        benchmark:
            "<benchmarks>/recall-{target}.tsv"
        localrule: True
        conda:
            "../../envs/nnpm.yaml"
        params:
            study=CAPTION,
            code=code("recall.py"),
        script:
            "../../scripts/recall.py"

    rule target_embedding:
        input:
            source=lambda wildcards: inputs_of(SOURCE, EMBEDDED),
            source_manifest=f"<results>/corpora/{SOURCE}/manifest.csv",
            target=lambda wildcards: inputs_of(wildcards.target, EMBEDDED),
            target_manifest="<results>/corpora/{target}/manifest.csv",
            before=f"<results>/pretrained/seed~{EMBEDDED.seed}/<checkpoint>.safetensors",
            after=lambda wildcards: files_of(embedded(wildcards.target), "backbone.safetensors"),
        output:
            png=report(
                "<results>/figures/embedding-{target}.png",
                caption="../report/embedding.rst",
                category="Figures",
                labels={"target": "{target}", "figure": "embedding"},
            ),
            svg="<results>/figures/embedding-{target}.svg",
            csv="<results>/figures/embedding-{target}.csv",
        log:
            "<logs>/embedding-{target}.log",
        benchmark:
            "<benchmarks>/embedding-{target}.tsv"
        conda:
            "../../envs/nnpm.yaml"
        threads: config["threads"]
        params:
            methods=FIGURES["diagnostics"]["methods"],
            freeze=EMBEDDED.freeze,
            seed=EMBEDDED.seed,
            backbone=BACKBONE,
            device="cpu",  # one pass over two corpora
            threads=config["threads"],
            study=CAPTION,
            code=code("embedding.py"),
        script:
            "../../scripts/embedding.py"

    rule memory:
        input:
            metrics=metrics_of(diagnosed(TARGETS)),
            histories=files_of(diagnosed(TARGETS), "history.csv"),
            source_manifest=f"<results>/corpora/{SOURCE}/manifest.csv",
            target_manifests=expand("<results>/corpora/{target}/manifest.csv", target=TARGETS),
        output:
            png=report(
                "<results>/figures/memory.png",
                caption="../report/memory.rst",
                category="Figures",
                labels={"target": "all", "figure": "memory"},
            ),
            svg="<results>/figures/memory.svg",
            csv="<results>/figures/memory.csv",
        log:
            "<logs>/memory.log",
        benchmark:
            "<benchmarks>/memory.tsv"
        localrule: True
        conda:
            "../../envs/nnpm.yaml"
        params:
            targets=TARGETS,
            methods=FIGURES["diagnostics"]["methods"],
            study=CAPTION,
            code=code("memory.py"),
        script:
            "../../scripts/memory.py"

    # All targets: snakemake confusion
    rule confusion:
        input:
            expand("<results>/figures/confusion-{target}.svg", target=TARGETS),

    rule curves:
        input:
            expand("<results>/figures/curves-{target}.svg", target=TARGETS),

    rule recall:
        input:
            expand("<results>/figures/recall-{target}.svg", target=TARGETS),

    rule embedding:
        input:
            expand("<results>/figures/embedding-{target}.svg", target=TARGETS),
