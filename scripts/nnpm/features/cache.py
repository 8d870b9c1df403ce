"""The frames of a corpus as one memory-mapped array, written in parallel."""

import hashlib
import json
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from itertools import accumulate
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file, save
from threadpoolctl import threadpool_limits

from nnpm import audio
from nnpm.features import workers
from nnpm.features.base import FrontEnd, Statistic, check, mean_and_deviation, moments, standardised
from nnpm.features.recordings import Recording
from nnpm.files import create_array, replacing, write_json, write_text

#: Utterances per part; fixed, since the order of summation changes the last digits.
_PART, _BATCHED_PART = 16, 32


def fingerprint(front_end: FrontEnd, hashes: Iterable[str], code: str) -> str:
    """SHA-256 of what decides a cache's content: settings, facts of the front end, the audio in row order, the code."""
    content = json.dumps([asdict(front_end.settings), front_end.about, list(hashes), code], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def _measure(folder: Path, number: int, recordings: Sequence[Recording]) -> None:
    """Write the frames of some recordings, as measured, to their part, unless an earlier call has written it."""
    if (part := _part(folder, number)).exists():
        return
    front_end: FrontEnd = workers.mine()
    duration = front_end.settings.duration
    signals = [audio.read(one.path, front_end.sample_rate, duration, one.start, one.end) for one in recordings]
    found, total = front_end.measure(signals), np.zeros((3, front_end.channels))
    for frames, one in zip(found, recordings, strict=True):
        check(front_end, frames, one.path)
        total += moments(front_end, frames)
    tensors = {
        "frames": np.concatenate(found),
        "lengths": np.array([len(frames) for frames in found]),
        "moments": total,
    }
    with replacing(part) as temporary:
        temporary.write_bytes(save(tensors))


def _standardise(
    folder: Path, array: Path, mean: Statistic, deviation: Statistic, number: int, starts: Sequence[int]
) -> None:
    """Write the frames of a part, standardised, to the array, from each utterance's place in its first axis on."""
    part = load_file(_part(folder, number))
    measured = np.split(part["frames"], np.cumsum(part["lengths"])[:-1])
    front_end: FrontEnd = workers.mine()
    # Mapped here and not in the parent, so that only these rows ever count as this process's memory.
    results = np.lib.format.open_memmap(array, mode="r+")
    for start, frames in zip(starts, measured, strict=True):
        values = standardised(front_end, frames, mean, deviation)
        if results.ndim == 3:
            results[start] = values
        else:
            results[start : start + len(values)] = values


def write_cache(
    recordings: Sequence[Recording],
    front_end: FrontEnd,
    array: str | Path,
    description: str | Path,
    code: str = "",
    threads: int = 1,
) -> None:
    """Write the standardised frames of `recordings` to `array` (.npy), and describe them in `description` (.json).

    The array is (utterances, longest, channels), or, if the padding is "masked", all utterances' frames one after the
    other, (frames, channels); the description's `lengths` are their numbers, without padding. `code` is a digest of the
    code that makes them. `threads` is the number of workers; the bytes do not depend on it. What is measured is kept
    beside the array until all is done, so that a later call goes on there. Raises InputError for the first file that
    cannot be read.
    """
    array, description = Path(array), Path(description)
    description.unlink(missing_ok=True)  # it must never stand beside an array that it does not describe
    settings, size = front_end.settings, _BATCHED_PART if front_end.batched else _PART
    identity = fingerprint(front_end, [one.sha256 for one in recordings], code)
    folder = _parts_folder(array, identity)
    parts, is_on_gpu = workers.parts_of(len(recordings), size), front_end.device != "cpu"
    with threadpool_limits(1, user_api="blas"), workers.started(threads, front_end, array, alone=is_on_gpu) as pool:
        for _ in workers.by_parts(pool, partial(_measure, folder), parts, recordings):
            pass
        lengths, total = _summary(folder, len(parts), front_end.channels)
        mean, deviation = mean_and_deviation(total)
        sizes = [front_end.size(length) for length in lengths]
        is_masked = settings.padding == "masked"
        shape = (sum(sizes),) if is_masked else (len(sizes), front_end.longest)
        starts = list(accumulate(sizes, initial=0))[:-1] if is_masked else list(range(len(sizes)))
        with replacing(array) as temporary:
            create_array(temporary, settings.dtype, (*shape, front_end.channels))
            for _ in workers.by_parts(pool, partial(_standardise, folder, temporary, mean, deviation), parts, starts):
                pass
    write_json(
        description,
        {
            "shape": [*shape, front_end.channels],
            "settings": asdict(settings),
            "fingerprint": identity,
            "front_end": dict(front_end.about),
            "mean": mean.tolist(),
            "deviation": deviation.tolist(),
            "lengths": lengths,
        },
    )
    shutil.rmtree(folder, ignore_errors=True)


def _part(folder: Path, number: int) -> Path:
    return folder / f"{number}.safetensors"


def _parts_folder(array: Path, identity: str) -> Path:
    """The folder of what is measured for an array; emptied if that was something else."""
    folder = array.with_name(f".{array.name}.parts")
    held = folder / "identity"
    with suppress(OSError):
        if held.read_text(encoding="ascii") == identity:
            return folder
    shutil.rmtree(folder, ignore_errors=True)
    write_text(held, identity)
    return folder


def _summary(folder: Path, parts: int, channels: int) -> tuple[list[int], Statistic]:
    """The number of frames of each utterance, and the summed moments of all."""
    lengths, total = list[int](), np.zeros((3, channels))
    for number in range(parts):
        with safe_open(_part(folder, number), framework="numpy") as part:
            lengths += part.get_tensor("lengths").tolist()
            total += part.get_tensor("moments")
    return lengths, total
