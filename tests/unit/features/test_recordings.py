"""Recordings: what a corpus holds, joined with where it lies."""

from pathlib import Path

import pandas as pd
import pytest

from nnpm.errors import InputError
from nnpm.features.recordings import Recording, read_recordings
from nnpm.files import write_csv


def tables(folder, **changes):
    held = pd.DataFrame({"utterance": ["a", "b"], "start": [None, 1.5], "end": [None, 2.0], "sha256": ["1", "2"]})
    lying = pd.DataFrame({"utterance": ["a", "b"], "path": ["/x/a.wav", "/x/long.wav"]})
    write_csv(folder / "audio.csv", held)
    write_csv(folder / "paths.csv", lying.assign(**changes))
    return folder / "audio.csv", folder / "paths.csv"


def test_whole_files_and_segments(tmp_path):
    assert read_recordings(*tables(tmp_path)) == [
        Recording("a", "1", Path("/x/a.wav"), 0.0, None),
        Recording("b", "2", Path("/x/long.wav"), 1.5, 2.0),
    ]


def test_tables_of_different_checks_do_not_fit(tmp_path):
    with pytest.raises(InputError, match=r"paths\.csv: does not name the utterances of .*audio\.csv"):
        read_recordings(*tables(tmp_path, utterance=["a", "c"]))
