# A checkpoint of any other is refused.
BACKBONE = config["backbone"] | {"n_mels": config["features"]["n_mels"]}


rule pretrain_seed:
    input:
        mels=expand("<results>/features/{corpus}.npy", corpus=SOURCE),
        manifest=expand("<results>/corpora/{corpus}/manifest.csv", corpus=SOURCE),
        identity=data_identity([SOURCE]),
        description=expand("<results>/features/{corpus}.json", corpus=SOURCE),
    output:
        last="<results>/pretrained/seed~{seed}/last.safetensors",
        best="<results>/pretrained/seed~{seed}/best.safetensors",
        history="<results>/pretrained/seed~{seed}/history.csv",
        predictions="<results>/pretrained/seed~{seed}/predictions.csv",
        metrics="<results>/pretrained/seed~{seed}/metrics.json",
    log:
        "<logs>/pretrain/seed~{seed}.log",
    benchmark:
        "<benchmarks>/pretrain/seed~{seed}.tsv"
    priority: 10
    conda:
        "../../envs/nnpm.yaml"
    threads: config["threads"]
    resources:
        **TRAINING,
    params:
        # The checkpoint is chosen in adaptation: pretraining writes both.
        settings={
            **{key: value for key, value in config["pretraining"].items() if key != "checkpoint"},
            "precision": config["precision"],
        },
        source=SOURCE,
        backbone=BACKBONE,
        device=config["device"],
        threads=config["threads"],
        code=code("pretrain.py"),
    script:
        "../../scripts/pretrain.py"


rule pretrain:
    input:
        expand("<results>/pretrained/seed~{seed}/metrics.json", seed=config["seeds"]),
        "<results>/tables/source.md",


# What frozen blocks make of a corpus is the same for all runs that start from a checkpoint.
rule encode:
    input:
        mels=rules.extract.output.mels,
        backbone="<results>/pretrained/seed~{seed}/<checkpoint>.safetensors",
    output:
        "<results>/encoded/{corpus}/freeze~{freeze}/seed~{seed}.npy",
    log:
        "<logs>/encode/{corpus}/freeze~{freeze}/seed~{seed}.log",
    benchmark:
        "<benchmarks>/encode/{corpus}/freeze~{freeze}/seed~{seed}.tsv"
    priority: 5
    conda:
        "../../envs/nnpm.yaml"
    threads: config["threads"]
    resources:
        **TRAINING,
    params:
        backbone=BACKBONE,
        device=config["device"],
        threads=config["threads"],
        code=code("encode.py"),
    script:
        "../../scripts/encode.py"


rule adapt:
    input:
        source=lambda wildcards: inputs_of(SOURCE, wildcards),
        source_manifest=f"<results>/corpora/{SOURCE}/manifest.csv",
        target=lambda wildcards: inputs_of(wildcards.target, wildcards),
        target_manifest="<results>/corpora/{target}/manifest.csv",
        identity=lambda wildcards: data_identity([SOURCE, wildcards.target]),
        description="<results>/features/{target}.json",
        backbone="<results>/pretrained/seed~{seed}/<checkpoint>.safetensors",
        second_view=second_view_of,
    output:
        predictions="<results>/runs/<run>/predictions.csv",
        metrics="<results>/runs/<run>/metrics.json",
        history="<results>/runs/<run>/history.csv",
        checkpoint="<results>/runs/<run>/backbone.safetensors",
    log:
        "<logs>/adapt/<run>.log",
    benchmark:
        "<benchmarks>/adapt/<run>.tsv"
    conda:
        "../../envs/nnpm.yaml"
    threads: config["threads"]
    resources:
        **TRAINING,
    params:
        run=VARIED.instance,
        source=SOURCE,
        settings=adaptation_of(config),
        # What they change concerns no other method.
        memory=lambda wildcards: config["memory"] if wildcards.method in WITH_MEMORY else {},
        objective=lambda wildcards: config["objective"] if wildcards.method in WITH_MEMORY else {},
        natural=lambda wildcards: [corpus(SOURCE).natural, corpus(wildcards.target).natural],
        backbone=BACKBONE,
        device=config["device"],
        threads=config["threads"],
        code=lambda wildcards: code("adapt.py", *method_file(wildcards.method)),
    script:
        "../../scripts/adapt.py"


rule metrics:
    input:
        runs=metrics_of(RUNS),
        predictions=files_of(RUNS, "predictions.csv"),
        histories=files_of(RUNS, "history.csv"),
    output:
        metrics="<results>/metrics.csv",
        predictions="<results>/predictions.csv",
        histories="<results>/histories.csv",
    log:
        "<logs>/metrics.log",
    benchmark:
        "<benchmarks>/metrics.tsv"
    localrule: True
    conda:
        "../../envs/nnpm.yaml"
    params:
        code=code("metrics.py"),
    script:
        "../../scripts/metrics.py"
