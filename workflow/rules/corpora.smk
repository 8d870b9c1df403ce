@cache
def corpus_files(name):
    return list(map(local, session.corpus_files(name, CORPORA, CORPORA_DIR, config["name"])))


def check_settings(name):
    """The settings of `check` that its results depend on."""
    return {
        "role": "source" if name == SOURCE else "target",
        "duration": config["features"]["duration"],
        "test_size": config["splits"]["test_size"],
        "split_seed": config["splits"]["seed"],
        "protocol": config["splits"]["protocol"],
        "skip_unreadable": config["skip_unreadable"],
    }


def corpus_root(name):
    return corpora.root(CORPORA[name], CORPORA_DIR / name, corpus_files(name))


@cache
def fingerprint(name):
    """A digest of all that decides what `check` finds: its files, settings and code, but neither dates nor places."""
    try:
        content = corpora.content(corpus_files(name), corpus_root(name))
    except InputError as error:
        session.stop(error)
    entry = places.without(config)["manifests"].get(name)
    return places.digest([content, entry, check_settings(name), code("check.py", adapter(name))])


@cache
def has_moved(name):
    """Whether the corpus lies elsewhere than `check` has seen it, and is the same in all else."""
    folder = Path("results", config["name"], "corpora", name)
    if not (folder / "fingerprint.txt").exists():
        return False
    return places.has_moved(folder, fingerprint(name), corpus_files(name), corpus_root(name))


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
        lambda wildcards: corpus_files(wildcards.corpus),
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
        settings=lambda wildcards: check_settings(wildcards.corpus),
        code=lambda wildcards: code("check.py", adapter(wildcards.corpus)),
        fingerprint=lambda wildcards: fingerprint(wildcards.corpus),
    script:
        "../../scripts/check.py"


rule extract:
    input:
        audio=lambda wildcards: PLAN.found(wildcards.corpus, "audio.csv"),
        paths=ancient(rules.check.output.paths),
    output:
        mels="<results>/features/{variant}/{corpus}.npy",
        description="<results>/features/{variant}/{corpus}.json",
    log:
        "<logs>/extract/{variant}/{corpus}.log",
    benchmark:
        "<benchmarks>/extract/{variant}/{corpus}.tsv"
    localrule: HAS_STORAGE
    conda:
        "../../envs/nnpm.yaml"
    threads: 8  # at most; what is written does not depend on it
    params:
        features=lambda wildcards: PLAN.settings(wildcards.variant)["features"],
        code=code("extract.py"),
    script:
        "../../scripts/extract.py"


rule functionals:
    input:
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
        "../../envs/nnpm.yaml"
    params:
        sample_rate=lambda wildcards: PLAN.settings(wildcards.variant)["features"]["sample_rate"],
        duration=lambda wildcards: PLAN.settings(wildcards.variant)["features"]["duration"],
        code=code("functionals.py"),
    script:
        "../../scripts/functionals.py"


rule corpora:
    input:
        lambda wildcards: [PLAN.manifest(name) for name in PLAN.corpora],


rule features:
    input:
        [PLAN.features_file(name, "default") for name in PLAN.corpora],
