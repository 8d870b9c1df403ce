"""The header of a checkpoint: everything needed to predict with it, and how it was trained."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import safe_open

from nnpm import CLASSES, __version__
from nnpm.errors import REMEDY, InputError, is_of_the_machine, one_line
from nnpm.features.settings import FeatureSettings, contradictions
from nnpm.features.table import MELS
from nnpm.files import read_json
from nnpm.methods.second_view import SecondView
from nnpm.model.backbone import BackboneSettings

Statistic = npt.NDArray[np.float64]

_WORDS = {
    "window": ("hann", "hamming", "blackman", "bartlett"),
    "normalisation": ("speech", "padded"),
    "dtype": ("float32", "float16"),
    "padding": ("paper", "masked"),
}
_KINDS: Mapping[Any, Any] = {int: int, float: (int, float), str: str, int | str: (int, str)}
_LARGEST = {"sample_rate": 768_000, "duration": 3600}  # as in the schema of the configuration
_GIVE = "give a backbone.safetensors of a study's run, or a last.safetensors of its pretraining"


@dataclass(frozen=True)
class Header:
    """What a checkpoint file holds beside the weights.

    `backbone` are its sizes, `features` the settings of its frames, `front_end` facts on what made them, such as a
    model's revision (`features.base`). `mean` and `deviation`, (channels,), standardise the frames: they are those of
    `corpus`, whose utterances the checkpoint's own predictions.csv holds. `run` describes the training: source, target,
    method, variant, seed and settings. `second_view` is the classifier whose predictions are combined with the
    backbone's, None for most methods.
    """

    backbone: Mapping[str, Any]
    features: FeatureSettings
    mean: Statistic
    deviation: Statistic
    corpus: str
    run: Mapping[str, Any]
    front_end: Mapping[str, Any]
    version: str = __version__
    second_view: SecondView | None = None

    @classmethod
    def compose(
        cls,
        backbone: BackboneSettings,
        descriptions: Sequence[str | Path],
        *,
        corpus: str,
        run: Mapping[str, Any],
        second_view: str | Path | None = None,
    ) -> "Header":
        """Return the header to write at the end of training.

        `descriptions` are the .json beside the frames of `corpus`; for a pool, of each of its corpora: as it has no
        statistics of its own, the checkpoint gets their mean. `second_view` is the .json of the classifier that
        predicts together with the checkpoint. Raises InputError if one of them is damaged.
        """
        statistics = []
        for description in descriptions:
            found = read_json(description, settings=dict, mean=list, deviation=list, front_end=dict)
            with _damage_told("{}: damaged ({}): {}", description, REMEDY):
                features, about = _features(found["settings"]), found["front_end"]
                statistics.append(_statistics(found, backbone.channels))
        mean, deviation = np.mean(statistics, axis=0)
        view = None
        if second_view is not None:
            written = read_json(second_view, functionals=list, weight=list, bias=list)
            with _damage_told("{}: damaged ({}): {}", second_view, REMEDY):
                view = SecondView.of(written)
        return cls(asdict(backbone), features, mean, deviation, corpus, run, about, second_view=view)

    def content(self) -> dict[str, Any]:
        """The header as JSON-able values, as `read` reads them."""
        written = {
            "classes": list(CLASSES),
            "backbone": dict(self.backbone),
            "features": asdict(self.features),
            "front_end": dict(self.front_end),
            "statistics": {"corpus": self.corpus, "mean": self.mean.tolist(), "deviation": self.deviation.tolist()},
            "run": dict(self.run),
            "version": self.version,
        }
        return written if self.second_view is None else {**written, "second_view": self.second_view.described()}

    @classmethod
    def read(cls, checkpoint: str | Path) -> "Header":
        """Read a checkpoint's header. Raises InputError if it is missing, too old, or contradicts itself."""
        written = _header(Path(checkpoint))
        with _damage_told("{}: its header is damaged ({}); {}", checkpoint, _GIVE):
            if written["classes"] != list(CLASSES):
                raise ValueError(f"classes are {written['classes']}, not {list(CLASSES)}")
            features = _features(written["features"])
            channels = written["backbone"]["channels"]
            if features.front_end == MELS.name and channels != features.n_mels:
                raise ValueError(f"a backbone of {channels} channels, mels of {features.n_mels} bands")
            mean, deviation = _statistics(written["statistics"], channels)
            run, version, corpus = written["run"], written["version"], written["statistics"]["corpus"]
            about = written["front_end"]
            kinds = {"run": (run, dict), "version": (version, str), "statistics.corpus": (corpus, str)}
            kinds |= {"front_end": (about, dict)}
            for name, (value, kind) in kinds.items():
                if not isinstance(value, kind):
                    raise TypeError(f"{name} is {value!r}")
            view = SecondView.of(written["second_view"]) if "second_view" in written else None
            return cls(written["backbone"], features, mean, deviation, corpus, run, about, version, view)


def _header(path: Path) -> dict[str, Any]:
    """The JSON in a checkpoint's header."""
    if path.is_dir():
        raise InputError(f"{path}: a folder; {_GIVE}")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; {_GIVE}") from None
    except Exception as error:  # safetensors' errors have no common base class
        if is_of_the_machine(error):
            raise
        reason = one_line(" ".join(str(error).split()))[:200]
        raise InputError(f"{path}: no safetensors file, or cut short ({reason}); {_GIVE}") from None
    if "settings" not in metadata:
        raise InputError(f"{path}: no checkpoint of this project; {_GIVE}")
    try:
        written = json.loads(metadata["settings"])
    except (ValueError, RecursionError):
        written = None
    if not isinstance(written, dict):
        raise InputError(f"{path}: its header is damaged (no JSON object); {_GIVE}")
    if "front_end" not in written:
        raise InputError(f"{path}: written by an older version, without the front end; run its study again")
    return written


@contextmanager
def _damage_told(line: str, path: str | Path, remedy: str) -> Iterator[None]:
    """Turn errors from reading damaged content into an InputError: `line` with path, reason and remedy filled in."""
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError, OverflowError) as error:
        raise InputError(line.format(path, one_line(" ".join(str(error).split()))[:200], remedy)) from None


def _statistics(written: Mapping[str, Any], channels: int) -> tuple[Statistic, Statistic]:
    """Mean and deviation of each channel, (channels,) each."""
    mean, deviation = (np.array(written[name], dtype=np.float64) for name in ("mean", "deviation"))
    for name, values in (("mean", mean), ("deviation", deviation)):
        if values.shape != (channels,) or not np.isfinite(values).all():
            raise ValueError(f"statistics.{name} is not one number per channel")
    if (deviation < 0).any():
        raise ValueError("statistics.deviation is below 0")
    return mean, deviation


def _features(written: Mapping[str, Any]) -> FeatureSettings:
    """The settings of frames. Raises ValueError for impossible ones: a file's values decide how much memory is used."""
    wanted = {field.name: field.type for field in fields(FeatureSettings)}
    if odd := sorted(wanted.keys() ^ written.keys()):
        raise ValueError(f"features.{odd[0]} is {'unknown' if odd[0] in written else 'missing'}")
    for name, value in written.items():
        kind, least = _KINDS[wanted[name]], -1 if name == "layer" else 0
        if not isinstance(value, kind) or isinstance(value, bool) or value not in _WORDS.get(name, (value,)):
            raise ValueError(f"features.{name} is {value!r}")
        if isinstance(value, int | float) and not (
            math.isfinite(value) and least < value <= _LARGEST.get(name, 1 << 16)
        ):
            raise ValueError(f"features.{name} is {value!r}")
    for complaint in contradictions(written):
        raise ValueError(complaint)
    return FeatureSettings(**written)
