rule check:
    input:
        lambda wildcards: corpus_files(wildcards.corpus),
    output:
        manifest=STUDY + "corpora/{corpus}/manifest.csv",
        audio=STUDY + "corpora/{corpus}/audio.csv",
        report=report(
            STUDY + "corpora/{corpus}/check.md",
            caption="../report/check.rst",
            category="Corpora",
            labels={"corpus": "{corpus}"},
        ),
    params:
        manifest=lambda wildcards: config["manifests"].get(wildcards.corpus),
        corpora_dir=str(CORPORA_DIR),
        role=lambda wildcards: role(wildcards.corpus),
        splits=config["splits"],
        duration=config["features"]["duration"],
        skip_unreadable=config["skip_unreadable"],
        code=lambda wildcards: code("check.py", adapter(wildcards.corpus)),
    log:
        STUDY + "logs/check/{corpus}.log",
    conda:
        "../../envs/nnpm.yaml"
    priority: 100  # a corpus that cannot be used should be known before anything is trained
    script:
        "../../scripts/check.py"


rule extract:
    input:
        audio=rules.check.output.audio,
    output:
        mels=STUDY + "features/{corpus}.npy",
        description=STUDY + "features/{corpus}.json",
    params:
        features=config["features"],
        code=code("extract.py"),
    log:
        STUDY + "logs/extract/{corpus}.log",
    conda:
        "../../envs/nnpm.yaml"
    script:
        "../../scripts/extract.py"


rule corpora:
    input:
        expand(rules.check.output.manifest, corpus=[SOURCE, *TARGETS]),


rule features:
    input:
        expand(rules.extract.output.mels, corpus=[SOURCE, *TARGETS]),
