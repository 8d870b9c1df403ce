"""The arithmetic of the audit; docs/differences.md holds all that it finds, and test_docs.py compares the two."""

from pathlib import Path

import pandas as pd
import pytest

from nnpm.files import write_csv
from nnpm.methods.table import title
from nnpm.reporting import audit, paper
from nnpm.reporting.audit import arithmetic


@pytest.fixture(scope="module")
def findings() -> pd.DataFrame:
    return audit.audit()


def row(findings: pd.DataFrame, topic: str, claim: str) -> pd.Series:
    found = findings[findings["topic"].str.startswith(topic) & findings["claim"].str.startswith(claim)]
    assert len(found) == 1, found
    return found.iloc[0]


@pytest.mark.parametrize(
    ("method", "correct"),
    [
        ("snsa-f", (13, 0, 1, 0)),
        ("snsa-wo-sl", (13, 0, 3, 0)),
        ("snsa-wo-hl", (13, 0, 3, 1)),
        ("nnpm", (13, 0, 3, 3)),
    ],
)
def test_each_emodb_row_has_one_solution(method: str, correct: tuple[int, ...]) -> None:
    ua, wa = paper.TABLE1[method]["emodb"]
    assert arithmetic.solutions(ua, wa, (13, 6, 4, 11)) == [correct]


def test_a_pair_that_no_counts_give_has_no_solution() -> None:
    assert arithmetic.solutions(50.57, 52.94, (13, 6, 4, 11)) == []


@pytest.mark.parametrize(
    ("printed", "size", "expected"),
    [
        (36.36, 132, (48, True)),  # 36.3636...
        (54.55, 132, (72, True)),  # 54.5454...: rounds up
        (47.72, 132, (63, False)),  # 47.7272...: cut off
        (51.31, 132, None),
        (12.5, 8, (1, True)),
        (100.0, 34, (34, True)),
        (0.0, 34, (0, True)),
        (3.12, 32, (1, True)),  # 3.125: a tie goes either way
        (3.13, 32, (1, True)),
    ],
)
def test_whole_number(printed: float, size: int, expected: tuple[int, bool] | None) -> None:
    assert arithmetic.whole_number(printed, size) == expected


def test_urdu_columns_are_swapped_in_two_rows(findings: pd.DataFrame) -> None:
    verdicts = [row(findings, "Urdu", f"{title(method)}:")["verdict"] for method in paper.TABLE1]
    assert verdicts == ["columns swapped", "holds", "holds by truncation", "columns swapped"]


def test_markdown_has_a_table_a_topic_and_csv_reads_back(findings: pd.DataFrame, tmp_path: Path) -> None:
    text = audit.to_markdown(findings)
    assert text.count("\n## ") == findings["topic"].nunique() == text.count("| claim ")
    write_csv(tmp_path / "audit.csv", findings)
    pd.testing.assert_frame_equal(audit.load(tmp_path / "audit.csv"), findings, check_dtype=False)
