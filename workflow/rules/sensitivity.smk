# NNPM under each reading of what the paper leaves open. The study's own reading, and those that differ from it in the
# threshold or the frozen blocks alone, are ordinary runs. One with another normalisation has mels, pretrained backbones
# and encoded corpora of its own; all others share the study's.
if READINGS:

    use rule extract as extract_reading with:
        output:
            mels="<results>/sensitivity/normalisation~{normalisation}/features/{corpus}.npy",
            description="<results>/sensitivity/normalisation~{normalisation}/features/{corpus}.json",
        log:
            "<logs>/sensitivity/normalisation~{normalisation}/extract/{corpus}.log",
        benchmark:
            "<benchmarks>/sensitivity/normalisation~{normalisation}/extract/{corpus}.tsv"
        params:
            features=lambda wildcards: config["features"] | {"normalisation": wildcards.normalisation},

    use rule pretrain_seed as pretrain_reading with:
        input:
            mels=[f"<results>/sensitivity/normalisation~{{normalisation}}/features/{SOURCE}.npy"],
            manifest=expand("<results>/corpora/{corpus}/manifest.csv", corpus=SOURCE),
            identity=data_identity([SOURCE], "<results>/sensitivity/normalisation~{normalisation}"),
            description=expand(
                "<results>/sensitivity/normalisation~{normalisation}/features/{corpus}.json",
                corpus=SOURCE,
                allow_missing=True,
            ),
        output:
            last="<results>/sensitivity/normalisation~{normalisation}/pretrained/seed~{seed}/last.safetensors",
            best="<results>/sensitivity/normalisation~{normalisation}/pretrained/seed~{seed}/best.safetensors",
            history="<results>/sensitivity/normalisation~{normalisation}/pretrained/seed~{seed}/history.csv",
            predictions="<results>/sensitivity/normalisation~{normalisation}/pretrained/seed~{seed}/predictions.csv",
            metrics="<results>/sensitivity/normalisation~{normalisation}/pretrained/seed~{seed}/metrics.json",
        log:
            "<logs>/sensitivity/normalisation~{normalisation}/pretrain/seed~{seed}.log",
        benchmark:
            "<benchmarks>/sensitivity/normalisation~{normalisation}/pretrain/seed~{seed}.tsv"

    use rule encode as encode_reading with:
        input:
            mels=rules.extract_reading.output.mels,
            backbone="<results>/sensitivity/normalisation~{normalisation}/pretrained/seed~{seed}/<checkpoint>.safetensors",
        output:
            "<results>/sensitivity/normalisation~{normalisation}/encoded/{corpus}/freeze~{freeze}/seed~{seed}.npy",
        log:
            "<logs>/sensitivity/normalisation~{normalisation}/encode/{corpus}/freeze~{freeze}/seed~{seed}.log",
        benchmark:
            "<benchmarks>/sensitivity/normalisation~{normalisation}/encode/{corpus}/freeze~{freeze}/seed~{seed}.tsv"

    use rule adapt as adapt_reading with:
        input:
            source=lambda wildcards: inputs_of(SOURCE, *start_of(wildcards)),
            source_manifest=f"<results>/corpora/{SOURCE}/manifest.csv",
            target=lambda wildcards: inputs_of(wildcards.target, *start_of(wildcards)),
            target_manifest="<results>/corpora/{target}/manifest.csv",
            identity=lambda wildcards: data_identity([SOURCE, wildcards.target], start_of(wildcards)[1]),
            description=lambda wildcards: f"{start_of(wildcards)[1]}/features/{wildcards.target}.json",
            backbone=lambda wildcards: f"{start_of(wildcards)[1]}/pretrained/seed~{wildcards.seed}/<checkpoint>.safetensors",
        output:
            predictions="<results>/sensitivity/{target}/{method}/{reading}/seed~{seed}/predictions.csv",
            metrics="<results>/sensitivity/{target}/{method}/{reading}/seed~{seed}/metrics.json",
            history="<results>/sensitivity/{target}/{method}/{reading}/seed~{seed}/history.csv",
            checkpoint="<results>/sensitivity/{target}/{method}/{reading}/seed~{seed}/backbone.safetensors",
        log:
            "<logs>/sensitivity/{target}/{method}/{reading}/seed~{seed}.log",
        benchmark:
            "<benchmarks>/sensitivity/{target}/{method}/{reading}/seed~{seed}.tsv"
        params:
            run=lambda wildcards: VARIED.instance(vars(start_of(wildcards)[0])),
            settings=lambda wildcards: adaptation_of(READ[wildcards.reading].settings),
            memory=lambda wildcards: READ[wildcards.reading].settings["memory"],
            objective=lambda wildcards: READ[wildcards.reading].settings["objective"],

    rule sensitivity:
        input:
            metrics=reading_runs(READINGS, sensitivity.METHOD, "metrics.json"),
            histories=reading_runs(READINGS, sensitivity.METHOD, "history.csv"),
            predictions=reading_runs(READINGS, sensitivity.METHOD, "predictions.csv"),
            before=reading_runs(STARTS, sensitivity.UNADAPTED, "predictions.csv"),
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
            md=report(
                "<results>/tables/sensitivity.md",
                caption="../report/sensitivity.rst",
                category="Tables",
                labels={"target": "all", "table": "sensitivity"},
            ),
            best="<results>/sensitivity/best.yaml",
        log:
            "<logs>/sensitivity.log",
        benchmark:
            "<benchmarks>/sensitivity.tsv"
        localrule: True
        conda:
            "../../envs/nnpm.yaml"
        params:
            # In the order of the inputs: by reading, target and seed.
            readings=[[reading.title, dict(reading.changes)] for reading in READINGS],
            targets=FIGURES["sensitivity"]["targets"],
            study=CAPTION,
            code=code("sensitivity.py"),
        script:
            "../../scripts/sensitivity.py"
