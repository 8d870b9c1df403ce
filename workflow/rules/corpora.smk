# It has no output, since Snakemake deletes what a rule is about to make, and a corpus may be a user's own copy. And no
# benchmark, since that is an output too: where it is, nothing would be fetched again.
rule download:
    log:
        "<logs>/download.log",
    localrule: True
    conda:
        "../../envs/nnpm.yaml"
    params:
        names=[name for name in (SOURCE, *TARGETS) if name not in config["manifests"]],
        corpora_dir=str(CORPORA_DIR),
    script:
        "../../scripts/download.py"


rule check:
    input:
        lambda wildcards: corpus_files(wildcards.corpus),
    output:
        manifest="<results>/corpora/{corpus}/manifest.csv",
        audio="<results>/corpora/{corpus}/audio.csv",
        report=report(
            "<results>/corpora/{corpus}/check.md",
            caption="../report/check.rst",
            category="Corpora",
            labels={"corpus": "{corpus}"},
        ),
    log:
        "<logs>/check/{corpus}.log",
    benchmark:
        "<benchmarks>/check/{corpus}.tsv"
    priority: 100  # a corpus that cannot be used should be known before anything is trained
    localrule: READS_AUDIO_HERE
    conda:
        "../../envs/nnpm.yaml"
    threads: 4  # at most; what is written does not depend on it
    params:
        manifest=lambda wildcards: config["manifests"].get(wildcards.corpus),
        corpora_dir=str(CORPORA_DIR),
        role=lambda wildcards: role(wildcards.corpus),
        splits=config["splits"],
        duration=config["features"]["duration"],
        skip_unreadable=config["skip_unreadable"],
        code=lambda wildcards: code("check.py", adapter(wildcards.corpus)),
        content=lambda wildcards: corpus_content(wildcards.corpus),
    script:
        "../../scripts/check.py"


rule extract:
    input:
        audio=rules.check.output.audio,
    output:
        mels="<results>/features/{corpus}.npy",
        description="<results>/features/{corpus}.json",
    log:
        "<logs>/extract/{corpus}.log",
    benchmark:
        "<benchmarks>/extract/{corpus}.tsv"
    localrule: READS_AUDIO_HERE
    conda:
        "../../envs/nnpm.yaml"
    threads: 8  # at most; what is written does not depend on it
    params:
        features=config["features"],
        code=code("extract.py"),
    script:
        "../../scripts/extract.py"


rule corpora:
    input:
        expand("<results>/corpora/{corpus}/manifest.csv", corpus=[SOURCE, *TARGETS]),


rule features:
    input:
        expand("<results>/features/{corpus}.npy", corpus=[SOURCE, *TARGETS]),
