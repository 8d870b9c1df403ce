"""Functionals of a corpus: those of each recording, in order, whatever the workers."""

import numpy as np
import pytest
import soundfile

from nnpm.errors import InputError
from nnpm.features import base, vectors
from nnpm.features.functionals import functionals
from test_mel_cache import recordings, write


@pytest.mark.parametrize("threads", [1, 3])
def test_they_are_those_of_each_recording_in_order(tmp_path, threads):
    paths = write(tmp_path, count=20)
    names, values = vectors.measured(recordings(paths, paths), "own", 16000, 0.5, tmp_path / "x.csv", threads)
    assert values.shape == (20, len(names))
    for row in (0, 15, 16, 19):
        alone = functionals(soundfile.read(paths[row], dtype="float32")[0][:8000], 16000)
        assert list(alone) == names and list(alone.values()) == values[row].tolist()


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    paths = write(tmp_path, count=20)
    (tmp_path / "17.wav").write_text("not audio")
    with pytest.raises(InputError, match=r"/17\.wav: not audio"):
        vectors.measured(recordings(paths, paths), "own", 16000, 0.5, tmp_path / "x.csv", 2)


def test_pooled_ones_are_mean_and_deviation_of_each_channel():
    random = np.random.default_rng(0)
    frames = [random.normal(size=(length, 3)).astype(np.float16) for length in (5, 1, 40)]
    names, values = vectors.pooled(iter(frames), 3)
    assert (
        names
        == ["mean_0", "mean_1", "mean_2", "deviation_0", "deviation_1", "deviation_2"]
        == list(base.pooled(frames[0]))
    )
    for row, one in zip(values, frames, strict=True):
        np.testing.assert_allclose(row, [*one.astype(float).mean(axis=0), *one.astype(float).std(axis=0)])
