import copy
import importlib.util
import itertools
import os
import re
import sys
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import yaml
from snakemake.utils import Paramspace, update_config

# Where this file is in a clone, scripts import the clone's library, not one that happens to be installed. Where Snakemake
# fetches the workflow file by file, as a module of another one, the library has to be installed.
CLONE = Path(workflow.current_basedir).parents[1] if isinstance(workflow.current_basedir, os.PathLike) else None
if CLONE:
    sys.path.insert(0, str(CLONE / "scripts"))
    os.environ.update(PYTHONPATH=os.pathsep.join(filter(None, [sys.path[0], os.environ.get("PYTHONPATH")])))

try:
    import nnpm
except ImportError:
    sys.exit("Error: nnpm: not installed; pip install it from where the workflow is fetched, at the same version")

from nnpm import corpora
from nnpm.reporting import paper
from nnpm.workflow import sensitivity, sources
from nnpm.workflow.config import CLASSICAL, check
from nnpm.errors import InputError
from nnpm.workflow.job import identity
from nnpm.methods import METHODS

if not workflow.subprocess_exec:
    # Jobs end with it. On a cluster it is the one within the scheduler's job, wherever the one that sent that job is.
    os.environ.update(NNPM_SNAKEMAKE=identity(os.getpid()))

# --- The configuration, checked before anything else ------------------------------------------------------------------


def stop(error):
    """End with the message alone: a wrong input is no reason to show a traceback."""
    sys.exit(f"Error: {error}")


def check_writable(folder):
    """Stop where nothing can be written, before Snakemake finds it out in words of its own."""
    folder = next(place for place in (folder, *folder.parents) if place.exists())
    if not os.access(folder, os.W_OK):
        stop(f"{folder.absolute()}: cannot be written to; make it writable, or work elsewhere by --directory")


def explain_kills(logs):
    """A line for each job that was killed: it had no time for words of its own."""
    text = "".join(Path(log).read_text(encoding="utf-8", errors="replace") for log in logs)
    killed = r"(?:Signals.SIGKILL: 9>|exit status 137)\.\n(?:(?!CalledProcessError).)*?^Error in \w+ (\w+):\n.*?^    log: (\S+)"
    for rule, log in re.findall(killed, text, flags=re.MULTILINE | re.DOTALL):
        print(
            f"Error: {log}: {rule} was killed from outside, most often for lack of memory: run again with fewer jobs at "
            "a time (--cores) or a smaller batch_size; what is finished is kept",
            file=sys.stderr,
        )


def tell_outcome():
    """Where to look, and how much the checks of the corpora have to say."""
    results = Path("results", config["name"])
    for name in (SOURCE, *TARGETS):
        check_report = results / "corpora" / name / "check.md"
        if check_report.exists():
            _, _, rest = check_report.read_text(encoding="utf-8").partition("\n## Warnings\n")
            warnings = re.findall(r"^- ", rest.partition("\n## ")[0], flags=re.MULTILINE)
            if warnings:
                print(f"{check_report}: {len(warnings)} warnings", file=sys.stderr)
    if (results / "report.html").exists():
        print(f"{results / 'report.html'}: the study on one page", file=sys.stderr)


def source(path):
    """A file of this repository, given from this file's folder."""
    return (CLONE / "workflow" / "rules" / path).resolve() if CLONE else Path(workflow.source_path(path))


# A workflow that uses this one as a module gives only what it wants otherwise.
usual = yaml.safe_load(source("../../config/config.yaml").read_text(encoding="utf-8"))
complete = copy.deepcopy(usual)
update_config(complete, config)
config.update(complete)

try:
    check(config, source("../schemas/config.schema.yaml"))
except InputError as error:
    stop(error)

# Not by a parameter: whether curves are drawn changes no result, and should re-run no training.
os.environ.update(NNPM_TENSORBOARD=f"results/{config['name']}/tensorboard" if config["tensorboard"] else "")
if config["tensorboard"] and not importlib.util.find_spec("tensorboard"):
    stop("config: tensorboard: no such package; pip install tensorboard, or set it to false")
if config["tensorboard"] and workflow.storage_settings.default_storage_provider:
    stop("config: tensorboard: curves need a shared file system, not a storage; set it to false")

# The variable stands for the usual place alone: else toy.yaml's toy study could be made of real speech.
ELSEWHERE = os.environ.get("NNPM_CORPORA_DIR") if config["corpora_dir"] == usual["corpora_dir"] else None
CORPORA_DIR = Path(ELSEWHERE or config["corpora_dir"]).expanduser()
SOURCE, TARGETS = config["source"], config["targets"]
TABLES, FIGURES = config["tables"], config["figures"]


# --- Corpora ----------------------------------------------------------------------------------------------------------


def corpus(name):
    return corpora.get(name, config["manifests"].get(name))


@cache
def corpus_files(name):
    """Every file that a corpus is read from. If one is missing, all that are missing are listed, and nothing runs."""
    if corpora.missing({name: corpus(name)}, CORPORA_DIR):
        configured = {each: corpus(each) for each in (SOURCE, *TARGETS)}
        absent = corpora.missing(configured, CORPORA_DIR)
        stop(
            f"{len(absent)} of the {len(configured)} corpora of study {config['name']!r} are missing. "
            f"{corpora.no_folder(CORPORA_DIR)}\n\n"
            + "\n\n".join(absent)
            + "\n\nPut each into its folder as its owner lays it out, or set corpora_dir (or $NNPM_CORPORA_DIR) to where "
            f"they are.\nThen {corpora.CHECK}.\n"
            f"{'Without IEMOCAP: --configfile config/open.yaml. ' if SOURCE == 'iemocap' else ''}"
            "Without any corpus: make demo."
        )
    try:
        return list(map(local, corpora.files(corpus(name), CORPORA_DIR)))
    except InputError as error:
        stop(error)


# Corpora lie where Snakemake runs. Where results go to a storage that pods share (docs/clusters.md), what reads a corpus's
# audio runs there, too.
READS_AUDIO_HERE = workflow.storage_settings.default_storage_provider is not None


def corpus_content(name):
    """Changes with a corpus's files, whatever their dates."""
    try:
        return corpora.fingerprint(corpus_files(name))
    except InputError as error:
        stop(error)


def role(name):
    return "source" if name == SOURCE else "target"


def adapter(name):
    """The module that reads a corpus, so that a change in it concerns no other corpus."""
    return f"nnpm/corpora/{'own' if name in config['manifests'] else f'adapters/{name}'}.py"


# --- Runs: one folder each, shared by every table and figure that shows it --------------------------------------------


def runs(targets, methods, freeze=None, thresholds=None):
    """One row a run, of all seeds; freeze and thresholds are the configured ones unless given."""
    defaults = config["adaptation"]
    return pd.DataFrame(
        itertools.product(
            targets,
            methods,
            [defaults["freeze"]] if freeze is None else freeze,
            [float(t) for t in ([defaults["threshold"]] if thresholds is None else thresholds)],
            config["seeds"],
        ),
        columns=["target", "method", "freeze", "threshold", "seed"],
    )


# What each table and figure shows; those that the configuration leaves out show nothing.
SHOWN = {"table1": runs(TARGETS, TABLES["table1"]["methods"])}
SHOWN |= {target: runs([target], TABLES["table1"]["methods"]) for target in TARGETS}
if TABLES["table2"]:
    SHOWN["table2"] = runs([TABLES["table2"]["target"]], TABLES["table2"]["methods"])
if TABLES["table3"]:
    SHOWN["table3"] = runs([TABLES["table3"]["target"]], ["nnpm"], freeze=TABLES["table3"]["freeze"])
if TABLES["comparison"]:
    SHOWN["comparison"] = runs(TARGETS, TABLES["comparison"]["methods"])
if FIGURES["figure2"]:
    SHOWN["figure2"] = runs(FIGURES["figure2"]["targets"], ["nnpm"], thresholds=FIGURES["figure2"]["thresholds"])
if FIGURES["diagnostics"]:
    DIAGNOSED = [TABLES["table1"], TABLES["comparison"] or {"methods": []}, FIGURES["diagnostics"]]
    SHOWN["diagnostics"] = runs(TARGETS, dict.fromkeys(name for part in DIAGNOSED for name in part["methods"]))

RUNS = pd.concat(SHOWN.values()).drop_duplicates(ignore_index=True)
VARIED = Paramspace(RUNS[["freeze", "threshold", "seed"]])


pathvars:
    results=f"results/{config['name']}",
    logs="<results>/logs",
    benchmarks="<results>/benchmarks",
    varied=VARIED.wildcard_pattern,
    run=f"{{target}}/{{method}}/{VARIED.wildcard_pattern}",
    checkpoint=config["pretraining"]["checkpoint"],


def metrics_of(shown):
    """The metrics of the runs that a table or figure shows."""
    return files_of(shown, "metrics.json")


def files_of(shown, file):
    """This file of the runs that a table or figure shows, in their order."""
    return expand(
        f"<results>/runs/{{target}}/{{method}}/{{varied}}/{file}",
        zip,
        target=shown["target"],
        method=shown["method"],
        varied=Paramspace(shown[VARIED.columns]).instance_patterns,
    )


def inputs_of(corpus, run, place="<results>"):
    """What a run trains on: the mels, or, where blocks are frozen, what these made of them."""
    if int(run.freeze) == 0:
        return f"{place}/features/{corpus}.npy"
    return f"{place}/encoded/{corpus}/freeze~{run.freeze}/seed~{run.seed}.npy"


def method_file(name):
    """The module of a method, so that a change in it concerns no other method; none for the backbone as it is."""
    return [f"nnpm/methods/{METHODS[name][0]}.py"] if METHODS[name] else []


WITH_MEMORY = ("snsa-wo-sl", "snsa-wo-hl", "nnpm")


def second_view_of(run):
    """What functionals say of the target, and the classifier that says it, for the method that asks for it."""
    if run.method != "nnpm-plus":
        return []
    return [f"<results>/second_view/{run.target}.{kind}" for kind in ("csv", "json")]


def data_identity(names, place="<results>"):
    """Small files that change with the data: a run resumes only if they are what it began with."""
    kinds = (f"{place}/features/{{corpus}}.json", "<results>/corpora/{corpus}/manifest.csv")
    return expand(kinds, corpus=names, allow_missing=True)


def adaptation_of(settings):
    """How adaptation is run under a configuration, but for what tells its runs from each other."""
    chosen = {key: value for key, value in settings["adaptation"].items() if key not in VARIED.columns}
    return chosen | {"precision": settings["precision"]}


# --- Readings of what the paper leaves open: NNPM under each, beside the study's own runs -----------------------------

READINGS = sensitivity.readings(config)
STARTS = [sensitivity.start(config, reading) for reading in READINGS]
READ = {reading.name: reading for reading in (*READINGS, *STARTS)}


def start_of(wildcards):
    """What the run of a reading starts from: its freeze, threshold and seed, and the folder of its mels and backbones."""
    reading = READ[wildcards.reading]
    varied = {key: reading.settings["adaptation"][key] for key in ("freeze", "threshold")}
    place = f"<results>/sensitivity/normalisation~{reading.normalisation}" if reading.normalisation else "<results>"
    return SimpleNamespace(**varied, seed=wildcards.seed), place


def reading_runs(readings, method, file):
    """This file of a method's runs under each reading, on every target with every seed, in this order."""
    figure, folders = FIGURES["sensitivity"], []
    for reading in readings:
        own = reading.settings["adaptation"]
        run = f"freeze~{own['freeze']}/threshold~{float(own['threshold'])}" if reading.is_run else reading.name
        place = "<results>/runs" if reading.is_run else "<results>/sensitivity"
        folders.append(f"{place}/{{target}}/{method}/{run}/seed~{{seed}}/{file}")
    return expand(folders, target=figure["targets"], seed=figure.get("seeds", config["seeds"]))


# --- Checkpoints ------------------------------------------------------------------------------------------------------


def runs_with_backbone(file):
    """This file of every run that has a checkpoint, those of the readings included."""
    trained = files_of(RUNS[~RUNS["method"].isin(CLASSICAL)], file)
    if READINGS:
        trained += reading_runs(READINGS, sensitivity.METHOD, file) + reading_runs(STARTS, sensitivity.UNADAPTED, file)
    return list(dict.fromkeys(trained))


def pretrained_files(file):
    """This file of every pretrained backbone."""
    found = expand("<results>/pretrained/seed~{seed}/{file}", seed=config["seeds"], file=file)
    for name in dict.fromkeys(reading.normalisation for reading in READINGS if reading.normalisation):
        place = f"<results>/sensitivity/normalisation~{name}/pretrained/seed~{{seed}}/{{file}}"
        found += expand(place, seed=FIGURES["sensitivity"].get("seeds", config["seeds"]), file=file)
    return found


# --- Diagnostics: figures of all methods in the main setting, and the embedded runs of one seed ------------------------

EMBEDDED = SimpleNamespace(
    methods=(FIGURES["diagnostics"] or {}).get("methods", []),
    seed=(FIGURES["diagnostics"] or {}).get("seed", config["seeds"][0]),
    freeze=config["adaptation"]["freeze"],
)
# Names of their files in figures/, without the ending: what the report shows.
DIAGNOSTICS = []
if FIGURES["diagnostics"]:
    DIAGNOSTICS = [f"{name}-{target}" for target in TARGETS for name in ("curves", "confusion", "recall", "embedding")]
    DIAGNOSTICS.append("memory")


def diagnosed(targets):
    """The runs that are shown of some targets."""
    shown = SHOWN["diagnostics"]
    return shown[shown["target"].isin(targets)]


def embedded(target):
    """The runs whose features are shown, in the order of their methods."""
    shown = diagnosed([target])
    of_seed = shown[shown["seed"] == EMBEDDED.seed].set_index("method", drop=False)
    return of_seed.loc[EMBEDDED.methods]


def caption_of(figure):
    """The caption of a figure, which is named after its rule and its target, as Snakemake's own report has it."""
    name, _, target = figure.partition("-")
    caption = source(f"../report/{name}.rst").read_text(encoding="utf-8").strip()
    return caption.replace("{{ snakemake.wildcards.target }}", paper.corpus_title(target))


# --- What the rules have in common ------------------------------------------------------------------------------------


@cache
def code(*scripts):
    """Changes when a script, or a library module that it imports, changes: a parameter of its rule."""
    library = Path(nnpm.__file__).parents[1]
    return sources.digest(
        library / script if script.startswith("nnpm/") else source(f"../../scripts/{script}") for script in scripts
    )


# What every caption names.
CAPTION = {"name": config["name"], "source": SOURCE, "note": config["note"], "protocol": config["splits"]["protocol"]}
CAPTION |= {key: config["adaptation"][key] for key in ("freeze", "threshold")}

# What a training job asks a scheduler for: several times what it takes on the paper's corpora, and more when sent again.
TRAINING = {
    "gpu": 0 if config["device"] == "cpu" else 1,
    "mem_mb": lambda wildcards, attempt: 8000 * attempt,
    "runtime": lambda wildcards, attempt: 120 * attempt,  # minutes
}
NAMES = "|".join((SOURCE, *TARGETS))


wildcard_constraints:
    corpus=NAMES,
    target="|".join(TARGETS),
    method="|".join(dict.fromkeys([*RUNS["method"], sensitivity.UNADAPTED, sensitivity.METHOD])),
    reading="|".join(re.escape(name) for name, reading in READ.items() if not reading.is_run),
    normalisation="|".join({reading.normalisation: None for reading in READINGS if reading.normalisation}),
    freeze=r"[012]",
    threshold=r"-?[0-9.]+",
    seed=r"[0-9]+",
