import importlib.util
import os
import re
import sys
from functools import cache
from pathlib import Path

import yaml
from snakemake.utils import update_config

# In a clone, scripts import the clone's library, not an installed one. If Snakemake fetches the workflow file by file,
# as a module of another workflow, the library has to be installed.
CLONE = Path(workflow.current_basedir).parents[1] if isinstance(workflow.current_basedir, os.PathLike) else None
if CLONE:
    sys.path.insert(0, str(CLONE / "scripts"))
    os.environ.update(PYTHONPATH=os.pathsep.join(filter(None, [sys.path[0], os.environ.get("PYTHONPATH")])))

try:
    import nnpm
except ImportError:
    sys.exit("Error: nnpm: not installed; pip install it from where the workflow is fetched, at the same version")

from nnpm import corpora
from nnpm.corpora.pools import members
from nnpm.errors import InputError
from nnpm.methods.table import METHODS, UNADAPTED, that_read
from nnpm.reporting.figures.table import FIGURES
from nnpm.workflow import digests, drawing, places, plan, session, sources
from nnpm.workflow.checks import Checks
from nnpm.workflow.config import check, typed
from nnpm.workflow.job import identity


def source(path):
    """A file of this repository; `path` is relative to this file's folder."""
    return (CLONE / "workflow" / "rules" / path).resolve() if CLONE else Path(workflow.source_path(path))


# A workflow that uses this one as a module gives only the settings that differ.
DEFAULTS = yaml.safe_load(source("../../config/config.yaml").read_text(encoding="utf-8"))
config.update(session.completed(config, DEFAULTS, update_config))
SCHEMA = source("../schemas/config.schema.yaml")
config.update(typed(config, SCHEMA, workflow.config_settings.config_args or ()))
try:
    check(config, SCHEMA)
except InputError as error:
    session.stop(error)
config.update(places.located(config, DEFAULTS))

HAS_STORAGE = workflow.storage_settings.default_storage_provider is not None
session.check_tensorboard(config, importlib.util.find_spec("tensorboard") is not None, HAS_STORAGE)
# Not a parameter, since drawing curves changes no result and should re-run no training.
os.environ.update(NNPM_TENSORBOARD=f"results/{config['name']}/tensorboard" if config["tensorboard"] else "")
if not workflow.subprocess_exec:
    # Jobs end with this Snakemake. On a cluster that is the one inside the scheduler's job, not the one that sent it.
    os.environ.update(NNPM_SNAKEMAKE=identity(os.getpid()))

# Snakemake writes the interpreter into shell commands as it is, whatever characters its path has.
session.check_clone(CLONE)
sys.executable = session.interpreter(sys.executable)


def checked(path, corpus):
    """A file that `check` writes. If the corpus only moved, `check` runs again and what reads the file does not."""
    return ancient(path) if CHECKS.has_moved(corpus) else path


PLAN = plan.Plan(config, root="<results>/", checked=checked)
TARGETS, TABLES = PLAN.targets, PLAN.tables
if not workflow.deployment_settings.deployment_method:  # else packages are those of envs/
    session.check_front_ends(PLAN)
CORPORA_DIR = Path(config["corpora_dir"])
CORPORA = {name: corpora.get(name, config["manifests"].get(name)) for name in PLAN.corpora}


pathvars:
    results=f"results/{config['name']}",
    logs="<results>/logs",
    benchmarks="<results>/benchmarks",
    # Each of several sources has a folder of its own in these.
    tables=drawing.folder(PLAN, "tables"),
    figures=drawing.folder(PLAN, "figures"),
    source_logs=drawing.folder(PLAN, "logs"),
    source_benchmarks=drawing.folder(PLAN, "benchmarks"),


def source_of(wildcards):
    """The source whose tables or figures a job makes."""
    return wildcards.get("source", PLAN.sources[0])


def shown(table, file):
    """This file of the runs that a table shows; the name of a table may hold {target}."""
    return lambda wildcards: PLAN.files(session.shown(PLAN, source_of(wildcards), table.format(**wildcards)), file)


@cache
def code(*scripts):
    """A digest of scripts and the library modules that they import: a parameter that re-runs a rule when it changes."""
    library = Path(nnpm.__file__).parents[1]
    return digests.digest(
        library / script if script.startswith("nnpm/") else source(f"../../scripts/{script}") for script in scripts
    )


def adapter(name):
    """The module that reads a corpus; a change in it re-runs only this corpus."""
    return f"nnpm/corpora/{'own' if name in config['manifests'] else f'adapters/{name}'}.py"


def check_code(name):
    return code("check.py", adapter(name))


def method_code(script, method):
    """A digest of a script and of one method; a change in the method re-runs only this method."""
    return code(script, *filter(None, [METHODS[method].file]))


CHECKS = Checks(config, CORPORA, check_code, PLAN.roles)


def caption(wildcards):
    """The facts that the captions of a source's tables and figures name."""
    return sources.caption(PLAN, CORPORA, source_of(wildcards))


def identity_of(corpora, variant):
    """Small files that change with a training job's data. Asked for while planning, and only if there is training."""
    if workflow.is_main_process and workflow.execution_settings is not None and not workflow.touch:
        session.tell_training(PLAN, CORPORA, CHECKS.files_there)
    return PLAN.data_identity(corpora, variant)


# A training job's request to a scheduler: several times its use on the paper's corpora, and more on a second attempt.
TRAINING = {
    "gpu": 0 if config["device"] == "cpu" else 1,
    "mem_mb": lambda wildcards, attempt: 8000 * attempt,
    "runtime": lambda wildcards, attempt: 120 * attempt,  # minutes
}


wildcard_constraints:
    corpus="|".join(PLAN.corpora),
    source="|".join(map(re.escape, dict.fromkeys([*PLAN.sources, *PLAN.learned]))),
    target="|".join(TARGETS),
    variant="|".join(map(re.escape, PLAN.variants)),
    seed=r"[0-9]+",
