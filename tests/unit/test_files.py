"""Files appear whole or not at all."""

import errno
import os

import numpy as np
import pytest

from nnpm.files import open_inputs, replacing, write_inputs, write_text


def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    path, seen = tmp_path / "x.csv", []
    flush = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: (seen.append((path.exists(), os.fstat(file).st_size)), flush(file)))
    write_text(path, "whole")
    assert seen == [(False, 5)] and path.read_text() == "whole"


@pytest.mark.parametrize("where", ["in the block", "when it is flushed"])
def test_a_full_disk_leaves_the_old_file_and_names_it(tmp_path, monkeypatch, where):
    path = tmp_path / "x.csv"
    write_text(path, "old")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    if where == "when it is flushed":
        monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as caught, replacing(path) as temporary:
        temporary.write_text("new")
        if where == "in the block":
            full()
    assert caught.value.filename == str(path)
    assert path.read_text() == "old" and [file.name for file in tmp_path.iterdir()] == ["x.csv"]


def test_a_missing_folder_is_named_as_itself(tmp_path):
    with pytest.raises(FileNotFoundError) as caught, replacing(tmp_path / "x.csv"):
        (tmp_path / "other").read_bytes()
    assert caught.value.filename == str(tmp_path / "other")


def test_mels_take_their_space_before_they_are_written(tmp_path, monkeypatch):
    """A memory map that the disk has no room for would kill its process."""
    taken = []
    monkeypatch.setattr(os, "posix_fallocate", lambda _, start, size: taken.append((start, size)))
    write_inputs(tmp_path / "x.npy", 3, iter([np.ones((2, 5, 4), np.float32), np.zeros((1, 5, 4), np.float32)]))
    assert taken == [(0, (tmp_path / "x.npy").stat().st_size)]
    assert open_inputs(tmp_path / "x.npy").sum() == 40


@pytest.mark.parametrize("number", [errno.EOPNOTSUPP, errno.EINVAL])
def test_a_file_system_that_takes_no_space_in_advance_is_written_to_all_the_same(tmp_path, monkeypatch, number):
    """As some do with a C library other than glibc."""

    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    write_inputs(tmp_path / "x.npy", 1, iter([np.ones((1, 5, 4), np.float32)]))
    assert open_inputs(tmp_path / "x.npy").sum() == 20
