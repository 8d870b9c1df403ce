"""The header of a checkpoint: everything needed to predict with it, and how it was trained."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nnpm import CLASSES, __version__
from nnpm.errors import REMEDY, InputError, is_of_the_machine, one_line
from nnpm.features.settings import FeatureSettings, contradictions
from nnpm.features.table import MELS, POOLED
from nnpm.files import read_json
from nnpm.methods.linear import LinearClassifier

if TYPE_CHECKING:  # classifiers of functionals need no PyTorch
    from nnpm.model.backbone import BackboneSettings

#: The front end of a classifier whose functionals are measured from the sound.
NO_FRAMES = "none"

Statistic = npt.NDArray[np.float64]

NEEDS_STUDY = "{}: a backbone needs the package {}; pip install 'nnpm[study]', or '.[study]' in a clone"

_WORDS = {
    "window": ("hann", "hamming", "blackman", "bartlett"),
    "normalisation": ("speech", "padded"),
    "dtype": ("float32", "float16"),
    "padding": ("paper", "masked"),
}
_KINDS: Mapping[Any, Any] = {int: int, float: (int, float), str: str, int | str: (int, str)}
_LARGEST = {"sample_rate": 768_000, "duration": 3600}  # as in the schema of the configuration
_GIVE = "give a backbone.safetensors or classifier.json of a study's run, or a .json that --save-adapted wrote"


@dataclass(frozen=True)
class Header:
    """What a checkpoint file holds beside the weights.

    `backbone` are its sizes, `features` the settings of its frames, `front_end` facts on what made them, such as a
    model's revision (`features.base`). `mean` and `deviation`, (channels,), standardise the frames: they are those of
    `corpus`, whose utterances the checkpoint's own predictions.csv holds. `run` describes the training: source, target,
    method, variant, seed and settings. A checkpoint of functionals has a `classifier` instead of a backbone, and frames
    only if its functionals are pooled from them; else `features.front_end` is NO_FRAMES and there are no channels.
    """

    backbone: Mapping[str, Any]
    features: FeatureSettings
    mean: Statistic
    deviation: Statistic
    corpus: str
    run: Mapping[str, Any]
    front_end: Mapping[str, Any]
    version: str = __version__
    classifier: LinearClassifier | None = None

    @classmethod
    def compose(
        cls,
        backbone: "BackboneSettings",
        descriptions: Sequence[str | Path],
        *,
        corpus: str,
        run: Mapping[str, Any],
    ) -> "Header":
        """Return the header to write at the end of training.

        `descriptions` are the .json beside the frames of `corpus`; for a pool, of each of its corpora: as it has no
        statistics of its own, the checkpoint gets their mean. Raises InputError if one of them is damaged.
        """
        statistics = []
        for description in descriptions:
            features, about, found = _described(description, backbone.channels)
            statistics.append(found)
        mean, deviation = np.mean(statistics, axis=0)
        return cls(asdict(backbone), features, mean, deviation, corpus, run, about)

    @classmethod
    def of_classifier(
        cls,
        classifier: LinearClassifier,
        description: str | Path | None,
        heard: Mapping[str, Any],
        *,
        corpus: str,
        run: Mapping[str, Any],
    ) -> "Header":
        """Return the header of a classifier of functionals.

        `description` is the .json beside the frames of `corpus` that they are pooled from; without one, `heard` are the
        settings of the recordings (sample_rate, duration). Raises InputError if the description is damaged.
        """
        if description is None:
            nothing = np.zeros(0)
            features = FeatureSettings(front_end=NO_FRAMES, **heard)
            return cls({}, features, nothing, nothing, corpus, run, {}, classifier=classifier)
        features, about, (mean, deviation) = _described(description)
        return cls({}, features, mean, deviation, corpus, run, about, classifier=classifier)

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
        return written if self.classifier is None else {**written, "classifier": self.classifier.described()}

    @classmethod
    def read(cls, checkpoint: str | Path) -> "Header":
        """Read a checkpoint's header. Raises InputError if it is missing, too old, or contradicts itself."""
        written = _header(Path(checkpoint))
        with _damage_told("{}: its header is damaged ({}); {}", checkpoint, _GIVE):
            if written["classes"] != list(CLASSES):
                raise ValueError(f"classes are {written['classes']}, not {list(CLASSES)}")
            features = _features(written["features"])
            alone = "classifier" in written
            channels = len(written["statistics"]["mean"]) if alone else written["backbone"]["channels"]
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
            classifier = LinearClassifier.of(written["classifier"]) if alone else None
            if classifier and (classifier.kind == POOLED.name) != (features.front_end != NO_FRAMES):
                raise ValueError(f"functionals {classifier.kind!r} with frames {features.front_end!r}")
            return cls(written["backbone"], features, mean, deviation, corpus, run, about, version, classifier)


def _header(path: Path) -> dict[str, Any]:
    """The JSON of a checkpoint: in the header of its weights, or the whole file of a classifier."""
    if path.is_dir():
        raise InputError(f"{path}: a folder; {_GIVE}")
    safe_open = None if path.suffix == ".json" else _safe_open(path)
    try:
        if safe_open is None:
            text = path.read_text(encoding="utf-8", errors="replace")
        else:
            with safe_open(path, framework="numpy") as file:
                text = (file.metadata() or {}).get("settings", "")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; {_GIVE}") from None
    except Exception as error:  # safetensors' errors have no common base class
        if is_of_the_machine(error):
            raise
        reason = one_line(" ".join(str(error).split()))[:200]
        raise InputError(f"{path}: no checkpoint, or cut short ({reason}); {_GIVE}") from None
    if not text:
        raise InputError(f"{path}: no checkpoint of this project; {_GIVE}")
    try:
        written = json.loads(text)
    except (ValueError, RecursionError):
        written = None
    if not isinstance(written, dict):
        raise InputError(f"{path}: its header is damaged (no JSON object); {_GIVE}")
    if path.suffix == ".json" and "classifier" not in written:
        raise InputError(f"{path}: no checkpoint of this project; {_GIVE}")
    if "front_end" not in written:
        raise InputError(f"{path}: written by an older version, without the front end; run its study again")
    return written


def _safe_open(path: Path) -> Any:
    """What opens a file of weights; it is not installed with `nnpm predict` alone."""
    try:
        from safetensors import safe_open
    except ImportError as error:
        raise InputError(NEEDS_STUDY.format(path, error.name)) from None
    return safe_open


@contextmanager
def _damage_told(line: str, path: str | Path, remedy: str) -> Iterator[None]:
    """Turn errors from reading damaged content into an InputError: `line` with path, reason and remedy filled in."""
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError, OverflowError) as error:
        raise InputError(line.format(path, one_line(" ".join(str(error).split()))[:200], remedy)) from None


def _described(
    description: str | Path, channels: int | None = None
) -> tuple[FeatureSettings, dict[str, Any], tuple[Statistic, Statistic]]:
    """Settings, front end, mean and deviation of the frames of a corpus, which have `channels` if that is known."""
    found = read_json(description, settings=dict, mean=list, deviation=list, front_end=dict)
    with _damage_told("{}: damaged ({}): {}", description, REMEDY):
        features = _features(found["settings"])
        statistics = _statistics(found, len(found["mean"]) if channels is None else channels)
        return features, found["front_end"], statistics


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
