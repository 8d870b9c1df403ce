"""The paper's printed numbers, checked by arithmetic alone.

An accuracy on ``n`` test utterances is ``k/n`` for a whole ``k``, a printed gain is a difference or a ratio
of two printed numbers, and parts add up to their total. Everything here is computed from :mod:`nnpm.reporting.paper`
in exact fractions.
"""

import itertools
from pathlib import Path

import pandas as pd

from nnpm.files import read_csv
from nnpm.reporting import paper
from nnpm.reporting.audit.accuracies import emodb, random_split
from nnpm.reporting.audit.arithmetic import Finding
from nnpm.reporting.audit.statements import gains, tables, totals

INTRODUCTION = (
    "An accuracy on n utterances is k/n for a whole number k. A printed value fits k/n if k/n rounds to it, "
    "within half of its last digit; it fits by truncation only if its further digits were cut off instead. "
    "UA is the mean of four recalls and need not be k/n unless the classes are of equal size. The sizes n "
    "are those of public inventories, split as the paper says (scikit-learn, 33 % test, rounded up); EMO-DB's "
    "is speaker 15."
)


def audit() -> pd.DataFrame:
    """Return every check as one row: topic, claim, printed, arithmetic, verdict (all text)."""
    findings = itertools.chain(emodb(), *map(random_split, paper.FOUR_CLASS_UTTERANCES), tables(), gains(), totals())
    return pd.DataFrame(list(findings), columns=list(Finding._fields))


def to_markdown(findings: pd.DataFrame) -> str:
    """Return the audit as Markdown: one heading and table per topic."""
    parts = ["# The paper's numbers, audited\n", f"{INTRODUCTION}\n"]
    for topic, rows in findings.groupby("topic", sort=False):
        table = rows.drop(columns="topic").to_markdown(index=False, disable_numparse=True)
        parts.append(f"## {topic}\n\n{table}\n")
    return "\n".join(parts)


def load(path: Path | str) -> pd.DataFrame:
    """Read what `to_csv` wrote. Raises InputError if the file is damaged."""
    never_empty = [name for name in Finding._fields if name != "printed"]
    return read_csv(path, never_empty, text=Finding._fields)
