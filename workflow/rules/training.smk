# Every rule here works on one variant: `PLAN.settings(variant)` is the whole configuration under it.


rule pretrain_seed:
    input:
        frames=lambda wildcards: [PLAN.features_file(name, wildcards.variant) for name in members(wildcards.source)],
        manifests=lambda wildcards: PLAN.manifests(wildcards.source),
        identity=lambda wildcards: identity_of(members(wildcards.source), wildcards.variant),
        descriptions=lambda wildcards: PLAN.descriptions_of(members(wildcards.source), wildcards.variant),
    output:
        last="<results>/pretrained/{source}/{variant}/seed~{seed}/last.safetensors",
        best="<results>/pretrained/{source}/{variant}/seed~{seed}/best.safetensors",
        history="<results>/pretrained/{source}/{variant}/seed~{seed}/history.csv",
        predictions="<results>/pretrained/{source}/{variant}/seed~{seed}/predictions.csv",
        metrics="<results>/pretrained/{source}/{variant}/seed~{seed}/metrics.json",
    log:
        "<logs>/pretrain/{source}/{variant}/seed~{seed}.log",
    benchmark:
        "<benchmarks>/pretrain/{source}/{variant}/seed~{seed}.tsv"
    priority: 10
    conda:
        "../../envs/nnpm.yaml"
    threads: config["threads"]
    resources:
        **TRAINING,
    params:
        sources=lambda wildcards: members(wildcards.source),
        settings=lambda wildcards: plan.pretraining_settings(PLAN.settings(wildcards.variant)),
        backbone=lambda wildcards: PLAN.settings(wildcards.variant)["backbone"],
        device=config["device"],
        threads=config["threads"],
        code=code("pretrain.py"),
    script:
        "../../scripts/pretrain.py"


rule pretrain:
    input:
        plan.files_in(PLAN.pretrained, "metrics.json"),
        sources.table_files(PLAN, "source", "md"),


# The output of frozen blocks is the same for all runs that start from a checkpoint.
rule encode:
    input:
        frames=lambda wildcards: PLAN.features_file(wildcards.corpus, wildcards.variant),
        description=lambda wildcards: PLAN.features_file(wildcards.corpus, wildcards.variant, "json"),
        backbone=lambda wildcards: PLAN.checkpoint(wildcards.source, wildcards.variant, wildcards.seed),
    output:
        "<results>/encoded/{source}/{variant}/seed~{seed}/{corpus}.npy",
    log:
        "<logs>/encode/{source}/{variant}/seed~{seed}/{corpus}.log",
    benchmark:
        "<benchmarks>/encode/{source}/{variant}/seed~{seed}/{corpus}.tsv"
    priority: 5
    conda:
        "../../envs/nnpm.yaml"
    threads: config["threads"]
    resources:
        **TRAINING,
    params:
        freeze=lambda wildcards: PLAN.settings(wildcards.variant)["adaptation"]["freeze"],
        backbone=lambda wildcards: PLAN.settings(wildcards.variant)["backbone"],
        device=config["device"],
        threads=config["threads"],
        code=code("encode.py"),
    script:
        "../../scripts/encode.py"


rule adapt:
    input:
        source=lambda wildcards: PLAN.inputs(members(wildcards.source), wildcards),
        source_manifests=lambda wildcards: PLAN.manifests(wildcards.source),
        source_descriptions=lambda wildcards: PLAN.descriptions_of(members(wildcards.source), wildcards.variant),
        target=lambda wildcards: PLAN.inputs([wildcards.target], wildcards)[0],
        target_manifest=lambda wildcards: PLAN.manifest(wildcards.target),
        identity=lambda wildcards: identity_of([*members(wildcards.source), wildcards.target], wildcards.variant),
        description=lambda wildcards: PLAN.features_file(wildcards.target, wildcards.variant, "json"),
        backbone=lambda wildcards: PLAN.checkpoint(wildcards.source, wildcards.variant, wildcards.seed),
    output:
        predictions="<results>/runs/{source}/{target}/{method}/{variant}/seed~{seed}/predictions.csv",
        metrics="<results>/runs/{source}/{target}/{method}/{variant}/seed~{seed}/metrics.json",
        history="<results>/runs/{source}/{target}/{method}/{variant}/seed~{seed}/history.csv",
        checkpoint="<results>/runs/{source}/{target}/{method}/{variant}/seed~{seed}/backbone.safetensors",
    log:
        "<logs>/adapt/{source}/{target}/{method}/{variant}/seed~{seed}.log",
    benchmark:
        "<benchmarks>/adapt/{source}/{target}/{method}/{variant}/seed~{seed}.tsv"
    wildcard_constraints:
        method="|".join(that_read("frames")),
    conda:
        "../../envs/nnpm.yaml"
    threads: config["threads"]
    resources:
        **TRAINING,
    params:
        sources=lambda wildcards: members(wildcards.source),
        place=lambda wildcards: METHODS[wildcards.method].place,
        settings=lambda wildcards: plan.adaptation_settings(PLAN.settings(wildcards.variant)),
        method=lambda wildcards: plan.method_settings(wildcards.method, PLAN.settings(wildcards.variant)),
        natural=lambda wildcards: {
            name: CORPORA[name].natural for name in [*members(wildcards.source), wildcards.target]
        },
        backbone=lambda wildcards: PLAN.settings(wildcards.variant)["backbone"],
        device=config["device"],
        threads=config["threads"],
        code=lambda wildcards: method_code("adapt.py", wildcards.method),
    script:
        "../../scripts/adapt.py"


# Methods that read only functionals, without mels or a backbone.
rule classify:
    input:
        source=lambda wildcards: [PLAN.functionals_file(name, wildcards.variant) for name in members(wildcards.source)],
        source_manifests=lambda wildcards: PLAN.manifests(wildcards.source),
        target=lambda wildcards: PLAN.functionals_file(wildcards.target, wildcards.variant),
        target_manifest=lambda wildcards: PLAN.manifest(wildcards.target),
        description=lambda wildcards: PLAN.pooled_from(wildcards.target, wildcards.variant).get("description", []),
    output:
        predictions="<results>/runs/{source}/{target}/{method}/{variant}/seed~{seed}/predictions.csv",
        metrics="<results>/runs/{source}/{target}/{method}/{variant}/seed~{seed}/metrics.json",
        history="<results>/runs/{source}/{target}/{method}/{variant}/seed~{seed}/history.csv",
        classifier="<results>/runs/{source}/{target}/{method}/{variant}/seed~{seed}/classifier.json",
    log:
        "<logs>/classify/{source}/{target}/{method}/{variant}/seed~{seed}.log",
    benchmark:
        "<benchmarks>/classify/{source}/{target}/{method}/{variant}/seed~{seed}.tsv"
    wildcard_constraints:
        method="|".join(that_read("functionals")),
    conda:
        "../../envs/nnpm.yaml"
    params:
        sources=lambda wildcards: members(wildcards.source),
        place=lambda wildcards: METHODS[wildcards.method].place,
        kind=lambda wildcards: PLAN.settings(wildcards.variant)["functionals"],
        heard=lambda wildcards: plan.heard(PLAN.settings(wildcards.variant)),
        code=lambda wildcards: method_code("classify.py", wildcards.method),
    script:
        "../../scripts/classify.py"


rule metrics:
    input:
        runs=PLAN.files(PLAN.runs, "metrics.json"),
        predictions=PLAN.files(PLAN.runs, "predictions.csv"),
        histories=PLAN.files(PLAN.runs, "history.csv"),
    output:
        metrics="<results>/metrics.csv",
        predictions="<results>/predictions.csv",
        histories="<results>/histories.csv",
    log:
        "<logs>/metrics.log",
    benchmark:
        "<benchmarks>/metrics.tsv"
    conda:
        "../../envs/nnpm.yaml"
    params:
        code=code("metrics.py"),
    script:
        "../../scripts/metrics.py"
