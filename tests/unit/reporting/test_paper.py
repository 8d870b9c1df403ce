from nnpm.reporting import paper


def test_tables_have_every_printed_cell() -> None:
    assert list(paper.TABLE1) == ["snsa-f", "snsa-wo-sl", "snsa-wo-hl", "nnpm"]
    assert all(list(row) == list(paper.PRINTED_CORPUS_TITLES) for row in paper.TABLE1.values())
    column_sums = [
        round(sum(row[target][metric] for row in paper.TABLE1.values()), 2)
        for target in paper.PRINTED_CORPUS_TITLES
        for metric in (0, 1)
    ]
    assert column_sums == [195.66, 194.66, 102.02, 111.72, 106.38, 119.63, 171.59, 194.12]
    assert paper.TABLE2 == {"fluda": 34.9, "dann": 28.5, "al": 42.5, "nnpm": 50.6}
    assert paper.TABLE3[2] == paper.TABLE1["nnpm"]["emodb"] == (50.57, 55.88)


def test_figure2_holds_only_what_the_text_gives() -> None:
    assert paper.FIGURE2 == {"shemo": {0.9: 28.19}, "emodb": {0.9: 50.57}}
