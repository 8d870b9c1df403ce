# This rule has no output, since Snakemake deletes outputs before a rule runs, and a corpus may be a user's own copy. It
# has no benchmark either, since that is an output too and would stop later downloads.
rule download:
    log:
        "<logs>/download.log",
    conda:
        "../../envs/nnpm.yaml"
    params:
        names=[name for name in PLAN.corpora if name not in config["manifests"]],
        corpora_dir=str(CORPORA_DIR),
    script:
        "../../scripts/download.py"


# Corpora are on the machine where Snakemake runs. If pods share results by a storage (docs/clusters.md), rules that
# read audio run on that machine, too.
rule check:
    input:
        lambda wildcards: list(map(local, CHECKS.files(wildcards.corpus))),
    output:
        manifest="<results>/corpora/{corpus}/manifest.csv",
        audio="<results>/corpora/{corpus}/audio.csv",
        paths="<results>/corpora/{corpus}/paths.csv",
        report=report(
            "<results>/corpora/{corpus}/check.md",
            caption="../report/check.rst",
            category="Corpora",
            labels={"corpus": "{corpus}"},
        ),
        json="<results>/corpora/{corpus}/check.json",
        fingerprint="<results>/corpora/{corpus}/fingerprint.txt",
    log:
        "<logs>/check/{corpus}.log",
    benchmark:
        "<benchmarks>/check/{corpus}.tsv"
    priority: 100  # a corpus that cannot be used should be known before anything is trained
    localrule: HAS_STORAGE
    conda:
        "../../envs/nnpm.yaml"
    threads: 4  # at most; what is written does not depend on it
    params:
        manifest=lambda wildcards: config["manifests"].get(wildcards.corpus),
        corpora_dir=str(CORPORA_DIR),
        settings=lambda wildcards: CHECKS.settings(wildcards.corpus),
        code=lambda wildcards: check_code(wildcards.corpus),
        fingerprint=lambda wildcards: CHECKS.fingerprint(wildcards.corpus),
    script:
        "../../scripts/check.py"


if PLAN.pools:

    rule pools:
        input:
            manifests=lambda wildcards: [PLAN.manifest(name) for name in PLAN.corpora],
        output:
            md=report(
                "<results>/corpora/pools.md",
                caption="../report/pools.rst",
                category="Corpora",
                labels={"corpus": "pools"},
            ),
            json="<results>/corpora/pools.json",
        log:
            "<logs>/pools.log",
        benchmark:
            "<benchmarks>/pools.tsv"
        localrule: True
        conda:
            "../../envs/nnpm.yaml"
        params:
            pools=PLAN.pools,
            targets=TARGETS,
            study=caption({}),
            code=code("pools.py"),
        script:
            "../../scripts/pools.py"


rule extract:
    input:
        audio=lambda wildcards: PLAN.found(wildcards.corpus, "audio.csv"),
        paths=ancient(rules.check.output.paths),
        model=lambda wildcards: list(map(local, PLAN.model_files(wildcards.variant))),
    output:
        frames="<results>/features/{variant}/{corpus}.npy",
        description="<results>/features/{variant}/{corpus}.json",
    log:
        "<logs>/extract/{variant}/{corpus}.log",
    benchmark:
        "<benchmarks>/extract/{variant}/{corpus}.tsv"
    localrule: HAS_STORAGE
    conda:
        lambda wildcards: f"../../envs/{PLAN.front_end(wildcards.variant).environment}"
    threads: 8  # at most; what is written does not depend on it
    resources:
        gpu=lambda wildcards: TRAINING["gpu"] * PLAN.front_end(wildcards.variant).device,
        # A self-supervised model of a base size, shared by the workers, and a batch for each of them.
        mem_mb=lambda wildcards, threads, attempt: attempt
        * (4000 + 1000 * threads * PLAN.front_end(wildcards.variant).device),
        runtime=lambda wildcards, attempt: attempt * (600 if PLAN.front_end(wildcards.variant).device else 60),
    params:
        features=lambda wildcards: plan.feature_settings(PLAN.settings(wildcards.variant)),
        device=lambda wildcards: config["device"] if PLAN.front_end(wildcards.variant).device else "cpu",
        code=lambda wildcards: code("extract.py", PLAN.front_end(wildcards.variant).file),
    script:
        "../../scripts/extract.py"


rule functionals:
    input:
        unpack(lambda wildcards: PLAN.pooled_from(wildcards.corpus, wildcards.variant)),
        audio=lambda wildcards: PLAN.found(wildcards.corpus, "audio.csv"),
        paths=ancient(rules.check.output.paths),
    output:
        "<results>/features/{variant}/{corpus}.functionals.csv",
    log:
        "<logs>/functionals/{variant}/{corpus}.log",
    benchmark:
        "<benchmarks>/functionals/{variant}/{corpus}.tsv"
    localrule: HAS_STORAGE
    conda:
        lambda wildcards: f"../../envs/{PLAN.functionals(wildcards.variant).environment}"
    threads: 8  # at most; what is written does not depend on it
    params:
        kind=lambda wildcards: PLAN.functionals(wildcards.variant).name,
        sample_rate=lambda wildcards: PLAN.settings(wildcards.variant)["features"]["sample_rate"],
        duration=lambda wildcards: PLAN.settings(wildcards.variant)["features"]["duration"],
        code=lambda wildcards: code("functionals.py", *filter(None, [PLAN.functionals(wildcards.variant).file])),
    script:
        "../../scripts/functionals.py"


rule corpora:
    input:
        lambda wildcards: [PLAN.manifest(name) for name in PLAN.corpora],
        rules.pools.output if PLAN.pools else [],


rule features:
    input:
        [PLAN.features_file(name, "default") for name in PLAN.corpora],
