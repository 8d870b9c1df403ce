import itertools
import os
import sys
from functools import cache
from pathlib import Path

import pandas as pd
from snakemake.utils import Paramspace

SCRIPTS = Path(workflow.basedir).parent / "scripts"
sys.path.insert(0, str(SCRIPTS))
# Scripts import this clone's library, not one that happens to be installed.
os.environ.update(PYTHONPATH=os.pathsep.join(filter(None, [str(SCRIPTS), os.environ.get("PYTHONPATH")])))

from nnpm import corpora, sources
from nnpm.config import check
from nnpm.errors import InputError

# --- The configuration, checked before anything else ------------------------------------------------------------------


def stop(error):
    """End with the message alone: a wrong input is no reason to show a traceback."""
    sys.exit(f"Error: {error}")


try:
    check(config, Path(workflow.basedir) / "schemas" / "config.schema.yaml")
except InputError as error:
    stop(error)

CORPORA_DIR = Path(os.environ.get("NNPM_CORPORA_DIR") or config["corpora_dir"]).expanduser()
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
            f"{len(absent)} of the {len(configured)} corpora of study {config['name']!r} are missing:\n\n"
            + "\n\n".join(absent)
            + "\n\nPut each into its folder as its owner lays it out, or set corpora_dir (or $NNPM_CORPORA_DIR) to where "
            f"they are.\n{'Without IEMOCAP: --configfile config/open.yaml. ' if SOURCE == 'iemocap' else ''}"
            "Without any corpus: make demo."
        )
    try:
        return corpora.files(corpus(name), CORPORA_DIR)
    except InputError as error:
        stop(error)


def role(name):
    return "source" if name == SOURCE else "target"


def adapter(name):
    """The module that reads a corpus, so that a change in it concerns no other corpus."""
    return f"nnpm/corpora/{'own' if name in config['manifests'] else name}.py"


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
if FIGURES["figure2"]:
    SHOWN["figure2"] = runs(FIGURES["figure2"]["targets"], ["nnpm"], thresholds=FIGURES["figure2"]["thresholds"])

RUNS = pd.concat(SHOWN.values()).drop_duplicates(ignore_index=True)
VARIED = Paramspace(RUNS[["freeze", "threshold", "seed"]])


pathvars:
    results=f"results/{config['name']}",
    logs="<results>/logs",
    run=f"{{target}}/{{method}}/{VARIED.wildcard_pattern}",
    checkpoint=config["pretraining"]["checkpoint"],


def metrics_of(shown):
    """The metrics of the runs that a table or figure shows."""
    return expand(
        "<results>/runs/{target}/{method}/{varied}/metrics.json",
        zip,
        target=shown["target"],
        method=shown["method"],
        varied=Paramspace(shown[VARIED.columns]).instance_patterns,
    )


def inputs_of(corpus, run):
    """What a run trains on: the mels, or, where blocks are frozen, what these made of them."""
    if run.freeze == "0":
        return f"<results>/features/{corpus}.npy"
    return f"<results>/encoded/{corpus}/freeze~{run.freeze}/seed~{run.seed}.npy"


def data_identity(names):
    """Small files that change with the data: a run resumes only if they are what it began with."""
    kinds = ("<results>/features/{corpus}.json", "<results>/corpora/{corpus}/manifest.csv")
    return expand(kinds, corpus=names)


# --- What the rules have in common ------------------------------------------------------------------------------------


@cache
def code(*scripts):
    """Changes when a script, or a library module that it imports, changes: a parameter of its rule."""
    return sources.digest([SCRIPTS / script for script in scripts])


# What every caption names.
CAPTION = {"name": config["name"], "source": SOURCE, "note": config["note"]}
CAPTION |= {key: config["adaptation"][key] for key in ("freeze", "threshold")}

GPU = 0 if config["device"] == "cpu" else 1
NAMES = "|".join((SOURCE, *TARGETS))


wildcard_constraints:
    corpus=NAMES,
    target="|".join(TARGETS),
    method="|".join(RUNS["method"].unique()),
    freeze=r"[012]",
    threshold=r"-?[0-9.]+",
    seed=r"[0-9]+",
