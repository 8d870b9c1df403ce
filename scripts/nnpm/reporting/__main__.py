"""Recreate the comparison of all methods from two small files of a study: metrics.csv and predictions.csv.

    python -m nnpm.reporting docs/results/open --source ravdess

prints the table and the paired tests as Markdown. No audio, no runs and no Snakemake are needed.
"""

import argparse
import sys
from pathlib import Path

from nnpm import corpora, pages
from nnpm.corpora import pools
from nnpm.errors import InputError
from nnpm.files import TEXT_COLUMNS, parsed, read_csv
from nnpm.methods.table import UNADAPTED, ordered
from nnpm.reporting import comparison, writers
from nnpm.reporting.cells import PROTOCOLS
from nnpm.reporting.evidence import Evidence
from nnpm.reporting.metrics import RUN, TEST_PREDICTIONS
from nnpm.reporting.study import DEFAULT, Study


def main(arguments: list[str] | None = None) -> str:
    """Return the page for some command line arguments."""
    parser = argparse.ArgumentParser(prog="python -m nnpm.reporting", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="holds metrics.csv and predictions.csv")
    parser.add_argument("--source", help="a corpus, a pool (a+b) or others; may be left out if the runs have only one")
    parser.add_argument("--variant", default=DEFAULT, help="the variant of the runs shown")
    parser.add_argument("--reference", default=UNADAPTED, help="the method that every other is tested against")
    parser.add_argument("--protocol", choices=list(PROTOCOLS), default="paper", help="how test sets were drawn")
    parser.add_argument("--note", default="", help="a sentence that every caption ends with")
    given = parser.parse_args(arguments)
    files = [given.folder / name for name in ("metrics.csv", "predictions.csv")]
    if missing := [str(path) for path in files if not path.is_file()]:
        raise InputError(f"{', '.join(missing)}: does not exist; name the folder of a finished study")
    metrics = parsed(files[0], dtype=dict.fromkeys(TEXT_COLUMNS, str))
    if lacking := [name for name in RUN if name not in metrics]:
        raise InputError(f"{files[0]}: no column {lacking[0]!r}; name the folder of a finished study")
    sources = list(dict.fromkeys(metrics["source"]))
    names = dict.fromkeys(name for one in [*sources, *metrics["target"]] for name in pools.members(one))
    if not given.source and len(sources) > 1:
        raise InputError(
            f"{files[0]}: runs of several sources; choose one with --source: {', '.join(sources)}, or others"
        )
    titles = {name: corpora.title(name) for name in names}
    study = Study(given.folder.name, given.source or "".join(sources), given.note, given.protocol, titles)
    shown = study.runs(metrics, given.variant).assign(variant=DEFAULT)
    methods = ordered(shown["method"])
    if given.reference not in methods:
        raise InputError(
            f"{files[0]}: no run of --reference {given.reference} from source {study.source} under variant "
            f"{given.variant}; there are {', '.join(methods) or 'no runs'}"
        )
    predictions = study.runs(read_csv(files[1], TEST_PREDICTIONS), given.variant).assign(variant=DEFAULT)
    targets = list(dict.fromkeys(shown["target"]))
    table = comparison.comparison(shown, Evidence(predictions), methods, targets, given.reference, study)
    return f"{writers.to_markdown(table)}\n{pages.to_markdown(comparison.tests_page(table.tests, study))}"


if __name__ == "__main__":
    try:
        print(main(), end="")
    except InputError as error:
        sys.exit(f"Error: {error}")
