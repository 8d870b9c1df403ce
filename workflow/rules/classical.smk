rule functionals:
    input:
        audio=rules.check.output.audio,
    output:
        "<results>/functionals/{corpus}.csv",
    log:
        "<logs>/functionals/{corpus}.log",
    benchmark:
        "<benchmarks>/functionals/{corpus}.tsv"
    localrule: READS_AUDIO_HERE
    conda:
        "../../envs/nnpm.yaml"
    params:
        sample_rate=config["features"]["sample_rate"],
        duration=config["features"]["duration"],
        code=code("functionals.py"),
    script:
        "../../scripts/functionals.py"


rule svm:
    input:
        source=f"<results>/functionals/{SOURCE}.csv",
        source_manifest=f"<results>/corpora/{SOURCE}/manifest.csv",
        target="<results>/functionals/{target}.csv",
        target_manifest="<results>/corpora/{target}/manifest.csv",
    output:
        predictions="<results>/runs/{target}/svm/<varied>/predictions.csv",
        metrics="<results>/runs/{target}/svm/<varied>/metrics.json",
        history="<results>/runs/{target}/svm/<varied>/history.csv",
    log:
        "<logs>/svm/{target}/svm/<varied>.log",
    benchmark:
        "<benchmarks>/svm/{target}/svm/<varied>.tsv"
    conda:
        "../../envs/nnpm.yaml"
    params:
        run=VARIED.instance,
        code=code("svm.py"),
    script:
        "../../scripts/svm.py"


# Every other method is trained by rule adapt, which would take these for its own.
ruleorder: svm > adapt
ruleorder: second_view_alone > adapt


rule second_view:
    input:
        source=rules.svm.input.source,
        source_manifest=rules.svm.input.source_manifest,
        target=rules.svm.input.target,
        target_manifest=rules.svm.input.target_manifest,
    output:
        table="<results>/second_view/{target}.csv",
        classifier="<results>/second_view/{target}.json",
    log:
        "<logs>/second_view/{target}.log",
    benchmark:
        "<benchmarks>/second_view/{target}.tsv"
    conda:
        "../../envs/nnpm.yaml"
    params:
        code=code("second_view.py"),
    script:
        "../../scripts/second_view.py"


rule second_view_alone:
    input:
        second_view="<results>/second_view/{target}.csv",
        target_manifest="<results>/corpora/{target}/manifest.csv",
    output:
        predictions="<results>/runs/{target}/second-view/<varied>/predictions.csv",
        metrics="<results>/runs/{target}/second-view/<varied>/metrics.json",
        history="<results>/runs/{target}/second-view/<varied>/history.csv",
    log:
        "<logs>/second_view_alone/{target}/second-view/<varied>.log",
    benchmark:
        "<benchmarks>/second_view_alone/{target}/second-view/<varied>.tsv"
    conda:
        "../../envs/nnpm.yaml"
    params:
        run=VARIED.instance,
        code=code("second_view_alone.py"),
    script:
        "../../scripts/second_view_alone.py"
