"""One call of Snakemake: what is checked before it starts, and what is printed at its end."""

import copy
import importlib.util
import json
import os
import re
import shlex
import sys
from collections.abc import Callable, Iterable, Mapping, Sized
from pathlib import Path
from typing import Any, NoReturn

from nnpm import corpora
from nnpm.corpora import Corpus
from nnpm.errors import InputError
from nnpm.workflow import estimate
from nnpm.workflow.plan import Plan, Run

#: How a killed job looks in Snakemake's log.
_KILLED = (
    r"(?:Signals.SIGKILL: 9>|exit status 137)\.\n(?:(?!CalledProcessError).)*?"
    r"^Error in \w+ (\w+):\n.*?^    log: (\S+)"
)

_told: set[str] = set()  # studies whose training was told in this process


def stop(error: object) -> NoReturn:
    """Exit with only the message: a wrong input needs no traceback."""
    sys.exit(f"Error: {error}")


def check_clone(folder: Path | None) -> None:
    """Stop if Snakemake cannot work from the folder of the clone."""
    if set("{}") & set(str(folder)):
        stop(f"{folder}: Snakemake takes {{ and }} in a path for a placeholder; rename the folder, install again")


def interpreter(path: str) -> str:
    """Return the path of Python's interpreter as a shell takes it; stop if no quoting helps."""
    if os.name == "nt":
        return path  # Snakemake itself changes it
    plain = shlex.split(path)[0] if path.startswith("'") else path  # quoted by another use of this workflow
    if set(plain) & set("'\"\\"):
        stop(f"{plain}: Snakemake cannot call a Python with ', \" or \\ in its path; rename the folder, install again")
    return shlex.quote(plain)


def check_tensorboard(config: Mapping[str, Any], has_package: bool, has_storage: bool) -> None:
    """Stop if training curves are asked for and cannot be written."""
    if config["tensorboard"] and not has_package:
        stop("config: tensorboard: no such package; pip install tensorboard, or set it to false")
    if config["tensorboard"] and has_storage:
        stop("config: tensorboard: curves need a shared file system, not a storage; set it to false")


def check_front_ends(plan: Plan) -> None:
    """Stop if a front end or functionals of the study need a package, or a folder's model that is not there."""
    for variant in plan.variants:
        config = plan.settings(variant)
        name = config["features"]["front_end"]
        if model := config["front_ends"].get(name):
            folder = Path(model["model"])
            if folder.is_absolute() and not (folder / "config.json").is_file():
                stop(f"config: front_ends.{name}.model: {folder} has no config.json; give a folder with a model")
        for entry in (plan.front_end(variant), plan.functionals(variant)):
            if entry.package and importlib.util.find_spec(entry.package) is None:
                stop(
                    f"config: {entry.title} needs the package {entry.package}; pip install '.[{entry.extra}]', or "
                    f"{entry.package}"
                )


def check_writable(folder: Path) -> None:
    """Stop if the folder cannot be written to, before Snakemake fails with a less clear message."""
    folder = next(place for place in (folder, *folder.parents) if place.exists())
    if not os.access(folder, os.W_OK):
        stop(f"{folder.absolute()}: cannot be written to; make it writable, or work elsewhere by --directory")


def corpus_files(name: str, configured: Mapping[str, Corpus], place: Path, study: str) -> list[str]:
    """Every file that a corpus is read from. If a corpus is missing, list all missing ones and stop."""
    try:
        absent = corpora.missing({name: configured[name]}, place) and corpora.missing(configured, place)
    except InputError as error:
        stop(error)
    if absent:
        stop(
            f"{len(absent)} of the {len(configured)} corpora of study {study!r} "
            f"{'are' if len(absent) > 1 else 'is'} missing. "
            f"{corpora.no_folder(place, _setting(place))}\n\n"
            + "\n\n".join(absent)
            + "\n\nPut each into its folder as its owner lays it out, or set corpora_dir or $NNPM_CORPORA_DIR to "
            f"their place.\nThen {corpora.CHECK}.\n"
            f"{'Without IEMOCAP: --configfile config/open.yaml. ' if 'iemocap' in configured else ''}"
            "Without any corpus: make demo."
        )
    try:
        return corpora.files(configured[name], place)
    except InputError as error:
        stop(error)


def _setting(place: Path) -> str:
    """What has set the corpora's folder."""
    variable = os.environ.get("NNPM_CORPORA_DIR", "")
    return "$NNPM_CORPORA_DIR" if variable and Path(variable).expanduser() == place else "corpora_dir"


def completed(config: Mapping[str, Any], defaults: Mapping[str, Any], update: Any) -> dict[str, Any]:
    """The defaults overlaid with a configuration by `update`, which is Snakemake's `update_config`."""
    complete = copy.deepcopy(dict(defaults))
    update(complete, config)
    return complete


def tell_training(plan: Plan, configured: Mapping[str, Corpus], files: Callable[[str], Sized]) -> None:
    """Print once how much training a study holds; `files` returns those of a corpus."""
    name = plan.config["name"]
    if name not in _told:
        _told.add(name)
        found = estimate.of_plan(plan, Path("results", name), configured, files)
        print(estimate.sentence(name, found), file=sys.stderr)


def shown(plan: Plan, source: str, table: str) -> list[Run]:
    """The runs that a table of a source shows; stops if the source has no such table."""
    if table not in plan.shown[source]:
        stop(f"{table}: source {source!r} has none in this study, as it does not go with this target")
    return plan.shown[source][table]


def explain_kills(logs: Iterable[str]) -> None:
    """Print a line for each killed job, which could not print one itself."""
    text = "".join(Path(log).read_text(encoding="utf-8", errors="replace") for log in logs)
    for rule, log in re.findall(_KILLED, text, flags=re.MULTILINE | re.DOTALL):
        print(
            f"Error: {log}: {rule} was killed from outside, most often for lack of memory: run again with fewer jobs "
            "at a time (--cores) or a smaller batch_size; what is finished is kept",
            file=sys.stderr,
        )


def tell_outcome(results: Path, names: Iterable[str]) -> None:
    """Print where the results are, and how many warnings the corpus checks have."""
    pages = [results / "corpora" / name / "check.json" for name in names]
    for check in [*pages, results / "corpora" / "pools.json"]:
        if check.exists() and (warnings := json.loads(check.read_text(encoding="utf-8"))["warnings"]):
            print(f"{check.with_suffix('.md')}: {len(warnings)} warning{'s' * (len(warnings) > 1)}", file=sys.stderr)
    if (results / "report.html").exists():
        print(f"{results / 'report.html'}: the study on one page", file=sys.stderr)
