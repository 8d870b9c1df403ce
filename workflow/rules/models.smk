def runs_with_backbone(file):
    """This file of every run that has a checkpoint, those of the readings included."""
    trained = files_of(RUNS[~RUNS["method"].isin(CLASSICAL)], file)
    if READINGS:
        trained += reading_runs(READINGS, sensitivity.METHOD, file) + reading_runs(STARTS, sensitivity.UNADAPTED, file)
    return list(dict.fromkeys(trained))


def pretrained(file):
    """This file of every pretrained backbone."""
    found = expand("<results>/pretrained/seed~{seed}/{file}", seed=config["seeds"], file=file)
    for name in dict.fromkeys(reading.normalisation for reading in READINGS if reading.normalisation):
        place = f"<results>/sensitivity/normalisation~{name}/pretrained/seed~{{seed}}/{{file}}"
        found += expand(place, seed=FIGURES["sensitivity"].get("seeds", config["seeds"]), file=file)
    return found


# One job for all: they take a moment, and a job for each would be hundreds.
rule model_cards:
    input:
        runs=runs_with_backbone("backbone.safetensors"),
        metrics=runs_with_backbone("metrics.json"),
        pretrained=pretrained("<checkpoint>.safetensors"),
        pretrained_metrics=pretrained("metrics.json"),
        manifests=expand(rules.check.output.manifest, corpus=[SOURCE, *TARGETS]),
    output:
        runs=runs_with_backbone("model_card.md"),
        pretrained=pretrained("model_card.md"),
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
