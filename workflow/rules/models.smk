# One job for all: they take a moment, and a job for each would be hundreds.
rule model_cards:
    input:
        runs=runs_with_backbone("backbone.safetensors"),
        metrics=runs_with_backbone("metrics.json"),
        pretrained=pretrained_files("<checkpoint>.safetensors"),
        pretrained_metrics=pretrained_files("metrics.json"),
        manifests=expand("<results>/corpora/{corpus}/manifest.csv", corpus=[SOURCE, *TARGETS]),
    output:
        runs=runs_with_backbone("model_card.md"),
        pretrained=pretrained_files("model_card.md"),
    log:
        "<logs>/model_cards.log",
    benchmark:
        "<benchmarks>/model_cards.tsv"
    localrule: True
    conda:
        "../../envs/nnpm.yaml"
    params:
        corpora=[SOURCE, *TARGETS],
        manifests=config["manifests"],
        pretraining=config["pretraining"],
        study=CAPTION,
        code=code("model_cards.py", *map(adapter, [SOURCE, *TARGETS])),
    script:
        "../../scripts/model_cards.py"
