"""Sources that pool corpora: their names, what a target leaves of them, and the report on what they share."""

import numpy as np
import pandas as pd
import pytest

from nnpm import CLASSES, pages
from nnpm.corpora import pool_report, pools
from nnpm.errors import InputError
from nnpm.files import of_split, pooled, read_manifest, write_csv


@pytest.mark.parametrize(
    ("configured", "names"),
    [
        ("ravdess", ["ravdess"]),
        ("others", ["others"]),
        (["ravdess", ["urdu", "emodb"]], ["ravdess", "emodb+urdu"]),
        ([["ravdess"], "others"], ["ravdess", "others"]),
    ],
)
def test_the_names_of_sources(configured, names):
    assert pools.listed(configured) == names


def test_a_target_leaves_out_what_it_is_in():
    study = ["iemocap", "urdu", "emodb"]
    assert pools.of_target("iemocap", "urdu", study) == "iemocap"
    assert pools.of_target("urdu", "urdu", study) is None
    assert pools.of_target("emodb+urdu", "urdu", study) is None
    assert pools.of_target("others", "urdu", study) == "emodb+iemocap"
    assert pools.of_target("others", "urdu", ["urdu"]) is None
    assert pools.members("emodb+urdu") == ["emodb", "urdu"] and pools.members("others") == []


def manifest(speakers, labels=CLASSES, sha="x", utterances=""):
    """Two utterances per label and speaker; the first speaker is the test, the second validation."""
    rows = [
        (f"{utterances}{speaker}{label}{take}", speaker, label, ("test", "validation", "train")[min(number, 2)])
        for number, speaker in enumerate(speakers)
        for label in labels
        for take in range(2)
    ]
    table = pd.DataFrame(rows, columns=["utterance", "speaker", "label", "split"])
    return table.assign(sha256=[f"{sha}{row}" for row in range(len(table))], start=np.nan, end=np.nan, gender="f")


def test_speakers_and_utterances_of_two_corpora_are_told_apart():
    first, second = manifest("abc"), manifest("abc", sha="y")
    joined = pooled({"emodb": first, "urdu": second})
    assert len(joined) == 48 and not joined["utterance"].duplicated().any()
    assert joined["utterance"][0] == "emodb/aangry0" and joined["speaker"].nunique() == 6
    assert joined["label"].tolist() == [*first["label"], *second["label"]]
    assert pooled({"emodb": first}) is first, "one corpus stays as it is"


def test_a_pool_needs_all_classes_and_held_out_speakers_together():
    lacking = manifest("abc", labels=("angry", "sad"))
    assert len(pooled({"first": lacking, "second": manifest("abc")})) == 36, "one of them may lack a class"
    with pytest.raises(InputError, match=r"first \+ second: no training utterance is happy or neutral; .*add a corpus"):
        pooled({"first": lacking, "second": lacking})
    alone = manifest("abc").assign(split="train")
    assert of_split(pooled({"first": alone, "second": manifest("abc")}), "test").sum() == 8
    with pytest.raises(InputError, match=r"no speaker is held out for validation, .*fewer than three"):
        pooled({"first": alone, "second": alone})


def test_a_corpus_in_both_roles_has_a_split_for_each(tmp_path):
    table = manifest("abc").assign(split="all", source_split=manifest("abc")["split"])
    write_csv(tmp_path / "manifest.csv", table)
    as_target, as_source = (read_manifest(tmp_path / "manifest.csv", labelled=labelled) for labelled in (False, True))
    assert set(as_target["split"]) == {"all"} and as_source["split"].tolist() == manifest("abc")["split"].tolist()
    assert of_split(as_target, "train").all() and of_split(as_target, "test").all()
    assert not of_split(as_target, "validation").any()
    write_csv(tmp_path / "manifest.csv", table.assign(source_split="train"))
    assert set(read_manifest(tmp_path / "manifest.csv", labelled=True, alone=False)["split"]) == {"train"}
    with pytest.raises(InputError, match=r"manifest\.csv: no utterance has the split validation"):
        read_manifest(tmp_path / "manifest.csv", labelled=True)


TITLES = {"emodb": "EMO-DB", "urdu": "URDU", "emovo": "EMOVO"}


def test_shared_recordings_and_lacking_classes_are_warnings():
    manifests = {
        "emodb": manifest("abc", sha="x"),
        "urdu": manifest("abc", labels=("angry", "happy", "sad"), sha="y"),
        "emovo": manifest("def", sha="z"),
    }
    assert pool_report.warnings(["emodb+urdu"], ["emovo"], manifests, TITLES) == [
        "URDU has no utterance that is neutral: pools have it from the others"
    ]
    manifests["emovo"].loc[3:7, "sha256"] = manifests["emodb"].loc[3:7, "sha256"].to_numpy()
    first, *_ = pool_report.warnings(["emodb+urdu"], ["emovo"], manifests, TITLES)
    assert first.startswith("EMO-DB and EMOVO share 5 recordings (ahappy1 is dhappy1, ")
    assert "and 2 more" in first, "a source and its target count as well"
    assert not pool_report.warnings(
        ["urdu+zzz"], [], {**manifests, "zzz": manifest("q", sha="q")}, TITLES | {"zzz": "Z"}
    )[1:], "corpora that are not used together may share what they like"


def test_the_page_counts_what_each_corpus_brings():
    manifests = {"emodb": manifest("abcd", sha="x"), "urdu": manifest("abc", sha="y")}
    page = pages.to_markdown(pool_report.report(["emodb+urdu"], [], manifests, TITLES))
    assert "## EMO-DB + URDU" in page and "None." in page
    row, total = (line.split("|")[1:-1] for line in page.splitlines() if line.startswith(("| EMO-DB", "| all")))
    assert [cell.strip() for cell in row] == ["EMO-DB", *"8888", "16", "8", "8", "4"]
    assert [cell.strip() for cell in total] == ["all", "14", "14", "14", "14", "24", "16", "16", "7"]
    assert "told apart by their corpus: 3, such as a." in page
