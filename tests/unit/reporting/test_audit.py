import io

import pandas as pd
import pytest

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


def test_values_that_no_test_set_of_that_size_gives(findings: pd.DataFrame) -> None:
    assert row(findings, "Ekropus", "NNPM:")["verdict"] == "no k/n"
    assert row(findings, "ShEMO", "SNSA-wo-SL:")["verdict"] == "no k/n"
    assert row(findings, "Ekropus", "smallest")["arithmetic"].startswith("904 utterances, the size of ShEMO")


def test_table3_repeats_rows_of_other_methods(findings: pd.DataFrame) -> None:
    assert "SNSA-wo-SL" in row(findings, "Tables", "Table 3, N = 0")["arithmetic"]
    assert "SNSA-wo-HL" in row(findings, "Tables", "Table 3, N = 1")["arithmetic"]


@pytest.mark.parametrize(
    ("claim", "verdict", "sum_"),
    [
        ("SNSA-wo-SL over SNSA-F, absolute UA, Urdu", "holds", "56.63 - 36.36 = 20.27"),
        ("SNSA-wo-SL over SNSA-F, absolute UA, EMO-DB", "holds", "43.75 - 31.25 = 12.5"),
        ("NNPM over SNSA-F, absolute WA, Urdu", "does not follow", "51.31 - 36.54 = 14.77"),
        ("NNPM over SNSA-F, absolute WA, Ekropus", "holds", "35.62 - 23.12 = 12.50"),
        ("NNPM over SNSA-F, absolute WA, ShEMO", "holds", "35.51 - 20.24 = 15.27"),
        ("NNPM over SNSA-F, absolute WA, EMO-DB", "holds", "55.88 - 41.18 = 14.70"),
        ("NNPM over FLUDA", "does not follow", "50.6 / 34.9 - 1 = 45.0 %"),
        ("NNPM over DANN", "holds", "50.6 / 28.5 - 1 = 77.5 %"),
        ("NNPM over AL", "holds", "50.6 / 42.5 - 1 = 19.1 %"),
        ("N = 2 over N = 1", "holds", "50.57 / 46.02 - 1 = 9.9 %"),
        ("N = 2 over N = 0", "holds", "50.57 / 43.75 - 1 = 15.6 %"),
    ],
)
def test_gains(findings: pd.DataFrame, claim: str, verdict: str, sum_: str) -> None:
    finding = row(findings, "Claimed gains", claim)
    assert finding["verdict"] == verdict
    assert finding["arithmetic"].startswith(sum_)


def test_urdu_gain_follows_from_no_pair(findings: pd.DataFrame) -> None:
    arithmetic_ = row(findings, "Claimed gains", "NNPM over SNSA-F, absolute WA, Urdu")["arithmetic"]
    assert "no pair of Table 1 gives it" in arithmetic_
    assert "54.55 - 36.36 = 18.19" in arithmetic_


def test_totals(findings: pd.DataFrame) -> None:
    assert row(findings, "Totals", "IEMOCAP")["arithmetic"] == "5,255 + 4,787 = 10,042"
    assert row(findings, "Totals", "Urdu")["verdict"] == "holds"
    assert "73.4" in row(findings, "Totals", "Estonian: anger")["arithmetic"]


def test_every_finding_has_a_known_verdict(findings: pd.DataFrame) -> None:
    assert set(findings["verdict"]) <= set(audit.VERDICTS)


def test_markdown_has_a_table_a_topic_and_csv_reads_back(findings: pd.DataFrame) -> None:
    text = audit.to_markdown(findings)
    assert text.count("\n## ") == findings["topic"].nunique() == text.count("| claim ")
    back = pd.read_csv(io.StringIO(audit.to_csv(findings)), keep_default_na=False)
    pd.testing.assert_frame_equal(back, findings, check_dtype=False)
