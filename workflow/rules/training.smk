rule pretrain_seed:
    input:
        mels=expand(rules.extract.output.mels, corpus=SOURCE),
        manifest=expand(rules.check.output.manifest, corpus=SOURCE),
        identity=data_identity([SOURCE]),
    output:
        last=STUDY + "pretrained/seed~{seed}/last.safetensors",
        best=STUDY + "pretrained/seed~{seed}/best.safetensors",
        history=STUDY + "pretrained/seed~{seed}/history.csv",
        predictions=STUDY + "pretrained/seed~{seed}/predictions.csv",
        metrics=STUDY + "pretrained/seed~{seed}/metrics.json",
    params:
        # The checkpoint is chosen in adaptation: pretraining writes both.
        settings={key: value for key, value in config["pretraining"].items() if key != "checkpoint"},
        backbone=config["backbone"],
        device=config["device"],
        threads=config["threads"],
        code=code("pretrain.py"),
    log:
        STUDY + "logs/pretrain/seed~{seed}.log",
    conda:
        "../../envs/nnpm.yaml"
    threads: config["threads"]
    resources:
        gpu=GPU,
    priority: 10
    script:
        "../../scripts/pretrain.py"


rule pretrain:
    input:
        expand(rules.pretrain_seed.output.metrics, seed=config["seeds"]),


rule adapt:
    input:
        source_mels=expand(rules.extract.output.mels, corpus=SOURCE),
        source_manifest=expand(rules.check.output.manifest, corpus=SOURCE),
        target_mels=STUDY + "features/{target}.npy",
        target_manifest=STUDY + "corpora/{target}/manifest.csv",
        identity=lambda wildcards: data_identity([SOURCE, wildcards.target]),
        backbone=STUDY + "pretrained/seed~{seed}/" + config["pretraining"]["checkpoint"] + ".safetensors",
    output:
        predictions=RUN + "predictions.csv",
        metrics=RUN + "metrics.json",
        history=RUN + "history.csv",
        checkpoint=RUN + "backbone.safetensors",
    params:
        run=VARIED.instance,
        settings={key: value for key, value in config["adaptation"].items() if key not in VARIED.columns},
        memory=config["memory"],
        objective=config["objective"],
        backbone=config["backbone"],
        device=config["device"],
        threads=config["threads"],
        code=code("adapt.py"),
    log:
        STUDY + "logs/adapt/{target}/{method}/" + VARIED.wildcard_pattern + ".log",
    conda:
        "../../envs/nnpm.yaml"
    threads: config["threads"]
    resources:
        gpu=GPU,
    script:
        "../../scripts/adapt.py"


rule metrics:
    input:
        metrics_of(RUNS),
    output:
        STUDY + "metrics.csv",
    params:
        code=code("metrics.py"),
    log:
        STUDY + "logs/metrics.log",
    conda:
        "../../envs/nnpm.yaml"
    localrule: True
    script:
        "../../scripts/metrics.py"
