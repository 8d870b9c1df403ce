"""The comparison of all methods again, from the two small files that a study is kept in: metrics.csv, predictions.csv.

    python -m nnpm.reporting docs/results/open --source ravdess

prints the table and the paired tests as Markdown. No audio, no runs and no Snakemake are needed.
"""

import argparse
import sys
from pathlib import Path

from nnpm.errors import InputError
from nnpm.files import parsed, read_csv
from nnpm.reporting import comparison, palette, paper, writers
from nnpm.reporting.cells import PROTOCOLS
from nnpm.reporting.evidence import Evidence
from nnpm.reporting.metrics import RUN, TEST_PREDICTIONS
from nnpm.reporting.tables import Study, main_runs


def main(arguments: list[str] | None = None) -> str:
    """Return the page for some command line arguments."""
    parser = argparse.ArgumentParser(prog="python -m nnpm.reporting", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="holds metrics.csv and predictions.csv")
    parser.add_argument("--source", default=paper.SOURCE, help="the study's source corpus, for the caption")
    parser.add_argument("--reference", default="snsa-f", help="the method that every other is tested against")
    parser.add_argument("--freeze", type=int, default=2, help="frozen blocks of the runs shown")
    parser.add_argument("--threshold", type=float, default=0.9, help="threshold of the runs shown")
    parser.add_argument("--protocol", choices=list(PROTOCOLS), default="paper", help="how test sets were drawn")
    parser.add_argument("--note", default="", help="a sentence that every caption ends with")
    given = parser.parse_args(arguments)
    missing = [str(path) for name in ("metrics.csv", "predictions.csv") if not (path := given.folder / name).is_file()]
    if missing:
        raise InputError(f"{', '.join(missing)}: does not exist; name the folder of a finished study")
    metrics = parsed(given.folder / "metrics.csv")
    if lacking := [name for name in RUN if name not in metrics]:
        raise InputError(
            f"{given.folder / 'metrics.csv'}: no column {lacking[0]!r}; name the folder of a finished study"
        )
    study = Study(given.folder.name, given.source, given.freeze, given.threshold, given.note, given.protocol)
    shown = main_runs(metrics, study)
    methods = palette.ordered(shown["method"])
    if given.reference not in methods:
        raise InputError(
            f"{given.folder / 'metrics.csv'}: no run of --reference {given.reference} with freeze {given.freeze} and "
            f"threshold {given.threshold:g}; there are {', '.join(methods) or 'no runs'}"
        )
    evidence = Evidence(read_csv(given.folder / "predictions.csv", TEST_PREDICTIONS))
    content = {
        "methods": methods,
        "targets": list(dict.fromkeys(shown["target"])),
        "reference": given.reference,
    }
    table = comparison.comparison(metrics, evidence, study=study, **content)
    tests = comparison.tests(metrics, evidence, study=study, **content)
    return f"{writers.to_markdown(table)}\n{comparison.tests_to_markdown(tests, given.reference, study)}"


if __name__ == "__main__":
    try:
        print(main(), end="")
    except InputError as error:
        sys.exit(f"Error: {error}")
